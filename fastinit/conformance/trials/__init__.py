"""The tests of the battery: one table, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Callable

from fastinit.conformance.evidence import Omitted
from fastinit.conformance.reading import Reading
from fastinit.conformance.trials.dependence import COPIES, NEIGHBOURS
from fastinit.conformance.trials.ends import ENDS
from fastinit.conformance.trials.goodness import DISTANCE, GOODNESS
from fastinit.conformance.trials.granularity import GRANULARITY
from fastinit.conformance.trials.order import LINES, PRODUCTS
from fastinit.conformance.trials.rules import RULES
from fastinit.conformance.trials.shape import COMPONENTS, MOMENTS
from fastinit.conformance.verdict import TestResult

__all__ = ["TRIALS", "Trial", "run_trials"]

#: A test looks at a reading and gives its outcome, or says why it has none.
Trial = Callable[[Reading], TestResult | Omitted]

#: Every test of a law with a std.
TRIALS: tuple[Trial, ...] = (
    *RULES,
    *DISTANCE,
    *MOMENTS,
    *GOODNESS,
    *COMPONENTS,
    *ENDS,
    *GRANULARITY,
    *PRODUCTS,
    *NEIGHBOURS,
    *LINES,
    *COPIES,
)


def run_trials(
    reading: Reading,
) -> tuple[tuple[TestResult, ...], tuple[Omitted, ...]]:
    """Outcomes of all tests, and those that have none.

    Parameters
    ----------
    reading : Reading
        The array.

    Returns
    -------
    tests : tuple of TestResult
        Before any adjustment.
    omitted : tuple of Omitted
        The others, with reasons.

    Examples
    --------
    >>> import numpy as np
    >>> from fastinit.conformance.reading import read_elements
    >>> from fastinit.conformance.streaming import open_source
    >>> from fastinit.distributions import DISTRIBUTIONS
    >>> law = DISTRIBUTIONS["normal"].law((0.0, 1.0))
    >>> reading = read_elements(open_source(np.zeros(1)), law, alpha=1e-6)
    >>> [test.name for test in run_trials(reading)[0]][:3]
    ['finite', 'support', 'kolmogorov_smirnov']
    """
    outcomes = [trial(reading) for trial in TRIALS]
    tests = tuple(one for one in outcomes if isinstance(one, TestResult))
    return tests, tuple(one for one in outcomes if isinstance(one, Omitted))
