"""What C looks up is what Python would have found."""

from __future__ import annotations

import os

import ml_dtypes
import numpy as np
import pytest

from fastinit.c_lookups import address_of, environment_variable

ARRAY = np.arange(24, dtype=np.float32).reshape(4, 6)


@pytest.mark.parametrize(
    "array",
    [
        ARRAY,
        ARRAY[1:, ::-2],
        ARRAY.T,
        ARRAY[2:2],
        ARRAY.astype(">f8"),
        np.empty((), np.complex64),
        np.empty(3, ml_dtypes.bfloat16),
        np.empty(3, ml_dtypes.float8_e4m3fn),
        np.frombuffer(bytes(9), np.uint8),
        np.ma.zeros(3),
    ],
    ids=range(10),
)
def test_addresses_are_those_of_numpy(array):
    assert address_of(array) == array.ctypes.data


def test_memory_maps_have_addresses_too(tmp_path):
    array = np.memmap(tmp_path / "file", np.int16, "w+", shape=(5, 7))
    assert address_of(array[3:]) == array.ctypes.data + 3 * 7 * 2


@pytest.mark.parametrize("wrong", [3, None, [1.0]])
def test_what_is_no_array_has_no_address(wrong):
    with pytest.raises(AttributeError):
        address_of(wrong)


@pytest.mark.parametrize("value", ["", " 3 ", "prange", "ü€𝄞", "\udc80", "x" * 100_000])
def test_variables_are_those_of_the_process(value, monkeypatch):
    monkeypatch.setenv("FASTINIT_TEST", value)
    assert environment_variable("FASTINIT_TEST") == os.environ["FASTINIT_TEST"] == value
    monkeypatch.delenv("FASTINIT_TEST")
    assert environment_variable("FASTINIT_TEST") == ""


@pytest.mark.parametrize(
    ("wrong", "kind"), [(b"A", TypeError), (None, TypeError), ("Ä", UnicodeError)]
)
def test_names_are_ascii(wrong, kind):
    with pytest.raises(kind):
        environment_variable(wrong)
