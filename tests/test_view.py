"""Views: windows that agree with NumPy's own slicing, and errors before it clips."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastinit import View, create
from fastinit.errors import ArgumentTypeError, StreamIndexError, ViewError
from fastinit.identity import STREAM_LIMIT
from fastinit.view import check_shape


@st.composite
def slices(draw: st.DrawFn, size: int) -> slice:
    """Any slice whose bounds lie within an axis, of either direction."""
    bound = st.none() | st.integers(-size, size)
    step = draw(st.none() | st.integers(1, 3) | st.integers(-3, -1))
    return slice(draw(bound), draw(bound), step)


@st.composite
def indices(draw: st.DrawFn, shape: tuple[int, ...]) -> tuple[object, ...]:
    """A basic index of a shape: slices, integers, perhaps an Ellipsis."""
    entries: list[object] = [
        draw(slices(size) if size == 0 else slices(size) | st.integers(-size, size - 1))
        for size in shape
    ]
    if draw(st.booleans()):
        start = draw(st.integers(0, len(entries)))
        stop = draw(st.integers(start, len(entries)))
        entries[start:stop] = [...]
    return tuple(entries)


@st.composite
def views(draw: st.DrawFn, least: int = 0) -> tuple[tuple[int, ...], object, object]:
    """Shape of 0 to 5 axes, an index and an order of the axes that are left."""
    shape = tuple(draw(st.lists(st.integers(least, 7), max_size=5)))
    index = draw(indices(shape))
    left = np.empty(shape)[index].ndim
    axes = draw(st.none() | st.permutations(range(left)).map(tuple))
    return shape, index, axes


def stream_indices(view: View) -> np.ndarray:
    """Stream index of every element of the array that holds a view."""
    window = view.window
    grid = np.indices(window.shape, np.int64)
    strides = np.array(window.strides, np.int64).reshape(-1, *[1] * len(window.shape))
    return window.first + (grid * strides).sum(axis=0)


@given(views())
def test_stream_indices_are_those_that_numpy_selects(parts):
    shape, index, axes = parts
    whole = np.arange(math.prod(shape)).reshape(shape)
    held = whole[index]
    expected = held if axes is None else held.transpose(axes)
    view = View(shape, index, axes)
    assert view.held_shape == expected.shape
    np.testing.assert_array_equal(stream_indices(view), expected)


@pytest.mark.parametrize(
    ("shape", "index", "axes", "first", "held", "strides"),
    [
        ((8, 4), ..., None, 0, (8, 4), (4, 1)),
        ((8, 4), np.s_[2:4], None, 8, (2, 4), (4, 1)),
        ((8, 4), np.s_[:, 1], None, 1, (8,), (4,)),
        ((8, 4), np.s_[::-1, ::2], None, 28, (8, 2), (-4, 2)),
        ((8, 4), np.s_[-1, -1], None, 31, (), ()),
        ((2, 3, 4), np.s_[..., 1:], (2, 0, 1), 1, (3, 2, 3), (1, 12, 4)),
        ((2**30, 2**28), np.s_[-1], None, 2**58 - 2**28, (2**28,), (1,)),
        ((), (), None, 0, (), ()),
        (5, np.s_[1:3], None, 1, (2,), (1,)),
    ],
)
def test_known_windows(shape, index, axes, first, held, strides):
    window = View(shape, index, axes).window
    assert (window.first, window.shape, window.strides) == (first, held, strides)
    assert all(type(number) is int for number in (window.first, *window.shape))


@st.composite
def padded(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Shape and an index shape that holds it."""
    shape = tuple(draw(st.lists(st.integers(0, 5), max_size=4)))
    return shape, tuple(size + draw(st.integers(0, 3)) for size in shape)


@given(padded(), st.data())
def test_an_index_selects_from_the_tensor_without_its_padding(shapes, data):
    shape, reach = shapes
    axes = data.draw(st.permutations(range(len(shape))).map(tuple))
    # Written-out bounds count in the padded tensor, all others in the tensor.
    index = data.draw(indices(shape).filter(_stays_inside(shape)))
    padded_whole = np.arange(math.prod(reach)).reshape(reach)
    held = padded_whole[tuple(slice(size) for size in shape)][index]
    if held.ndim != len(axes):
        axes = tuple(range(held.ndim))
    view = View(shape, index, axes, index_shape=reach)
    np.testing.assert_array_equal(stream_indices(view), held.transpose(axes))
    assert view.shape == shape
    assert view.index_shape == reach


def _stays_inside(shape: tuple[int, ...]):
    """True for an index without a downward slice from the very end of an axis."""

    def judge(index: tuple[object, ...]) -> bool:
        starts = [one.start for one in index if isinstance(one, slice)]
        return not any(start in shape for start in starts if start is not None)

    return judge


@given(padded(), st.data())
def test_written_out_bounds_reach_the_padding(shapes, data):
    shape, reach = shapes
    bounds = [
        (data.draw(st.integers(0, limit)), data.draw(st.integers(0, limit)))
        for limit in reach
    ]
    index = tuple(slice(*bound) for bound in bounds)
    padded_whole = np.arange(math.prod(reach)).reshape(reach)
    view = View(shape, index, index_shape=reach)
    np.testing.assert_array_equal(stream_indices(view), padded_whole[index])


@pytest.mark.parametrize(
    ("index", "first", "held"),
    [
        (..., 0, (8, 5)),
        (np.s_[:10, :7], 0, (10, 7)),
        (np.s_[8:10], 56, (2, 5)),
        (np.s_[:, 6], 6, (8,)),
        (np.s_[-1], 49, (5,)),
        (np.s_[-2:10], 42, (4, 5)),
        (np.s_[9::-3], 63, (4, 5)),
        (np.s_[::-1, ::-1], 53, (8, 5)),
        (np.s_[8:], 0, (0, 5)),
    ],
)
def test_known_windows_with_padding(index, first, held):
    window = View((8, 5), index, index_shape=(10, 7)).window
    assert (window.first, window.shape) == (first, held)


@settings(max_examples=50)
@given(
    padded(),
    st.sampled_from(["normal", "uniform(a=-1, b=1)", "uniform", "constant(val=2)"]),
    st.sampled_from(["float32", "float64", "float16", "bfloat16", "float8_e5m2"]),
    st.data(),
)
def test_values_do_not_depend_on_what_is_stored(shapes, spec, dtype, data):
    shape, reach = shapes
    stored = tuple(
        data.draw(st.integers(*sizes)) for sizes in zip(shape, reach, strict=True)
    )
    whole = create(spec, reach, dtype=dtype, seed=3, name="w")
    box = tuple(slice(0, size) for size in stored)
    axes = tuple(data.draw(st.permutations(range(len(shape)))))
    view = View(shape, box, axes, index_shape=reach)
    held = create(spec, view.held_shape, dtype=dtype, seed=3, name="w", view=view)
    assert held.tobytes() == whole[box].transpose(axes).tobytes()


def test_padding_of_the_first_axis_moves_nothing():
    padded_rows = View((8, 5), index_shape=(10, 5))
    assert padded_rows == View((8, 5))
    assert hash(padded_rows) == hash(View((8, 5)))
    assert View((8, 5), index_shape=(8, 6)) != View((8, 5))


@pytest.mark.parametrize("reach", [(8,), (8, 5, 1), (7, 5), (8, 4), (9, 4), (2**55, 9)])
def test_index_shapes_that_do_not_hold_the_shape_raise(reach):
    with pytest.raises(ViewError, match="shape"):
        View((8, 5), index_shape=reach)


@pytest.mark.parametrize("reach", [(8.0, 5), "ab", (True, 5)])
def test_index_shapes_of_other_types_raise(reach):
    with pytest.raises(ArgumentTypeError, match="shape"):
        View((8, 5), index_shape=reach)


def test_bounds_beyond_the_padding_raise():
    with pytest.raises(ViewError, match="within axis size 10"):
        View((8, 5), np.s_[:11], index_shape=(10, 5))
    with pytest.raises(ViewError, match="starts in the padding"):
        View((8, 5), np.s_[9:], index_shape=(10, 5))
    with pytest.raises(StreamIndexError, match=r"\[-8, 10\)"):
        View((8, 5), 10, index_shape=(10, 5))


def test_numpy_integers_are_integers():
    size, one = np.int64(8), np.uint8(1)
    given_numpy = View((size, np.int32(4)), np.s_[one:, one], (np.int8(0),))
    assert given_numpy == View((8, 4), np.s_[1:, 1], (0,))
    assert View(np.array([8, 4]), axes=np.array([1, 0])) == View((8, 4), axes=[1, 0])


def test_views_are_values():
    view = View([8, 4], np.s_[2:4])
    assert view == View((8, 4), np.s_[2:4, :])
    assert hash(view) == hash(View((8, 4), np.s_[-6:-4]))
    assert view != View((8, 8), np.s_[2:4, :4])
    with pytest.raises(dataclasses.FrozenInstanceError):
        view.shape = (1,)


@pytest.mark.parametrize("entry", [slice(0, 9), slice(-9, None), slice(None, 9, 2)])
def test_bounds_beyond_the_axis_raise_where_numpy_clips(entry):
    assert np.empty(8)[entry].size <= 8
    with pytest.raises(ViewError, match="within axis size 8"):
        View((8,), entry)


@pytest.mark.parametrize(
    "entry", [8, -9, np.int64(8), 10**5000], ids=["end", "before", "numpy", "huge"]
)
def test_integers_beyond_the_axis_raise(entry):
    with pytest.raises(StreamIndexError, match="must lie in"):
        View((8,), entry)


@pytest.mark.parametrize(
    "index",
    [
        np.s_[1, 2, 3],
        np.s_[..., ...],
        np.s_[None],
        np.s_[True],
        np.s_[[0, 1]],
        np.s_[np.array([0, 1])],
        np.s_[np.array(True)],
        np.s_[1.0],
        np.s_["a"],
        np.s_[1.0:2.0],
        np.s_[::0],
        np.s_["a":],
        {},
    ],
    ids=repr,
)
def test_anything_but_basic_indices_raises(index):
    with pytest.raises(ViewError):
        View((8, 4), index)


@pytest.mark.parametrize(
    "axes", [(0,), (0, 0), (0, 2), (1, -1), (0, 1, 2), 5, "ab", (0.0, 1.0), (True, 0)]
)
def test_axes_that_are_no_permutation_raise(axes):
    with pytest.raises(ViewError, match="permutation"):
        View((8, 4), axes=axes)


def test_axes_of_a_scalar_are_empty():
    assert View((3,), 1, ()).held_shape == ()
    with pytest.raises(ViewError):
        View((3,), 1, 5)


@pytest.mark.parametrize(
    "shape", [(2.0,), "ab", b"ab", None, (None,), {1, 2}, (True,), 2.5, ((1,),), [[1]]]
)
def test_shapes_of_other_types_raise(shape):
    with pytest.raises(ArgumentTypeError, match="shape"):
        check_shape(shape)


def test_a_generator_is_no_shape():
    with pytest.raises(ArgumentTypeError):
        check_shape(size for size in (2, 3))


@pytest.mark.parametrize(
    "shape", [(-1,), (2, -3), -1, (2**58 + 1,), (2**30, 2**29), (0, 2**70), (1,) * 65]
)
def test_shapes_out_of_range_raise(shape):
    with pytest.raises(ViewError, match="shape"):
        check_shape(shape)


def test_the_largest_shapes():
    assert check_shape((2**30, 2**28)) == (2**30, 2**28)
    assert check_shape(STREAM_LIMIT) == (STREAM_LIMIT,)
    assert check_shape((1,) * 64) == (1,) * 64
    assert check_shape((0, 2**58)) == (0, 2**58)
    assert check_shape(range(1, 3)) == (1, 2)
