"""Every value of the narrow dtypes as often as the exactly rounded law says.

    python tests/long/discrete_laws.py [SAMPLES]     (10^8 by default, 2 minutes)

Chi-square over all representable values of a dtype: counts of the bit patterns of a
fill against n times the probability of every value under the law rounded once, which
is computed here from SciPy's distribution functions at the midpoints between values.
Values that expect fewer than 10 elements, or fewer than 256 of the 2^24 words that a
uniform law is made of, are merged with their neighbours towards the likeliest one:
below that the steps of the words would show. The level holds for the whole table: each
row is tested at LEVEL over the number of rows (Bonferroni), so correct fills fail one
run in 1/LEVEL. Memory stays below 100 MB beyond the idle process.

Columns: values of positive probability; bins of the test; elements that are no such
value, of which one would fail the row; chi-square and its degrees of freedom;
p-value; largest deviation of a bin in standard errors; the effect that the row would
have seen with 99 % probability, as sqrt(sum (q - p)^2 / p).
"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
from scipy import optimize, stats

sys.path[:0] = [str(Path(__file__).parents[2])]

import fastinit  # noqa: E402
from fastinit import View  # noqa: E402
from fastinit.dtypes import DTYPES, numpy_dtype  # noqa: E402

SAMPLES = 10**8
#: Family-wise false-alarm rate of the whole table.
LEVEL = 1e-3
#: Elements of a piece: its values, 8 times as large as int64 for their counts.
PIECE = 1 << 21
#: Expectation and probability below which bins are merged.
LEAST, FINEST = 10.0, 256 * 2.0**-24
NAMES = ("float8_e4m3fn", "float8_e5m2", "float16", "bfloat16")
#: Spec, SciPy's law, and the ends [a, b) or [a, b] of a bounded law.
LAWS: tuple[tuple[str, Any, tuple[float, float], bool], ...] = (
    ("uniform(a=-1.0, b=1.0)", stats.uniform(-1, 2), (-1.0, 1.0), False),
    ("uniform(a=0.0, b=0.3)", stats.uniform(0, 0.3), (0.0, 0.3), False),
    ("normal(std=0.02)", stats.norm(0, 0.02), (-math.inf, math.inf), True),
    ("normal(mean=0.5, std=1.5)", stats.norm(0.5, 1.5), (-math.inf, math.inf), True),
    ("trunc_normal", stats.truncnorm(-2, 2), (-2.0, 2.0), True),
    (
        "trunc_normal(std=0.02, a=-0.03, b=0.05)",
        stats.truncnorm(-1.5, 2.5, 0, 0.02),
        (-0.03, 0.05),
        True,
    ),
)


def values_of(dtype: str) -> tuple[Any, Any]:
    """Finite values of a dtype, ascending, and the place there of every pattern."""
    held = numpy_dtype(dtype)
    patterns = np.arange(1 << (8 * held.itemsize)).astype(f"u{held.itemsize}")
    with np.errstate(invalid="ignore"):
        values = patterns.view(held).astype(np.float64)
    finite = np.isfinite(values)
    ordered, inverse = np.unique(values[finite], return_inverse=True)
    place = np.full(patterns.size, -1)
    place[finite] = inverse
    return ordered, place


def probabilities(values: Any, law: Any, ends: Any, *, closed: bool) -> Any:
    """Of every value, after a clamp to the ends and one rounding to nearest."""
    inside = values >= ends[0]
    inside &= (values <= ends[1]) if closed else (values < ends[1])
    kept = np.flatnonzero(inside)
    edges = (values[kept][1:] + values[kept][:-1]) / 2
    below = np.concatenate(([0.0], law.cdf(edges), [1.0]))
    above = np.concatenate(([1.0], law.sf(edges), [0.0]))
    found = np.zeros(values.size)
    # Differences of whichever tail is the small one keep their digits.
    found[kept] = np.where(below[1:] < 0.5, np.diff(below), -np.diff(above))
    return found


def counts_of(spec: str, dtype: str, n: int) -> Any:
    """Elements of every bit pattern in a tensor of n, made piece by piece."""
    size = 1 << (8 * DTYPES[dtype].itemsize)
    counts = np.zeros(size, np.int64)
    room = np.empty(PIECE, numpy_dtype(dtype))
    for start in range(0, n, PIECE):
        part = room[: min(PIECE, n - start)]
        view = View((n,), slice(start, start + part.size))
        fastinit.fill(part, spec, seed=28, name=f"{spec}/{dtype}", view=view, threads=1)
        counts += np.bincount(part.view(DTYPES[dtype].storage), minlength=size)
    return counts


def merged(counts: Any, expected: Any) -> tuple[Any, Any]:
    """Bins of which each expects enough, from both ends to the likeliest."""
    least = max(LEAST, FINEST * expected.sum())
    top = int(np.argmax(expected))
    centre, groups = [top], []
    for order in (range(top), range(expected.size - 1, top, -1)):
        held: list[int] = []
        weight = 0.0
        for at in order:
            held.append(at)
            weight += expected[at]
            if weight >= least:
                groups.append(held)
                held, weight = [], 0.0
        # What is left joins the likeliest value.
        centre += held
    groups.append(centre)
    observed, merged_to = (
        np.array([of[group].sum() for group in groups]) for of in (counts, expected)
    )
    return observed, merged_to


def visible(freedom: int, level: float, n: int) -> float:
    """Effect sqrt(sum (q - p)^2 / p) that n elements show with probability 0.99."""
    limit = stats.chi2.isf(level, freedom)

    def missing(shift: float) -> float:
        return float(stats.ncx2.sf(limit, freedom, shift)) - 0.99

    return math.sqrt(optimize.brentq(missing, 1e-3, 1e7) / n)


def row(case: Any, dtype: str, n: int, level: float) -> tuple[str, bool]:
    """One row of the table, and whether it passes."""
    spec, law, ends, closed = case
    values, place = values_of(dtype)
    chances = probabilities(values, law, ends, closed=closed)
    by_pattern = counts_of(spec, dtype, n)
    assert by_pattern.sum() == n
    counts = np.bincount(place[place >= 0], by_pattern[place >= 0], values.size)
    strays = n - int(counts[chances > 0].sum())
    possible = chances > 0
    observed, expected = merged(counts[possible], n * chances[possible])
    scaled = (observed - expected) / np.sqrt(expected)
    statistic, freedom = float(np.square(scaled).sum()), observed.size - 1
    p_value = float(stats.chi2.sf(statistic, freedom))
    cells = [
        *(f"`{spec}`", dtype, f"{possible.sum():,}", f"{observed.size:,}", f"{strays}"),
        *(f"{statistic:,.1f}", f"{freedom:,}", f"{p_value:.3g}"),
        *(f"{np.abs(scaled).max():.2f}", f"{visible(freedom, level, n):.1e}"),
    ]
    return f"| {' | '.join(cells)} |", p_value >= level and strays == 0


def main() -> None:
    """Print the table, and fail where a row does."""
    n = int(float(sys.argv[1])) if len(sys.argv) > 1 else SAMPLES
    level = LEVEL / (len(LAWS) * len(NAMES))
    head = (
        "| law | dtype | values | bins | strays | chi-square | degrees | p "
        "| largest deviation | visible effect |\n" + "| --- " * 10 + "|\n"
    )
    sys.stdout.write(f"{n:,} elements a row, each at level {level:.2g}\n\n{head}")
    failed = 0
    for case in LAWS:
        for dtype in NAMES:
            text, passes = row(case, dtype, n, level)
            failed += not passes
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
    sys.stdout.write(f"\n{failed} of {len(LAWS) * len(NAMES)} rows fail\n")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
