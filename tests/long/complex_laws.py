"""The laws of complex arrays at size: parts, modulus and angle, KS and chi-square.

    python tests/long/complex_laws.py [elements]     (1e8: some ten minutes, one core)

For each law and dtype that many elements are drawn and counted in 4096 cells of equal
width over the range of each aspect. Columns of the table:

- KS p: of the largest |F_n - F| over the ends of the cells, sqrt(n) times which
  Kolmogorov's law bounds;
- chi2 p: of the squares over the cells, those that expect less than 10 merged;
- extreme: the largest magnitude of a part or modulus over its bound, or over std.

Each p-value is uniform where the law is right; there are 56 of them.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

sys.path[:0] = [str(Path(__file__).parents[2])]

import fastinit  # noqa: E402
from fastinit.api import make_plan  # noqa: E402
from fastinit.conformance.complex_arrays import laws_of  # noqa: E402

#: With fans of 2, whose std is 1/2 (1 for LeCun's 1 / fan with a fan of 1).
SPECS = {
    "normal": "normal",
    "square": "uniform(a=-1.0)",
    "disc": "xavier_uniform(fan_in=1, fan_out=1)",
    "truncated": "lecun_normal(fan_in=1)",
}
CELLS = 4096
CHUNK = 1 << 22


def aspects(values: Any) -> dict[str, Any]:
    """Aspects of a chunk, in float64."""
    wide = values.astype(np.complex128)
    return {
        "real part": wide.real,
        "imaginary part": wide.imag,
        "modulus": np.abs(wide),
        "angle": np.angle(wide),
    }


def ends_of(law: Any) -> tuple[float, float]:
    """Range that is cut into cells: the support, or what 1e-12 lies beyond."""
    reach = 7.2 * law.std
    low, high = law.support
    return max(low, law.mean - reach), min(high, law.mean + reach)


def counted(spec: str, dtype: str, n: int) -> dict[str, tuple[Any, float]]:
    """Counts per cell, with one below and one above, and the largest magnitude."""
    laws = laws_of(make_plan(spec, (n,), dtype))
    found = {name: (np.zeros(CELLS + 2, np.int64), 0.0) for name in laws}
    for start in range(0, n, CHUNK):
        index = np.s_[start : min(start + CHUNK, n)]
        held = fastinit.View((n,), index)
        values = np.empty(held.held_shape, dtype)
        fastinit.fill(values, spec, seed=2026, name="complex", view=held, threads=1)
        seen = aspects(values)
        for name, law in laws.items():
            low, high = ends_of(law)
            place = (seen[name] - low) * (CELLS / (high - low))
            cell = np.clip(np.floor(place), -1, CELLS).astype(np.int64) + 1
            counts, largest = found[name]
            counts += np.bincount(cell, minlength=CELLS + 2)
            found[name] = counts, max(largest, float(np.abs(seen[name]).max()))
    return found


def judged(law: Any, counts: Any, n: int) -> tuple[float, float]:
    """P-values of Kolmogorov-Smirnov on the ends of the cells and of chi-square."""
    edges = np.linspace(*ends_of(law), CELLS + 1)
    below = np.concatenate([[0.0], law.cdf(edges), [1.0]])
    distance = np.abs(np.cumsum(counts)[:-1] / n - below[1:-1]).max()
    expected = n * np.diff(below)
    is_rare = expected < 10
    pairs = [counts[~is_rare], expected[~is_rare]]
    if expected[is_rare].sum() >= 10:
        both = zip(pairs, (counts, expected), strict=True)
        pairs = [np.append(kept, all_[is_rare].sum()) for kept, all_ in both]
    square = float(((pairs[0] - pairs[1]) ** 2 / pairs[1]).sum())
    p_square = float(stats.chi2.sf(square, len(pairs[0]) - 1))
    return float(stats.kstwobign.sf(math.sqrt(n) * distance)), p_square


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Print the table."""
    n = int(float(sys.argv[1])) if len(sys.argv) > 1 else 10**8
    _say(f"{n:,} elements each.\n")
    _say("| law | dtype | aspect | KS p | chi2 p | extreme |")
    _say("| --- | --- | --- | --- | --- | --- |")
    smallest = 1.0
    for title, spec in SPECS.items():
        for dtype in ("complex64", "complex128"):
            laws = laws_of(make_plan(spec, (n,), dtype))
            for aspect, (counts, largest) in counted(spec, dtype, n).items():
                law = laws[aspect]
                p, p_square = judged(law, counts, n)
                smallest = min(smallest, p, p_square)
                bound = law.support[1] if math.isfinite(law.support[1]) else law.std
                row = f"{p:.3f} | {p_square:.3f} | {largest / bound:.9f}"
                _say(f"| {title} | {dtype} | {aspect} | {row} |")
    _say(f"\nThe smallest p-value is {smallest:.2g}.")


if __name__ == "__main__":
    main()
