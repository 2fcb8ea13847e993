"""Stochastic rounding of single values: exact chances, both neighbours, signs."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit
from oracle.floats import FORMATS

from fastinit.arithmetic.stochastic import STOCHASTIC_ENCODERS
from fastinit.arithmetic.targets import instantiate
from fastinit.backends.cpu_target import cpu_target
from fastinit.dtypes import DTYPES, numpy_dtype

NAMES = sorted(STOCHASTIC_ENCODERS)
WORD = 2**32


def decoded(name: str, pattern: int) -> float:
    """Value of a pattern."""
    held = np.array([pattern], DTYPES[name].storage).view(numpy_dtype(name))
    return float(held.astype(np.float64)[0])


def single(value: float) -> Any:
    return FORMATS["float32"].decode(int(np.float32(value).view(np.uint32)))


@pytest.mark.parametrize("name", NAMES)
@given(
    exponent=st.floats(-150.0, 20.0),
    is_negative=st.booleans(),
    word=st.one_of(st.integers(0, WORD - 1), st.integers(0, 300)),
)
def test_plain_text_equals_the_oracle(name, exponent, is_negative, word):
    value = min(2.0**exponent, DTYPES[name].max_finite) * (-1 if is_negative else 1)
    target = FORMATS[name]
    expected = target.encode(target.by_chance(single(value), word))
    assert STOCHASTIC_ENCODERS[name](np.float32(value), word) == expected


@pytest.mark.parametrize("name", NAMES)
def test_compiled_text_equals_plain_text(name):
    encode = STOCHASTIC_ENCODERS[name]
    compiled: Any = instantiate(encode, cpu_target())
    rng = np.random.default_rng(1)
    values = (rng.standard_normal(3000) * 2.0 ** rng.integers(-40, 4, 3000)).astype(
        "f4"
    )
    words = rng.integers(0, WORD, 3000, dtype=np.uint32)

    @njit
    def loop(values: Any, words: Any, out: Any) -> None:
        for i in range(len(values)):
            out[i] = compiled(values[i], words[i])

    out = np.empty(3000, DTYPES[name].storage)
    loop(values, words, out)
    plain = [encode(v, int(w)) for v, w in zip(values, words, strict=True)]
    assert out.tolist() == plain


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [1.2345678, -0.0123, 3.3e-3, 1e-4, 2.5e-6, 7e-9])
def test_the_chance_is_the_dropped_part(name, value):
    """The words that go up are the first ones, as many as the fraction says."""
    value = np.float32(value)
    encode = STOCHASTIC_ENCODERS[name]
    low, high = decoded(name, encode(value, WORD - 1)), decoded(name, encode(value, 0))
    exact = Fraction(float(value))
    if low == high:
        # Fewer than 2^-32 of a spacing above a value of the dtype, or one itself.
        spacing = Fraction(2) ** FORMATS[name].smallest
        assert abs(exact - Fraction(low)) * WORD < spacing
        return
    share = (exact - Fraction(low)) / (Fraction(high) - Fraction(low))
    assert 0 < share < 1
    words = int(share * WORD)
    assert decoded(name, encode(value, words - 1)) == high
    assert decoded(name, encode(value, words)) == low
    # Nothing lies between them.
    kind = numpy_dtype(name)
    assert float(np.nextafter(kind.type(low), kind.type(high), dtype=kind)) == high


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("word", [0, 1, WORD // 2, WORD - 1])
def test_values_of_the_dtype_stay(name, word):
    count = 1 << (8 * DTYPES[name].itemsize)
    patterns = np.arange(count).astype(DTYPES[name].storage)
    with np.errstate(invalid="ignore"):
        values = patterns.view(numpy_dtype(name)).astype(np.float32)
    places = np.flatnonzero(np.isfinite(values))
    for at in places[:: max(1, len(places) // 500)]:
        assert STOCHASTIC_ENCODERS[name](values[at], word) == at


@pytest.mark.parametrize("name", NAMES)
def test_the_largest_value_is_not_exceeded(name):
    largest = DTYPES[name].max_finite
    below = np.nextafter(np.float32(largest), np.float32(0))
    beyond = np.nextafter(np.float32(largest), np.float32(np.inf))
    for value in (np.float32(largest), below, beyond, np.float32(np.inf)):
        for sign in (1, -1):
            pattern = STOCHASTIC_ENCODERS[name](np.float32(sign) * value, 0)
            assert decoded(name, pattern) == sign * largest
