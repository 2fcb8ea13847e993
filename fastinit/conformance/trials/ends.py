"""Tests of the ends: the law of the extremes, counts in the tails, signs and zeros."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fastinit.conformance.counts import at_least_p_value, binomial_p_value
from fastinit.conformance.evidence import Omitted, TailCount
from fastinit.conformance.reading import Reading
from fastinit.conformance.scores import fixed_uniforms, grid_step, scores_of
from fastinit.conformance.trials.outcomes import by_chance
from fastinit.conformance.verdict import TestResult

__all__ = ["ENDS", "tail_counts"]

#: Probabilities of the tails that are counted.
TAILS = (0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9)


def _minimum(reading: Reading) -> TestResult | Omitted:
    """The smallest element, by the law of the smallest of n."""
    return _extreme("minimum", reading)


def _maximum(reading: Reading) -> TestResult | Omitted:
    """The largest element, by the law of the largest of n."""
    return _extreme("maximum", reading)


def _extreme(name: str, reading: Reading) -> TestResult | Omitted:
    """P(no element is further out) = (1 - tail)^n, uniform under the law."""
    is_low = name == "minimum"
    extreme = reading.state.smallest if is_low else reading.state.largest
    if extreme is None:
        return Omitted(name, "no finite element")
    tail, step = _tail_beyond(reading, extreme.value, is_low=is_low)
    n = reading.n
    # Between all n beyond or at the step, and all n strictly inside it.
    beyond = min(tail + step, 1.0)
    inside = math.exp(n * math.log1p(-beyond)) if beyond < 1.0 else 0.0
    # Where it stands is independent of how far out it is, and differs by array.
    share = float(fixed_uniforms(1, extreme.position)[0])
    nothing_beyond = math.exp(n * math.log1p(-tail)) if tail < 1.0 else 0.0
    u = inside + share * (nothing_beyond - inside)
    # 1 - u loses its digits where u is near 1, which is where an extreme is too far.
    rare = -math.expm1(n * math.log1p(-tail)) if tail < 1.0 else 1.0
    if step > 0.0:
        rare += (1.0 - share) * (nothing_beyond - inside)
    p_value = min(1.0, 2.0 * min(u, rare))
    expected = n * (tail + share * step)
    return by_chance(
        name,
        extreme.value,
        p_value,
        (extreme.value, math.inf),
        f"{extreme.value:.8g} at flat index {extreme.position:,}; elements expected "
        f"beyond: {expected:.3g}",
    )


def _tail_beyond(
    reading: Reading, value: float, *, is_low: bool
) -> tuple[float, float]:
    """Probability of lying strictly beyond a value, and of the value itself."""
    cells = reading.cells
    held = np.array([value])
    if not cells.is_coarse(reading.n):
        scores = scores_of(held, reading.law, cells)
        return float((scores.below if is_low else scores.above)[0]), 0.0
    at = int(np.searchsorted(cells.cells.last, value))
    step = float(cells.probabilities[at])
    return float(cells.below[at] if is_low else cells.above[at + 1]), step


def tail_counts(reading: Reading) -> tuple[TailCount, ...]:
    """Elements beyond thresholds further and further out.

    Parameters
    ----------
    reading : Reading
        The array.

    Returns
    -------
    tails : tuple of TailCount
        On both sides, where the law has a tail of that size at a boundary of cells.

    Examples
    --------
    >>> from fastinit.conformance.reading import read_elements
    >>> from fastinit.conformance.streaming import open_source
    >>> from fastinit.distributions import DISTRIBUTIONS
    >>> law = DISTRIBUTIONS["normal"].law((0.0, 1.0))
    >>> reading = read_elements(open_source(np.zeros(50)), law, alpha=1e-6)
    >>> [tail.observed for tail in tail_counts(reading)]
    [0, 0, 0, 0]
    """
    if "tails" not in reading.held:
        reading.held["tails"] = _count_tails(reading)
    counted: tuple[TailCount, ...] = reading.held["tails"]
    return counted


def _count_tails(reading: Reading) -> tuple[TailCount, ...]:
    cells, n = reading.cells, reading.n
    boundaries = cells.cells.boundaries
    found: dict[tuple[str, int], TailCount] = {}
    cumulated = np.cumsum(reading.counts)
    for level in TAILS:
        if n * level < 0.5:
            break
        for side in ("lower", "upper"):
            tail = cells.below[1:-1] if side == "lower" else cells.above[1:-1]
            at = _nearest(tail if side == "lower" else -tail, level, side)
            probability = float(tail[at])
            if not 0.2 * level < probability < 5.0 * level:
                continue
            beyond = cumulated[at] if side == "lower" else n - cumulated[at]
            p_value = binomial_p_value(float(beyond), n, probability)
            found[side, at] = TailCount(
                side,
                float(boundaries[at]),
                probability,
                int(beyond),
                n * probability,
                p_value,
            )
    return tuple(found.values())


def _nearest(ascending: Any, level: float, side: str) -> int:
    """Boundary whose tail is nearest to a level, by its logarithm."""
    sign = 1.0 if side == "lower" else -1.0
    at = int(np.searchsorted(ascending, sign * level))
    near = [k for k in (at - 1, at) if 0 <= k < ascending.size]
    return min(
        near, key=lambda k: abs(math.log(max(sign * ascending[k], 1e-300) / level))
    )


def _tails(reading: Reading) -> TestResult | Omitted:
    """Elements beyond thresholds, each by its exact binomial law."""
    counted = tail_counts(reading)
    if not counted:
        return Omitted("tails", "no tail of this law is as large as one element")
    worst = min(counted, key=lambda tail: tail.p_value)
    p_value = min(1.0, len(counted) * worst.p_value)
    sign = "<" if worst.side == "lower" else ">"
    ratio = worst.observed / worst.expected - 1.0
    return by_chance(
        "tails",
        float(worst.observed),
        p_value,
        (ratio, math.inf),
        f"{worst.observed:,} elements {sign} {worst.threshold:.6g}, expected "
        f"{worst.expected:.6g}, of {len(counted)} tails",
    )


def _signs(reading: Reading) -> TestResult | Omitted:
    """Elements below the median."""
    cells, n = reading.cells, reading.n
    at = int(np.argmin(np.abs(cells.below[1:-1] - 0.5)))
    probability = float(cells.below[1 + at])
    if not n or not 0.01 < probability < 0.99:
        return Omitted("signs", "no element, or no boundary of cells near the median")
    count = float(reading.counts[: at + 1].sum())
    excess = count / n - probability
    return by_chance(
        "signs",
        count,
        binomial_p_value(count, n, probability),
        (excess, math.inf),
        f"{int(count):,} of {n:,} below {cells.cells.boundaries[at]:.4g}, expected "
        f"{n * probability:,.1f}",
    )


def _zeros(reading: Reading) -> TestResult | Omitted:
    """Elements that are zero, or as near as no law comes by chance."""
    cells, n = reading.cells, reading.n
    low, high = reading.law.support
    if not n or not low <= 0.0 <= high:
        return Omitted("zeros", "zero is no value of this law")
    at = int(np.searchsorted(cells.cells.last, 0.0))
    count = float(reading.counts[at])
    # Generators on a grid return zero as often as any other point of it.
    probability = float(cells.probabilities[at]) + 2.0 * grid_step(cells)
    return by_chance(
        "zeros",
        count,
        at_least_p_value(count, n, min(probability, 1.0)),
        (count / n, math.inf),
        f"{int(count):,} of {n:,} elements are zero",
    )


#: Extremes, tails, signs and zeros.
ENDS = (_minimum, _maximum, _tails, _signs, _zeros)
