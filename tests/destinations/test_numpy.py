"""NumPy arrays of any layout: right where they are, untouched everywhere else."""

from __future__ import annotations

import mmap

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastinit import View, create, fill, sample
from fastinit.destinations import open_destination, read_destination
from fastinit.destinations.protocol import refuse_overlap
from fastinit.dtypes import numpy_dtype
from fastinit.errors import DestinationError, DtypeError, ReadOnlyError

CANARY = 0xA5
IDENTITY = {"seed": 11, "name": "layer.weight"}


def guarded(shape, dtype):
    """Array whose bytes all are canaries, and those bytes."""
    raw = np.full(int(np.prod(shape)) * dtype.itemsize, CANARY, np.uint8)
    return raw.view(dtype).reshape(shape), raw


@st.composite
def embeddings(draw):
    """Shape of a larger array, a basic index without integers, an axis order."""
    shape = tuple(draw(st.lists(st.integers(1, 7), min_size=1, max_size=4)))
    index = tuple(
        slice(
            draw(st.none() | st.integers(-size, size)),
            draw(st.none() | st.integers(-size, size)),
            draw(st.sampled_from([None, 1, 2, 3, -1, -2])),
        )
        for size in shape
    )
    return shape, index, tuple(draw(st.permutations(range(len(shape)))))


@settings(max_examples=25)
@given(parts=embeddings())
def test_any_strides_hold_the_values_and_spare_the_rest(
    parts, few_case, assert_same_bits
):
    shape, index, axes = parts
    outer, raw = guarded(shape, numpy_dtype(few_case.dtype))
    inner = outer[index].transpose(axes)
    before = raw.copy()
    assert fill(inner, few_case.spec, **IDENTITY) is inner
    assert_same_bits(inner, few_case.make(inner.shape, **IDENTITY))
    marks = np.zeros(shape, bool)
    marks[index] = True
    touched = np.repeat(marks.reshape(-1), outer.itemsize)
    np.testing.assert_array_equal(raw[~touched], before[~touched])


@pytest.mark.parametrize("order", ["C", "F"])
def test_large_arrays_of_either_order(order, few_random_case, assert_same_bits):
    array = np.empty((700, 301), numpy_dtype(few_random_case.dtype), order=order)
    fill(array, few_random_case.spec, **IDENTITY)
    assert_same_bits(array, few_random_case.make(array.shape, threads=1, **IDENTITY))


@pytest.mark.parametrize("offset", [1, 2, 3, 5, 7])
def test_misaligned_arrays(offset, case, assert_same_bits):
    dtype = numpy_dtype(case.dtype)
    raw = np.full(67 * dtype.itemsize + 16, CANARY, np.uint8)
    end = offset + 67 * dtype.itemsize
    array = raw[offset:end].view(dtype)
    fill(array, case.spec, **IDENTITY)
    assert_same_bits(array, case.make((67,), **IDENTITY))
    assert (raw[:offset] == CANARY).all()
    assert (raw[end:] == CANARY).all()


def test_fields_of_records_are_strided_arrays():
    records = np.zeros(50, [("tag", "u1"), ("weight", "<f4"), ("end", "u1")])
    fill(records["weight"], "normal", **IDENTITY)
    assert (records["weight"] == create("normal", 50, **IDENTITY)).all()
    assert not records["tag"].any()
    assert not records["end"].any()


@pytest.mark.parametrize("count", [*range(1, 20), 4095, 4096, 4097])
@pytest.mark.parametrize("first", [0, 1, 2, 3])
def test_heads_and_tails_of_runs(count, first, assert_same_bits):
    whole = create("normal", 4200, **IDENTITY)
    array, raw = guarded((count + 8,), np.dtype(np.float32))
    view = View((4200,), slice(first, first + count))
    fill(array[4:-4], "normal", view=view, **IDENTITY)
    assert_same_bits(array[4:-4], whole[first : first + count])
    assert (raw[:16] == CANARY).all()
    assert (raw[-16:] == CANARY).all()


@pytest.mark.parametrize("mode", ["w+", "r+", "c"])
def test_memory_maps(mode, tmp_path, case, assert_same_bits):
    path, dtype = tmp_path / "weights.bin", numpy_dtype(case.dtype)
    path.write_bytes(bytes([CANARY]) * (64 + 300 * dtype.itemsize))
    array = np.memmap(path, dtype, mode, offset=64, shape=(20, 15))
    assert fill(array, case.spec, **IDENTITY) is array
    expected = case.make((20, 15), **IDENTITY)
    assert_same_bits(np.asarray(array), expected)
    array.flush()
    del array
    stored = path.read_bytes()
    # A copy-on-write map leaves its file alone; 'w+' clears it first.
    assert stored[:64] == bytes([0 if mode == "w+" else CANARY]) * 64
    same = stored[64:] == expected.tobytes()
    assert same == (mode != "c")


def test_arrays_over_foreign_memory():
    with mmap.mmap(-1, 4096) as memory:
        array = np.frombuffer(memory, np.float32, 100, 400)
        fill(array, "normal", **IDENTITY)
        assert (array == create("normal", 100, **IDENTITY)).all()
        del array


def test_memory_maps_in_fortran_order(tmp_path):
    array = np.memmap(tmp_path / "f.bin", np.float32, "w+", 8, (50, 64), order="F")
    fill(array, "normal", **IDENTITY)
    array.flush()
    stored = np.fromfile(tmp_path / "f.bin", np.float32)[2:].reshape(64, 50)
    assert (create("normal", (50, 64), **IDENTITY) == stored.T).all()


def test_subclasses_keep_their_class():
    matrix = np.zeros((3, 4), np.float32).view(type("Mine", (np.ndarray,), {}))
    assert fill(matrix, "normal", **IDENTITY) is matrix
    assert (np.asarray(matrix) == create("normal", (3, 4), **IDENTITY)).all()


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("spec", ["normal(std=0.02)", "constant(val=1.5)"])
def test_the_other_byte_order_holds_the_same_numbers(spec, dtype, assert_same_bits):
    swapped = np.dtype(dtype).newbyteorder()
    how = {"seed": 3, "name": "w"}
    native = create(spec, (37, 64), dtype=np.dtype(dtype), **how)
    expected = native.astype(swapped)
    assert expected.tobytes() == native.byteswap().tobytes() != native.tobytes()
    for array in (
        np.empty((37, 64), swapped),
        np.empty((37, 64), swapped, order="F"),
        np.empty((37, 128), swapped)[::-1, ::2],
    ):
        assert fill(array, spec, **how) is array
        assert_same_bits(array, expected)
    assert_same_bits(create(spec, (37, 64), dtype=swapped, **how), expected)
    flat = sample(spec, (37, 64), [5, 2000], dtype=swapped, **how)
    assert_same_bits(flat, expected.reshape(-1)[[5, 2000]])
    part = sample(spec, (37, 64), np.s_[3:9, ::7], dtype=swapped, **how)
    assert_same_bits(part, expected[3:9, ::7])


@pytest.mark.parametrize("dtype", [">i2", "<i2", ">u4", ">i8", "<u8", ">u1", ">b1"])
def test_integers_in_either_byte_order(dtype):
    array = np.zeros(2000, dtype)[::-1]
    fill(array, "ones")
    assert (array == 1).all()
    assert array.dtype == np.dtype(dtype)


def test_large_constants_in_the_other_byte_order():
    # Large enough for stores past the caches.
    array = np.empty((1 << 22) + 3, np.dtype("f8").newbyteorder())
    fill(array, "constant(val=-2.75)", threads=2)
    assert (array == -2.75).all()


def read_only():
    array = np.zeros(3)
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    ("array", "error"),
    [
        (read_only(), ReadOnlyError),
        (np.frombuffer(b"12345678", np.float32), ReadOnlyError),
        (np.broadcast_to(np.zeros(3), (2, 3)), ReadOnlyError),
        (np.zeros(3, np.clongdouble), DtypeError),
        (np.zeros(3, object), DtypeError),
        (np.zeros(3, "U3"), DtypeError),
        (np.zeros(3, "M8[s]"), DtypeError),
        (np.zeros(3, np.longdouble), DtypeError),
        (np.zeros(3, [("a", "f4")]), DtypeError),
        (np.ma.zeros(3), DestinationError),
        (np.float32(3), DestinationError),
        ([0.0, 0.0], DestinationError),
        (memoryview(bytearray(8)), DestinationError),
        (None, DestinationError),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_cannot_be_filled(array, error):
    with pytest.raises(error):
        fill(array, "zeros")


@pytest.mark.parametrize(
    ("shape", "strides"),
    [((2, 3), (0, 4)), ((3, 3), (4, 4)), ((4,), (2,)), ((2, 2), (8, 6)), ((9,), (-2,))],
)
def test_overlaps_are_refused(shape, strides):
    raw = np.zeros(100, np.uint8)
    array = np.lib.stride_tricks.as_strided(raw[40:44].view("f4"), shape, strides)
    with pytest.raises(DestinationError, match="share memory"):
        fill(array, "ones")
    assert not raw.any()


@pytest.mark.parametrize(
    ("shape", "strides"),
    [
        ((1, 3), (0, 4)),
        ((0, 3), (0, 0)),
        ((3, 0), (0, 0)),
        ((), ()),
        ((2, 3), (-12, 4)),
    ],
)
def test_what_does_not_overlap_is_not_refused(shape, strides):
    refuse_overlap(shape, strides, 4, "array")


def test_windows_of_one_array_are_refused():
    window = np.lib.stride_tricks.sliding_window_view(np.zeros(9), 3, writeable=True)
    with pytest.raises(DestinationError, match="copy it"):
        fill(window, "ones")


@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2)])
def test_one_element_or_none(shape, case, assert_same_bits):
    memory, raw = guarded((7,), numpy_dtype(case.dtype))
    array = memory[3:4].reshape(()) if shape == () else memory[3:3].reshape(shape)
    fill(array, case.spec, **IDENTITY)
    assert_same_bits(array, case.make(shape, **IDENTITY))
    itemsize = memory.itemsize
    assert (raw[: 3 * itemsize] == CANARY).all()
    assert (raw[4 * itemsize :] == CANARY).all()


def test_reading_shares_the_memory():
    array = np.zeros((3, 4), np.float32)
    assert read_destination(array) is array
    assert open_destination(array).memory.address == array.ctypes.data
    with pytest.raises(DestinationError, match="masked"):
        read_destination(np.ma.zeros(3))
