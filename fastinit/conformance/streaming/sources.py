"""Where elements come from: arrays of any layout, memory maps, Dask, functions.

A source gives any range of flat indices (C order) as one contiguous array in native
byte order. Arrays are viewed where that is possible; everything else is brought in
windows of a few MiB.
"""

from __future__ import annotations

import dataclasses
import math
import mmap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit.destinations import read_destination
from fastinit.dtypes import Dtype, dtype_of, numpy_dtype
from fastinit.errors import ArgumentError, ArgumentTypeError, DestinationError, shown

__all__ = ["WINDOW_BYTES", "Source", "open_source", "read_values"]

#: Bytes that are brought into memory at a time.
WINDOW_BYTES = 1 << 24

Array = np.ndarray[Any, Any]


def _keep(start: int, stop: int) -> None:
    """Nothing to prepare or to release."""


@dataclass(frozen=True)
class _Checked:
    """A function that makes elements, and a look at what it returns."""

    function: Callable[[int, int], Any]
    dtype: Dtype

    def __call__(self, start: int, stop: int) -> Array:
        """Elements from start to stop."""
        values = self.function(start, stop)
        expected = numpy_dtype(self.dtype.name)
        is_right = isinstance(values, np.ndarray) and values.dtype == expected
        if not is_right or values.shape != (stop - start,):
            kind = type(values).__name__
            if isinstance(values, np.ndarray):
                kind = f"an array of {values.dtype} and shape {values.shape}"
            raise ArgumentTypeError(
                f"{kind} from read({start}, {stop})",
                f"it must be a NumPy array of {expected} and shape ({stop - start},)",
                f"end read with .astype({str(expected)!r}), or name the dtype it gives",
            )
        return np.ascontiguousarray(values)


@dataclass(frozen=True)
class Source:
    """Elements that can be read in ranges.

    Attributes
    ----------
    shape : tuple of int
        Shape of the array.
    dtype : Dtype
        Row of its dtype.
    read : callable
        read(start, stop) -> contiguous native array of the elements with these flat
        indices in C order; called by one thread at a time.
    release : callable
        release(start, stop): these elements will not be read again in this pass.
    in_memory : bool
        True where `read` only views, so that one window may be the whole.
    prepare : callable
        prepare(start, stop): these elements will be read soon, while others are
        looked at.
    """

    shape: tuple[int, ...]
    dtype: Dtype
    read: Callable[[int, int], Array]
    release: Callable[[int, int], None]
    in_memory: bool
    prepare: Callable[[int, int], None] = _keep

    @property
    def n(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @classmethod
    def of_function(
        cls, shape: tuple[int, ...], dtype: Any, read: Callable[[int, int], Array]
    ) -> Source:
        """Source of elements that a function makes.

        Parameters
        ----------
        shape : tuple of int
            Shape of the whole.
        dtype : dtype of any library
            A dtype that fastinit knows.
        read : callable
            read(start, stop) -> NumPy array, shape (stop - start,), of that dtype.

        Returns
        -------
        source : Source
            Never more than a window of it is in memory.

        Raises
        ------
        ArgumentTypeError
            If `shape` is no tuple of sizes, `read` cannot be called, or, once it is
            read, if `read` returns something else than such an array.

        Examples
        --------
        >>> def zeros(start, stop):
        ...     return np.zeros(stop - start, dtype=np.float32)
        >>> Source.of_function((10**10,), "float32", zeros).n
        10000000000
        """
        row = dtype_of(dtype)
        is_shape = isinstance(shape, tuple) and all(
            isinstance(size, int) and size >= 0 for size in shape
        )
        if not is_shape or not callable(read):
            raise ArgumentTypeError(
                f"Source.of_function({shown(shape)}, {shown(dtype)}, {shown(read)})",
                "shape is a tuple of sizes >= 0 and read a function of start and stop",
                "write e.g. Source.of_function((1000, 50), 'float32', read)",
            )
        return cls(shape, row, _Checked(read, row), _keep, in_memory=False)


def open_source(data: Any) -> Source:
    """Source of an array-like object.

    Parameters
    ----------
    data : numpy.ndarray, numpy.memmap, torch.Tensor, dask.array.Array or Source
        Of any strides and byte order; read only.

    Returns
    -------
    source : Source
        Its elements.

    Raises
    ------
    DestinationError
        If nobody here can read it.
    DtypeError
        If its dtype is unknown.

    Examples
    --------
    >>> open_source(np.arange(6.0).reshape(2, 3).T).read(1, 3).tolist()
    [3.0, 1.0]
    """
    if isinstance(data, Source):
        return data
    if type(data).__module__.partition(".")[0] == "dask":
        return _of_dask(data)
    values = read_values(data)
    dtype = dtype_of(values.dtype)
    mapped = _shared_map(data)
    if values.flags.c_contiguous and values.dtype.isnative:
        flat = values.reshape(-1)
        whole = Source(values.shape, dtype, lambda a, b: flat[a:b], _keep, True)
        if mapped is None:
            return whole
        pages = _Pages(flat, mapped)
        return dataclasses.replace(
            whole, release=pages.release, prepare=pages.prepare, in_memory=False
        )
    native = values.dtype.newbyteorder("=")

    def read(start: int, stop: int) -> Array:
        window = np.empty(stop - start, dtype=native)
        _copy_range(values, start, window)
        return window

    return Source(values.shape, dtype, read, _keep, in_memory=False)


def read_values(data: Any) -> Array:
    """Elements of an array in memory, without a copy where that is possible.

    Parameters
    ----------
    data : array
        Of NumPy or torch, or on a CUDA device.

    Returns
    -------
    values : ndarray
        Of the same shape.

    Raises
    ------
    DestinationError
        If nobody here can read it; its text speaks of reading.

    Examples
    --------
    >>> read_values(np.ones(2)).tolist()
    [1.0, 1.0]
    """
    try:
        values: Array = read_destination(data)
    except DestinationError as error:
        kind = f"{type(data).__module__}.{type(data).__qualname__}"
        raise DestinationError(
            f"a value of type {kind.removeprefix('builtins.')}",
            "elements are read from NumPy arrays, torch tensors, Dask arrays, arrays"
            " on CUDA devices and fastinit.conformance.Source",
            "convert it, e.g. by numpy.asarray",
        ) from error
    return values


def _copy_range(values: Array, start: int, window: Array) -> None:
    """Fill a window with the elements from a flat index on, whole rows at a time."""
    if values.ndim <= 1:
        window[...] = values.reshape(-1)[start : start + window.size]
        return
    inner = math.prod(values.shape[1:])
    row, offset = divmod(start, inner)
    done = 0
    if offset:
        done = min(inner - offset, window.size)
        _copy_range(values[row], offset, window[:done])
        row += 1
    rows = (window.size - done) // inner
    if rows:
        whole = window[done : done + rows * inner]
        whole.reshape((rows, *values.shape[1:]))[...] = values[row : row + rows]
        done, row = done + rows * inner, row + rows
    if done < window.size:
        _copy_range(values[row], 0, window[done:])


def _shared_map(data: Any) -> Any:
    """Memory map behind an array if its pages may be given back, else None."""
    base = data
    while base is not None and not isinstance(base, mmap.mmap):
        # Pages of a copy-on-write map hold changes that nothing else has.
        if isinstance(base, np.memmap) and base.mode == "c":
            return None
        base = getattr(base, "base", None)
    return base if hasattr(mmap, "MADV_DONTNEED") else None


class _Pages:
    """Pages of a memory map: asked for ahead of time, and given back."""

    def __init__(self, flat: Array, mapped: mmap.mmap) -> None:
        start = np.frombuffer(mapped, dtype=np.uint8).ctypes.data
        self._offset = flat.ctypes.data - start
        self._itemsize = flat.itemsize
        self._mapped = mapped

    def _bytes(self, start: int, stop: int) -> tuple[int, int]:
        return (
            self._offset + self._itemsize * start,
            self._offset + self._itemsize * stop,
        )

    def release(self, start: int, stop: int) -> None:
        """Give back the pages that hold nothing but these elements."""
        first, last = self._bytes(start, stop)
        first += -first % mmap.PAGESIZE
        last -= last % mmap.PAGESIZE
        if last > first:
            self._mapped.madvise(mmap.MADV_DONTNEED, first, last - first)

    def prepare(self, start: int, stop: int) -> None:
        """Have the pages of these elements read without waiting for them."""
        first, last = self._bytes(start, stop)
        first -= first % mmap.PAGESIZE
        if last > first:
            self._mapped.madvise(mmap.MADV_WILLNEED, first, last - first)


def _of_dask(data: Any) -> Source:
    """Source of a Dask array, computed by ranges of its first axis."""
    if not all(math.isfinite(size) for size in data.shape):
        raise ArgumentError(
            f"a Dask array of shape {data.shape}",
            "its sizes must be known",
            "call compute_chunk_sizes() on it first",
        )
    shape = tuple(int(size) for size in data.shape)
    inner = math.prod(shape[1:])
    held: dict[str, Any] = {"rows": (0, 0), "values": None}

    def rows_of(row: int) -> Array:
        """Elements of the chunks that hold a row, computed once while they are read."""
        first, last = held["rows"]
        if not first <= row < last:
            first = 0
            for size in data.chunks[0]:
                if row < first + size:
                    break
                first += size
            wide = max(1, WINDOW_BYTES // max(inner * data.dtype.itemsize, 1))
            first += (row - first) // wide * wide
            last = min(first + min(size, wide), shape[0])
            held["rows"] = (first, last)
            held["values"] = np.ascontiguousarray(data[first:last].compute())
        values: Array = held["values"]
        return values.reshape(-1)

    def read(start: int, stop: int) -> Array:
        parts = []
        while start < stop:
            flat = rows_of(start // inner)
            origin = held["rows"][0] * inner
            parts.append(flat[start - origin : stop - origin])
            start += parts[-1].size
        joined = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return joined.astype(joined.dtype.newbyteorder("="), copy=False)

    if not shape:
        whole = np.asarray(data.compute()).reshape(-1)
        return Source((), dtype_of(whole.dtype), lambda a, b: whole[a:b], _keep, True)
    return Source(shape, dtype_of(data.dtype), read, _keep, in_memory=False)
