"""The battery of tests that holds one array against one specified law.

The law is given with its parameters; nothing is fitted to the data, so every p-value
means what it says. Which test is applied depends on the dtype and the law alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit.conformance.effects import (
    needed_elements,
    scale_half_width,
    shift_half_width,
)
from fastinit.conformance.equality import compare_constant, rounded_constant
from fastinit.conformance.hints import SHAPE_HINT, explain_scale
from fastinit.conformance.kolmogorov import band_half_width, distance_p_value
from fastinit.conformance.moments import (
    Target,
    mean_p_value,
    rounded_target,
    smooth_target,
    variance_p_value,
)
from fastinit.conformance.quantised import quantised_law, rounded_ends
from fastinit.conformance.sample import (
    Sample,
    count_patterns,
    observed_ends,
    sample_counted,
    sample_sorted,
)
from fastinit.conformance.text import describe_law
from fastinit.conformance.verdict import (
    CheckResult,
    Facts,
    TestResult,
    is_real,
    judge_family,
    require_alpha,
)
from fastinit.distributions.law import Law
from fastinit.dtypes import Dtype
from fastinit.errors import ArgumentError, DtypeError

__all__ = ["judge"]


def judge(
    values: np.ndarray[Any, Any],
    law: Law,
    *,
    dtype: Dtype,
    alpha: float = 1e-6,
    margin: float = 0.1,
    subject: str = "",
    alternatives: Mapping[str, float] | None = None,
) -> CheckResult:
    """Judge whether the elements of an array are independent draws from a law.

    Parameters
    ----------
    values : array, any shape, strides and byte order
        The elements; read only. A law with std 0 takes every dtype, others need
        float64, float32, float16 or bfloat16.
    law : Law
        The specified law, before rounding.
    dtype : Dtype
        Row of the dtype of `values`.
    alpha : float, optional
        Probability, in (0, 1), that a correct array is said to violate the law.
    margin : float, optional
        Tolerated relative error of the std and, in std, of the mean, > 0.
    subject : str, optional
        What is checked, for the text.
    alternatives : mapping of str to float, optional
        The std that likely mistakes would give, by the name of the mistake, for the
        hint.

    Returns
    -------
    result : CheckResult
        Verdict, tests, facts and hint.

    Raises
    ------
    ArgumentError
        If `alpha` or `margin` is outside its interval, or a constant does not exist
        in the dtype.
    DtypeError
        If `dtype` is not the dtype of `values`, or cannot hold random values.

    Examples
    --------
    >>> from fastinit.dtypes import dtype_of
    >>> from scipy import special
    >>> law = Law("normal", (0.0, 1.0), special.ndtr, lambda x: special.ndtr(-x),
    ...           0.0, 1.0, 3.0, (-np.inf, np.inf))
    >>> draws = np.random.default_rng(0).standard_normal((200, 200))
    >>> judge(draws, law, dtype=dtype_of("float64")).verdict
    'conforms'
    >>> judge(draws * 1.1, law, dtype=dtype_of("float64")).verdict
    'violates'
    """
    require_alpha(alpha)
    _require_margin(margin)
    _require_dtype(values, law, dtype)
    native = values.astype(values.dtype.newbyteorder("="), copy=False)
    evidence = _evidence(native, law, dtype, alpha)
    target = evidence.target
    result = CheckResult(
        subject=subject,
        verdict="inconclusive",
        n=values.size,
        dtype=dtype.name,
        law=describe_law(law.name, law.parameters),
        alpha=alpha,
        margin=margin,
        tests=evidence.tests,
        facts=evidence.facts,
        n_needed=needed_elements(alpha, margin, target.kurtosis) if target else 0,
        hint=_hint(evidence, law, alternatives or {}, alpha),
    )
    return judge_family([result], alpha)[0]


@dataclass(frozen=True)
class _Evidence:
    """Tests before Holm, facts, and the target unless the law is one value."""

    tests: tuple[TestResult, ...]
    facts: Facts
    target: Target | None = None


def _evidence(
    values: np.ndarray[Any, Any], law: Law, dtype: Dtype, alpha: float
) -> _Evidence:
    """All that the elements say about the law."""
    if law.std == 0.0:
        return _constant_evidence(values, _constant_of(law), dtype)
    sample, target = _measure(values, law, dtype)
    if target.std == 0.0:
        return _constant_evidence(values, target.mean, dtype)
    tests = (
        _finite_test(sample.facts, values.size),
        _support_test(sample.facts, rounded_ends(law.support, dtype), target.std),
        _distance_test(sample, alpha),
        _mean_test(sample, target, alpha),
        _variance_test(sample, target, alpha),
    )
    return _Evidence(tests, sample.facts, target)


def _constant_of(law: Law) -> float:
    """Value of a law without spread: as it was given, for the sake of large ints."""
    return float(law.mean) if law.name != "constant" else law.parameters[0]


def _constant_evidence(
    values: np.ndarray[Any, Any], value: float, dtype: Dtype
) -> _Evidence:
    """Evidence for a law that is one value, by itself or after rounding."""
    test, facts = compare_constant(values, rounded_constant(value, dtype))
    return _Evidence((test,), facts)


def _measure(
    values: np.ndarray[Any, Any], law: Law, dtype: Dtype
) -> tuple[Sample, Target]:
    """Sample of the array, and the moments of its elements under the law."""
    if not dtype.is_low_precision:
        return sample_sorted(values, law), smooth_target(law)
    counts = count_patterns(values)
    cells = quantised_law(law, dtype, observed_ends(counts, dtype.name))
    target = rounded_target(cells, law.mean)
    # A law that rounds to one value has no std to measure deviations in.
    unit = (target.mean, target.std or 1.0)
    return sample_counted(counts, dtype.name, cells, unit), target


def _finite_test(facts: Facts, n: int) -> TestResult:
    """No NaN and no infinity."""
    wrong = facts.n_nan + facts.n_inf
    detail = f"{facts.n_nan:,} NaN and {facts.n_inf:,} infinite of {n:,} elements"
    return _by_rule("finite", float(wrong), wrong / max(n, 1), detail)


def _support_test(facts: Facts, ends: tuple[float, float], std: float) -> TestResult:
    """Every finite element within the rounded ends of the support."""
    # Comparisons with the NaN of an empty sample are False, so nothing is outside.
    excess = 0.0
    if facts.min < ends[0]:
        excess = ends[0] - facts.min
    if facts.max > ends[1]:
        excess = max(excess, facts.max - ends[1])
    detail = f"[{facts.min:.8g}, {facts.max:.8g}] in [{ends[0]:.8g}, {ends[1]:.8g}]"
    return _by_rule("support", excess, excess / std, detail)


def _by_rule(name: str, statistic: float, effect: float, detail: str) -> TestResult:
    """Outcome of a test without chance: any excess fails."""
    passed = statistic == 0.0
    p_value = 1.0 if passed else 0.0
    return TestResult(name, statistic, p_value, p_value, effect, 0.0, passed, detail)


def _distance_test(sample: Sample, alpha: float) -> TestResult:
    """Kolmogorov-Smirnov against the specified law."""
    p_value = distance_p_value(sample.distance, sample.n)
    half_width = band_half_width(alpha, sample.n)
    detail = f"D = {sample.distance:.4g}"
    statistic = effect = sample.distance
    return _by_chance(
        "kolmogorov_smirnov", statistic, p_value, (effect, half_width), detail
    )


def _mean_test(sample: Sample, target: Target, alpha: float) -> TestResult:
    """Mean against the specified one."""
    z = sample.shift * math.sqrt(sample.n)
    p_value = mean_p_value(z, sample.n, target) if sample.n else 1.0
    half_width = shift_half_width(alpha, sample.n, math.sqrt(sample.square))
    detail = f"z = {z:.4g}"
    return _by_chance("mean", z, p_value, (sample.shift, half_width), detail)


def _variance_test(sample: Sample, target: Target, alpha: float) -> TestResult:
    """Mean square about the specified mean against the specified variance."""
    n, scale = sample.n, math.sqrt(sample.square)
    # A law on two values of equal weight has no spread of its squares: z is then 0.
    spread = math.sqrt(max(target.kurtosis - 1.0, 0.0)) or math.inf
    z = (sample.square - 1.0) * math.sqrt(n) / spread if n else 0.0
    p_value = variance_p_value(sample.square, n, target) if n else 1.0
    half_width = scale_half_width(alpha, n, scale, target.kurtosis)
    effect = scale - 1.0 if n else 0.0
    return _by_chance("variance", z, p_value, (effect, half_width), f"z = {z:.4g}")


def _by_chance(
    name: str,
    statistic: float,
    p_value: float,
    interval: tuple[float, float],
    detail: str,
) -> TestResult:
    """Outcome of a test whose p-value its family is still to adjust."""
    return TestResult(name, statistic, p_value, p_value, *interval, True, detail)


def _hint(
    evidence: _Evidence, law: Law, alternatives: Mapping[str, float], alpha: float
) -> str:
    """Words for what the failed tests have in common, '' where nothing is known."""
    failed = {test.name for test in evidence.tests if test.p_value < alpha}
    if evidence.target is None or not evidence.facts.max >= evidence.facts.min:
        return ""
    if "variance" in failed:
        return explain_scale(
            evidence.facts.std,
            evidence.target.std,
            alternatives,
            is_normal=law.name == "normal",
        )
    shape_alone = "kolmogorov_smirnov" in failed and "mean" not in failed
    return SHAPE_HINT if shape_alone else ""


def _require_margin(margin: float) -> None:
    if not (is_real(margin) and 1e-9 <= margin <= 1e9):
        raise ArgumentError(
            f"margin = {margin!r} was given",
            "a margin is a relative error from 1e-9 to 1e9",
            "pass for example margin=0.1",
        )


def _require_dtype(values: np.ndarray[Any, Any], law: Law, dtype: Dtype) -> None:
    if values.dtype.name != dtype.name:
        raise DtypeError(
            f"an array of {values.dtype.name} was given as {dtype.name}",
            "the dtype is the one of the elements",
            "pass dtype=dtype_of(values.dtype)",
        )
    if law.std > 0.0 and not dtype.is_float:
        raise DtypeError(
            f"an array of {dtype.name} was given for the law {law.name}",
            "random values are float64, float32, float16 or bfloat16",
            "check it against a constant, or convert the array",
        )
