"""The exact output law of the uniforms: all 2^24 integers, counted per value.

    python tests/long/uniform_law.py     (2 minutes, one core, 3 GB)

The values depend on the top 24 bits of a word. All 2^24 go through the sampler's
own scalars, the clamp and the rounding to the dtype, which gives the exact
probability of every value. The mapping is compared with 2^20 elements of a fill.
Columns of the table, each exact but for the last digit:

- values: different values that occur; smallest and largest of them;
- words per value: the smallest and the largest number of the 2^24 words that give
  one value, the two extreme values left out, whose cells are cut off by a and b;
- cells: largest |count / ideal - 1| among the same values where the ideal count, from
  the length of the reals in [a, b) that round to the value, is 2^12 or more;
- sup: largest |F_out - F| over the upper rounding boundaries of all values;
- mean: (mean - (a + b) / 2) / (b - a); clamped: words that the clamp moves;
- twins: True if v and -v are equally frequent.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

sys.path[:0] = [str(Path(__file__).parents[2])]

import fastinit  # noqa: E402
from fastinit.arithmetic.targets import instantiate  # noqa: E402
from fastinit.arithmetic.unit_interval import (  # noqa: E402
    scaled_half_open_single,
    scaled_signed_single,
)
from fastinit.backends.cpu_target import cpu_target  # noqa: E402
from fastinit.dtypes import numpy_dtype  # noqa: E402

INTERVALS = [
    (0.0, 1.0),
    (-1.0, 1.0),
    (-0.05, 0.05),
    (0.5, 1.0),
    (1.0, 2.0),
    (-0.1, 0.3),
    (-3.0, 5.0),
    (1000.1, 1000.2),
    (1.001, 1.02),
    (-1e-8, 3e-8),
]
DTYPES = ("float32", "float16", "bfloat16")


_half_open = instantiate(scaled_half_open_single, cpu_target())
_signed = instantiate(scaled_signed_single, cpu_target())
_fma = cpu_target().primitives["fma32"]


@njit(nogil=True)
def _values(words: Any, scale: Any, origin: Any, symmetric: bool, out: Any) -> None:
    """float32 values before the clamp."""
    for i in range(len(words)):
        if symmetric:
            out[i] = _signed(words[i]) * scale
        else:
            out[i] = _fma(_half_open(words[i]), scale, origin)


def values_of(words: Any, a: float, b: float, dtype: str) -> tuple[Any, int]:
    """Values of some words in a dtype, and how many of them the clamp moved."""
    plan = fastinit.make_plan(f"uniform(a={a!r}, b={b!r})", (1,), dtype)
    scale, lowest, highest, origin = map(np.float32, plan.sampling.parameters)
    out = np.empty(len(words), np.float32)
    _values(words, scale, origin, a == -b, out)
    kept = np.clip(out, lowest, highest)
    moved = int((kept != out).sum())
    return kept.astype(numpy_dtype(dtype)), moved


def check(a: float, b: float, dtype: str) -> None:
    """The values of a fill are those of its words."""
    words = fastinit.words(5, "check", 0, 1 << 20)
    spec = f"uniform(a={a!r}, b={b!r})"
    filled = fastinit.create(spec, (1 << 20,), dtype=dtype, seed=5, name="check")
    values, _ = values_of(words, a, b, dtype)
    held = f"u{values.itemsize}"
    assert (values.view(held) == filled.view(held)).all(), (a, b, dtype)


def boundaries(values: Any, dtype: str) -> Any:
    """Middles between neighbouring numbers of the dtype, above each value."""
    kind = numpy_dtype(dtype)
    above = np.nextafter(values, kind.type(np.inf), dtype=kind)
    return 0.5 * (values.astype(np.float64) + above.astype(np.float64))


def row(a: float, b: float, dtype: str) -> str:
    """One row of the table."""
    words = np.arange(1 << 24, dtype=np.uint32) << np.uint32(8)
    drawn, moved = values_of(words, a, b, dtype)
    exact = drawn.astype(np.float64)
    kept, counts = np.unique(exact, return_counts=True)
    typed = kept.astype(numpy_dtype(dtype))
    upper = boundaries(typed, dtype)
    below = -boundaries(-typed, dtype)
    upper[-1], below[0] = b, a
    ideal = 2.0**24 * (upper - below) / (b - a)
    full = ideal >= 4096
    full[[0, -1]] = False
    off = np.abs(counts[full] / ideal[full] - 1.0)
    cells = f"{off.max():.1e}" if full.any() else "-"
    gap = np.abs(np.cumsum(counts) / 2.0**24 - (upper - a) / (b - a)).max()
    inner = counts[1:-1] if len(counts) > 2 else counts
    mean = ((exact - 0.5 * (a + b)) / (b - a)).mean()
    twins = bool((kept == -kept[::-1]).all() and (counts == counts[::-1]).all())
    assert np.isfinite(exact).all()
    assert (exact >= a).all()
    assert (exact < b).all()
    return (
        f"| [{a}, {b}) | {dtype} | {len(kept):,} | {kept[0]:.9g} | {kept[-1]:.9g} |"
        f" {inner.min():,} to {inner.max():,} | {cells} | {gap:.1e} | {mean:+.1e} |"
        f" {moved:,} | {int((kept == 0) @ counts):,} | {twins} |\n"
    )


def main() -> None:
    """Print the table."""
    sys.stdout.write(
        "| interval | dtype | values | smallest | largest | words per value | cells |"
        " sup | mean | clamped | zeros | twins |\n|" + " --- |" * 12 + "\n"
    )
    for a, b in INTERVALS:
        for dtype in DTYPES:
            try:
                check(a, b, dtype)
                text = row(a, b, dtype)
            except fastinit.FastinitError as refusal:
                text = f"| [{a}, {b}) | {dtype} | refused: {refusal} |\n"
            sys.stdout.write(text)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
