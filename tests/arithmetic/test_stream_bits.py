"""The library against the oracle: any law, dtype, identity and window."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from oracle.stream import Tensor

from fastinit.backends import get_backend
from fastinit.backends.protocol import Memory, Options
from fastinit.dtypes import DTYPES
from fastinit.errors import ArgumentError
from fastinit.plan import FillPlan
from fastinit.windows import Window

DTYPE_NAMES = (
    *("float32", "float64", "float16", "bfloat16"),
    *("float8_e4m3fn", "float8_e5m2"),
)

finite = st.floats(allow_nan=False, allow_infinity=False)
#: Ends and stds as they occur, exact ones, and anything else that a float64 can be.
numbers = st.one_of(
    st.floats(-4.0, 4.0),
    st.sampled_from([0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 0.1, -0.1, 1e-45, 65504.0]),
    st.floats(-6e4, 6e4, width=16),
    finite,
)
symmetric = numbers.map(lambda value: (-abs(value), abs(value)))
intervals = st.one_of(symmetric, st.tuples(numbers, numbers).map(sorted).map(tuple))
identities = st.tuples(
    st.integers(0, 2**64 - 1), st.text(st.characters(codec="utf-8"), max_size=20)
)
firsts = st.one_of(
    st.integers(0, 40),
    st.integers(2**34 - 20, 2**34 + 20),
    st.integers(2**53 - 20, 2**53 + 20),
    st.integers(0, 2**58 - 20),
)


def assert_equal_bits(plan: FillPlan, window: tuple[int, int]) -> None:
    """Compare a run of the library with the oracle's, element by element."""
    first, count = window
    unsigned = np.dtype(f"uint{8 * plan.dtype.itemsize}")
    out = np.empty(count, unsigned)
    memory = Memory(out.ctypes.data, out.strides, out)
    engine = get_backend("cpu")
    engine.fill(plan, memory, Window(first, (count,), (1,)), Options(threads=1))
    tensor = Tensor(
        plan.distribution, plan.parameters, plan.dtype.name, plan.seed, plan.name
    )
    assert out.tolist() == [tensor.bits(first + k) for k in range(count)]


def checked_plan(law, parameters, dtype, identity) -> FillPlan:
    """Plan, or another example where the parameters do not fit the dtype."""
    try:
        return FillPlan(law, parameters, (2**58,), DTYPES[dtype], *identity)
    except ArgumentError:
        reject()


@settings(max_examples=400)
@given(intervals, st.sampled_from(DTYPE_NAMES), identities, firsts, st.integers(1, 9))
def test_uniform(interval, dtype, identity, first, count):
    plan = checked_plan("uniform", interval, dtype, identity)
    assert_equal_bits(plan, (first, count))


@settings(max_examples=300)
@given(
    st.tuples(numbers, numbers.map(abs)),
    st.sampled_from(DTYPE_NAMES),
    identities,
    firsts,
    st.integers(1, 9),
)
def test_normal(parameters, dtype, identity, first, count):
    plan = checked_plan("normal", parameters, dtype, identity)
    assert_equal_bits(plan, (first, count))


@settings(max_examples=300)
@given(numbers, st.sampled_from(DTYPE_NAMES))
def test_constant(value, dtype):
    plan = checked_plan("constant", (value,), dtype, (0, ""))
    pattern = Tensor("constant", (value,), dtype).bits(0)
    assert plan.sampling.pattern == pattern


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
@pytest.mark.parametrize(
    ("law", "parameters"),
    [
        ("uniform", (-0.05, 0.05)),
        ("uniform", (-1.0, 1.0)),
        ("uniform", (0.0, 1.0)),
        ("uniform", (-0.1, 0.3)),
        ("uniform", (0.0, 1e-291)),
        ("uniform", (-6e-8, 6e-8)),
        ("normal", (0.0, 1.0)),
        ("normal", (0.5, 0.02)),
        ("normal", (0.0, 1e-44)),
        ("normal", (-0.0, 0.0)),
    ],
)
def test_usual_and_extreme_parameters(law, parameters, dtype):
    if law == "uniform" and parameters[1] < 1e-100 and dtype != "float64":
        parameters = (0.0, 1e-30)
    plan = checked_plan(law, parameters, dtype, (3, "fc.weight"))
    for first in (0, 1, 2**34 - 5, 2**58 - 70):
        assert_equal_bits(plan, (first, 70))
