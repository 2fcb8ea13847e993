"""Statistics and p-values beside SciPy's at ten million elements.

::

    python tests/long/scipy_agreement.py --elements 10000000

Kolmogorov-Smirnov (by sorting, and by further passes without), Cramer-von Mises, and
Anderson-Darling by its definition; float32 and float64. Leaves with status 1 where a
statistic differs by more than 1e-12 or a p-value by more than 1e-6.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from scipy import special, stats

from fastinit.conformance import judge
from fastinit.conformance.reading import read_elements
from fastinit.conformance.refinement import exact_distance
from fastinit.conformance.streaming import open_source
from fastinit.distributions import DISTRIBUTIONS

LAW = DISTRIBUTIONS["normal"].law((0.0, 1.0))


def anderson_darling(values: np.ndarray) -> float:
    """A^2 by its definition, from logarithms of both tails."""
    ordered = np.sort(values)
    n = ordered.size
    rank = np.arange(1, n + 1, dtype=np.float64)
    terms = (2 * rank - 1) * special.log_ndtr(ordered)
    terms += (2 * (n - rank) + 1) * special.log_ndtr(-ordered)
    return float(-n - np.sum(terms) / n)


def differences(n: int, dtype: type) -> dict[str, float]:
    """Differences of one array, each in units of what is allowed."""
    values = np.random.default_rng(11).standard_normal(n).astype(dtype)
    wide = values.astype(np.float64)
    found = {test.name: test for test in judge(values, LAW, exact=True).tests}
    reading = read_elements(open_source(values), LAW, alpha=1e-6)
    passes = exact_distance(reading.source, LAW, reading.plan.cells, reading.counts)
    ks = stats.ks_1samp(wide, special.ndtr)
    cvm = stats.cramervonmises(wide, special.ndtr)
    ours, theirs = found["kolmogorov_smirnov"], found["cramer_von_mises"]
    squared = anderson_darling(wide)
    return {
        "KS statistic, sorted": abs(ours.statistic - ks.statistic) / 1e-12,
        "KS statistic, in passes": abs(passes - ks.statistic) / 1e-12,
        "KS p-value": abs(ours.p_value - ks.pvalue) / 1e-6,
        "CvM statistic": abs(theirs.statistic - cvm.statistic) / 1e-12,
        "CvM p-value": abs(theirs.p_value - cvm.pvalue) / 1e-6,
        "AD statistic, relative": abs(
            found["anderson_darling"].statistic / squared - 1.0
        )
        / 1e-6,
    }


def main() -> None:
    """Compare, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--elements", type=int, default=10_000_000)
    n, is_right = parser.parse_args().elements, True
    for dtype in (np.float32, np.float64):
        for name, difference in differences(n, dtype).items():
            is_right &= difference <= 1.0
            sys.stdout.write(
                f"{n:,} {np.dtype(dtype).name} {name}: {difference:.2g} of what is "
                "allowed\n"
            )
    sys.exit(0 if is_right else 1)


if __name__ == "__main__":
    main()
