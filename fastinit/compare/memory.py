"""The memory that contenders fill: one allocation that all of them share."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np

from fastinit.compare.cases import Case
from fastinit.dtypes import numpy_dtype

__all__ = ["Memory", "laid_out"]

_LARGEST_ALIGNMENT = 4096
#: NaN in every dtype, so that memory that nobody has filled passes no check.
_POISON = 0xFF


class Memory:
    """One allocation that every contender sees as its own array.

    So pages are present and lie in the same place for everyone, unless a first touch
    is what is measured.

    Parameters
    ----------
    n_bytes : int
        Bytes of the largest case, >= 0.
    is_fresh : bool
        True for pages that nobody has touched yet.
    """

    def __init__(self, n_bytes: int, *, is_fresh: bool = False) -> None:
        raw = (_untouched if is_fresh else _allocated)(n_bytes + _LARGEST_ALIGNMENT)
        start = -raw.ctypes.data % _LARGEST_ALIGNMENT
        self.is_fresh = is_fresh
        self.bytes = raw[start : start + n_bytes]
        if not is_fresh:
            self.poison()

    def poison(self) -> None:
        """Overwrite all of it with NaN."""
        self.bytes.fill(_POISON)

    def array(self, case: Case) -> Any:
        """Array of a case.

        Parameters
        ----------
        case : Case
            What is to be filled.

        Returns
        -------
        array : numpy.ndarray, shape case.size.shape
            In the dtype and layout of the case; of bfloat16 as ml_dtypes has it.
        """
        held = self.bytes[: case.reach].view(numpy_dtype(case.dtype))
        return laid_out(held, case)


def _allocated(n_bytes: int) -> Any:
    return np.empty(n_bytes, np.uint8)


def _untouched(n_bytes: int) -> Any:
    """Bytes without pages: an allocator would hand out again what was freed."""
    pages = mmap.mmap(-1, n_bytes)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        # As NumPy asks for its large arrays.
        pages.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(pages, np.uint8)


def laid_out(held: Any, case: Case) -> Any:
    """Array of a case's shape and layout over the elements that it reaches over.

    Parameters
    ----------
    held : array of one axis
        Of NumPy, torch or CuPy.
    case : Case
        Shape and layout.

    Returns
    -------
    array : array, shape case.size.shape
        On the same memory.

    Examples
    --------
    >>> from fastinit.compare.cases import SIZES
    >>> case = Case("normal", "float32", SIZES["4Ki"], layout="transposed")
    >>> laid_out(np.zeros(4096, "f4"), case).strides
    (4, 256)
    """
    rows, columns = case.size.shape
    if case.layout == "transposed":
        return held.reshape(columns, rows).T
    step = case.reach // case.n_bytes
    return held.reshape(rows, columns * step)[:, ::step]
