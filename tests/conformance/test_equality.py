"""Constants in every dtype."""

import math

import numpy as np
import pytest

from fastinit.conformance import judge
from fastinit.conformance.equality import rounded_constant
from fastinit.conformance.facts import CHUNK
from fastinit.dtypes import DTYPES, dtype_of, numpy_dtype
from fastinit.errors import ArgumentError, DtypeError


def check(array, law):
    return judge(array, law, dtype=dtype_of(array.dtype))


REAL = [name for name, row in DTYPES.items() if not row.is_complex]


@pytest.mark.parametrize("name", REAL)
def test_equal_elements_conform(name, constant):
    result = check(np.ones((3, 5), numpy_dtype(name)), constant(1.0))
    assert result.verdict == "conforms"
    assert result.facts.mean == 1.0


@pytest.mark.parametrize("name", REAL)
def test_one_wrong_element_violates_and_is_found(name, constant):
    array = np.ones(3 * CHUNK, numpy_dtype(name))
    array[CHUNK + 12] = 0
    array[2 * CHUNK] = 0
    result = check(array, constant(1.0))
    assert result.verdict == "violates"
    assert result.tests[0].statistic == 2.0
    assert f"flat index {CHUNK + 12:,}" in result.tests[0].detail


def test_complex_elements_have_no_law_of_real_numbers(constant, normal):
    for law in (constant(1.0), normal(0.0, 1.0)):
        with pytest.raises(DtypeError, match=r"fastinit\.check"):
            check(np.ones(3, np.complex64), law)


def test_flat_index_is_in_c_order_whatever_the_layout(constant):
    array = np.zeros((4, 5), order="F")
    array[1, 2] = 3.0
    assert "flat index 7" in check(array, constant(0.0)).tests[0].detail
    assert "flat index 12" in check(array[::-1], constant(0.0)).tests[0].detail
    assert "flat index 9" in check(array.T, constant(0.0)).tests[0].detail


@pytest.mark.parametrize("shape", [(0,), (3, 0)])
def test_empty_array_conforms_to_a_constant(shape, constant):
    result = check(np.zeros(shape, np.int64), constant(3.0))
    assert result.verdict == "conforms"
    assert result.n_needed == 0


def test_scalar_array_is_compared(constant):
    assert check(np.array(2, np.int8), constant(2.0)).conforms
    assert not check(np.array(2, np.int8), constant(1.0)).conforms


@pytest.mark.parametrize("name", [row.name for row in DTYPES.values() if row.is_float])
def test_constant_is_rounded_once(name, constant):
    nearest = np.asarray(np.float32(0.1) if name != "float64" else 0.1).astype(
        numpy_dtype(name)
    )
    array = np.full(4, nearest)
    assert check(array, constant(0.1)).conforms
    array[2] = np.nextafter(nearest, np.asarray(1.0, array.dtype))
    assert not check(array, constant(0.1)).conforms


def test_nan_and_infinity_are_mismatches_and_counted(constant):
    array = np.array([0.0, np.nan, np.inf, 0.0], np.float32)
    result = check(array, constant(0.0))
    assert (result.facts.n_nan, result.facts.n_inf) == (1, 1)
    assert result.tests[0].statistic == 2.0


def test_zeros_of_both_signs_are_equal(constant):
    assert check(np.array([0.0, -0.0]), constant(0.0)).conforms


def test_constant_beyond_the_dtype_saturates():
    assert float(rounded_constant(1e6, dtype_of("float16"))) == 65504.0
    assert float(rounded_constant(-math.inf, dtype_of("float16"))) == -math.inf


@pytest.mark.parametrize(
    ("value", "name"), [(0.5, "int32"), (300.0, "uint8"), (-1.0, "uint64")]
)
def test_constant_that_an_integer_cannot_hold_is_refused(value, name):
    with pytest.raises(ArgumentError, match=name):
        rounded_constant(value, dtype_of(name))


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_integer_constant_must_be_finite(value):
    with pytest.raises(ArgumentError, match="int8"):
        rounded_constant(value, dtype_of("int8"))


def test_nan_is_no_constant():
    with pytest.raises(ArgumentError, match="nan"):
        rounded_constant(math.nan, dtype_of("float32"))


def test_any_number_but_zero_is_true():
    assert rounded_constant(0.5, dtype_of("bool"))
    assert not rounded_constant(0.0, dtype_of("bool"))
