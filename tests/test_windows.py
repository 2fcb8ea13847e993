"""Windows over memory: reduced axes visit the same places with the same indices."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastinit.windows import (
    Axis,
    Window,
    c_strides,
    reduce_axes,
    split_axis,
    within,
)

STRIDES = st.integers(-50, 50)


def places(first: int, axes: list[Axis]) -> set[tuple[int, int]]:
    """Every (byte, stream index) that the axes visit from byte 0 and `first`."""
    pairs = {(0, first)}
    for axis in axes:
        pairs = {
            (byte + k * axis.memory_stride, index + k * axis.index_stride)
            for byte, index in pairs
            for k in range(axis.size)
        }
    return pairs


@given(st.lists(st.tuples(st.integers(1, 4), STRIDES, STRIDES), max_size=5))
def test_reduced_axes_visit_the_same_places(parts):
    axes = [Axis(*part) for part in parts]
    window = Window(
        100, tuple(a.size for a in axes), tuple(a.index_stride for a in axes)
    )
    reduced = reduce_axes(window, [axis.memory_stride for axis in axes])
    assert places(100, list(reduced)) == places(100, axes)
    assert math.prod(axis.size for axis in reduced) == window.size


@given(st.lists(st.integers(1, 5), max_size=5))
def test_contiguous_tensors_become_one_axis(shape):
    strides = c_strides(shape)
    window = Window(0, tuple(shape), strides)
    reduced = reduce_axes(window, [4 * stride for stride in strides])
    assert [axis.size for axis in reduced] == [math.prod(shape)]


@pytest.mark.parametrize(
    ("shape", "index_strides", "memory_strides", "expected"),
    [
        # Rows of a wider array: no axis continues the other.
        ((2, 3), (3, 1), (20, 4), [(2, 20, 3), (3, 4, 1)]),
        # Columns of a narrower stream: neither.
        ((2, 3), (5, 1), (12, 4), [(2, 12, 5), (3, 4, 1)]),
        # Transposed storage: the smallest index stride is innermost.
        ((3, 2), (1, 3), (8, 4), [(2, 4, 3), (3, 8, 1)]),
        # Both directions reversed.
        ((2, 3), (-3, -1), (12, 4), [(6, 4, -1)]),
        ((1, 6, 1), (9, 1, 9), (99, 4, 99), [(6, 4, 1)]),
        ((), (), (), [(1, 0, 1)]),
    ],
)
def test_known_reductions(shape, index_strides, memory_strides, expected):
    reduced = reduce_axes(Window(0, shape, index_strides), memory_strides)
    assert [axis.fields for axis in reduced] == expected


@given(st.lists(st.integers(1, 6), min_size=1, max_size=5))
def test_c_strides_are_those_of_numpy(shape):
    array = np.empty(shape, np.int8)
    held = [s for s, size in zip(c_strides(shape), shape, strict=True) if size > 1]
    theirs = [s for s, size in zip(array.strides, shape, strict=True) if size > 1]
    assert held == theirs
    assert Window(0, tuple(shape), c_strides(shape)).size == array.size


def indices_of(window: Window) -> np.ndarray:
    """Stream index of every element."""
    grid = np.indices(window.shape)
    strides = np.array(window.strides).reshape(-1, *[1] * len(window.shape))
    return window.first + (grid * strides).sum(axis=0)


@given(st.integers(1, 4), st.integers(0, 4), STRIDES, STRIDES)
def test_a_split_axis_has_the_same_indices(groups, share, stride, other):
    window = Window(7, (3, groups * share), (other, stride))
    split = split_axis(window, 1, groups)
    np.testing.assert_array_equal(
        indices_of(split).reshape(window.shape), indices_of(window)
    )
    assert split.shape == ((3, groups, share) if groups > 1 else window.shape)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), STRIDES), max_size=3))
def test_a_part_of_a_window_has_its_indices(parts):
    start, shape = [one[0] for one in parts], [one[1] for one in parts]
    sizes = [at + size for at, size in zip(start, shape, strict=True)]
    window = Window(100, tuple(sizes), tuple(one[2] for one in parts))
    box = tuple(slice(at, None) for at in start)
    np.testing.assert_array_equal(
        indices_of(within(window, start, shape)), indices_of(window)[box]
    )
