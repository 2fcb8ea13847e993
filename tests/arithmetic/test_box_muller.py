"""Normals from the words of a pair: bits, accuracy, reach, both ends."""

from __future__ import annotations

import numpy as np
import pytest
from compiled_loops import pairs_double, pairs_single
from oracle import exact, normal
from oracle.floats import FORMATS

from fastinit.arithmetic.box_muller import normal_pair_double, normal_pair_single

#: Bar of the stream, in units in the last place.
LARGEST_ERROR = 4.0
HAS_EXTENDED = np.finfo(np.longdouble).nmant >= 63


def columns(words):
    """Tuples of Python integers, one per pair."""
    return [tuple(column) for column in words.T.tolist()]


def patterns(values):
    """Bit patterns of one pair after the other, as integers."""
    unsigned = {4: np.uint32, 8: np.uint64}[values.dtype.itemsize]
    return np.ascontiguousarray(values.T).view(unsigned)


def oracle_patterns(words, dtype):
    """Bit patterns of the definition's operation sequence, exactly evaluated."""
    encode = FORMATS[dtype].encode
    return [[encode(z) for z in normal.pair(pair)] for pair in columns(words)]


def sampled(words, count):
    """Some columns of an array of words, always the same."""
    chosen = np.random.default_rng(7).choice(words.shape[1], count, replace=False)
    return words[:, chosen]


@pytest.fixture(scope="module")
def singles(random_words):
    return pairs_single(random_words[0], random_words[1])


@pytest.fixture(scope="module")
def doubles(random_words):
    return pairs_double(random_words)


class TestBits:
    """Compiled text, plain text and the definition agree to the last bit."""

    def test_single_on_random_words(self, random_words, singles):
        words = random_words[:2, :20_000]
        expected = oracle_patterns(words, "float32")
        np.testing.assert_array_equal(patterns(singles)[:20_000], expected)

    def test_single_on_extreme_words(self, extreme_pairs):
        words = sampled(extreme_pairs, 15_000)
        values = patterns(pairs_single(words[0], words[1]))
        np.testing.assert_array_equal(values, oracle_patterns(words, "float32"))

    def test_double_on_random_words(self, random_words, doubles):
        words = random_words[:, :10_000]
        expected = oracle_patterns(words, "float64")
        np.testing.assert_array_equal(patterns(doubles)[:10_000], expected)

    def test_double_on_extreme_words(self, extreme_quads):
        words = sampled(extreme_quads, 10_000)
        values = patterns(pairs_double(words))
        np.testing.assert_array_equal(values, oracle_patterns(words, "float64"))

    def test_plain_single_text(self, random_words, extreme_pairs):
        words = np.hstack([random_words[:2, :1000], sampled(extreme_pairs, 1000)])
        values = [normal_pair_single(a, b) for a, b in columns(words)]
        np.testing.assert_array_equal(
            patterns(np.array(values, np.float32).T),
            patterns(pairs_single(words[0], words[1])),
        )

    def test_plain_double_text(self, random_words, extreme_quads):
        words = np.hstack([random_words[:, :700], sampled(extreme_quads, 700)])
        values = [normal_pair_double((a, b), (c, d)) for a, b, c, d in columns(words)]
        expected = patterns(pairs_double(words))
        np.testing.assert_array_equal(patterns(np.array(values).T), expected)


class TestAccuracy:
    """Every value within 4 ulp of the true one of its integer words."""

    def test_wide_references_are_much_finer_than_the_bar(self, random_words):
        """float64 for float32, and x87 for float64, are checked against mpmath."""
        words = random_words[:, :2000]
        wide = exact.pairs_double(words[0], words[1])
        for k, pair in enumerate(columns(words[:2])):
            for value, true in zip(wide, exact.pair(pair), strict=True):
                assert exact.ulps(value[k], true, "float32") < 1e-7
        if HAS_EXTENDED:
            wide = exact.pairs_extended(words)
            for k, pair in enumerate(columns(words)):
                for value, true in zip(wide, exact.pair(pair), strict=True):
                    high = float(value[k])
                    rest = float(value[k] - high)
                    error = exact.ulps(high, true - rest, "float64")
                    assert error < 0.01

    def test_single_on_a_million_pairs(self, random_words, singles):
        true = exact.pairs_double(random_words[0], random_words[1])
        for values, reference in zip(singles, true, strict=True):
            errors = exact.array_ulps(values, reference, "float32")
            assert errors.max() <= LARGEST_ERROR

    def test_single_on_all_pairs_of_extreme_words(self, extreme_pairs):
        true = exact.pairs_double(*extreme_pairs)
        values = pairs_single(*extreme_pairs)
        for one, reference in zip(values, true, strict=True):
            errors = exact.array_ulps(one, reference, "float32")
            assert errors.max() <= LARGEST_ERROR

    @pytest.mark.parametrize(
        ("dtype", "words"),
        [
            ("float32", (0x97E116BD, 0x6C9A87CC)),
            ("float32", (0x1F85C7B0, 0x7EC1A06A)),
            ("float32", (0x1F8C234F, 0x141A81F0)),
            ("float64", (0x1B645763, 0xA75C8DE7, 0xB9729B04, 0xC0D1D859)),
            ("float64", (0x1CE07C3F, 0x0026A991, 0x32428BC9, 0xBA54F494)),
            ("float64", (0x9A2C2AF3, 0xEBB102EE, 0x6E858BBA, 0x459645BE)),
        ],
    )
    def test_worst_words_that_a_search_found(self, dtype, words):
        """Found by tests/long/normal_accuracy.py; random words never get here."""
        column = np.array(words, np.uint32)[:, None]
        pairs = {"float32": lambda w: pairs_single(*w), "float64": pairs_double}
        values = pairs[dtype](column)[:, 0]
        for value, true in zip(values, exact.pair(words), strict=True):
            assert exact.ulps(value, true, dtype) <= LARGEST_ERROR

    def test_double_against_mpmath(self, random_words, doubles, extreme_quads):
        ends = sampled(extreme_quads, 5000)
        for words, values in (
            (random_words[:, :15_000], doubles[:, :15_000]),
            (ends, pairs_double(ends)),
        ):
            for k, pair in enumerate(columns(words)):
                for value, true in zip(values[:, k], exact.pair(pair), strict=True):
                    assert exact.ulps(value, true, "float64") <= LARGEST_ERROR

    @pytest.mark.skipif(not HAS_EXTENDED, reason="no x87 extended precision here")
    def test_double_on_a_million_pairs(self, random_words, doubles):
        for values, reference in zip(
            doubles, exact.pairs_extended(random_words), strict=True
        ):
            errors = exact.array_ulps(values, reference, "float64")
            assert errors.max() <= LARGEST_ERROR

    @pytest.mark.skipif(not HAS_EXTENDED, reason="no x87 extended precision here")
    def test_double_on_all_extreme_words(self, extreme_quads):
        true = exact.pairs_extended(extreme_quads)
        for values, reference in zip(pairs_double(extreme_quads), true, strict=True):
            errors = exact.array_ulps(values, reference, "float64")
            assert errors.max() <= LARGEST_ERROR


class TestEnds:
    """Reach, and nothing but finite non-zero numbers."""

    def test_reach(self):
        assert normal_pair_single(0, 0)[0] == np.float32(7.5391026)
        assert round(normal_pair_double((0, 0), (0, 0))[0], 6) == 9.492583
        # At a quarter turn the other element reaches as far, one ulp aside.
        assert abs(normal_pair_single(0, 0x80000000)[1]) > 7.5
        assert abs(normal_pair_double((0, 0x80000000), (0, 0))[1]) > 9.49

    def test_single_is_finite_and_not_zero(self, extreme_pairs, singles):
        for values in (pairs_single(*extreme_pairs), singles):
            magnitudes = np.abs(values)
            assert np.isfinite(values).all()
            assert magnitudes.min() > 6.9e-16
            assert magnitudes.max() < 7.55

    def test_double_is_finite_and_not_zero(self, extreme_quads, doubles):
        for values in (pairs_double(extreme_quads), doubles):
            magnitudes = np.abs(values)
            assert np.isfinite(values).all()
            assert magnitudes.min() > 3.9e-29
            assert magnitudes.max() < 9.51

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_smallest_radius_is_not_the_spacing_of_a_float_below_one(self, dtype):
        """Where u is 1 - 2^-41 or 1 - 2^-65, r is sqrt(2 (1 - u)), not zero."""
        top = 0xFFFFFFFF
        values = {
            "float32": normal_pair_single(top, 0x1FE)[0],
            "float64": normal_pair_double((top, 0x1FE), (top, 0))[0],
        }
        bits = {"float32": 41, "float64": 65}[dtype]
        radius = (2.0 * 2.0**-bits) ** 0.5
        assert float(values[dtype]) == pytest.approx(radius, rel=1e-6)


class TestIdentities:
    """Exact relations between values, which no tolerance can hide."""

    def test_lowest_bit_of_b_is_the_sign(self, random_words, singles, doubles):
        a, b, c, d = random_words
        flipped = b ^ np.uint32(1)
        np.testing.assert_array_equal(pairs_single(a, flipped), -singles)
        mirrored = pairs_double(np.stack([a, flipped, c, d]))
        np.testing.assert_array_equal(mirrored, -doubles)

    def test_double_refines_single(self, random_words, singles):
        """The middle of a float32 cell in both extension words is the float32 value."""
        words = random_words.copy()
        words[2:] = 0x80000000
        fine = pairs_double(words)
        for coarse, reference in zip(singles, fine, strict=True):
            errors = exact.array_ulps(coarse, reference, "float32")
            # The cell's middle is off by half a unit of the last of 63 bits.
            assert errors.max() <= LARGEST_ERROR + 1e-3

    def test_low_bits_of_b_serve_the_radius(self):
        radii = {float(normal_pair_single(0, 2 * low)[0]) for low in range(256)}
        assert len(radii) == 256
