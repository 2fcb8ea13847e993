"""Arrays that share memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fastinit.destinations.protocol import Opened

__all__ = ["first_shared"]

#: Steps that NumPy may search for a common element; then it counts as found.
_PATIENCE = 10_000


class _Pretended:
    """Memory as NumPy's interface tells it; nothing is ever read from there."""

    def __init__(self, opened: Opened) -> None:
        self.__array_interface__: dict[str, Any] = {
            "version": 3,
            "data": (opened.memory.address, True),
            "shape": opened.shape,
            "strides": opened.memory.strides,
            "typestr": f"|V{opened.dtype.itemsize}",
        }


def _reach(opened: Opened) -> tuple[int, int]:
    """First address of an array and the one behind its last."""
    low = high = opened.memory.address
    for size, stride in zip(opened.shape, opened.memory.strides, strict=True):
        low += min(0, (size - 1) * stride)
        high += max(0, (size - 1) * stride)
    return low, high + opened.dtype.itemsize


def _is_shared(one: Opened, other: Opened) -> bool:
    left, right = np.asarray(_Pretended(one)), np.asarray(_Pretended(other))
    # NumPy's stubs know two special values of max_work only.
    search: Any = np.shares_memory
    try:
        return bool(search(left, right, max_work=_PATIENCE))
    except np.exceptions.TooHardError:
        return True


def first_shared(arrays: Sequence[Opened]) -> tuple[int, int] | None:
    """First two of many arrays that share an element of memory.

    Parameters
    ----------
    arrays : sequence of Opened
        Of any shapes and strides; all on one device.

    Returns
    -------
    pair : tuple of 2 ints, or None
        Their places in the sequence; None where all memory is disjoint.

    Examples
    --------
    >>> from fastinit.destinations import open_destination
    >>> a = np.zeros(8)
    >>> first_shared([open_destination(part) for part in (a[::2], a[1::2])])
    >>> first_shared([open_destination(part) for part in (a[:5], a[6:], a[4:6])])
    (0, 2)
    """
    reaches = [
        (*_reach(opened), at)
        for at, opened in enumerate(arrays)
        if 0 not in opened.shape
    ]
    # Sorted by where they begin: those before that reach this far are all there is.
    open_ones: list[tuple[int, int]] = []
    for low, high, at in sorted(reaches):
        open_ones = [one for one in open_ones if one[0] > low]
        for _, other in open_ones:
            if _is_shared(arrays[other], arrays[at]):
                return min(other, at), max(other, at)
        open_ones.append((high, at))
    return None
