"""Readers of texts from a shell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastinit.cli.arguments import (
    as_callback,
    read_count,
    read_index,
    read_path,
    read_real,
    read_seed,
    read_shape,
    read_spec,
)
from fastinit.errors import FastinitError
from fastinit.spec import Spec

READERS = (
    read_count,
    read_index,
    read_path,
    read_real,
    read_seed,
    read_shape,
    read_spec,
)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("7", (7,)),
        ("4096x1024", (4096, 1024)),
        ("4096,1024", (4096, 1024)),
        (" 3 x 4 , 5 ", (3, 4, 5)),
        ("(3, 4)", (3, 4)),
        ("[3,4]", (3, 4)),
        ("(3,)", (3,)),
        ("()", ()),
        ("0x10", (0, 10)),
        ("288230376151711744", (1 << 58,)),
    ],
)
def test_shapes(text, shape):
    assert read_shape(text) == shape


@given(st.lists(st.integers(0, 100), min_size=1, max_size=5).map(tuple))
def test_every_way_to_write_a_shape_reads_back(shape):
    texts = ("x".join(map(str, shape)), ",".join(map(str, shape)), str(shape))
    assert {read_shape(text) for text in texts} == {shape}


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("3", (3,)),
        ("-1", (-1,)),
        (":", (slice(None),)),
        ("0:4096, :", (slice(0, 4096), slice(None))),
        ("..., 1:2", (..., slice(1, 2))),
        ("::-1", (slice(None, None, -1),)),
        (" 1 : 9 : 2 ", (slice(1, 9, 2),)),
    ],
)
def test_indices(text, index):
    assert read_index(text) == index


@pytest.mark.parametrize("seed", [0, 7, 2**64 - 1])
def test_seeds(seed):
    assert read_seed(f" {seed} ") == seed


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_reads_back(value):
    assert read_real(repr(value)) == value


def test_specs_take_aliases():
    spec = read_spec("he_normal(mode=fan_out)")
    assert spec == Spec("kaiming_normal", mode="fan_out")


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
@given(text=st.text())
def test_any_text_is_read_or_refused_in_three_parts(read, text):
    # NumPy's and Python's own errors would be failures here.
    parts = ("it was read",)
    try:
        read(text)
    except FastinitError as error:
        parts = (error.given, error.allowed, error.remedy)
    assert all(parts)


def test_an_option_that_is_left_out_is_not_read():
    assert as_callback(read_seed)(None, None, None) is None
