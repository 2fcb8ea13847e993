"""False alarms of the battery over thousands of correct arrays.

::

    python tests/long/false_alarms.py --arrays 20000 > docs/conformance/false-alarms.md

Arrays of every distribution, dtype, shape and size, half of them made by NumPy and half
by this package. Each continuous p-value must be uniform, the others never too small,
and the rate of the family not above its level. Prints a report and leaves with status 1
where it does not hold.
"""

from __future__ import annotations

import argparse
import collections
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
from scipy import special, stats

import fastinit
from fastinit.conformance import judge
from fastinit.conformance.diagnosis.shapes import truncated_law
from fastinit.distributions import DISTRIBUTIONS
from fastinit.dtypes import numpy_dtype

DTYPES = ("float32", "float64", "bfloat16", "float16")
#: Law, and elements of it by a uniform transform of NumPy.
LAWS: dict[str, tuple[Any, Any]] = {
    "normal(0, 1)": (
        DISTRIBUTIONS["normal"].law((0.0, 1.0)),
        lambda rng, shape: rng.standard_normal(shape),
    ),
    "normal(0.5, 0.02)": (
        DISTRIBUTIONS["normal"].law((0.5, 0.02)),
        lambda rng, shape: 0.5 + 0.02 * rng.standard_normal(shape),
    ),
    "uniform(-0.3, 0.3)": (
        DISTRIBUTIONS["uniform"].law((-0.3, 0.3)),
        lambda rng, shape: 0.6 * (rng.random(shape) - 0.5),
    ),
    "uniform(0, 1)": (
        DISTRIBUTIONS["uniform"].law((0.0, 1.0)),
        lambda rng, shape: rng.random(shape),
    ),
    "truncated(0, 1, 2)": (
        truncated_law(0.0, 1.0, 2.0),
        lambda rng, shape: special.ndtri(
            special.ndtr(-2.0) + rng.random(shape) * (1 - 2 * special.ndtr(-2.0))
        ),
    ),
}
OWN = {
    "normal(0, 1)": lambda **how: fastinit.normal(mean=0.0, std=1.0, **how),
    "normal(0.5, 0.02)": lambda **how: fastinit.normal(mean=0.5, std=0.02, **how),
    "uniform(-0.3, 0.3)": lambda **how: fastinit.uniform(a=-0.3, b=0.3, **how),
    "uniform(0, 1)": lambda **how: fastinit.uniform(a=0.0, b=1.0, **how),
}
#: Elements from which on the p-value of a test is continuous; elsewhere it is discrete
#: or a bound, and may only be too large.
CONTINUOUS = {
    "kolmogorov_smirnov": 1,
    "anderson_darling": 8,
    "cramer_von_mises": 8,
    "chi_square": 8192,
    "mean": 64,
    "variance": 64,
    "skewness": 64,
    "kurtosis": 64,
    "minimum": 1,
    "maximum": 1,
    "lags": 20_000,
    "magnitude_lags": 20_000,
    "pairs": 8192,
    "rows": 1,
    "row_means": 1,
    "columns": 1,
    "column_means": 1,
}


def tell(text: str) -> None:
    """Write one line."""
    sys.stdout.write(f"{text}\n")


def random_shape(rng: np.random.Generator, largest: float) -> tuple[int, ...]:
    """One to three axes of any proportion."""
    exponent = rng.uniform(0.0, largest)
    cuts = np.sort(rng.uniform(0.0, exponent, rng.integers(0, 3)))
    sizes = np.diff(np.concatenate(([0.0], cuts, [exponent])))
    return tuple(int(2.0**size) for size in sizes)


def draw(rng: np.random.Generator, name: str, dtype: str, shape: Any) -> Any:
    """A correct array of one of two makers."""
    if name in OWN and rng.random() < 0.5:
        seed = int(rng.integers(0, 2**63))
        return OWN[name](shape=shape, dtype=dtype, seed=seed, name="w")
    return LAWS[name][1](rng, shape).astype(numpy_dtype(dtype))


def run(n_arrays: int, seed: Any, n_large: int) -> tuple[Any, Any, Any]:
    """p-values by test (continuous or not), adjusted minima, and violations."""
    rng = np.random.default_rng(seed)
    p_values: dict[tuple[str, bool], list[float]] = collections.defaultdict(list)
    smallest, violations = [], []
    for k in range(n_arrays):
        largest = 21.5 if k % (n_arrays // max(n_large, 1)) == 0 else 16.0
        if k % 50 == 0:
            # Tables of a law are made once for many arrays, as for a model.
            name, dtype = rng.choice(list(LAWS)), rng.choice(DTYPES)
        shape = random_shape(rng, largest)
        result = judge(draw(rng, name, dtype, shape), LAWS[name][0])
        for test in result.tests:
            if not test.is_deterministic:
                is_continuous = result.n >= CONTINUOUS.get(test.name, 1 << 62)
                p_values[test.name, is_continuous].append(test.p_value)
        smallest.append(min(test.adjusted_p_value for test in result.tests))
        if result.verdict == "violates":
            failed = [(t.name, t.detail) for t in result.tests if not t.passed]
            violations.append((name, dtype, shape, failed))
    return p_values, np.array(smallest), violations


def report(p_values: Any, smallest: Any, violations: Any, took: float) -> bool:
    """Print the tables; False where a bound does not hold."""
    n, is_right = smallest.size, not violations
    tell("# False alarms of the battery\n")
    tell(f"`tests/long/false_alarms.py`, {time.strftime('%Y-%m-%d')}, {n:,} correct")
    tell(f"arrays, {took:,.0f} s.\n")
    tell("| level | families below it | largest number with probability 1e-4 |")
    tell("| --- | --- | --- |")
    for level in (1e-2, 1e-3, 1e-6):
        count = int(np.count_nonzero(smallest < level))
        allowed = int(stats.binom.isf(1e-4, n, level))
        is_right &= count <= allowed
        tell(f"| {level:g} | {count} ({count / n:.2g}) | {allowed} |")
    tell(f"\nArrays said to violate at the default level: {len(violations)}.\n")
    for violation in violations:
        tell(f"- {violation}")
    tell("| test | p-values | <= 0.5 | <= 0.1 | <= 0.01 | <= 0.001 | uniform: p |")
    tell("| --- | --- | --- | --- | --- | --- | --- |")
    for (name, is_continuous), values in sorted(p_values.items()):
        found = np.array(values)
        shares = [float(np.mean(found <= level)) for level in (0.5, 0.1, 0.01, 0.001)]
        uniform = "bound"
        if is_continuous:
            p = stats.ks_1samp(found, stats.uniform.cdf).pvalue
            uniform, is_right = f"{p:.2g}", is_right and p > 1e-5
        for level in (0.1, 0.01, 0.001):
            allowed = stats.binom.isf(1e-6, found.size, level)
            is_right &= bool(np.count_nonzero(found <= level) <= allowed)
        told = " | ".join(f"{share:.4f}" for share in shares)
        tell(f"| {name} | {found.size:,} | {told} | {uniform} |")
    tell("\nA p-value of `bound` is discrete or an upper bound: it may be too large.")
    return is_right


def main() -> None:
    """Run the campaign."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--arrays", type=int, default=20_000)
    parser.add_argument("--large", type=int, default=400)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    start = time.perf_counter()
    parts = options.processes
    with ProcessPoolExecutor(parts) as pool:
        found = list(
            pool.map(
                run,
                [options.arrays // parts] * parts,
                [[options.seed, part] for part in range(parts)],
                [options.large // parts] * parts,
            )
        )
    p_values: dict[tuple[str, bool], list[float]] = collections.defaultdict(list)
    for part, _, _ in found:
        for key, values in part.items():
            p_values[key] += values
    smallest = np.concatenate([part for _, part, _ in found])
    violations = [one for _, _, part in found for one in part]
    took = time.perf_counter() - start
    sys.exit(0 if report(p_values, smallest, violations, took) else 1)


if __name__ == "__main__":
    main()
