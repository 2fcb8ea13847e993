"""How outcomes are made: by a rule, or by chance with an effect and its interval."""

from __future__ import annotations

import math

from fastinit.conformance.effects import two_sided_sigma
from fastinit.conformance.verdict import TestResult

__all__ = ["by_chance", "by_rule", "found_sigma"]

#: Random tests of one array, which Holm's adjustment shares alpha among.
N_TESTS = 22
#: Quantile of the standard normal law below which 99 % lie.
_SURE = 2.3263478740408408


def found_sigma(alpha: float) -> float:
    """Standard errors that an effect must have to be found with 99 %.

    Parameters
    ----------
    alpha : float
        Family-wise false-alarm rate, in (0, 1).

    Returns
    -------
    sigma : float
        Quantile of the level of one test of the battery, and what makes it sure.

    Examples
    --------
    >>> round(found_sigma(1e-6), 2)
    7.79
    """
    return two_sided_sigma(alpha / N_TESTS) + _SURE


def by_rule(name: str, statistic: float, effect: float, detail: str) -> TestResult:
    """Outcome of a test without chance: any excess fails.

    Parameters
    ----------
    name : str
        Name of the test.
    statistic : float
        What must be 0.
    effect : float
        Its size, dimensionless.
    detail : str
        The numbers in words.

    Returns
    -------
    test : TestResult
        With p = 0 or 1.

    Examples
    --------
    >>> by_rule("finite", 0.0, 0.0, "").passed
    True
    """
    passed = statistic == 0.0
    p_value = 1.0 if passed else 0.0
    return TestResult(name, statistic, p_value, p_value, effect, 0.0, passed, detail)


def by_chance(
    name: str,
    statistic: float,
    p_value: float,
    interval: tuple[float, float],
    detail: str,
    *,
    power: tuple[float, str] = (math.inf, ""),
) -> TestResult:
    """Outcome of a test whose p-value its family is still to adjust.

    Parameters
    ----------
    name : str
        Name of the test.
    statistic, p_value : float
        The statistic and its p-value.
    interval : tuple of float
        Effect and half-width.
    detail : str
        The numbers in words.
    power : tuple of (float, str), optional
        Effect that is found with 99 %, and what the effect is.

    Returns
    -------
    test : TestResult
        Passed, until its family says otherwise.

    Examples
    --------
    >>> by_chance("mean", 0.1, 0.9, (0.0, 0.1), "").passed
    True
    """
    # A NaN comes from garbage that overflows, and no law makes that.
    p = 0.0 if math.isnan(p_value) else p_value
    return TestResult(name, statistic, p, p, *interval, True, detail, *power)
