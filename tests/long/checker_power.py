"""What the checker finds at large sizes, and how its p-values fall there.

::

    python tests/long/checker_power.py > docs/accuracy/checker-power.md    (10 minutes)

Power: arrays whose std is off by 1 % at 4e5 elements, and by 0.1 % at 4e7. Null:
p-values of correct bfloat16 arrays of 1e8 elements, which a continuous law rejects.
Leaves with status 1 where a bound does not hold.
"""

from __future__ import annotations

import argparse
import collections
import sys
import time

import numpy as np
from scipy import stats

import fastinit
from fastinit.conformance import judge
from fastinit.distributions import DISTRIBUTIONS

LAW = DISTRIBUTIONS["normal"].law((0.0, 1.0))
#: Relative error of the std, elements, dtype.
POWERS = (
    (1e-2, 400_000, "float32"),
    (-1e-2, 400_000, "bfloat16"),
    (1e-3, 40_000_000, "float32"),
    (-1e-3, 40_000_000, "bfloat16"),
)
#: Levels at which the share of p-values is told.
LEVELS = (0.5, 0.1, 0.01)


def tell(text: str) -> None:
    """Write one line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def power(trials: int) -> bool:
    """Print a row for each error; False where fewer than 99 % are found."""
    tell("| std | dtype | elements | arrays | found | power at least |")
    tell("| --- | --- | ---: | ---: | ---: | ---: |")
    is_right = True
    for error, n, dtype in POWERS:
        found = 0
        for trial in range(trials):
            how = {"seed": 1, "name": f"{error} {n} {trial}", "dtype": dtype}
            array = fastinit.normal(n, std=1.0 + error, **how)
            found += judge(array, LAW).verdict == "violates"
        # One-sided, at 95 %: Clopper and Pearson (1934).
        least = float(stats.beta.ppf(0.05, found, trials - found + 1))
        is_right &= least >= 0.99
        tell(
            f"| {1.0 + error:g} | {dtype} | {n:,} | {trials} | {found} | {least:.4f} |"
        )
    return is_right


def null(trials: int, n: int) -> bool:
    """Print a row for each test at the null; False where one is too small too often."""
    p_values = collections.defaultdict(list)
    violations = 0
    for trial in range(trials):
        array = fastinit.normal(n, seed=2, name=f"null {trial}", dtype="bfloat16")
        result = judge(array, LAW)
        violations += result.verdict == "violates"
        for test in result.tests:
            if not test.is_deterministic:
                p_values[test.name].append(test.p_value)
    tell(
        f"\n{trials} correct bfloat16 arrays of {n:,} elements,"
        f" {violations} of them said to violate."
    )
    tell(
        "\n| test | p-values | <= 0.5 | <= 0.1 | <= 0.01 | uniform: p | too small: p |"
    )
    tell("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    is_right = violations == 0
    for name, values in sorted(p_values.items()):
        found = np.array(values)
        shares = " | ".join(f"{np.mean(found <= level):.3f}" for level in LEVELS)
        uniform = stats.ks_1samp(found, stats.uniform.cdf).pvalue
        # The side that matters of a test that is discrete or a bound.
        small = stats.ks_1samp(found, stats.uniform.cdf, alternative="greater").pvalue
        is_right &= bool(small > 1e-5)
        tell(f"| {name} | {found.size} | {shares} | {uniform:.2g} | {small:.2g} |")
    return is_right


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=400)
    parser.add_argument("--null", type=int, default=200)
    parser.add_argument("--elements", type=int, default=100_000_000)
    options = parser.parse_args()
    start = time.perf_counter()
    tell("# Power of the checker, and its p-values at 1e8 elements\n")
    is_right = power(options.trials)
    is_right &= null(options.null, options.elements)
    took = time.perf_counter() - start
    tell(
        f"\n`tests/long/checker_power.py`, {time.strftime('%Y-%m-%d')}, {took:,.0f} s."
    )
    sys.exit(0 if is_right else 1)


if __name__ == "__main__":
    main()
