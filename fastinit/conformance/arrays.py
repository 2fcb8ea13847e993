"""Check one array against a Spec."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastinit.api import make_plan
from fastinit.conformance.battery import judge
from fastinit.conformance.verdict import CheckResult
from fastinit.destinations import read_destination
from fastinit.distributions import DISTRIBUTIONS
from fastinit.dtypes import dtype_of
from fastinit.errors import ArgumentTypeError, FastinitError, ViewError, shown
from fastinit.spec import Spec, as_spec
from fastinit.view import View

__all__ = ["check"]

#: Mistakes worth naming: what was probably done, and the arguments that it implies.
_MISTAKES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("fan_out in the place of fan_in", "kaiming", {"mode": "fan_out"}),
    ("fan_in in the place of fan_out", "kaiming", {"mode": "fan_in"}),
    ("the gain left out", "kaiming", {"nonlinearity": "linear"}),
    ("the gain left out", "xavier", {"gain": 1.0}),
)


def check(
    array: Any,
    spec: Spec | str,
    *,
    view: View | None = None,
    alpha: float = 1e-6,
    margin: float = 0.1,
    subject: str = "",
) -> CheckResult:
    """Judge whether an array follows its specification.

    Parameters
    ----------
    array : numpy.ndarray or torch.Tensor
        What to judge; only read. float32, float64, float16 or bfloat16; any dtype
        for constants.
    spec : Spec or str
        What it should have been filled with.
    view : View, optional
        Which part of which tensor the array holds: fans come from the whole one.
    alpha : float
        Probability that a correct array is said to violate, in (0, 1), over all
        tests together.
    margin : float
        Tolerated relative error of the std, and of the mean in units of std, > 0.
    subject : str
        What the array is, for the text.

    Returns
    -------
    result : CheckResult
        Frozen: verdict ('conforms', 'violates' or 'inconclusive'), tests with
        statistics and p-values, effect sizes, alpha; `str` gives readable text.

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
    """
    values, chosen = read_destination(array), as_spec(spec)
    if view is not None and not isinstance(view, View):
        raise ArgumentTypeError(
            f"view {shown(view)} of type {type(view).__name__}",
            "view is a fastinit.View or None",
            "write View(whole_shape, index), e.g. View((8, 4), np.s_[2:4])",
        )
    if view is not None and view.held_shape != values.shape:
        raise ViewError(
            f"an array of shape {values.shape} for a view of shape {view.held_shape}",
            "the array must have the shape that the view selects",
            "correct the view's index or pass the array that it describes",
        )
    shape = values.shape if view is None else view.shape
    dtype = dtype_of(values.dtype)
    plan = make_plan(chosen, shape, dtype.name)
    law = plan.law()
    if values.size == 0 and chosen.distribution != "constant":
        # Nothing can be said of no elements; any law of the family says so.
        law = DISTRIBUTIONS[chosen.distribution].law((0.0, 1.0))
    return judge(
        values,
        law,
        dtype=dtype,
        alpha=alpha,
        margin=margin,
        subject=f"{subject}: {chosen}" if subject else str(chosen),
        alternatives=_alternatives(chosen, shape),
    )


def _alternatives(spec: Spec, shape: tuple[int, ...]) -> Mapping[str, float]:
    """The std that likely mistakes would give, by the mistake."""
    found: dict[str, float] = {}
    for label, family, changes in _MISTAKES:
        if not spec.scheme.startswith(family):
            continue
        wrong = Spec(spec.scheme, **{**spec.arguments, **changes})
        if wrong == spec:
            continue
        try:
            parameters = wrong.resolve(shape)
        except FastinitError:
            # A fan of zero elements: that mistake cannot have been made.
            continue
        found[label] = DISTRIBUTIONS[wrong.distribution].law(parameters).std
    return found
