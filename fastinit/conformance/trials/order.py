"""Tests of order: products at lags, and sums of rows and columns.

Up to 2^18 elements they look at normal scores, whose products and sums have the same
law for every law and dtype; beyond, at standardised elements.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fastinit.conformance.counts import binomial_p_value, smallest_of
from fastinit.conformance.evidence import Omitted
from fastinit.conformance.moments import Target, mean_p_value
from fastinit.conformance.order_sums import OrderSums, order_sums
from fastinit.conformance.reading import Reading
from fastinit.conformance.streaming.scan_plan import LEAST_SPREAD
from fastinit.conformance.sums import normal_p_value
from fastinit.conformance.trials.outcomes import by_chance, found_sigma
from fastinit.conformance.verdict import TestResult

__all__ = ["LINES", "PRODUCTS"]

#: Products of normal elements have a kurtosis of 9 and share elements: their sum is
#: normal to 5 % at six sigma from here on; below, only their signs are counted.
NORMAL_PRODUCTS = 20_000
_NORMAL = Target(0.0, 1.0, 3.0, None)


def _lags(reading: Reading) -> TestResult | Omitted:
    """Products of elements a lag apart, over all lags of the plan."""
    return _lagged(
        "lags", reading, reading.plan.lags, order_sums(reading).lags, reading.n
    )


def _magnitude_lags(reading: Reading) -> TestResult | Omitted:
    """The same for the distances from the mean: large beside large."""
    sums = order_sums(reading).magnitude_lags
    if reading.plan.magnitude[1] < LEAST_SPREAD:
        return Omitted("magnitude_lags", "the law has one distance from its mean")
    return _lagged(
        "magnitude_lags", reading, reading.plan.magnitude_lags, sums, reading.n
    )


def _lagged(
    name: str, reading: Reading, distances: Any, sums: Any, n: int
) -> TestResult | Omitted:
    """Largest correlation over some lags."""
    if n < 3 or not distances.size:
        return Omitted(name, f"{n} elements have no lags")
    pairs = reading.plan.n_products(distances)
    correlations = sums / np.maximum(pairs, 1.0)
    if n < NORMAL_PRODUCTS:
        p_values = _sign_p_values(name, reading, distances)
    else:
        p_values = np.array(
            [normal_p_value(z) for z in sums / np.sqrt(np.maximum(pairs, 1.0))]
        )
    worst = int(np.argmin(p_values))
    sigma = found_sigma(reading.alpha / distances.size)
    pairs = np.maximum(pairs, 1.0)
    z = float(sums[worst] / math.sqrt(pairs[worst]))
    return by_chance(
        name,
        z,
        smallest_of(p_values),
        (float(correlations[worst]), sigma / math.sqrt(pairs[worst])),
        f"correlation {correlations[worst]:.4g} at lag {int(distances[worst]):,}, "
        f"z = {z:.4g}, of {distances.size} lags",
        power=(sigma / math.sqrt(pairs[0]), "a correlation at one lag"),
    )


def _sign_p_values(name: str, reading: Reading, distances: Any) -> Any:
    """Exact p-values of the number of products above zero: fair coins."""
    scores = reading.scores
    positive = scores.below > 0.5
    if name == "magnitude_lags":
        positive = np.abs(scores.below - 0.5) > 0.25
    p_values = []
    for lag in distances.tolist():
        agree = int(np.count_nonzero(positive[:-lag] == positive[lag:]))
        p_values.append(binomial_p_value(agree, positive.size - lag, 0.5))
    return np.array(p_values)


def _rows(reading: Reading) -> TestResult | Omitted:
    """Squares of the sums of rows, which grow where elements belong together."""
    sums = order_sums(reading)
    return _spread("rows", reading, sums.rows, sums.row_sizes, sums)


def _columns(reading: Reading) -> TestResult | Omitted:
    """Squares of the sums of columns."""
    sums = order_sums(reading)
    return _spread("columns", reading, sums.columns, sums.column_sizes, sums)


def _spread(
    name: str, reading: Reading, totals: Any, sizes: Any, sums: OrderSums
) -> TestResult | Omitted:
    """Sum of squared standardised sums, a chi-square."""
    if totals.size < 2:
        return Omitted(name, f"no {name} that could differ")
    from scipy.special import gammainc, gammaincc

    squares = np.square(totals) / sizes
    # Var S^2 / m is 2 + (kurtosis - 3) / m, which a scaled chi-square shares.
    excess = float(np.mean((sums.kurtosis - 3.0) / sizes))
    if sums.kurtosis != 3.0 and float(sizes.min()) < 16:
        return Omitted(name, f"{name} of fewer than 16 elements")
    factor = 1.0 + 0.5 * excess
    dof, statistic = totals.size / factor, float(squares.sum()) / factor
    upper = float(gammaincc(dof / 2, statistic / 2))
    lower = float(gammainc(dof / 2, statistic / 2))
    size = float(np.mean(sizes))
    # Correlation r of all pairs within a row adds r (m - 1) to the mean square.
    effect = (float(squares.mean()) - 1.0) / max(size - 1.0, 1.0)
    found = found_sigma(reading.alpha) * math.sqrt(2.0 * factor / totals.size)
    found /= max(size - 1.0, 1.0)
    word = name.removesuffix("s")
    return by_chance(
        name,
        statistic,
        min(1.0, 2.0 * min(upper, lower)),
        (effect, found),
        f"chi^2 = {statistic:.6g} of {totals.size:,} {name} of {size:,.0f}",
        power=(found, f"a correlation within a {word}"),
    )


def _row_means(reading: Reading) -> TestResult | Omitted:
    """The row whose mean is furthest off."""
    sums = order_sums(reading)
    return _furthest("row_means", "row", reading, sums.rows, sums.row_sizes)


def _column_means(reading: Reading) -> TestResult | Omitted:
    """The column whose mean is furthest off."""
    sums = order_sums(reading)
    return _furthest("column_means", "column", reading, sums.columns, sums.column_sizes)


def _furthest(
    name: str, word: str, reading: Reading, totals: Any, sizes: Any
) -> TestResult | Omitted:
    """Largest standardised sum, by the law of one and their number."""
    if totals.size < 2:
        return Omitted(name, f"no {word}s that could differ")
    z = totals / np.sqrt(sizes)
    at = int(np.argmax(np.abs(z)))
    target = _NORMAL if reading.is_scored else reading.target
    one = mean_p_value(float(z[at]), int(sizes[at]), target)
    return by_chance(
        name,
        float(z[at]),
        smallest_of(np.append(np.ones(totals.size - 1), one)),
        (float(totals[at] / sizes[at]), math.inf),
        f"{word} {at:,} of {totals.size:,} has a mean of {totals[at] / sizes[at]:.4g} "
        f"std, z = {z[at]:.4g}",
    )


#: Elements a lag apart.
PRODUCTS = (_lags, _magnitude_lags)
#: Rows and columns.
LINES = (_rows, _row_means, _columns, _column_means)
