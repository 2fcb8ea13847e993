"""What a destination is: it opens an object as memory that a backend may write."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

from fastinit.backends.protocol import Memory
from fastinit.dtypes import Dtype
from fastinit.errors import DestinationError

__all__ = ["Opened", "refuse_overlap"]


class Opened(NamedTuple):
    """An object opened for one fill.

    Attributes
    ----------
    shape : tuple of int
        Shape of the object.
    dtype : Dtype
        Row of its dtype.
    memory : Memory
        Its memory.
    backend : str
        Backend that can reach the memory.
    before : callable
        To be called when the arguments are known to be right, before any write:
        tells the object's framework that its values change.
    """

    shape: tuple[int, ...]
    dtype: Dtype
    memory: Memory
    backend: str
    before: Callable[[], None]


@functools.lru_cache(maxsize=1024)
def refuse_overlap(
    shape: tuple[int, ...], strides: tuple[int, ...], itemsize: int, kind: str
) -> None:
    """Raise where two elements share memory.

    Parameters
    ----------
    shape, strides : tuple of int
        Sizes and bytes per step of each axis.
    itemsize : int
        Bytes per element.
    kind : str
        What the object is, for the message.

    Raises
    ------
    DestinationError
        If elements overlap, as in a broadcast array.

    Examples
    --------
    >>> refuse_overlap((2, 3), (12, 4), 4, "array")
    """
    steps = sorted(
        (abs(stride), size) for size, stride in zip(shape, strides, strict=True)
    )
    reach = itemsize
    for stride, size in steps:
        if size == 0:
            return
        if size > 1 and stride < reach:
            raise DestinationError(
                f"{kind} of shape {shape} with strides {strides}",
                "elements must not share memory, nor rows reach into each other",
                "copy it to an array of its own before filling",
            )
        reach += (size - 1) * stride
