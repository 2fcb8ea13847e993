"""dtypes: one row each, known by name whoever brings it."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest
import torch

from fastinit.dtypes import DTYPES, dtype_of, new_dtype, numpy_dtype
from fastinit.errors import DtypeError


@pytest.mark.parametrize("name", DTYPES)
def test_rows_agree_with_numpy_and_torch(name):
    row, theirs = DTYPES[name], numpy_dtype(name)
    assert row.name == name == theirs.name
    assert row.itemsize == theirs.itemsize
    assert np.dtype(row.storage).itemsize == row.part.itemsize
    assert theirs.isnative
    as_torch = getattr(torch, name)
    assert dtype_of(as_torch) is dtype_of(theirs) is dtype_of(name) is row
    assert dtype_of(theirs.type) is row
    assert as_torch.itemsize == row.itemsize
    if row.is_float or row.is_complex:
        assert row.max_finite == torch.finfo(as_torch).max
        assert row.precision == (64 if name in {"float64", "complex128"} else 32)
        assert row.is_low_precision == (row.itemsize < 4)
    else:
        assert row.max_finite == 0
        assert not row.is_low_precision


def test_spellings_of_one_dtype():
    assert dtype_of(float).name == "float64"
    assert dtype_of(bool).name == "bool"
    assert dtype_of(int).name == np.dtype(int).name
    assert dtype_of(ml_dtypes.bfloat16).name == "bfloat16"
    assert dtype_of(np.dtype("=f4")).name == "float32"


def test_jax_dtypes_are_known():
    jax_numpy = pytest.importorskip("jax.numpy", reason="jax brings these dtypes")
    assert dtype_of(jax_numpy.bfloat16).name == "bfloat16"
    assert dtype_of(jax_numpy.float32).name == "float32"


@pytest.mark.parametrize(
    "dtype",
    [
        None,
        "",
        "f4",
        "float",
        "Float32",
        "longdouble",
        "float8_e4m3",
        object,
        str,
        np.clongdouble,
        np.longdouble,
        np.dtype("M8[s]"),
        np.dtype([("a", "f4")]),
        np.dtype("V2"),
        ml_dtypes.float8_e5m2fnuz,
        ml_dtypes.int4,
        torch.complex32,
        torch.float8_e4m3fnuz,
        torch.qint8,
        {"names": ["a"], "formats": []},
        [("a",)],
        3,
        3.5,
    ],
    ids=str,
)
def test_what_is_in_no_row_raises(dtype):
    with pytest.raises(DtypeError, match="fastinit writes"):
        dtype_of(dtype)


def test_new_arrays_have_the_byte_order_that_is_told():
    swapped = np.dtype("f4").newbyteorder()
    assert dtype_of(swapped).name == "float32"
    assert new_dtype(swapped) == swapped
    assert not new_dtype(swapped).isnative
    for native in ("float32", np.float32, torch.float32, np.dtype("f4")):
        assert new_dtype(native) == np.dtype("f4")
    assert new_dtype(np.dtype(">u1")).isnative
    assert new_dtype(numpy_dtype("float8_e5m2").newbyteorder()).isnative
    with pytest.raises(DtypeError, match="fastinit writes"):
        new_dtype(np.dtype(">m8"))


def test_safetensors_codes_are_different():
    codes = [row.safetensors for row in DTYPES.values()]
    assert len(set(codes)) == len(codes)
    assert DTYPES["bfloat16"].safetensors == "BF16"
    assert DTYPES["float8_e4m3fn"].safetensors == "F8_E4M3"
    assert DTYPES["float8_e5m2"].safetensors == "F8_E5M2"
    assert DTYPES["uint16"].safetensors == "U16"
