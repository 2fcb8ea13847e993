"""Whether what a contender wrote follows its law; else its time says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit.api import make_plan
from fastinit.compare.cases import Case
from fastinit.conformance import judge
from fastinit.dtypes import dtype_of

__all__ = ["Conformity", "conformity", "judged_elements"]

#: Elements that are judged: with fewer an honest array may be inconclusive, and more
#: would cost more than the measurement.
_ENOUGH = 1 << 18
_FALSE_ALARM = 1e-6
#: Tests of the grid that values lie on. A coarse one, such as the 23 bits of JAX's
#: uniforms, is reported, but it costs as much time as a fine one.
_GRID = frozenset({"ties", "resolution"})


@dataclass(frozen=True)
class Conformity:
    """Verdict on one contender in one case.

    Attributes
    ----------
    verdict : str
        'conforms', 'violates' or 'inconclusive'.
    detail : str
        Which tests failed and by how much, '' where none did; values on a coarse grid
        conform all the same.
    """

    verdict: str
    detail: str = ""

    @property
    def counts(self) -> bool:
        """True where its time may be compared."""
        return self.verdict == "conforms"


def judged_elements(values: Any) -> Any:
    """Elements of an array that are judged, spread over all of it.

    Parameters
    ----------
    values : numpy.ndarray
        Any shape and strides.

    Returns
    -------
    elements : numpy.ndarray, one axis
        All of a small array. Of a large one every k-th element, k odd: a stride that
        divides a period of the generator could hide it.

    Examples
    --------
    >>> judged_elements(np.zeros((1024, 1024))).size > 2**17
    True
    """
    flat = values.reshape(-1)
    return flat[:: max(1, flat.size // _ENOUGH) | 1]


def conformity(values: Any, case: Case) -> Conformity:
    """Judge what a contender wrote.

    Parameters
    ----------
    values : numpy.ndarray, shape case.size.shape
        In host memory.
    case : Case
        What it should follow.

    Returns
    -------
    conformity : Conformity
        By `fastinit.conformance.judge`, with a false-alarm rate of 1e-6 a verdict.

    Examples
    --------
    >>> from fastinit.compare.cases import SIZES
    >>> case = Case("uniform", "float64", SIZES["1Mi"])
    >>> values = np.random.default_rng(0).random(case.size.shape)
    >>> conformity(values, case).verdict
    'conforms'
    >>> conformity(values * 1.01, case).verdict
    'violates'
    """
    if values.shape != case.size.shape or dtype_of(values.dtype).name != case.dtype:
        what = f"{values.dtype} {values.shape}"
        return Conformity("violates", f"made {what} for {case.dtype} {case.size.shape}")
    plan = make_plan(case.spec, case.size.shape, case.dtype)
    result = judge(
        np.ascontiguousarray(judged_elements(values)),
        plan.law(),
        dtype=dtype_of(case.dtype),
        alpha=_FALSE_ALARM,
    )
    failed = [test for test in result.tests if not test.passed]
    is_coarse = bool(failed) and all(test.name in _GRID for test in failed)
    detail = "; ".join(f"{test.name}: {test.detail}" for test in failed)
    return Conformity("conforms" if is_coarse else result.verdict, detail)
