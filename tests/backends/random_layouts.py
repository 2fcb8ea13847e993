"""Random layouts of memory, and a fill of one that is compared byte by byte."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from fastinit import View, fill
from fastinit.dtypes import numpy_dtype

__all__ = ["check_random_layout"]

CANARY = 0xA5
IDENTITY: dict[str, Any] = {"seed": 5, "name": "layer.weight"}


def _shape(rng: np.random.Generator, limit: int) -> list[int]:
    """Sizes of 1 to 5 axes, small ones with now and then a long one."""
    sizes: list[int] = []
    for _ in range(rng.integers(1, 6)):
        longest = max(2, min(limit // math.prod(sizes), rng.choice([3, 9, 40, 700])))
        size = int(rng.integers(1, longest + 1))
        # Multiples of 4 are what whole blocks need; chance alone is too rare.
        sizes.append(size + -size % 4 if rng.random() < 0.4 else size)
    rng.shuffle(sizes)
    return sizes if rng.random() < 0.97 else [*sizes[:-1], 0]


def _slices(rng: np.random.Generator, shape: Sequence[int]) -> tuple[slice, ...]:
    """Part of a tensor of a shape: about half of the axes whole."""
    steps = [1, 1, 2, 3, 5, -1, -2, -7]
    return tuple(
        slice(None)
        if rng.random() < 0.5
        else slice(
            *sorted(int(k) for k in rng.integers(0, size + 1, 2)),
            int(rng.choice([1, 2, 4])),
        )
        if rng.random() < 0.5
        else slice(None, None, int(rng.choice(steps)))
        for size in shape
    )


def _memory(
    rng: np.random.Generator, shape: Sequence[int], dtype: np.dtype[Any]
) -> tuple[Any, Any]:
    """Bytes full of canaries, and an array of a random layout amid them."""
    reach, offset = dtype.itemsize, 0
    strides = [0] * len(shape)
    for axis in rng.permutation(len(shape)):
        kind, size = rng.random(), max(1, shape[axis])
        gap = 0 if kind < 0.6 else int(rng.integers(0, 4)) * dtype.itemsize
        gap = int(rng.integers(0, 9)) if kind > 0.9 else gap
        strides[axis] = reach + gap
        reach += (size - 1) * strides[axis]
        if rng.random() < 0.25:
            offset += (size - 1) * strides[axis]
            strides[axis] = -strides[axis]
    raw = np.full(reach + 64, CANARY, np.uint8)
    start = offset + 16 + int(rng.choice([0, 0, 8, 1, 3]))
    return raw, np.ndarray(tuple(shape), dtype, raw.data, start, tuple(strides))


def check_random_layout(
    rng: np.random.Generator, case: Any, *, swaps: bool, limit: int = 4000
) -> str:
    """Fill a random part of a tensor in a random layout, and compare all bytes.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of all choices.
    case : Case
        A spec and a dtype.
    swaps : bool
        Whether one in five arrays has the other byte order: another kernel to compile.
    limit : int
        Elements of the tensor, about.

    Returns
    -------
    text : str
        What was tried, for a report.
    """
    native = numpy_dtype(case.dtype)
    turns = rng.random() < 0.2 and swaps
    dtype = native.newbyteorder() if turns else native
    shape = _shape(rng, limit)
    index = _slices(rng, shape) if rng.random() < 0.5 else (slice(None),) * len(shape)
    axes = tuple(int(axis) for axis in rng.permutation(len(shape)))
    view = View(tuple(shape), index, axes)
    raw, array = _memory(rng, view.held_shape, dtype)
    expected, same = raw.copy(), case.make(tuple(shape), **IDENTITY)[index]
    twin = np.ndarray(
        array.shape,
        dtype,
        expected.data,
        array.ctypes.data - raw.ctypes.data,
        array.strides,
    )
    twin[...] = same.transpose(axes)
    text = f"{case} {view} {dtype.str} strides {array.strides}"
    fill(array, case.spec, view=view, threads=int(rng.integers(1, 4)), **IDENTITY)
    assert raw.tobytes() == expected.tobytes(), text
    return text
