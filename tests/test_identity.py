"""Identity: the key is a hash of seed and name, and of nothing else."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastinit.errors import ArgumentError, ArgumentTypeError
from fastinit.identity import STREAM_LIMIT, check_name, check_seed, stream_key

SEEDS = st.integers(0, 2**64 - 1)
NAMES = st.text(st.characters(exclude_categories=["Cs"]))


@given(SEEDS, NAMES)
def test_keys_are_blake2b_of_seed_and_name(seed, name):
    digest = hashlib.blake2b(
        seed.to_bytes(8, "little") + name.encode(),
        digest_size=16,
        person=b"fastinit-v1",
    ).digest()
    assert stream_key(seed, name) == tuple(np.frombuffer(digest, "<u4").tolist())


@pytest.mark.parametrize(
    ("seed", "name", "key"),
    [
        (0, "", ("893e309c", "6a4920d1", "caf98bd6", "b4f8e407")),
        (2**64 - 1, "Gewichte.ä", ("3da94ba8", "ce735617", "c0bd40a2", "cf26a256")),
    ],
)
def test_known_keys(seed, name, key):
    assert tuple(f"{word:08x}" for word in stream_key(seed, name)) == key


def test_seed_and_name_do_not_run_together():
    # The seed has a fixed width, so a name cannot take over a part of it.
    assert stream_key(0x61, "") != stream_key(0, "a")
    assert stream_key(0, "a\0") != stream_key(0, "a")
    assert stream_key(1, "ab") != stream_key(1, "a")


@given(SEEDS)
def test_seeds_are_python_integers(seed):
    assert check_seed(seed) == seed
    made = check_seed(np.uint64(seed))
    assert made == seed
    assert type(made) is int


@pytest.mark.parametrize("seed", [-1, 2**64, np.int64(-1), -(10**5000)], ids=range(4))
def test_seeds_out_of_range(seed):
    with pytest.raises(ArgumentError, match="seed"):
        check_seed(seed)


@pytest.mark.parametrize(
    "seed", [None, 1.0, "1", b"1", True, np.True_, 1j, np.array([1]), np.array(1), [1]]
)
def test_seeds_of_other_types(seed):
    with pytest.raises(ArgumentTypeError, match="seed"):
        check_seed(seed)


@given(NAMES)
def test_names_are_any_text(name):
    assert check_name(name) == name
    assert check_name(np.str_(name)) == name
    assert type(check_name(np.str_(name))) is str


@pytest.mark.parametrize("name", [None, 3, b"w", ["w"], object()])
def test_names_of_other_types(name):
    with pytest.raises(ArgumentTypeError, match="name"):
        check_name(name)


@pytest.mark.parametrize("name", ["\ud800", "w\udfff", "\udc80" * 999])
def test_names_that_utf_8_cannot_hold(name):
    with pytest.raises(ArgumentError, match="UTF-8"):
        check_name(name)


def test_the_stream_has_2_to_the_58_elements():
    assert STREAM_LIMIT == 2**58
