"""10^10 samples of each law against it: KS, Anderson-Darling, chi-square, tails.

    nice -n 15 python tests/long/ten_billion.py OUT.json DTYPE
        (float32 or bfloat16; 2 minutes each, one core)
    python tests/long/ten_billion.py --table OUT.json

Five streams of 2 x 10^9 elements each, of other seeds, names and first indices, for
the normal and uniform(0, 1) in float32 and bfloat16. Chunks of 2^22 elements are
filled by `fastinit.fill` and counted in cells that keep everything that the tests
need:

- uniform float32: 2^20 cells of 16 neighbouring values, and apart the 2^16 values of
  the low 16 of their 24 bits;
- bfloat16: the 2^16 bit patterns, against the law of the rounded value, for the
  uniform that of the 2^24 rounded float32;
- normal float32: 128 neighbouring float32 to a cell for 2^-24 <= |x| < 8, one cell
  below.

D is taken over the ends of cells, where it is exact; between them it can be larger by
at most the probability of a cell, 3.7e-6 for the normal and 9.6e-7 for the uniform. In
A^2 the empirical function is taken as straight within a cell, which on average leaves
out less than 1e-4. The cells are few enough to stay in the caches.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from numba import njit
from scipy import special, stats

sys.path[:0] = [str(Path(__file__).parents[2])]

import fastinit  # noqa: E402
from fastinit.conformance.kolmogorov import distance_p_value  # noqa: E402

#: Seed, name and first index of each stream.
STREAMS = [
    (0, "", 0),
    (1, "", 0),
    (0, "layers.0.weight", 0),
    (2**64 - 1, "transformer.h.11.mlp.c_proj.weight", 2**34 - 10**9),
    (42, "lm_head.weight", 2**57),
]
ELEMENTS = 2_000_000_000
CHUNK = 1 << 22
SPECS = {"normal": "normal", "uniform": "uniform(a=0.0, b=1.0)"}
#: Patterns of 2^-24 and 8: the range of the normal's cells.
LOW, HIGH = 0x33800000, 0x41000000
CELLS = (HIGH - LOW) >> 7
TAILS = (1.0, 2.0, 3.0, 4.0, 4.5, 5.0, 5.5, 6.0, 6.5)


@njit(nogil=True)
def _count_normal(patterns: Any, counts: Any) -> None:
    """Cells in ascending order of the value; the middle one holds |x| < 2^-24."""
    for pattern in patterns:
        magnitude = np.int64(pattern & np.uint32(0x7FFFFFFF))
        place = ((magnitude - LOW) >> 7) + 1 if magnitude >= LOW else 0
        negative = pattern >> np.uint32(31) != 0
        counts[CELLS - place if negative else CELLS + place] += 1


@njit(nogil=True)
def _count_uniform(values: Any, counts: Any) -> None:
    """Upper 20 bits, and behind them the lower 16, of the 24."""
    for value in values:
        integer = np.int64(value * np.float32(2**24))
        counts[integer >> 4] += 1
        counts[(1 << 20) + (integer & 0xFFFF)] += 1


@njit(nogil=True)
def _count_patterns(patterns: Any, counts: Any) -> None:
    for pattern in patterns:
        counts[pattern] += 1


def counted(law: str, dtype: str, stream: tuple[int, str, int]) -> Any:
    """Cells of one stream."""
    seed, name, first = stream
    kind = np.dtype(ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype)
    array = np.empty(CHUNK, kind)
    if dtype == "bfloat16":
        counts, count, held = np.zeros(1 << 16, np.int64), _count_patterns, "u2"
    elif law == "normal":
        counts, count, held = np.zeros(2 * CELLS + 1, np.int32), _count_normal, "u4"
    else:
        counts, count, held = np.zeros(17 << 16, np.int64), _count_uniform, "f4"
    for start in range(first, first + ELEMENTS, CHUNK):
        size = min(CHUNK, first + ELEMENTS - start)
        view = fastinit.View((1 << 58,), np.s_[start : start + size])
        part = fastinit.fill(
            array[:size], SPECS[law], seed=seed, name=name, view=view, threads=1
        )
        count(part.view(held), counts)
    return counts.astype(np.int64)


def law_of(law: str, dtype: str) -> tuple[Any, Any, Any]:
    """Values at the middle of the cells, P(X below its upper end), P(X above it)."""
    if dtype == "bfloat16" and law == "uniform":
        return _rounded_uniform()
    if dtype == "bfloat16":
        upper = np.arange(0x7F80, dtype=np.uint16).view(ml_dtypes.bfloat16)
        upper = upper.astype(np.float64)
        values = np.concatenate((-upper[:0:-1], upper))
        edges = 0.5 * (values[1:] + values[:-1])
    elif law == "uniform":
        values = (np.arange(1 << 20) + 0.5) * 2.0**-20
        edges = np.arange(1, 1 << 20) * 2.0**-20
    else:
        first = np.arange(LOW, HIGH + 1, 128, dtype=np.uint32)
        starts = first.view(np.float32).astype(np.float64)
        before = (first - np.uint32(1)).view(np.float32).astype(np.float64)
        bounds = 0.5 * (starts + before)
        middles = np.append(0.5 * (bounds[1:] + bounds[:-1]), 0.0)[:-1]
        values = np.concatenate((-middles[::-1], [0.0], middles))
        edges = np.concatenate((-bounds[::-1], bounds))[1:-1]
    if law == "uniform":
        return values, np.append(edges, 1.0), np.append(1.0 - edges, 0.0)
    below, above = special.ndtr(edges), special.ndtr(-edges)
    return values, np.append(below, 1.0), np.append(above, 0.0)


def _rounded_uniform() -> tuple[Any, Any, Any]:
    """The 2^24 values of float32, rounded to bfloat16 and kept below 1.

    Not the smooth law rounded: at 10^10 samples chi-square sees that a tie between
    two bfloat16 stands for the 2^-24 above it and goes to the even one.
    """
    exact = (np.arange(1 << 24) * 2.0**-24).astype(np.float32)
    patterns = exact.astype(ml_dtypes.bfloat16).view(np.uint16)
    counts = np.bincount(np.minimum(patterns, 0x3F7F), minlength=0x3F80)
    values = np.arange(0x3F80, dtype=np.uint16).view(ml_dtypes.bfloat16)
    below = np.cumsum(counts) / 2.0**24
    return values.astype(np.float64), below, 1.0 - below


def in_order(law: str, dtype: str, counts: Any) -> Any:
    """Counts in the order of the values; -0 counts as +0."""
    if dtype != "bfloat16":
        return counts
    upper, lower = counts[:0x7F80], counts[0x8000 : 0x8000 + 0x7F80]
    if law == "uniform":
        assert not lower.any()
        return upper[:0x3F80]
    return np.concatenate((lower[:0:-1], [upper[0] + lower[0]], upper[1:]))


def anderson_p_value(z: float) -> float:
    """P(A^2 >= z) in the limit; Marsaglia & Marsaglia (2004), within 2e-6."""
    if z < 2.0:
        powers = (2.00012, 0.247105, -0.0649821, 0.0347962, -0.011672, 0.00168691)
        series = sum(c * z**k for k, c in enumerate(powers))
        return 1.0 - math.exp(-1.2337141 / z) / math.sqrt(z) * series
    powers = (1.0776, -2.30695, 0.43424, -0.082433, 0.008056, -0.0003146)
    return -math.expm1(-math.exp(sum(c * z**k for k, c in enumerate(powers))))


def statistics(counts: Any, law: tuple[Any, Any, Any]) -> dict[str, Any]:
    """All tests of one set of counts."""
    values, below, above = law
    n = int(counts.sum())
    # Each half from its own end, where probabilities keep their relative accuracy.
    low = np.cumsum(counts) / n - below
    high = above - (n - np.cumsum(counts)) / n
    gap = np.where(below < 0.5, low, high)
    mass = np.where(
        below < 0.5, np.diff(below, prepend=0.0), -np.diff(above, prepend=1.0)
    )
    distance = float(np.abs(gap).max())
    # The integral of gap^2 / (F (1 - F)) dF, the trapezoid of a straight gap.
    start = np.append(0.0, gap[:-1])
    square = (start**2 + start * gap + gap**2) / 3.0
    spread = (below - 0.5 * mass) * (above + 0.5 * mass)
    held = (mass > 0.0) & (spread > 0.0)
    anderson = n * float((square[held] * mass[held] / spread[held]).sum())
    cells = np.minimum((below * 65536).astype(np.int64), 65535)
    seen = np.bincount(cells, counts, 65536)
    expected = n * np.bincount(cells, mass, 65536)
    full = expected > 20
    chi = float(((seen - expected)[full] ** 2 / expected[full]).sum())
    degrees = int(full.sum()) - 1
    mean = float((counts * values).sum() / n)
    square_mean = float((counts * values**2).sum() / n)
    return {
        "n": n,
        "distance": distance,
        "ks_p": distance_p_value(distance, n),
        "largest_cell": float(mass.max()),
        "anderson": anderson,
        "anderson_p": anderson_p_value(anderson),
        "chi_square": chi,
        "degrees": degrees,
        "chi_p": float(stats.chi2.sf(chi, degrees)),
        "mean": mean,
        "square_mean": square_mean,
    }


def equal_cells(counts: Any) -> dict[str, float]:
    """Chi-square over values that are equally likely."""
    expected = counts.mean()
    chi = float(((counts - expected) ** 2).sum() / expected)
    degrees = len(counts) - 1
    p = float(stats.chi2.sf(chi, degrees))
    return {"chi_square": chi, "degrees": degrees, "chi_p": p}


def tails(counts: Any, law: tuple[Any, Any, Any]) -> list[dict[str, float]]:
    """Counts of |x| >= t; two-sided binomial p-values."""
    values, _, above = law
    n = int(counts.sum())
    rows = []
    for t in TAILS:
        at = int(np.searchsorted(values, t))
        seen = int(counts[at:].sum() + counts[: len(values) - at].sum())
        chance = 2.0 * float(above[at - 1])
        p = stats.binom.cdf(seen, n, chance), stats.binom.sf(seen - 1, n, chance)
        both = min(1.0, 2.0 * float(min(p)))
        rows.append({"t": t, "seen": seen, "expected": n * chance, "p": both})
    return rows


def campaign(path: Path, dtype: str) -> None:
    """Both laws in one dtype, one stream at a time, then pooled."""
    results = []
    for law in SPECS:
        expected = law_of(law, dtype)
        pooled, low = 0, 0
        for stream in STREAMS:
            counts = counted(law, dtype, stream)
            if (law, dtype) == ("uniform", "float32"):
                counts, low = counts[: 1 << 20], low + counts[1 << 20 :]
            counts = in_order(law, dtype, counts)
            assert int(counts.sum()) == ELEMENTS
            pooled = pooled + counts
            row = {"law": law, "dtype": dtype, "stream": stream}
            results.append(row | statistics(counts, expected))
        row = {"law": law, "dtype": dtype, "stream": "all"}
        row |= statistics(pooled, expected)
        if law == "normal":
            row["tails"] = tails(pooled, expected)
        elif dtype == "float32":
            row["cells"] = [equal_cells(pooled), equal_cells(low)]
        results.append(row)
        path.write_text(json.dumps(results, indent=1))


def table(path: Path) -> None:
    """Markdown of a file of results."""
    write = sys.stdout.write
    for row in json.loads(path.read_text()):
        stream = row["stream"]
        where = "all" if stream == "all" else f"{stream[0]}, `{stream[1]}`, {stream[2]}"
        write(
            f"| {row['law']} {row['dtype']} | {where} | {row['distance']:.3e} |"
            f" {row['ks_p']:.3f} | {row['anderson']:.3f} | {row['anderson_p']:.3f} |"
            f" {row['chi_square']:.0f} / {row['degrees']} | {row['chi_p']:.3f} |\n"
        )
        for cells in row.get("cells", []):
            write(
                f"{cells['degrees'] + 1:,} equal cells: {cells['chi_square']:.0f},"
                f" p = {cells['chi_p']:.3f}\n"
            )
        for tail in row.get("tails", []):
            write(
                f"| {tail['t']} | {tail['seen']:,} | {tail['expected']:,.1f} |"
                f" {tail['p']:.3f} |\n"
            )


if __name__ == "__main__":
    if sys.argv[1] == "--table":
        table(Path(sys.argv[2]))
    else:
        campaign(Path(sys.argv[1]), sys.argv[2])
