"""Tests of resolution: grids, ties and repeated values, which no distance sees."""

from __future__ import annotations

import math

import numpy as np

from fastinit.conformance.counts import poisson_p_value
from fastinit.conformance.evidence import Omitted
from fastinit.conformance.reading import Reading
from fastinit.conformance.scores import grid_step
from fastinit.conformance.trials.outcomes import by_chance, by_rule
from fastinit.conformance.verdict import TestResult

__all__ = ["GRANULARITY"]

#: Elements from which on a bit that is never set is no chance: on a grid of 24 bits
#: the last one is set once in four, and 0.75^128 is 1e-16.
ENOUGH = 128


def _resolution(reading: Reading) -> TestResult | Omitted:
    """Trailing bits of the significand that no element uses."""
    form, n = reading.plan.cells.form, reading.source.n
    if n < ENOUGH:
        return Omitted("resolution", f"{n:,} elements: from {ENOUGH} on")
    share = _odd_share(reading)
    if share < 0.2:
        return Omitted("resolution", "the law itself seldom sets the last bit")
    used = reading.state.used_bits & ((1 << form.mantissa_bits) - 1)
    unused = form.mantissa_bits if not used else (used & -used).bit_length() - 1
    excess = max(unused - _unused_by_grids(reading), 0)
    return by_rule(
        "resolution",
        float(excess),
        excess / form.mantissa_bits,
        f"the last {unused} of {form.mantissa_bits} bits of the significand are never "
        "set",
    )


def _unused_by_grids(reading: Reading) -> int:
    """Last bits that stay clear on a grid of 24 bits (53 in float64) over the support.

    Such as the last one for 2 u - 1, whose grid of 2^-23 is twice as coarse as float32
    just below 1.
    """
    low, high = reading.law.support
    if not math.isfinite(high - low):
        return 0
    bits = 24 if reading.source.dtype.precision == 32 else 53
    largest = math.frexp(max(abs(low), abs(high)) * (1.0 - 2.0**-30))[1]
    # Only widths that are powers of two leave the grid in the bits; a bound that is a
    # rounding away from one, as a formula may give it, is one in float32.
    width = math.frexp((high - low) * (1.0 + 2.0**-30))[1]
    return max(
        width - 1 - bits - (largest - 1 - reading.plan.cells.form.mantissa_bits), 0
    )


def _odd_share(reading: Reading) -> float:
    """Probability that the last bit of an element is set, about."""
    cells = reading.cells
    if cells.cells.form.low_bits:
        # Half of the values of a cell, unless the law is as narrow as a few values.
        return 0.5 if cells.largest_atom < 0.05 else 0.0
    return float(cells.probabilities[cells.cells.order % 2 == 1].sum())


def _ties(reading: Reading) -> TestResult | Omitted:
    """Equal elements, against those that 24 bits (52 in float64) give by chance."""
    reason = _why_no_ties(reading)
    if reason:
        return Omitted("ties", reason)
    _, multiplicities = reading.tied
    n = int(multiplicities.sum())
    pairs = float(np.sum(multiplicities * (multiplicities - 1.0))) / 2.0
    chance = reading.cells.agreement + grid_step(reading.cells)
    expected = 0.5 * n * (n - 1.0) * chance
    return by_chance(
        "ties",
        pairs,
        poisson_p_value(pairs, expected),
        (pairs / max(expected, 1e-300), math.inf),
        f"{int(pairs):,} equal pairs among {n:,} elements, at most {expected:.4g} "
        "expected",
    )


def _repeats(reading: Reading) -> TestResult | Omitted:
    """The value that occurs most often, against chance."""
    reason = _why_no_ties(reading)
    if reason:
        return Omitted("repeats", reason)
    patterns, multiplicities = reading.tied
    n, most = float(multiplicities.sum()), float(multiplicities.max())
    chance = reading.cells.largest_atom + grid_step(reading.cells)
    # Some value occurs so often in one of the (n choose m) sets of m elements.
    logarithm = most * math.log(n) - math.lgamma(most + 1.0)
    logarithm += (most - 1.0) * math.log(chance)
    at = int(np.argmax(multiplicities))
    value = float(reading.plan.cells.form.values(patterns[at : at + 1])[0])
    return by_chance(
        "repeats",
        most,
        math.exp(min(logarithm, 0.0)),
        (most / n, math.inf),
        f"{value:.8g} occurs {int(most):,} times among {int(n):,} elements",
    )


def _why_no_ties(reading: Reading) -> str:
    """Why equal elements mean nothing, or ''."""
    if reading.n < 2:
        return "fewer than two elements"
    if reading.cells.cells.form.low_bits == 0:
        return "a narrow dtype is counted value by value"
    if reading.cells.largest_atom > 1e-5:
        return "the law is as narrow as a few values of the dtype"
    return ""


#: Grids, ties and repeated values.
GRANULARITY = (_resolution, _ties, _repeats)
