"""Results of a check, and how a family of tests becomes a verdict.

A verdict needs two different statements: no test contradicts the law (p-values,
adjusted by Holm), and the data are enough to say that the law holds within a
margin (intervals). Without the second one, an array too small to show anything
would pass.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar, Literal

import numpy as np

from fastinit.conformance.evidence import Cause, Omitted, Picture
from fastinit.conformance.text import render, shown_effect
from fastinit.errors import ArgumentError

__all__ = [
    "DETERMINISTIC_TESTS",
    "EFFECT_LIMITS",
    "CheckResult",
    "Facts",
    "TestResult",
    "Verdict",
    "holm",
    "judge_family",
    "plain_values",
]

Verdict = Literal["conforms", "violates", "inconclusive"]

#: Tests without chance: they fail with p = 0 and do not count in Holm's family.
DETERMINISTIC_TESTS = frozenset(
    {"finite", "support", "constant", "resolution", "duplicates"}
)

#: Effects up to here do not violate, however sure they are: a point is never exactly
#: true, and with 1e12 elements every peer that is correct would be rejected.
NEGLIGIBLE = 1e-5

#: Largest tolerated |effect| + half-width, in margins. A scale error of one margin
#: moves the cdf of a uniform law by up to half a margin, a normal one by a quarter;
#: a shift of one margin moves them by 0.29 and 0.40.
EFFECT_LIMITS = {"kolmogorov_smirnov": 0.5, "mean": 1.0, "variance": 1.0}


@dataclass(frozen=True)
class TestResult:
    """Outcome of one test on one array.

    Attributes
    ----------
    name : str
        Its name, a row of docs/conformance.md.
    statistic : float
        Distance, z value, sum of squares, number of offending elements, or excess
        beyond the support.
    p_value : float
        Probability under the law of a statistic at least as extreme, in [0, 1];
        0 or 1 for the tests without chance.
    adjusted_p_value : float
        The p-value after Holm's step-down over the family, in [0, 1].
    effect : float
        Size of the deviation, dimensionless: D, mean shift / std, std ratio - 1,
        share of offending elements, or excess / std.
    half_width : float
        Half-width of the (1 - alpha) interval around `effect`, >= 0, may be inf.
    passed : bool
        True where `adjusted_p_value` >= alpha, or the size of the effect is at most
        NEGLIGIBLE.
    detail : str
        One sentence with the numbers behind the statistic.
    detectable : float
        Effect that this test finds with a probability of 99 % at this size and
        alpha; infinite where no one number says it.
    effect_name : str
        What the effect is, in words; '' where it is no size of a deviation.
    """

    # pytest would otherwise try to collect a class of this name.
    __test__: ClassVar[bool] = False

    name: str
    statistic: float
    p_value: float
    adjusted_p_value: float
    effect: float
    half_width: float
    passed: bool
    detail: str
    detectable: float = math.inf
    effect_name: str = ""

    @property
    def is_deterministic(self) -> bool:
        """True where chance plays no part in the outcome."""
        return self.name in DETERMINISTIC_TESTS

    def is_equivalent(self, margin: float) -> bool:
        """Whether the interval of the effect lies within its limit.

        Parameters
        ----------
        margin : float
            Tolerated relative error, dimensionless, > 0.

        Returns
        -------
        is_equivalent : bool
            True where the size of the effect + half_width <= limit * margin; tests
            other than those of the distance, the mean and the variance have nothing to
            add.

        Examples
        --------
        >>> TestResult("mean", 0.5, 0.6, 1.0, 0.01, 0.02, True, "").is_equivalent(0.1)
        True
        """
        if self.name not in EFFECT_LIMITS:
            return True
        return abs(self.effect) + self.half_width <= EFFECT_LIMITS[self.name] * margin


@dataclass(frozen=True)
class Facts:
    """What the array holds; NaN where it has no finite element.

    Attributes
    ----------
    min, max : float
        Smallest and largest finite value.
    n_nan, n_inf : int
        Number of NaN and of infinite elements.
    mean, std : float
        Mean and standard deviation (about that mean) of the finite elements.
    """

    min: float
    max: float
    n_nan: int
    n_inf: int
    mean: float
    std: float


@dataclass(frozen=True)
class CheckResult:
    """Whether one array conforms to one law, with the evidence.

    Three verdicts do not fit into one truth value: ask for `conforms` or compare
    `verdict`, never `if result`.

    Attributes
    ----------
    subject : str
        What was checked, usually the name of a tensor.
    verdict : {'conforms', 'violates', 'inconclusive'}
        The verdict.
    n : int
        Number of elements.
    dtype : str
        Name of the dtype.
    law : str
        The law with its parameters.
    alpha : float
        Family-wise false-alarm rate, in (0, 1).
    margin : float
        Tolerated relative error of the equivalence, dimensionless, > 0.
    tests : tuple of TestResult
        The tests, in the order in which they are shown.
    facts : Facts
        What the array holds.
    n_needed : int
        Elements with which a correct array usually conforms at this margin.
    hint : str
        Likely cause of a violation, or ''.
    causes : tuple of Cause
        All causes that fit a violation, the likeliest first.
    omitted : tuple of Omitted
        Tests that say nothing about this array, and why.
    picture : Picture or None
        What a report draws: histogram, quantiles and tails; None for constants.
    """

    subject: str
    verdict: Verdict
    n: int
    dtype: str
    law: str
    alpha: float
    margin: float
    tests: tuple[TestResult, ...]
    facts: Facts
    n_needed: int
    hint: str = ""
    causes: tuple[Cause, ...] = ()
    omitted: tuple[Omitted, ...] = ()
    picture: Picture | None = None

    @property
    def power(self) -> tuple[str, ...]:
        """What the tests find with a probability of 99 %, in words."""
        return tuple(
            f"{test.name} detects {test.effect_name} of {shown_effect(test.detectable)}"
            " with 99 %"
            for test in self.tests
            if test.effect_name and math.isfinite(test.detectable)
        )

    @property
    def conforms(self) -> bool:
        """True where the verdict is 'conforms'."""
        return self.verdict == "conforms"

    def __str__(self) -> str:
        """Several lines of text, the verdict first."""
        return render(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON.

        Returns
        -------
        data : dict
            The fields under their names; a float that is not finite is None.
        """
        data: dict[str, Any] = plain_values(dataclasses.asdict(self))
        return {**data, "power": list(self.power)}


def plain_values(value: Any) -> Any:
    """Turn tuples into lists, and floats that are not finite into None.

    Parameters
    ----------
    value : object
        Plain data, nested in any way.

    Returns
    -------
    value : object
        The same, ready for JSON.

    Examples
    --------
    >>> plain_values({"ends": (0.0, math.inf)})
    {'ends': [0.0, None]}
    """
    if isinstance(value, dict):
        return {key: plain_values(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_values(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Holm's step-down adjustment of a family of p-values.

    Parameters
    ----------
    p_values : sequence of float
        p-values in [0, 1], dependent in any way.

    Returns
    -------
    adjusted : tuple of float
        Adjusted p-values in [0, 1], in the same order: rejecting those below alpha
        keeps the probability of any false rejection at or below alpha.

    References
    ----------
    Holm (1979), "A simple sequentially rejective multiple test procedure".

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    (0.03, 0.06, 0.06)
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    scaled = np.minimum(p[order] * np.arange(p.size, 0, -1), 1.0)
    adjusted = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(scaled)
    return tuple(adjusted.tolist())


def judge_family(
    results: Sequence[CheckResult], alpha: float
) -> tuple[CheckResult, ...]:
    """Verdicts of several arrays judged together.

    Parameters
    ----------
    results : sequence of CheckResult
        One result per array, each judged alone or in another family.
    alpha : float
        Probability, in (0, 1), that any correct array among them is said to violate.

    Returns
    -------
    results : tuple of CheckResult
        The same results with p-values adjusted over all random tests of all arrays,
        and with the verdicts that follow. Half-widths keep the confidence of the
        alpha at which they were computed: equivalence is a claim about one array.

    Raises
    ------
    ArgumentError
        If `alpha` is outside (0, 1).

    Examples
    --------
    >>> judge_family([], 1e-6)
    ()
    """
    require_alpha(alpha)
    by_chance = [
        test.p_value
        for result in results
        for test in result.tests
        if not test.is_deterministic
    ]
    adjusted = iter(holm(by_chance))
    return tuple(
        _settled(
            result,
            [t.p_value if t.is_deterministic else next(adjusted) for t in result.tests],
            alpha,
        )
        for result in results
    )


def is_real(value: object) -> bool:
    """True for real numbers of Python and NumPy."""
    return isinstance(value, Real)


def require_alpha(alpha: float) -> None:
    """Refuse a false-alarm rate outside (0, 1)."""
    if not (is_real(alpha) and 1e-300 <= alpha < 1.0):
        raise ArgumentError(
            f"alpha = {alpha!r} was given",
            "a false-alarm rate is a number in [1e-300, 1)",
            "pass for example alpha=1e-6",
        )


def _passes(test: TestResult, adjusted: float, alpha: float) -> bool:
    """Whether a test contradicts nothing, or too little to matter."""
    is_negligible = bool(test.effect_name) and abs(test.effect) <= NEGLIGIBLE
    return adjusted >= alpha or (is_negligible and not test.is_deterministic)


def _settled(
    result: CheckResult, adjusted: Sequence[float], alpha: float
) -> CheckResult:
    """Put adjusted p-values into a result and draw the verdict from them."""
    tests = tuple(
        dataclasses.replace(test, adjusted_p_value=p, passed=_passes(test, p, alpha))
        for test, p in zip(result.tests, adjusted, strict=True)
    )
    verdict: Verdict = "inconclusive"
    if not all(test.passed for test in tests):
        verdict = "violates"
    elif all(test.is_equivalent(result.margin) for test in tests):
        verdict = "conforms"
    return dataclasses.replace(result, tests=tests, verdict=verdict, alpha=alpha)
