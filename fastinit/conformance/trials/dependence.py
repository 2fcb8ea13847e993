"""Tests of dependence of any form: neighbours in a table, and equal runs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fastinit.conformance.counts import chi_square_of, smallest_of
from fastinit.conformance.evidence import Omitted
from fastinit.conformance.reading import Reading
from fastinit.conformance.streaming.scan_plan import GROUPS
from fastinit.conformance.trials.outcomes import by_chance, by_rule
from fastinit.conformance.verdict import TestResult

__all__ = ["COPIES", "NEIGHBOURS", "copied_runs"]

#: Elements that every class of pairs should have.
PER_CLASS = 16


def _pairs(reading: Reading) -> TestResult | Omitted:
    """Groups of neighbours, which are independent: two tables of disjoint pairs."""
    probabilities: np.ndarray[Any, np.dtype[np.float64]] = np.bincount(
        reading.plan.group[reading.plan.cells.order],
        weights=reading.cells.probabilities,
        minlength=GROUPS,
    ).astype(np.float64)
    tables = reading.state.pairs.reshape(2, GROUPS, GROUPS).astype(np.float64)
    n_pairs = float(min(table.sum() for table in tables))
    while probabilities.size > 1:
        smallest = float(probabilities[probabilities > 0.0].min()) ** 2
        if n_pairs * smallest >= PER_CLASS:
            break
        probabilities = probabilities.reshape(-1, 2).sum(axis=1)
        half = probabilities.size
        tables = tables.reshape(2, half, 2, half, 2).sum(axis=(2, 4))
    occurs = probabilities > 0.0
    if np.count_nonzero(occurs) < 2:
        return Omitted("pairs", "too few elements for a table of neighbours")
    held = probabilities[occurs]
    joint = (held[:, None] * held[None, :]).ravel()
    results = [
        chi_square_of(table[occurs][:, occurs].ravel(), joint) for table in tables
    ]
    statistic, dof, _ = max(results)
    effect = math.sqrt(max(statistic - dof, 0.0) / n_pairs)
    return by_chance(
        "pairs",
        statistic,
        smallest_of([p_value for _, _, p_value in results]),
        (effect, math.inf),
        f"chi^2 = {statistic:.6g} of {joint.size} classes of neighbours",
    )


def copied_runs(reading: Reading) -> Any:
    """Positions of runs that occur again.

    Parameters
    ----------
    reading : Reading
        The array.

    Returns
    -------
    runs : int64 array, shape (k, 2)
        Position of a run and of the next equal one, ascending by the first.

    Examples
    --------
    >>> from fastinit.conformance.reading import read_elements
    >>> from fastinit.conformance.streaming import open_source
    >>> from fastinit.distributions import DISTRIBUTIONS
    >>> law = DISTRIBUTIONS["normal"].law((0.0, 1.0))
    >>> draws = np.random.default_rng(0).standard_normal(50)
    >>> source = open_source(np.concatenate((draws, draws)))
    >>> copied_runs(read_elements(source, law, alpha=1e-6))[0].tolist()
    [0, 50]
    """
    digests, positions = reading.state.anchors
    order = np.lexsort((positions, digests))
    is_equal = digests[order][1:] == digests[order][:-1]
    first, second = positions[order][:-1][is_equal], positions[order][1:][is_equal]
    found = np.stack((first, second), axis=1).astype(np.int64)
    return found[np.argsort(found[:, 0], kind="stable")]


def _duplicates(reading: Reading) -> TestResult | Omitted:
    """Runs of elements that occur twice, at any distance."""
    length = reading.plan.run_length
    if length == 0 or not reading.n:
        return Omitted("duplicates", "runs that are equal by chance are not rare")
    runs = copied_runs(reading)
    n_anchors = max(reading.state.anchors.shape[1], 1)
    detail = f"none of {n_anchors:,} runs of {length} elements occurs twice"
    if runs.size:
        first, second = runs[0]
        detail = (
            f"{len(runs):,} of {n_anchors:,} runs of {length} elements occur again, "
            f"the first at flat index {first:,} and {second:,}"
        )
    return by_rule("duplicates", float(len(runs)), len(runs) / n_anchors, detail)


#: Neighbours in a table.
NEIGHBOURS = (_pairs,)
#: Equal runs.
COPIES = (_duplicates,)
