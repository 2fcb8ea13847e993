"""Constants that are arrays, as the dialects of JAX and Keras take them."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from fastinit.dialects import jax as dialect
from fastinit.errors import ArgumentError, ArgumentTypeError, ReportedValueError

FITTING: list[tuple[Any, str]] = [
    ([300, -1], "int16"),
    ([2.0, 127.0], "int8"),
    ([np.inf, np.nan], "float16"),
    ([1 + 0j, 2], "float32"),
    ([1j, 2], "complex64"),
    ([True, False], "bool"),
    ([2**70, 1], "float32"),
    (np.array([1.5, 2], jnp.bfloat16), "float32"),
    (np.array([2**64 - 1, 0], np.uint64), "uint64"),
]


@pytest.mark.parametrize(("value", "dtype"), FITTING)
def test_arrays_of_values_of_the_dtype_are_constants(value, dtype) -> None:
    made = dialect.constant(value)(0, (3, 2), dtype)
    numbers = np.array(value)
    expected = numbers if dtype == "complex64" else numbers.real.astype(dtype)
    assert made.dtype == dtype
    np.testing.assert_array_equal(made, np.broadcast_to(expected, (3, 2)))


UNFIT: list[tuple[Any, str, str]] = [
    ([300.0, 1], "int8", "300.0"),
    ([300, 1], "int8", "300"),
    ([-1, 1], "uint8", "-1"),
    ([1, np.nan], "int8", "nan"),
    ([np.inf, 1], "int64", "inf"),
    ([2.0**63, 1], "int64", "9.2"),
    ([2.0**64, 1], "uint64", "1.8"),
    ([1, 1.5], "int32", "1.5"),
    ([2, 1], "bool", "2"),
    ([1j, 1], "float32", "1j"),
    ([1e39, 1], "float32", r"1e\+39"),
    ([1e39j, 1], "complex64", r"1e\+39j"),
    ([7e4, 1], "float16", "70000"),
    ([np.inf, 1], "float8_e4m3fn", "inf"),
]


@pytest.mark.parametrize(("value", "dtype", "shown"), UNFIT)
def test_arrays_of_other_values_are_no_constants(value, dtype, shown) -> None:
    with pytest.raises(ArgumentError, match=f"constant {shown}.*value of the dtype"):
        dialect.constant(np.array(value))(0, (2,), dtype)


@pytest.mark.parametrize(
    "value", [["a", "b"], [1, "a"], [None, 1], [[1], [1, 2]], [10**400, 1]]
)
def test_arrays_of_no_numbers_are_no_constants(value) -> None:
    with pytest.raises(ReportedValueError, match="an array of numbers"):
        dialect.constant(value)(0, (2,))


def test_arrays_that_do_not_broadcast_are_no_constants() -> None:
    with pytest.raises(ArgumentError, match=r"shape \(3,\).*broadcasts"):
        dialect.constant([1.0, 2.0, 3.0])(0, (2,))


def test_traced_arrays_are_no_constants() -> None:
    with pytest.raises(ArgumentTypeError, match="inside a transformation"):
        jax.jit(lambda array: dialect.constant(array)(0, (3,)))(jnp.arange(3))
