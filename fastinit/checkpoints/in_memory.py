"""Arrays by name as a checkpoint, such as the state dict of a model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastinit.checkpoints.stored import Checkpoint, Stored
from fastinit.destinations import read_destination
from fastinit.dtypes import dtype_of
from fastinit.errors import DestinationError, DtypeError

__all__ = ["checkpoint_of"]


def checkpoint_of(arrays: Mapping[str, Any], path: Path | None = None) -> Checkpoint:
    """Checkpoint of arrays that are in memory.

    Parameters
    ----------
    arrays : mapping of str to numpy.ndarray or torch.Tensor
        By name; a value that fastinit cannot read is listed as unread.
    path : pathlib.Path, optional
        Where they come from.

    Returns
    -------
    checkpoint : Checkpoint
        Without a copy. An array of exactly the bytes and the dtype of an earlier one
        shares its memory, whatever the shape and strides.

    Examples
    --------
    >>> import numpy as np
    >>> weight = np.zeros((2, 3))
    >>> [one.shares for one in checkpoint_of({"a": weight, "b": weight}).tensors]
    ['', 'a']
    """
    tensors, unread = [], []
    owners: dict[Any, str] = {}
    for key, array in arrays.items():
        name = str(key)
        try:
            values = read_destination(array)
            dtype = dtype_of(values.dtype)
        except (DestinationError, DtypeError) as error:
            unread.append((name, error.given))
            continue
        place = (*_bytes_of(values), dtype.name)
        owner = owners.setdefault(place, name) if values.size else name
        shares = "" if owner == name else owner
        stored = Stored(name, dtype, values.shape, _constantly(values), shares)
        tensors.append(stored)
    return Checkpoint(path or Path("in memory"), tuple(tensors), tuple(unread))


def _bytes_of(values: Any) -> tuple[int, tuple[tuple[int, int], ...]]:
    """First byte of an array, and steps by which all elements are met in order.

    Two arrays of one dtype are the same bytes if these agree.
    """
    start, axes = values.ctypes.data, []
    for size, stride in zip(values.shape, values.strides, strict=True):
        if stride < 0:
            start += stride * (size - 1)
        if size > 1:
            axes.append((abs(stride), size))
    steps: list[tuple[int, int]] = []
    for stride, size in sorted(axes):
        if steps and steps[-1][0] * steps[-1][1] == stride:
            steps[-1] = (steps[-1][0], steps[-1][1] * size)
        else:
            steps.append((stride, size))
    return start, tuple(steps)


def _constantly(values: Any) -> Any:
    return lambda: values
