"""float16 and bfloat16: one rounding to nearest even."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compiled_loops import elementwise
from hypothesis import assume, given
from hypothesis import strategies as st
from oracle.floats import FORMATS

from fastinit.arithmetic.low_precision import ENCODERS
from fastinit.dtypes import DTYPES, numpy_dtype

NAMES = sorted(ENCODERS)


def encoded(name: str, values: Any) -> Any:
    """Patterns of the compiled encoder."""
    return elementwise(ENCODERS[name], np.uint16, values)


def reference(name: str, values: Any) -> Any:
    """Patterns of NumPy or ml_dtypes."""
    with np.errstate(over="ignore"):
        return values.astype(numpy_dtype(name)).view(np.uint16)


def finite_values(name: str) -> Any:
    """All finite non-negative values of the dtype, ascending, as float32."""
    patterns = np.arange(1 << 15, dtype=np.uint16)
    values = patterns.view(numpy_dtype(name)).astype(np.float32)
    return values[np.isfinite(values)]


def neighbourhoods(name: str) -> Any:
    """Every value and every rounding boundary with its neighbours, both signs."""
    values = finite_values(name)
    # Exact: a boundary has one bit more than the dtype, far fewer than float32; the
    # last one, half a step beyond the largest value, would round to an infinity.
    beyond = 2 * values[-1].astype(np.float64) - values[-2]
    ends = np.append(values.astype(np.float64), beyond)
    boundaries = (0.5 * (ends[:-1] + ends[1:])).astype(np.float32)
    points = np.concatenate([values, boundaries])
    up = np.nextafter(points, np.float32(np.inf))
    down = np.nextafter(points, np.float32(0))
    points = np.concatenate([points, up, down])
    return np.concatenate([points, -points])


@pytest.mark.parametrize("name", NAMES)
def test_every_boundary_and_its_neighbours(name):
    points = neighbourhoods(name)
    np.testing.assert_array_equal(encoded(name, points), reference(name, points))


@pytest.mark.parametrize("name", NAMES)
def test_boundaries_are_ties(name):
    """The points above are what they claim to be: ties go to even patterns."""
    values = finite_values(name).astype(np.float64)
    middles = (0.5 * (values[:-1] + values[1:])).astype(np.float32)
    assert (middles.astype(np.float64) * 2 == values[:-1] + values[1:]).all()
    assert not (encoded(name, middles) & 1).any()


@pytest.mark.parametrize("name", NAMES)
def test_plain_text_equals_compiled(name):
    points = neighbourhoods(name)[::97]
    plain = [ENCODERS[name](value) for value in points]
    np.testing.assert_array_equal(plain, encoded(name, points))


@pytest.mark.parametrize("name", NAMES)
def test_values_of_the_dtype_stay(name):
    values = finite_values(name)
    np.testing.assert_array_equal(encoded(name, values), np.arange(len(values)))
    np.testing.assert_array_equal(
        encoded(name, -values), np.arange(len(values)) | 0x8000
    )


@pytest.mark.parametrize("name", NAMES)
def test_beyond_the_largest_value_is_infinite(name):
    largest = DTYPES[name].max_finite
    spacing = largest - float(np.nextafter(numpy_dtype(name).type(largest), 0))
    tie = np.float32(largest + spacing / 2)
    points = np.array([tie, np.float32(np.inf)])
    infinite = {"float16": 0x7C00, "bfloat16": 0x7F80}[name]
    assert encoded(name, points).tolist() == [infinite] * 2
    assert encoded(name, -points).tolist() == [infinite | 0x8000] * 2
    assert encoded(name, np.nextafter(points[:1], 0)).tolist() == [infinite - 1]


def test_subnormal_ends_of_float16():
    tiny = np.float32(2.0**-24)
    points = np.array([tiny, tiny / 2, np.nextafter(tiny / 2, tiny), 1e-45], np.float32)
    assert encoded("float16", points).tolist() == [1, 0, 1, 0]
    assert encoded("float16", -points).tolist() == [0x8001, 0x8000, 0x8001, 0x8000]


@pytest.mark.parametrize("name", NAMES)
@given(value=st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_plain_text_equals_the_oracle(name, value):
    assume(abs(value) <= DTYPES[name].max_finite)
    exact = FORMATS["float32"].decode(int(np.float32(value).view(np.uint32)))
    target = FORMATS[name]
    assert ENCODERS[name](np.float32(value)) == target.encode(target.nearest(exact))
