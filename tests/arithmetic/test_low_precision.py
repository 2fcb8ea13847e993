"""float16 and bfloat16: one rounding to nearest even, saturating."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest
from compiled_loops import elementwise
from hypothesis import given
from hypothesis import strategies as st
from oracle.floats import FORMATS

from fastinit.arithmetic.low_precision import ENCODERS
from fastinit.dtypes import DTYPES, numpy_dtype

NAMES = sorted(ENCODERS)


def encoded(name: str, values: Any) -> Any:
    """Patterns of the compiled encoder."""
    return elementwise(ENCODERS[name], np.uint16, values)


def reference(name: str, values: Any) -> Any:
    """Patterns of NumPy or ml_dtypes, of the value clamped to the finite range."""
    largest = np.float32(DTYPES[name].max_finite)
    kept = np.clip(values, -largest, largest)
    return kept.astype(numpy_dtype(name)).view(np.uint16)


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


@pytest.mark.parametrize(
    ("name", "largest"), [("float16", 65504.0), ("bfloat16", None)]
)
def test_saturation(name, largest):
    top = np.float32(largest or float(ml_dtypes.finfo(ml_dtypes.bfloat16).max))
    pattern = len(finite_values(name)) - 1
    beyond = np.nextafter(top, np.float32(np.inf))
    points = np.array([top, beyond, np.finfo(np.float32).max, np.inf], np.float32)
    assert encoded(name, points).tolist() == [pattern] * 4
    assert encoded(name, -points).tolist() == [pattern | 0x8000] * 4


def test_subnormal_ends_of_float16():
    tiny = np.float32(2.0**-24)
    points = np.array([tiny, tiny / 2, np.nextafter(tiny / 2, tiny), 1e-45], np.float32)
    assert encoded("float16", points).tolist() == [1, 0, 1, 0]
    assert encoded("float16", -points).tolist() == [0x8001, 0x8000, 0x8001, 0x8000]


@pytest.mark.parametrize("name", NAMES)
@given(value=st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_plain_text_equals_the_oracle(name, value):
    exact = FORMATS["float32"].decode(int(np.float32(value).view(np.uint32)))
    target = FORMATS[name]
    expected = target.encode(target.saturated(exact))
    assert ENCODERS[name](np.float32(value)) == expected
