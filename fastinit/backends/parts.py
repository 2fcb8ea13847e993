"""Complex numbers as their parts: the kernels know real numbers alone.

n complex elements are 2 n real ones: the real part of element i has the stream index
2 i, the imaginary part 2 i + 1. So their fill is that of a real array with an axis
more, and everything about windows, strides and byte orders holds for it unchanged.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinit.backends.protocol import Fill
from fastinit.windows import Window

__all__ = ["as_parts", "part_indices"]


def as_parts(fill: Fill) -> Fill:
    """Fill of the parts of complex elements; the same fill where they are real.

    Parameters
    ----------
    fill : Fill
        Plan, memory and window.

    Returns
    -------
    fill : Fill
        Of the same bytes.

    Examples
    --------
    >>> from fastinit.api import make_plan
    >>> from fastinit.backends.protocol import Memory
    >>> plan = make_plan("normal", (3,), "complex64")
    >>> parts = as_parts(Fill(plan, Memory(0, (8,), None), Window(1, (2,), (1,))))
    >>> parts.window, parts.memory.strides
    (Window(first=2, shape=(2, 2), strides=(2, 1)), (8, 4))
    """
    plan, memory, window = fill
    if not plan.dtype.is_complex:
        return fill
    steps = *(2 * stride for stride in window.strides), 1
    strides = *memory.strides, plan.dtype.part.itemsize
    return Fill(
        plan.of_parts(),
        memory._replace(strides=strides),
        Window(2 * window.first, (*window.shape, 2), steps),
    )


def part_indices(indices: Any) -> Any:
    """Indices of the parts of complex elements.

    Parameters
    ----------
    indices : ndarray of int64, shape (n,)
        Of the elements, each in [0, 2^57).

    Returns
    -------
    indices : ndarray of int64, shape (2 n,)
        Each real part before its imaginary part.

    Examples
    --------
    >>> part_indices(np.array([5, 0])).tolist()
    [10, 11, 0, 1]
    """
    return (2 * indices[:, np.newaxis] + np.arange(2)).reshape(-1)
