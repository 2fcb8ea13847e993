"""Jobs: their tasks cover a window exactly, and the loops run in pure Python too."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastinit import View, make_plan
from fastinit.arithmetic.primitives import array_at, store_at
from fastinit.arithmetic.targets import Target
from fastinit.backends import jobs
from fastinit.backends.jobs import Job
from fastinit.backends.kernels import kernel_of, make_loop
from fastinit.backends.protocol import Memory

IDENTITY = {"seed": 6, "name": "w"}


#: The reference, whose addresses may come out of a table as NumPy integers.
PYTHON = Target(
    "python",
    {
        "store_at": lambda address, value: store_at(int(address), value),
        "array_at": lambda address, *how: array_at(int(address), *how),
    },
    lambda function, _: function,
    typed_constants=False,
)


@functools.cache
def in_python(name, kernel):
    """Loop of the reference: the text as it stands."""
    return make_loop(name, kernel, PYTHON)


def fill_in_python(array, case, view, threads):
    """Fill as the CPU backend does, with the reference in the place of kernels."""
    plan = make_plan(case.spec, view.shape, case.dtype, **IDENTITY)
    memory = Memory(array.ctypes.data, array.strides, array)
    job = Job(plan, memory, view.window, in_python)
    return [task() for task in job.tasks(threads)]


@pytest.fixture
def short_spans(monkeypatch):
    monkeypatch.setattr(jobs, "SPAN", 8)


@pytest.mark.parametrize(
    ("shape", "index", "axes"),
    [
        ((29,), np.s_[2:], None),
        ((29,), np.s_[::-3], None),
        ((5, 6), np.s_[1:, ::2], (1, 0)),
        ((3, 4, 5), np.s_[::2, :, 1:], (2, 0, 1)),
    ],
)
def test_the_reference_gives_the_bits_of_the_kernels(
    shape, index, axes, case, short_spans, assert_same_bits
):
    view = View(shape, index, axes)
    whole = case.make(shape, **IDENTITY)
    expected = whole[index] if axes is None else whole[index].transpose(axes)
    array = np.zeros(view.held_shape, whole.dtype)
    done = fill_in_python(array, case, view, threads=2)
    assert_same_bits(array, expected)
    assert sum(done) == array.size


@settings(max_examples=60)
@given(
    shape=st.lists(st.integers(1, 9), min_size=1, max_size=4).map(tuple),
    order=st.sampled_from("CF"),
    threads=st.integers(1, 9),
    reverse=st.booleans(),
)
def test_tasks_cover_every_element_once(shape, order, threads, reverse, all_cases):
    case = next(case for case in all_cases if case.dtype == "int64")
    array = np.zeros(shape, np.int64, order=order)
    seen = []

    def counting(name, kernel):
        loop = in_python(name, kernel)

        def counted(*arguments):
            before = array.copy()
            array[...] = 0
            loop(*arguments)
            seen.append(array.copy())
            array[...] += before

        return counted

    plan = make_plan(case.spec, shape, "int64")
    index = np.s_[::-1] if reverse else ...
    memory = Memory(array.ctypes.data, array.strides, array)
    job = Job(plan, memory, View(shape, index).window, counting)
    done = [task() for task in job.tasks(threads)]
    assert (array == 1).all()
    assert done == [int(part.sum()) for part in seen]
    assert len(done) <= max(threads, array.size)


@pytest.mark.parametrize(
    ("shape", "index", "contiguous"),
    [
        ((8, 4), ..., True),
        ((8, 4), np.s_[2:4], True),
        ((8, 4), np.s_[::-1], False),
        ((8, 4), np.s_[:, 0], False),
        ((), (), True),
    ],
)
def test_contiguous_windows_are_known(shape, index, contiguous):
    view, plan = View(shape, index), make_plan("normal", shape)
    array = np.empty(view.held_shape, np.float32)
    memory = Memory(array.ctypes.data, array.strides, array)
    assert Job(plan, memory, view.window, in_python).is_contiguous == contiguous


def test_constants_share_a_kernel_per_width():
    kernels = {
        kernel_of(make_plan("ones", (2,), dtype)).label
        for dtype in ("float16", "bfloat16", "int16", "uint16")
    }
    assert kernels == {"constant_uint16"}
