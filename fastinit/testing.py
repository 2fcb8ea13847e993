"""Conformance for the tests of other projects.

::

    from fastinit.testing import assert_conforms

    def test_initial_weights():
        layer = MyLinear(512, 256)
        assert_conforms(layer.weight, "kaiming_normal(nonlinearity=relu)")
"""

from __future__ import annotations

from typing import Any, TypeVar

from fastinit.conformance.arrays import check
from fastinit.conformance.family import SectionsResult
from fastinit.conformance.verdict import CheckResult
from fastinit.errors import NonconformanceError
from fastinit.sections import Sections
from fastinit.spec import Spec
from fastinit.view import View

__all__ = ["assert_conforms", "assert_verdict"]

Result = TypeVar("Result", CheckResult, SectionsResult)


def assert_conforms(
    array: Any,
    spec: Spec | str,
    *,
    view: View | Sections | None = None,
    alpha: float = 1e-6,
    margin: float = 0.1,
    exact: bool = False,
    subject: str = "",
    strict: bool = False,
) -> CheckResult | SectionsResult:
    """Raise an AssertionError if an array violates its specification.

    Parameters
    ----------
    array : numpy.ndarray, torch.Tensor, dask.array.Array or Source
        What to judge; only read.
    spec : Spec or str
        What it should have been filled with.
    view : View or Sections, optional
        Which part of which tensor the array holds.
    alpha : float, optional
        Probability that a correct array is said to violate, in (0, 1), over all
        tests together.
    margin : float, optional
        Tolerated relative error of the std, and of the mean in units of std, > 0.
    exact : bool, optional
        True for distances that are exact at any size, as `fastinit.check` says.
    subject : str, optional
        What the array is, for the message.
    strict : bool, optional
        True to refuse an inconclusive verdict too: then the array must be large
        enough to show that it lies within the margin.

    Returns
    -------
    result : CheckResult or SectionsResult
        The evidence.

    Raises
    ------
    NonconformanceError
        If the array violates, or is inconclusive and `strict`; it is an
        AssertionError whose message holds the evidence and the likely cause.
    FastinitError
        If an argument is wrong.

    Examples
    --------
    >>> from fastinit import xavier_uniform
    >>> weights = xavier_uniform((300, 200), seed=1, name="w")
    >>> assert_conforms(weights, "xavier_uniform").verdict
    'conforms'
    >>> try:
    ...     assert_conforms(weights, "xavier_normal")
    ... except AssertionError as error:
    ...     print(str(error)[:23])
    violates: xavier_normal
    """
    how: dict[str, Any] = {"alpha": alpha, "margin": margin, "subject": subject}
    how["exact"] = exact
    result: CheckResult | SectionsResult = check(array, spec, view=view, **how)
    if isinstance(result, SectionsResult):
        return assert_verdict(result, strict=strict)
    return assert_verdict(result, strict=strict)


def assert_verdict(result: Result, *, strict: bool = False) -> Result:
    """Raise an AssertionError for a result that violates.

    Parameters
    ----------
    result : CheckResult or SectionsResult
        Of a check.
    strict : bool, optional
        True to refuse an inconclusive verdict too.

    Returns
    -------
    result : CheckResult or SectionsResult
        The same.

    Raises
    ------
    NonconformanceError
        With the text of the result.

    Examples
    --------
    >>> import numpy as np
    >>> assert_verdict(check(np.zeros(2), "zeros"), strict=True).verdict
    'conforms'
    """
    allowed = {"conforms"} if strict else {"conforms", "inconclusive"}
    if result.verdict in allowed:
        return result
    remedy = "find the cause above, or name the specification that was meant"
    if result.verdict == "inconclusive":
        remedy = "give more elements or a larger margin, or leave out strict"
    raise NonconformanceError(
        str(result), f"the verdict must be {' or '.join(sorted(allowed))}", remedy
    )
