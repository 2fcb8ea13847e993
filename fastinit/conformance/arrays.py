"""Check one array against a Spec."""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple, overload

from fastinit.api import make_plan
from fastinit.conformance.battery import judge
from fastinit.conformance.complex_arrays import Aspect, aspects_of
from fastinit.conformance.family import SectionsResult
from fastinit.conformance.mistakes import mistakes_of
from fastinit.conformance.streaming import Source, open_source, read_values
from fastinit.conformance.verdict import CheckResult, judge_family
from fastinit.distributions import DISTRIBUTIONS
from fastinit.dtypes import rounded_dtype
from fastinit.errors import ArgumentTypeError, shown
from fastinit.sections import Section, Sections, sections_of
from fastinit.spec import Spec, as_spec
from fastinit.view import View

__all__ = ["check"]


@overload
def check(
    array: Any,
    spec: Spec | str,
    *,
    view: View | None = None,
    alpha: float = 1e-6,
    margin: float = 0.1,
    rounding: str = "nearest",
    exact: bool = False,
    subject: str = "",
) -> CheckResult | SectionsResult: ...


@overload
def check(
    array: Any,
    spec: Spec | str,
    *,
    view: Sections,
    alpha: float = 1e-6,
    margin: float = 0.1,
    rounding: str = "nearest",
    exact: bool = False,
    subject: str = "",
) -> SectionsResult: ...


def check(
    array: Any,
    spec: Spec | str,
    *,
    view: View | Sections | None = None,
    alpha: float = 1e-6,
    margin: float = 0.1,
    rounding: str = "nearest",
    exact: bool = False,
    subject: str = "",
) -> CheckResult | SectionsResult:
    """Judge whether an array follows its specification.

    Parameters
    ----------
    array : numpy.ndarray, torch.Tensor, dask.array.Array or Source
        What to judge; only read, and never brought into memory as a whole. Of
        a floating or complex dtype; any dtype for constants.
    spec : Spec or str
        What it should have been filled with.
    view : View or Sections, optional
        Which part of which tensor the array holds: fans come from the whole one. Of
        Sections each is judged against the law of its own shape.
    alpha : float
        Probability that a correct array is said to violate, in (0, 1), over all
        tests together.
    margin : float
        Tolerated relative error of the std, and of the mean in units of std, > 0.
    rounding : {'nearest', 'stochastic'}
        How the values should have been rounded to a low-precision dtype.
    exact : bool
        True for distances that are exact at any size: by sorting a copy of at most
        96 MiB, else in further passes, and then for Kolmogorov-Smirnov alone. Up to
        2^18 elements they are exact anyway.
    subject : str
        What the array is, for the text.

    Returns
    -------
    result : CheckResult or SectionsResult
        Frozen: verdict ('conforms', 'violates' or 'inconclusive'), tests with
        statistics and p-values, effect sizes, alpha; `str` gives readable text. For
        Sections one such result each, and the verdict on all; for complex values one
        for their real part, imaginary part, modulus and angle each.

    Raises
    ------
    FastinitError
        If an argument is wrong.

    References
    ----------
    docs/conformance.md.

    Examples
    --------
    >>> import numpy as np
    >>> from fastinit import kaiming_normal
    >>> weights = kaiming_normal((512, 256), seed=0, name="fc.weight")
    >>> check(weights, "kaiming_normal").verdict
    'conforms'
    >>> check(weights, "kaiming_normal(mode=fan_out)").verdict
    'violates'

    A fused array, whose fans are those of its sections:

    >>> from fastinit import Sections
    >>> gate_up = Sections(0, (256, 256), ("gate", "up"))
    >>> fused = kaiming_normal(
    ...     (512, 256), mode="fan_out", seed=0, view=gate_up)
    >>> check(fused, "kaiming_normal(mode=fan_out)", view=gate_up).verdict
    'conforms'
    """
    chosen = as_spec(spec)
    is_lazy = isinstance(array, Source) or type(array).__module__.startswith("dask.")
    values = array if is_lazy and not isinstance(view, Sections) else _read(array)
    if view is not None and not isinstance(view, (View, Sections)):
        raise ArgumentTypeError(
            f"view {shown(view)} of type {type(view).__name__}",
            "view is a fastinit.View, fastinit.Sections or None",
            "write View(whole_shape, index), e.g. View((8, 4), np.s_[2:4])",
        )
    limits = _Limits(alpha, margin, rounding, exact)
    if isinstance(view, Sections):
        sections, grid = view.of(values.shape), values.reshape(view.grid(values.shape))
        found = {
            f"{one.name}{aspect}": result
            for one in sections
            for aspect, result in _judge(
                grid[one.box], chosen, one.view.shape, limits, _named(subject, one)
            )
        }
        return _family(found, alpha)
    if view is not None:
        sections_of(values.shape, view)
    shape = values.shape if view is None else view.shape
    judged = _judge(values, chosen, shape, limits, subject)
    if len(judged) == 1:
        return judged[0][1]
    return _family({name.removeprefix(", "): one for name, one in judged}, alpha)


def _family(found: dict[str, CheckResult], alpha: float) -> SectionsResult:
    """Results that are judged together, by name."""
    results = judge_family(tuple(found.values()), alpha)
    return SectionsResult(tuple(found), results, alpha)


def _read(array: Any) -> Any:
    """Values of an array in memory; a Dask array is computed."""
    compute = getattr(array, "compute", None)
    is_dask = type(array).__module__.startswith("dask.")
    return read_values(compute() if is_dask and compute else array)


class _Limits(NamedTuple):
    """How a check judges, and how values should be rounded."""

    alpha: float
    margin: float
    rounding: str
    exact: bool


def _named(subject: str, section: Section) -> str:
    """Subject of one section."""
    return f"{subject}[{section.name}]" if subject else section.name


def _judge(
    values: Any, spec: Spec, shape: tuple[int, ...], limits: _Limits, subject: str
) -> list[tuple[str, CheckResult]]:
    """Verdicts on values against the law of a canonical shape.

    One for real values, with a name of '', else one for each aspect of complex ones.
    """
    source = open_source(values)
    row = rounded_dtype(source.dtype.name, limits.rounding)
    source = dataclasses.replace(source, dtype=row)
    plan = make_plan(spec, shape, row.name, rounding=limits.rounding)
    is_complex = row.is_complex
    alternatives = () if is_complex else mistakes_of(spec, shape)
    aspects: tuple[Aspect, ...] = (
        aspects_of(source, plan) if is_complex else (Aspect("", source, plan.law()),)
    )
    if source.n == 0 and spec.distribution != "constant":
        # Nothing can be said of no elements; any random law says so.
        nothing = DISTRIBUTIONS["normal"].law((0.0, 1.0))
        aspects = tuple(one._replace(law=nothing) for one in aspects)
    told = f"{subject}: {spec}" if subject else str(spec)
    found = []
    for name, seen, law in aspects:
        suffix = f", {name}" if name else ""
        result = judge(
            seen,
            law,
            alpha=limits.alpha,
            margin=limits.margin,
            subject=told + suffix,
            alternatives=alternatives,
            exact=limits.exact,
        )
        found.append((suffix, result))
    return found
