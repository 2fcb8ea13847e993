"""Elements of a stored tensor: as a source for tests, at points, and as a matrix."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fastinit.checkpoints import Stored
from fastinit.conformance.streaming import Source, open_source
from fastinit.dtypes import Dtype

__all__ = ["at_points", "matrix_of", "points_of", "source_of", "unit_roundoff"]

Float64Array = np.ndarray[Any, np.dtype[np.float64]]

#: Rows and columns of the matrix that the spectrum is looked at in, at most.
SIDE = 2048
#: Elements that a block of rows has at most while they are chosen.
_BLOCK = 1 << 22


def source_of(stored: Stored) -> Source:
    """Source of a stored tensor.

    Parameters
    ----------
    stored : Stored
        The tensor.

    Returns
    -------
    source : Source
        Of arrays that are not NumPy's, whole chunks are read along the first axis,
        and the last one is kept.
    """
    values = stored.open()
    if isinstance(values, np.ndarray) or not stored.shape:
        return open_source(np.asarray(values[...]))
    inner = math.prod(stored.shape[1:])
    held: dict[str, Any] = {"first": -1, "flat": None}

    def flat_of(row: int) -> Any:
        first = row - row % values.chunk_rows
        if held["first"] != first:
            block = np.ascontiguousarray(values[first : first + values.chunk_rows])
            held.update(first=first, flat=block.reshape(-1))
        return held["flat"]

    def read(start: int, stop: int) -> Any:
        parts = []
        while start < stop:
            flat = flat_of(start // inner)
            origin = held["first"] * inner
            parts.append(flat[start - origin : stop - origin])
            start += parts[-1].size
        joined = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return joined.astype(joined.dtype.newbyteorder("="), copy=False)

    return Source.of_function(stored.shape, stored.dtype.name, read)


def points_of(shape: tuple[int, ...], count: int) -> tuple[Any, ...]:
    """Pseudo-random points of a shape, the same for every tensor of as many elements.

    Parameters
    ----------
    shape : tuple of int
        At least one axis, not empty.
    count : int
        Points, >= 1; all elements where there are no more.

    Returns
    -------
    points : tuple of int64 arrays
        Coordinates, one array an axis.

    Examples
    --------
    >>> [one.size for one in points_of((30, 40), 5)]
    [5, 5]
    >>> [one.tolist() for one in points_of((2, 2), 5)]
    [[0, 0, 1, 1], [0, 1, 0, 1]]
    """
    n = math.prod(shape)
    if n <= count:
        flat = np.arange(n)
    else:
        flat = np.sort(np.random.default_rng(n).integers(0, n, count))
    return np.unravel_index(flat, shape)


def at_points(values: Any, points: tuple[Any, ...]) -> Float64Array:
    """Elements at points, as float64.

    Parameters
    ----------
    values : array
        What `Stored.open` gives.
    points : tuple of int64 arrays
        Coordinates.

    Returns
    -------
    elements : float64 array
        One a point.

    Examples
    --------
    >>> at_points(np.arange(6).reshape(2, 3), points_of((2, 3), 9)).tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    """
    return np.asarray(values[points]).astype(np.float64)


def matrix_of(values: Any) -> Any:
    """Tensor as a matrix of its first axis by the rest, thinned out evenly.

    Parameters
    ----------
    values : array
        What `Stored.open` gives, of two axes at least.

    Returns
    -------
    matrix : float32 array, shape (rows, columns)
        At most 2048 of each.

    Examples
    --------
    >>> matrix_of(np.zeros((5000, 3, 4))).shape
    (2048, 12)
    """
    inner = math.prod(values.shape[1:])
    rows = _spread(values.shape[0])
    columns = _spread(inner)
    step = max(1, _BLOCK // inner)
    matrix = np.empty((rows.size, columns.size), dtype=np.float32)
    for start in range(0, rows.size, step):
        block = np.asarray(values[rows[start : start + step]])
        flat = block.reshape(block.shape[0], inner)
        if columns.size < inner:
            flat = flat[:, columns]
        matrix[start : start + step] = flat.astype(np.float32)
    return matrix


def _spread(size: int) -> Any:
    """Indices that are spread over an axis."""
    if size <= SIDE:
        return np.arange(size)
    return np.arange(SIDE) * size // SIDE


def unit_roundoff(dtype: Dtype) -> tuple[float, float]:
    """Largest relative error of rounding to a dtype, and the least spacing.

    Parameters
    ----------
    dtype : Dtype
        A floating dtype.

    Returns
    -------
    relative, absolute : float
        Half the distance of 1 to the next value, and the smallest positive value.

    Examples
    --------
    >>> from fastinit.dtypes import dtype_of
    >>> unit_roundoff(dtype_of("float16"))[0] == 2.0**-11
    True
    """
    import ml_dtypes

    from fastinit.dtypes import numpy_dtype

    limits: Any = ml_dtypes.finfo(numpy_dtype(dtype.name))  # type: ignore[no-untyped-call]
    return 0.5 * float(limits.eps), float(limits.smallest_subnormal)
