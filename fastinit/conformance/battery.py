"""The battery of tests that holds one array against one specified law.

The law is given with its parameters; nothing is fitted to the data, so every p-value
means what it says. Which test is applied depends on dtype, law, shape and size alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fastinit.conformance.diagnosis.candidates import Alternative
from fastinit.conformance.diagnosis.causes import find_causes
from fastinit.conformance.effects import needed_elements
from fastinit.conformance.equality import compare_constant, rounded_constant
from fastinit.conformance.picture import draw
from fastinit.conformance.reading import Reading, read_elements
from fastinit.conformance.streaming import Source, open_source
from fastinit.conformance.text import describe_law
from fastinit.conformance.trials import run_trials
from fastinit.conformance.verdict import (
    CheckResult,
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
    values: Any,
    law: Law,
    *,
    dtype: Dtype | None = None,
    alpha: float = 1e-6,
    margin: float = 0.1,
    subject: str = "",
    alternatives: Mapping[str, float] | Sequence[Alternative] = (),
    exact: bool = False,
    threads: int | None = None,
) -> CheckResult:
    """Judge whether the elements of an array are independent draws from a law.

    Parameters
    ----------
    values : array or Source, any shape, strides and byte order
        The elements; read only: NumPy, memory maps, torch, Dask or a Source. A law
        with std 0 takes every dtype, others need float64, float32, float16 or
        bfloat16.
    law : Law
        The specified law, before rounding.
    dtype : Dtype, optional
        Row of the dtype of `values`, for those who want to be sure of it.
    alpha : float, optional
        Probability, in (0, 1), that a correct array is said to violate the law.
    margin : float, optional
        Tolerated relative error of the std and, in std, of the mean, > 0.
    subject : str, optional
        What is checked, for the text.
    alternatives : sequence of Alternative, or mapping of str to float, optional
        The std that likely mistakes with this tensor would give, for the causes; in a
        mapping by the mistake in words.
    exact : bool, optional
        True for distances that are exact at any size: by sorting a copy of at most
        96 MiB, else in further passes, and then for Kolmogorov-Smirnov alone. Up to
        2^18 elements all distances are exact anyway.
    threads : int, optional
        Threads to use; those that a fill would use.

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
    >>> import numpy as np
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
    source = open_source(values)
    _require_dtype(source, law, dtype)
    # Garbage near the largest float overflows to inf, and inf fails every test.
    with np.errstate(all="ignore"):
        if law.std == 0.0:
            result = _judge_constant(source, _constant_of(law))
        else:
            reading = read_elements(
                source, law, alpha=alpha, is_exact=exact, threads=threads
            )
            if reading.target.std == 0.0:
                result = _judge_constant(source, reading.target.mean)
            else:
                result = _judge_reading(reading, margin, _told(alternatives))
    named = {
        "subject": subject,
        "law": describe_law(law.name, law.parameters),
        "alpha": alpha,
        "margin": margin,
    }
    return judge_family([CheckResult(**{**result, **named})], alpha)[0]


def _judge_constant(source: Source, value: float) -> dict[str, Any]:
    """What is found of a law that is one value, by itself or after rounding."""
    constant = rounded_constant(value, source.dtype)
    test, facts = compare_constant(source, constant)
    return _fields(source, (test,), facts=facts, n_needed=0)


def _judge_reading(
    reading: Reading, margin: float, alternatives: Sequence[Alternative]
) -> dict[str, Any]:
    """What is found of a law with a std."""
    tests, omitted = run_trials(reading)
    causes = find_causes(reading, tests, alternatives)
    return _fields(
        reading.source,
        tests,
        facts=reading.facts,
        n_needed=needed_elements(reading.alpha, margin, reading.target.kurtosis),
        hint=str(causes[0]) if causes else "",
        causes=causes,
        omitted=omitted,
        picture=draw(reading) if reading.n else None,
    )


def _fields(
    source: Source, tests: tuple[TestResult, ...], **found: Any
) -> dict[str, Any]:
    """Fields of a result that has no verdict yet."""
    return {
        "verdict": "inconclusive",
        "n": source.n,
        "dtype": source.dtype.name,
        "tests": tests,
        **found,
    }


def _constant_of(law: Law) -> float:
    """Value of a law without spread: as it was given, for the sake of large ints."""
    return float(law.mean) if law.name != "constant" else law.parameters[0]


def _told(
    alternatives: Mapping[str, float] | Sequence[Alternative],
) -> Sequence[Alternative]:
    """Alternatives in their own form."""
    if not isinstance(alternatives, Mapping):
        return alternatives
    return [
        Alternative("alternative", text, std)
        for text, std in alternatives.items()
        if std > 0.0
    ]


def _require_margin(margin: float) -> None:
    if not (is_real(margin) and 1e-9 <= margin <= 1e9):
        raise ArgumentError(
            f"margin = {margin!r} was given",
            "a margin is a relative error from 1e-9 to 1e9",
            "pass for example margin=0.1",
        )


def _require_dtype(source: Source, law: Law, dtype: Dtype | None) -> None:
    held = source.dtype
    if dtype is not None and held.name != dtype.name:
        raise DtypeError(
            f"an array of {held.name} was given as {dtype.name}",
            "the dtype is the one of the elements",
            "pass dtype=dtype_of(values.dtype)",
        )
    if held.is_complex:
        raise DtypeError(
            f"an array of {held.name} was given for the law {law.name}",
            "a law here is one of real numbers",
            "use fastinit.check, which judges parts, modulus and angle",
        )
    if law.std > 0.0 and not held.is_float:
        raise DtypeError(
            f"an array of {held.name} was given for the law {law.name}",
            "random values are float64, float32, float16, bfloat16 or float8",
            "check it against a constant, or convert the array",
        )
