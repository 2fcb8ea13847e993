"""Words to fixed-point numbers: exact values, symmetry, grids, both targets."""

from __future__ import annotations

import numpy as np
import pytest
from compiled_loops import elementwise

from fastinit.arithmetic import unit_interval as intervals

SINGLES = (intervals.scaled_signed_single, intervals.scaled_half_open_single)
DOUBLES = (intervals.scaled_signed_double, intervals.scaled_half_open_double)


def integer_of(name: str, word: int, bits: int, width: int) -> int:
    """The definition, in integers: top bits of a word or of a pair of words."""
    top = word >> (width - bits)
    if "half_open" in name:
        return top
    signed = top - (1 << bits) if top >> (bits - 1) else top
    return 2 * signed + 1


@pytest.mark.parametrize("function", SINGLES)
def test_single_is_the_integer_of_the_definition(function, random_words):
    values = elementwise(function, np.float32, random_words[0])
    for word, value in zip(random_words[0][:20_000].tolist(), values, strict=False):
        exact = integer_of(function.__name__, word, 24, 32)
        assert exact == int(value) == int(function(word))


@pytest.mark.parametrize("function", DOUBLES)
def test_double_is_the_integer_of_the_definition(function, random_words):
    high, low = random_words[:2]
    values = elementwise(function, np.float64, high, low)
    pairs = zip(high[:20_000].tolist(), low.tolist(), values, strict=False)
    for top, rest, value in pairs:
        exact = integer_of(function.__name__, (top << 32) | rest, 53, 64)
        assert exact == int(value) == int(function(top, rest))


def test_signed_single_takes_each_odd_integer_once():
    words = np.arange(1 << 24, dtype=np.uint32) << np.uint32(8)
    values = elementwise(SINGLES[0], np.float32, words).astype(np.int32)
    # The words in the order of their signed numbers, negative ones first.
    values = np.roll(values, 1 << 23)
    np.testing.assert_array_equal(values, np.arange(1 - 2**24, 2**24, 2, np.int32))


def test_half_open_single_takes_each_integer_once():
    words = np.arange(1 << 24, dtype=np.uint32) << np.uint32(8)
    values = elementwise(SINGLES[1], np.float32, words).astype(np.int32)
    np.testing.assert_array_equal(values, np.arange(1 << 24, dtype=np.int32))


def test_low_byte_of_the_word_does_not_reach_a_single(random_words):
    for function in SINGLES:
        values = elementwise(function, np.float32, random_words[0])
        others = elementwise(function, np.float32, random_words[0] ^ np.uint32(0xFF))
        np.testing.assert_array_equal(values, others)


def test_complemented_words_negate_the_signed_forms(random_words):
    high, low = random_words[:2]
    single = elementwise(SINGLES[0], np.float32, high)
    np.testing.assert_array_equal(-single, elementwise(SINGLES[0], np.float32, ~high))
    double = elementwise(DOUBLES[0], np.float64, high, low)
    mirrored = elementwise(DOUBLES[0], np.float64, ~high, ~low)
    np.testing.assert_array_equal(-double, mirrored)


@pytest.mark.parametrize(
    ("word", "signed", "half_open"),
    [
        (0x00000000, 1, 0),
        (0x000000FF, 1, 0),
        (0x00000100, 3, 1),
        (0x7FFFFFFF, 2**24 - 1, 2**23 - 1),
        (0x80000000, 1 - 2**24, 2**23),
        (0xFFFFFFFF, -1, 2**24 - 1),
    ],
)
def test_ends_of_the_single_intervals(word, signed, half_open):
    assert [float(function(word)) for function in SINGLES] == [signed, half_open]


@pytest.mark.parametrize(
    ("words", "signed", "half_open"),
    [
        ((0, 0), 1, 0),
        ((0, 0x7FF), 1, 0),
        ((0, 0x800), 3, 1),
        ((0x7FFFFFFF, 0xFFFFFFFF), 2**53 - 1, 2**52 - 1),
        ((0x80000000, 0), 1 - 2**53, 2**52),
        ((0xFFFFFFFF, 0xFFFFFFFF), -1, 2**53 - 1),
    ],
)
def test_ends_of_the_double_intervals(words, signed, half_open):
    assert [function(*words) for function in DOUBLES] == [signed, half_open]


def test_joined_words():
    assert intervals.join_words(0x01234567, 0x89ABCDEF) == 0x0123456789ABCDEF
