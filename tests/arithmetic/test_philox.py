"""Philox4x32: published answers, and the oracles, on every target."""

from __future__ import annotations

import numpy as np
import pytest
from compiled_loops import philox_words
from hypothesis import given
from hypothesis import strategies as st
from oracle.philox import philox4x32 as oracle_philox
from oracle.philox import philox4x32_arrays
from oracle.stream import stream_key as oracle_key
from oracle.stream import word as oracle_word

from fastinit.arithmetic.philox import block_words, philox4x32, philox4x32_7
from fastinit.arithmetic.targets import PYTHON, instantiate
from fastinit.backends.cpu import _compiled
from fastinit.backends.kernels import Kernel, make_loop

#: Random123, tests/kat_vectors: rounds, counter, key, words.
KNOWN_ANSWERS = [
    line.split("|")
    for line in """\
7|00000000 00000000 00000000 00000000|00000000 00000000|5f6fb709 0d893f64 4f121f81 4f730a48
7|ffffffff ffffffff ffffffff ffffffff|ffffffff ffffffff|5207ddc2 45165e59 4d8ee751 8c52f662
7|243f6a88 85a308d3 13198a2e 03707344|a4093822 299f31d0|4dfccaba 190a87f0 c47362ba b6b5242a
10|00000000 00000000 00000000 00000000|00000000 00000000|6627e8d5 e169c58d bc57ac4c 9b00dbd8
10|ffffffff ffffffff ffffffff ffffffff|ffffffff ffffffff|408f276d 41c83b0e a20bc7c6 6d5451fd
10|243f6a88 85a308d3 13198a2e 03707344|a4093822 299f31d0|d16cfe09 94fdcceb 5001e420 24126ea1
""".splitlines()  # noqa: E501
]
WORDS = Kernel("words", "uint32", "uint32")
NO_PARAMETERS = (0.0, 0.0, 0.0, 0.0)

word = st.integers(0, 2**32 - 1)


def parsed(text: str) -> tuple[int, ...]:
    return tuple(int(part, 16) for part in text.split())


@pytest.mark.parametrize(("rounds", "counter", "key", "words"), KNOWN_ANSWERS)
def test_known_answers_of_scalars(rounds, counter, key, words):
    texts = {"7": philox4x32_7, "10": philox4x32}
    assert texts[rounds](parsed(counter), parsed(key)) == parsed(words)
    plain = instantiate(texts[rounds], PYTHON)
    assert plain(parsed(counter), parsed(key)) == parsed(words)
    assert oracle_philox(parsed(counter), parsed(key), int(rounds)) == parsed(words)


@pytest.mark.parametrize(("rounds", "counter", "key", "words"), KNOWN_ANSWERS)
def test_known_answers_of_arrays(rounds, counter, key, words):
    counters = np.array([parsed(counter)], np.uint32)
    keys = np.array([parsed(key)], np.uint32)
    for function in (philox_words, philox4x32_arrays):
        assert tuple(function(counters, keys, int(rounds))[0]) == parsed(words)


@pytest.mark.parametrize("target", ["python", "cpu"])
@pytest.mark.parametrize(
    ("counter", "key", "words"), [answer[1:] for answer in KNOWN_ANSWERS[3:]]
)
def test_known_answers_of_loops(target, counter, key, words):
    """All 64 bits of a block, though a tag would hold the upper eight."""
    loop = _compiled("fill_blocks", WORDS)
    if target == "python":
        loop = make_loop("fill_blocks", WORDS, PYTHON)
    c0, c1, c2, c3 = parsed(counter)
    block = np.array((c1 << 32) | c0, np.uint64).astype(np.int64)
    out = np.empty(4, np.uint32)
    loop(out.ctypes.data, 1, int(block), (*parsed(key), c2, c3), NO_PARAMETERS)
    assert tuple(out) == parsed(words)


@pytest.mark.parametrize("rounds", [7, 10])
def test_a_million_random_counters_and_keys_equal_the_oracle(rounds):
    generator = np.random.default_rng(rounds)
    drawn = generator.integers(0, 2**32, (1_000_000, 6), dtype=np.uint32)
    counters, keys = drawn[:, :4].copy(), drawn[:, 4:].copy()
    words = philox_words(counters, keys, rounds)
    np.testing.assert_array_equal(words, philox4x32_arrays(counters, keys, rounds))
    for i in range(3000):
        counter, key = counters[i].tolist(), keys[i].tolist()
        assert tuple(words[i].tolist()) == oracle_philox(counter, key, rounds)


@given(st.tuples(word, word, word, word), st.tuples(word, word))
def test_plain_text_equals_the_oracle(counter, key):
    assert philox4x32(counter, key) == oracle_philox(counter, key)
    assert philox4x32_7(counter, key) == oracle_philox(counter, key, 7)


@given(
    st.integers(0, 2**64 - 1),
    st.text(st.characters(codec="utf-8"), max_size=200),
    st.integers(0, 2**56 - 1),
    st.integers(0, 4),
)
def test_block_words_put_index_and_tag_into_the_counter(seed, name, block, tag):
    key = oracle_key(seed, name)
    words = block_words(block, tag, key)
    assert words == tuple(oracle_word(key, 4 * block + lane, tag) for lane in range(4))


@pytest.mark.parametrize("bit", range(56))
def test_every_bit_of_the_block_index_matters(bit):
    key = (1, 2, 3, 4)
    assert block_words(0, 0, key) != block_words(1 << bit, 0, key)


def test_blocks_beyond_32_bits_do_not_repeat():
    blocks = {block_words(step << 32, 0, (0, 0, 0, 0)) for step in range(1000)}
    assert len(blocks) == 1000
