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
        Without a copy. An array of the memory, shape and dtype of an earlier one
        shares it.

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
        place = (values.ctypes.data, values.shape, values.strides, dtype.name)
        owner = owners.setdefault(place, name) if values.size else name
        shares = "" if owner == name else owner
        stored = Stored(name, dtype, values.shape, _constantly(values), shares)
        tensors.append(stored)
    return Checkpoint(path or Path("in memory"), tuple(tensors), tuple(unread))


def _constantly(values: Any) -> Any:
    return lambda: values
