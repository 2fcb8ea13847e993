"""Rank everything that may explain why an array does not follow its law."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from fastinit.conformance.counts import chi_square_of, grouped
from fastinit.conformance.diagnosis.candidates import Alternative, candidates_of
from fastinit.conformance.diagnosis.fit import (
    Fit,
    fit_of,
    share_outside,
    std_agreement,
)
from fastinit.conformance.diagnosis.structure import structural_causes
from fastinit.conformance.evidence import Cause
from fastinit.conformance.reading import Reading
from fastinit.conformance.verdict import TestResult

__all__ = ["find_causes"]

Float64Array = np.ndarray[Any, np.dtype[np.float64]]

#: Causes that are told at most.
MOST = 8
#: Share of the elements beyond the support of a law that it may still explain.
MOST_OUTSIDE = 1e-4
#: Share of the distance that a law must explain to be named.
LEAST = 0.7


def find_causes(
    reading: Reading,
    tests: Sequence[TestResult],
    alternatives: Sequence[Alternative] = (),
) -> tuple[Cause, ...]:
    """Likely causes of what the tests found, the likeliest first.

    Parameters
    ----------
    reading : Reading
        The array.
    tests : sequence of TestResult
        Outcomes of its tests.
    alternatives : sequence of Alternative, optional
        Mistakes that are possible with this very tensor.

    Returns
    -------
    causes : tuple of Cause
        At most 8; none where no test fails by itself.

    Examples
    --------
    >>> from fastinit.conformance.reading import read_elements
    >>> from fastinit.conformance.streaming import open_source
    >>> from fastinit.conformance.trials import run_trials
    >>> from fastinit.distributions import DISTRIBUTIONS
    >>> law = DISTRIBUTIONS["normal"].law((0.0, 0.02))
    >>> draws = np.random.default_rng(0).normal(0.0, 0.02 / 2**0.5, 10_000)
    >>> reading = read_elements(open_source(draws), law, alpha=1e-6)
    >>> find_causes(reading, run_trials(reading)[0])[0].text
    'the gain of sqrt 2 (ReLU) is missing'
    """
    failed = {test.name: test for test in tests if test.p_value < reading.alpha}
    if not failed:
        return ()
    found = list(structural_causes(reading, failed))
    if reading.n and reading.facts.max > reading.facts.min:
        fit = fit_of(reading.cells, reading.counts)
        found += _lawful_causes(reading, fit, alternatives)
        found += _rounding_causes(reading)
    best: dict[str, Cause] = {}
    for cause in sorted(found, key=lambda one: -one.score):
        best.setdefault(f"{cause.name} {cause.text}", cause)
    return tuple(best.values())[:MOST]


def _lawful_causes(
    reading: Reading, fit: Fit, alternatives: Sequence[Alternative]
) -> Iterator[Cause]:
    """Other laws that the elements follow better than the specified one."""
    distance = fit.distance(reading.law)
    if distance < fit.noise:
        return
    facts = reading.facts
    ratio = facts.std / reading.target.std
    scale = (
        f"the observed std {facts.std:.4g} is {ratio:.4g} times the specified "
        f"{reading.target.std:.4g}"
    )
    shape = f"the observed std {facts.std:.4g} and a distance of {distance:.3g}"
    for one in candidates_of(reading.law, alternatives, (facts.mean, facts.std)):
        left = fit.distance(one.law)
        explained = 1.0 - max(left - fit.noise, 0.0) / distance
        if explained < LEAST or left > 0.7 * distance:
            continue
        # Single elements may have another cause.
        if share_outside(one.law, reading) > MOST_OUTSIDE:
            continue
        has_scale = abs(math.log(ratio)) > 0.02
        evidence = scale if has_scale else f"{shape}, of which {left:.2g} is left"
        if one.name in {"shifted", "location_scale"}:
            evidence = f"the observed mean {facts.mean:.4g}, {evidence}"
        # Cubed, so that a law that fits is told before one that almost fits.
        score = one.prior * explained**3 * std_agreement(one.law, facts.std, fit.n)
        yield Cause(one.name, one.text, evidence, score)


def _rounding_causes(reading: Reading) -> Iterator[Cause]:
    """Another rounding to a narrow dtype."""
    cells = reading.cells.cells
    specified = _bins_p_value(reading, reading.cells.below[1:-1])
    if cells.form.low_bits or specified > reading.alpha:
        return
    before, after = cells.last[:-1], cells.first[1:]
    modes = {
        "truncation toward zero where rounding was due": np.where(
            before >= 0.0, after, before
        ),
        "rounding down where rounding to nearest was due": after,
        "rounding up where rounding to nearest was due": before,
    }
    for text, edges in modes.items():
        p_value = _bins_p_value(reading, reading.law.cdf(edges))
        if p_value > 1e-4:
            evidence = (
                f"bins with p = {specified:.2g} by rounding to nearest and "
                f"p = {p_value:.2g} without"
            )
            yield Cause("rounding", text, evidence, 0.975)


def _bins_p_value(reading: Reading, below: Float64Array) -> float:
    """p-value of bins of the cells, for boundaries with this mass below them."""
    shares = np.diff(np.concatenate(([0.0], below, [1.0])))
    counts, probabilities = grouped(reading.counts, shares, 64.0 / reading.n)
    return chi_square_of(counts, probabilities)[2]
