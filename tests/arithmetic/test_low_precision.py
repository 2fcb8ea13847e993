"""The narrow float dtypes: one rounding to nearest even."""

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
#: Those without infinities in the stream: they saturate.
SATURATING = ("float8_e4m3fn", "float8_e5m2")


def encoded(name: str, values: Any) -> Any:
    """Patterns of the compiled encoder."""
    return elementwise(ENCODERS[name], np.dtype(DTYPES[name].storage).type, values)


def sign_of(name: str) -> int:
    """Sign bit of the dtype."""
    return 1 << (8 * DTYPES[name].itemsize - 1)


def reference(name: str, values: Any) -> Any:
    """Patterns of NumPy or ml_dtypes."""
    if name in SATURATING:
        largest = np.float32(DTYPES[name].max_finite)
        values = np.clip(values, -largest, largest)
    with np.errstate(over="ignore"):
        return values.astype(numpy_dtype(name)).view(DTYPES[name].storage)


def finite_values(name: str) -> Any:
    """All finite non-negative values of the dtype, ascending, as float32."""
    patterns = np.arange(sign_of(name)).astype(DTYPES[name].storage)
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
    points = neighbourhoods(name)
    points = points[:: max(1, len(points) // 4000)]
    plain = [ENCODERS[name](value) for value in points]
    np.testing.assert_array_equal(plain, encoded(name, points))


@pytest.mark.parametrize("name", NAMES)
def test_values_of_the_dtype_stay(name):
    values = finite_values(name)
    np.testing.assert_array_equal(encoded(name, values), np.arange(len(values)))
    np.testing.assert_array_equal(
        encoded(name, -values), np.arange(len(values)) | sign_of(name)
    )


@pytest.mark.parametrize("name", SATURATING)
def test_beyond_the_largest_value_of_a_byte_is_the_largest(name):
    largest = np.float32(DTYPES[name].max_finite)
    points = np.array([1.0, 1.01, 1.03, 1.04, 1.2, 1e30, np.inf], np.float32) * largest
    last = int(reference(name, points[:1])[0])
    assert encoded(name, points).tolist() == [last] * len(points)
    assert encoded(name, -points).tolist() == [last | 0x80] * len(points)
    assert last == {"float8_e4m3fn": 0x7E, "float8_e5m2": 0x7B}[name]


@pytest.mark.parametrize("name", sorted({*NAMES} - {*SATURATING}))
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


@pytest.mark.parametrize(
    ("name", "tiny"), [("float8_e4m3fn", 2.0**-9), ("float8_e5m2", 2.0**-16)]
)
def test_subnormal_ends_of_bytes(name, tiny):
    half = np.float32(tiny / 2)
    points = [tiny, half, np.nextafter(half, np.float32(1)), 3 * half, 1e-45, 0.0]
    points = np.array(points, np.float32)
    assert encoded(name, points).tolist() == [1, 0, 1, 2, 0, 0]
    assert encoded(name, -points).tolist() == [0x81, 0x80, 0x81, 0x82, 0x80, 0x80]


@pytest.mark.parametrize("name", NAMES)
@given(value=st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_plain_text_equals_the_oracle(name, value):
    assume(abs(value) <= DTYPES[name].max_finite)
    exact = FORMATS["float32"].decode(int(np.float32(value).view(np.uint32)))
    target = FORMATS[name]
    assert ENCODERS[name](np.float32(value)) == target.encode(target.nearest(exact))
