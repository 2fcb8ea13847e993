"""Zarr stores, versions 2 and 3, read a chunk at a time."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from fastinit.checkpoints.stored import Checkpoint, Stored
from fastinit.dtypes import dtype_of
from fastinit.errors import DtypeError, FileFormatError, MissingPackageError

__all__ = ["ZarrValues", "read"]


class ZarrValues:
    """Elements of an array of Zarr, indexed as NumPy's are.

    Parameters
    ----------
    array : zarr.Array
        The array; only read.
    """

    def __init__(self, array: Any) -> None:
        self._array = array
        self.shape = tuple(int(size) for size in array.shape)
        self.dtype = np.dtype(array.dtype)
        self.ndim = len(self.shape)
        #: Rows of a chunk along the first axis: what is read together.
        self.chunk_rows = int(array.chunks[0]) if self.ndim else 1

    def __getitem__(self, index: Any) -> Any:
        """Elements as a NumPy array: slices, a list of rows, or points."""
        parts = index if isinstance(index, tuple) else (index,)
        if parts and all(isinstance(one, np.ndarray) for one in parts):
            if len(parts) == self.ndim:
                return np.asarray(self._array.get_coordinate_selection(parts))
            return np.asarray(self._array.oindex[parts])
        return np.asarray(self._array[index])


def read(source: Path) -> Checkpoint:
    """Arrays of a Zarr store.

    Parameters
    ----------
    source : pathlib.Path
        A folder: a group, whose arrays are named by their paths, or one array.

    Returns
    -------
    checkpoint : Checkpoint
        In the order of the names.

    Raises
    ------
    MissingPackageError
        If zarr is not installed.
    FileFormatError
        If the store is damaged.
    """
    if importlib.util.find_spec("zarr") is None:
        raise MissingPackageError(
            f"{str(source)!r} without zarr",
            "Zarr stores are read with the zarr package",
            "pip install 'fastinit-weights[zarr]'",
        )
    zarr: Any = importlib.import_module("zarr")
    try:
        opened = zarr.open(str(source), mode="r")
        found = sorted(_arrays(opened, "", source.stem))
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise FileFormatError(
            f"{str(source)!r}: {error}",
            "a Zarr store is a group or an array with its metadata",
            "write or download the store again",
        ) from error
    tensors, unread = [], []
    for name, array in found:
        try:
            dtype = dtype_of(np.dtype(array.dtype))
        except DtypeError as error:
            unread.append((name, error.given))
            continue
        values = ZarrValues(array)
        tensors.append(Stored(name, dtype, values.shape, _constantly(values)))
    return Checkpoint(source, tuple(tensors), tuple(unread))


def _constantly(values: Any) -> Any:
    return lambda: values


def _arrays(node: Any, prefix: str, fallback: str) -> Iterator[tuple[str, Any]]:
    """Arrays of a group and of the groups in it."""
    if hasattr(node, "shape"):
        yield prefix or fallback, node
        return
    for name, one in node.members():
        yield from _arrays(one, f"{prefix}/{name}" if prefix else name, fallback)
