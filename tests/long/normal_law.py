"""The exact output law of the float32 normal, without sampling noise.

    python tests/long/normal_law.py FOLDER check     (seconds)
    python tests/long/normal_law.py FOLDER tables    (2 minutes, one core, 8 GB)
    python tests/long/normal_law.py FOLDER law       (2 minutes, two cores)
    python tests/long/normal_law.py FOLDER exact     (2 minutes, two cores)
    python tests/long/normal_law.py FOLDER cells bfloat16 41     (1 minute, two cores)
    python tests/long/normal_law.py FOLDER cells float16 513     (1 minute, two cores)
    python tests/long/normal_law.py FOLDER report    (seconds)

`check` tries what the rest is built on at random places. `tables` enumerates the
laws of radius and angle (normal_law_tables.py). `law` and
`cells` give P(|z| <= t) for float32 t as an integer over 2^70: the sum over all 2^30
values c of the number of R with f32(r c) <= t. It takes radius and angle as
independent, which is exact in the bulk; the ends are bracketed: in a group of 256
angles c lies between two values, and whatever l, the number of end R lies between
those of the two. `exact` counts the ends jointly with l, so that nothing is left to
bound. All sums are of integers; the only rounded numbers are Phi and the final
quotients. The step of `cells` should be odd, so that odd and even patterns both occur;
a step of 1 takes all cells (20 minutes for bfloat16, hours for float16).
"""

from __future__ import annotations

import math
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from normal_law_tables import (
    ALL,
    BASE,
    END,
    LARGE,
    TOP,
    Tables,
    large_radii_of,
    make_tables,
    trig_of,
    verify_bulk,
)
from numba import njit

sys.path[:0] = [str(Path(__file__).parents[2])]

from fastinit.dtypes import numpy_dtype  # noqa: E402

#: 2^40 R times 2^30 values c.
WHOLE = 1 << 70
LISTED = [0.01 * k for k in range(1, 100)] + [0.02 * k for k in range(50, 378)]
#: Thresholds and bfloat16 cells of the exact count, all of them >= 3.3.
TAILS = [4.0, 5.0, 6.0, 6.5, 7.0, 7.5]
CELLS = [4.0625]


@njit(nogil=True, inline="always")
def _pattern_at_most(t: Any, c: Any) -> Any:
    """Pattern of the largest float32 r with f32(r c) <= t.

    r c is exact in float64, so it is compared with the midpoint after t. The
    quotient is exact wherever it is a float32: else it differs by more than its
    rounding from all of them. At a tie f32 takes t if t is even.
    """
    bits = np.int64(np.float32(t).view(np.uint32))
    after = np.uint32(bits + 1).view(np.float32)
    middle = 0.5 * (np.float64(t) + np.float64(after))
    quotient = np.float64(middle / np.float64(c)).view(np.int64)
    pattern = (quotient >> 29) - (np.int64(896) << 23)
    tie = (quotient & 0x1FFFFFFF) == 0 and (bits & 1) == 1
    return pattern - 1 if tie else pattern


@njit(nogil=True)
def count_at_most(t: Any, radii: Any, trig: Any, counts: Any) -> Any:
    """Sum of counts x (number of R with f32(r c) <= t), upper and lower 32 bits."""
    upper, lower = np.int64(0), np.int64(0)
    last = len(radii) - 1
    for i in range(len(trig)):
        place = _pattern_at_most(t, trig[i]) - (BASE - 1)
        product = counts[i] * radii[min(max(place, 0), last)]
        upper += product >> 32
        lower += product & 0xFFFFFFFF
    return upper, lower


@njit(nogil=True)
def _ends_at_most(t: Any, ends: Any, values: Any) -> Any:
    """Sum over groups of the end R with f32(r c) <= t, at one end of the group."""
    total = np.int64(0)
    last = len(ends) - 1
    for i in range(len(values)):
        place = _pattern_at_most(t, values[i]) - (BASE - 1)
        total += ends[min(max(place, 0), last)]
    return total


@njit(nogil=True)
def _joint_at_most(t: Any, large: Any, trig: Any) -> Any:
    """Sum over the angles of one l of the large end R with the same l, t >= 3.3."""
    total, last = np.int64(0), len(large) - 1
    beyond = t / np.float32(7.6)
    for c in trig:
        if c > beyond:
            place = _pattern_at_most(t, c) - (LARGE - 1)
            total += large[min(max(place, 0), last)]
        else:
            total += large[last]
    return total


@njit(nogil=True)
def _wrong_patterns(seed: int, tries: int) -> int:
    """Failures of `_pattern_at_most`, half of the tries with ties in reach."""
    np.random.seed(seed)  # noqa: NPY002
    wrong = 0
    for k in range(tries):
        if k & 1:
            t = np.float32(np.exp(np.random.uniform(-13.0, 2.0)))  # noqa: NPY002
            c = np.float32(np.exp(np.random.uniform(-13.0, 0.0)))  # noqa: NPY002
        else:
            t = np.float32(np.random.randint(1 << 23, 1 << 24) * 2.0**-23)  # noqa: NPY002
            c = np.float32(np.random.randint(1, 128) / 128.0)  # noqa: NPY002
        pattern = _pattern_at_most(t, c)
        r, after = np.uint32(pattern), np.uint32(pattern + 1)
        wrong += not (r.view(np.float32) * c <= t < after.view(np.float32) * c)
    return wrong


def check() -> None:
    """The runs of the bulk, and the comparison of a product with a threshold."""
    generator = np.random.default_rng(1)
    anywhere = generator.integers(0, ALL, 4_000_000)
    near_ends = generator.integers(END, END + (1 << 20), 200_000)
    chosen = np.concatenate((anywhere, near_ends, ALL - 1 - near_ends))
    wrong = verify_bulk(chosen), _wrong_patterns(1, 20_000_000)
    sys.stdout.write(f"wrong runs {wrong[0]}, wrong comparisons {wrong[1]}\n")
    assert wrong == (0, 0)


class Law:
    """P(|z| <= t) from the tables."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.before = np.concatenate(([0], np.cumsum(tables.trig_counts)))

    def count(self, t: Any, radii: Any = None) -> int:
        """Number, of 2^70, of (R, c) with f32(r c) <= t."""
        held = self.tables
        radii = held.radii if radii is None else radii
        largest = np.uint32(TOP - 1).view(np.float32)
        # Where even the largest radius stays below t, all R count.
        start = int(np.searchsorted(held.trig, np.float32(t / largest * 0.9999)))
        whole = int(self.before[start]) * int(radii[-1])
        rest = count_at_most(t, radii, held.trig[start:], held.trig_counts[start:])
        return whole + (int(rest[0]) << 32) + int(rest[1])

    def width(self, t: Any) -> int:
        """Width of the bracket of `count`, in the same units."""
        held = self.tables
        low = _ends_at_most(t, held.ends, held.group_high)
        return 256 * (int(_ends_at_most(t, held.ends, held.group_low)) - int(low))

    def rows(self, thresholds: Any) -> Any:
        """t, P(|z| > t), P(|z| <= t), half of the width, one row per threshold."""

        def row(t: Any) -> tuple[float, float, float, float]:
            count = self.count(t)
            rest, width = (WHOLE - count) / WHOLE, self.width(t) / WHOLE
            return float(t), rest, count / WHOLE, width

        with ThreadPoolExecutor(2) as pool:
            return np.array(list(pool.map(row, thresholds)))


def load(folder: Path) -> Tables:
    """Tables of a folder."""
    names = Tables.__dataclass_fields__
    return Tables(*(np.load(folder / f"{name}.npy", mmap_mode="r") for name in names))


def tables(folder: Path) -> None:
    """Make and keep the tables."""
    made = make_tables()
    for name in Tables.__dataclass_fields__:
        np.save(folder / f"{name}.npy", getattr(made, name))


def law(folder: Path) -> None:
    """Listed thresholds."""
    np.save(folder / "law.npy", Law(load(folder)).rows(np.float32(LISTED)))


def cell_edges(name: str) -> tuple[Any, Any]:
    """Positive values of a 16-bit dtype that count, and the float32 edges of theirs.

    The edge below value k is the largest float32 that rounds to less than it.
    """
    first = int(np.array(2.0**-20).astype(numpy_dtype(name)).view(np.uint16))
    last = int(np.array(6.5).astype(numpy_dtype(name)).view(np.uint16))
    patterns = np.arange(first - 1, last, dtype=np.uint16)
    values = patterns.view(numpy_dtype(name)).astype(np.float64)
    middles = (0.5 * (values[1:] + values[:-1])).astype(np.float32)
    # A tie goes to the even pattern: upwards from an odd one.
    is_up = patterns[: len(middles)] & 1 == 1
    edges = np.where(is_up, np.nextafter(middles, np.float32(0)), middles)
    return values[1:-1], edges


def cells(folder: Path, name: str, step: int) -> None:
    """P(|z| <= edge) at both edges of every step-th cell of a 16-bit dtype."""
    made = Law(load(folder))
    _, edges = cell_edges(name)
    chosen = np.arange(0, len(edges) - 1, step)
    wanted = edges[np.unique(np.concatenate((chosen, chosen + 1)))]
    for part, chunk in enumerate(np.array_split(wanted, 16)):
        path = folder / f"cells-{name}-{part:02}.npy"
        if not path.exists():
            np.save(path, made.rows(chunk))


def exact_thresholds() -> Any:
    """Tails, and both edges of some bfloat16 cells."""
    values, edges = cell_edges("bfloat16")
    at = [int(np.searchsorted(values, v)) for v in CELLS]
    return np.unique(
        np.float32(TAILS + [edges[k + step] for k in at for step in (0, 1)])
    )


def exact(folder: Path) -> None:
    """Counts of the ends jointly with l at a few thresholds."""
    thresholds = exact_thresholds()

    def of(low_bits: int) -> list[int]:
        # A zero first, so that the sums tell how many lie below a pattern.
        large = np.zeros(TOP - LARGE + 1, np.int32)
        small = large_radii_of(low_bits, large[1:])
        np.cumsum(large, out=large)
        trig = np.empty(1 << 23, np.float32)
        trig_of(low_bits, trig)
        # f32(r c) <= t for all small r.
        rest = int(small) * len(trig)
        return [rest + int(_joint_at_most(t, large, trig)) for t in thresholds]

    with ThreadPoolExecutor(2) as pool:
        joint = [sum(column) for column in zip(*pool.map(of, range(256)), strict=True)]
    made = Law(load(folder))
    lines = []
    for t, ends in zip(thresholds, joint, strict=True):
        # 2^32 A instead of 2^40 R, and each c of l and of 255 - l: a factor 2^7.
        independent = made.count(t, made.tables.ends)
        count = made.count(t) - independent + (ends << 7)
        shift = ((ends << 7) - independent) / WHOLE
        lines.append((float(t), (WHOLE - count) / WHOLE, count / WHOLE, shift))
    np.save(folder / "exact.npy", np.array(lines))


def main() -> None:
    """One stage."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    if sys.argv[2] == "report":
        from normal_law_report import report

        report(folder)
        return
    if sys.argv[2] == "cells":
        cells(folder, sys.argv[3], int(sys.argv[4]))
        return
    if sys.argv[2] == "check":
        check()
        return
    {"tables": tables, "law": law, "exact": exact}[sys.argv[2]](folder)


assert math.log2(ALL) == 40
if __name__ == "__main__":
    main()
