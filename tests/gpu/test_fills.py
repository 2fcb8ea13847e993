"""Public calls on device arrays: launches are planned, PTX writes the CPU's bits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fastinit
from fastinit import Sections, View, create, fill, fill_many
from fastinit.dtypes import numpy_dtype
from fastinit_cuda.launches import MOST_ROWS, _pieces
from fastinit_cuda.tables import LARGE

IDENTITY = {"seed": 5, "name": "layer.weight"}
SPEC = "normal(std=0.02)"


def test_every_kernel_fills_as_the_cpu_does(case, driver, assert_same_bits):
    array = driver.array((129, 65), case.dtype)
    assert fill(array, case.spec, **IDENTITY) is array
    assert_same_bits(array.host, case.make((129, 65), **IDENTITY))


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float64"])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33])
def test_short_runs_at_every_place(driver, dtype, count):
    for offset in range(9):
        whole = driver.array((64,), dtype)
        untouched = whole.host.tobytes()
        part = whole.host[offset : offset + count]
        view = View((2**40,), np.s_[2**33 + offset : 2**33 + offset + count])
        fill(driver.array((count,), dtype, host=part), SPEC, view=view, **IDENTITY)
        expected = np.frombuffer(untouched, whole.host.dtype).copy()
        how = {"dtype": dtype, "view": view, **IDENTITY}
        expected[offset : offset + count] = create(SPEC, (count,), **how)
        assert whole.host.tobytes() == expected.tobytes()


def some_layout(rng, dtype):
    """View of a tensor, how it is made, and a layout of memory that holds it."""
    shape = [int(n) for n in rng.integers(1, rng.choice([5, 30]), rng.integers(1, 6))]
    while np.prod(shape) > 4000:
        shape.pop()
    slices = tuple(
        slice(None, None, int(rng.choice([1, 1, 1, 2, -1, -3]))) for _ in shape
    )
    axes = tuple(int(axis) for axis in rng.permutation(len(shape)))
    view = View(tuple(shape), slices, axes)
    itemsize = numpy_dtype(dtype).itemsize
    strides, reach, offset = [0] * len(shape), itemsize, 0
    for axis in rng.permutation(len(shape)):
        strides[axis] = reach + int(rng.choice([0, 0, 1, 2, 16])) * itemsize
        reach += (view.held_shape[axis] - 1) * strides[axis]
        if rng.random() < 0.25:
            offset += (view.held_shape[axis] - 1) * strides[axis]
            strides[axis] = -strides[axis]
    start = offset + int(rng.integers(0, 5)) * itemsize
    return view, slices, axes, strides, reach + 64, start


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float64", "int8"])
def test_random_layouts(driver, dtype):
    rng = np.random.default_rng(17)
    spec = "constant(val=7)" if dtype == "int8" else SPEC
    for _ in range(40):
        view, slices, axes, strides, size, start = some_layout(rng, dtype)
        kind = numpy_dtype(dtype)
        raw = driver.array((size // kind.itemsize + 1,), dtype).host
        expected = raw.copy()
        arrays = [
            np.ndarray(view.held_shape, kind, memory.data, start, tuple(strides))
            for memory in (raw.view(np.uint8), expected.view(np.uint8))
        ]
        fill(driver.array((), dtype, host=arrays[0]), spec, view=view, **IDENTITY)
        whole = create(spec, view.shape, dtype=dtype, **IDENTITY)
        arrays[1][...] = whole[slices].transpose(axes)
        assert raw.tobytes() == expected.tobytes(), (view, strides, start)


def test_more_axes_than_a_loop_takes(driver, assert_same_bits):
    shape = (2, 3, 2, 3, 2, 3, 5)
    view = View(shape, (slice(None, None, -1),) * 7, (5, 1, 6, 3, 0, 4, 2))
    gaps = driver.array((*view.held_shape[:-1], 3), "float32").host
    array = driver.array((), "float32", host=gaps[..., :2])
    fill(array, SPEC, view=view, **IDENTITY)
    expected = create(SPEC, view.held_shape, view=view, **IDENTITY)
    assert_same_bits(np.ascontiguousarray(array.host), expected)
    assert len(driver.launches) > 1


@given(
    steps=st.lists(
        st.tuples(
            st.integers(1, 1 << 20),
            st.integers(-99, 99),
            st.integers(0, 99),
            st.integers(0, 1),
        ),
        max_size=4,
    )
)
def test_pieces_are_small_enough_and_complete(steps):
    found, total = 0, int(np.prod([size for size, *_ in steps], dtype=object))
    for at, (_, few) in enumerate(_pieces((0, 0, 0), steps)):
        rows = int(np.prod([size for size, *_ in few], dtype=object))
        assert len(few) == 4
        assert rows < MOST_ROWS
        found += rows
        if at > 100:
            return
    assert found == total


def test_a_model_takes_one_launch_for_each_kernel(driver, assert_same_bits):
    rng = np.random.default_rng(2)
    items, expected = [], []
    for layer in range(12):
        shape = tuple(int(n) for n in rng.integers(1, 40, 2))
        for dtype in ("float32", "bfloat16"):
            name = f"{layer}.{dtype}"
            items.append((driver.array(shape, dtype), "xavier_normal", f"{name}.w"))
            items.append((driver.array(shape[:1], dtype), "zeros", f"{name}.b"))
            how = {"dtype": dtype, "seed": 3}
            expected.append(create("xavier_normal", shape, name=f"{name}.w", **how))
            expected.append(create("zeros", shape[:1], **how))
    assert fill_many(items, seed=3) == sum(array.size for array in expected)
    for (array, *_), values in zip(items, expected, strict=True):
        assert_same_bits(array.host, values)
    # Zeros of 2 and of 4 bytes, normals of two dtypes.
    assert [launch.loop for launch, *_ in driver.launches] == ["fill_table"] * 4
    assert all(len(rows) % 128 == 0 for rows in driver.lent)


def test_a_fused_array_holds_its_tensors(driver, assert_same_bits):
    view = Sections(0, (16, 4, 4), ("q", "k", "v"))
    array = driver.array((24, 16))
    fill(array, "xavier_normal", seed=1, view=view)
    assert_same_bits(
        array.host[16:20], create("xavier_normal", (4, 16), seed=1, name="k")
    )
    assert len(driver.launches) == 1


def test_large_tensors_get_launches_of_their_own(driver):
    arrays = [driver.array((LARGE,), "bfloat16"), driver.array((9,), "bfloat16")]
    fill_many([(a, "ones", str(k)) for k, a in enumerate(arrays)])
    assert {launch.loop for launch, *_ in driver.launches} == {"fill_run", "fill_table"}
    assert all((array.host == 1).all() for array in arrays)


def test_host_and_device_arrays_in_one_call(driver, assert_same_bits):
    there, here = driver.array((30,)), np.empty(30, np.float32)
    fill_many([(there, SPEC, "a"), (here, SPEC, "b")], seed=1)
    assert_same_bits(there.host, fastinit.normal(30, std=0.02, seed=1, name="a"))
    assert_same_bits(here, fastinit.normal(30, std=0.02, seed=1, name="b"))


def test_devices_and_streams(driver):
    arrays = [driver.array((30,), device=device) for device in (0, 1)]
    fill(arrays[1], SPEC, cuda_stream=1001, **IDENTITY)
    fill_many([(array, SPEC, str(k)) for k, array in enumerate(arrays)], seed=1)
    assert [(device, stream) for _, device, stream in driver.launches] == [
        (1, 1001),
        (0, 0),
        (1, 0),
    ]


def test_progress_counts_what_is_on_the_stream(driver):
    done = []
    fill(driver.array((30, 3)), SPEC, progress=done.append, **IDENTITY)
    assert sum(done) == 90


def test_one_seed_gives_one_generator_on_both(driver, assert_same_bits):
    array = driver.array((30, 3))
    fill(array, SPEC, generator=fastinit.Generator(4))
    expected = create(SPEC, (30, 3), generator=fastinit.Generator(4))
    assert_same_bits(array.host, expected)
