""".npy and .safetensors files: read by the formats' own libraries, bit for bit."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
import safetensors
import safetensors.torch
import torch

from fastinit import create, make_plan
from fastinit.destinations import flat_file
from fastinit.destinations.npy import read_npy, write_npy
from fastinit.destinations.safetensors import read_safetensors, write_safetensors
from fastinit.dtypes import DTYPES
from fastinit.errors import DtypeError, FileFormatError, OutputError

IDENTITY = {"seed": 4, "name": "w"}


def plan_of(case, shape):
    return make_plan(case.spec, shape, case.dtype, **IDENTITY)


@pytest.fixture
def small_pieces(monkeypatch):
    """Write in pieces that end inside blocks of four elements."""
    monkeypatch.setattr(flat_file, "PIECE", 1000)


@pytest.mark.parametrize("shape", [(67, 31), (5,), (), (0, 3), (2, 3, 4, 5)])
def test_npy_files_hold_the_tensor(
    shape, case, tmp_path, small_pieces, assert_same_bits
):
    path = tmp_path / "w.npy"
    if not hasattr(np, case.dtype):
        with pytest.raises(DtypeError, match=r"\.safetensors"):
            write_npy(path, plan_of(case, shape))
        assert not path.exists()
        return
    write_npy(path, plan_of(case, shape), threads=3)
    expected = case.make(shape, **IDENTITY)
    assert_same_bits(np.load(path), expected)
    assert_same_bits(np.array(read_npy(path)), expected)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
def test_npy_files_of_others_are_read(order, version, tmp_path, assert_same_bits):
    array = np.asarray(create("normal", (3, 4), seed=0), order=order)
    with (tmp_path / "w.npy").open("wb") as file:
        np.lib.format.write_array(file, array, version)
    values = read_npy(tmp_path / "w.npy")
    assert_same_bits(values, array)
    assert not values.flags.writeable


def test_safetensors_files_hold_the_tensors(all_cases, tmp_path, small_pieces):
    path = tmp_path / "w.safetensors"
    plans = {
        f"{case.sampler}.{case.dtype}.{k}": plan_of(case, shape)
        for case in all_cases
        for k, shape in enumerate([(33, 31), (), (0, 2)])
    }
    seen = []
    how = {"metadata": {"made": "für"}, "threads": 3, "progress": seen.append}
    write_safetensors(path, plans, **how)
    theirs, ours = safetensors.torch.load_file(path), read_safetensors(path)
    assert set(theirs) == set(ours) == set(plans)
    assert sum(seen) == sum(tensor.numel() for tensor in theirs.values())
    for case in all_cases:
        for k, shape in enumerate([(33, 31), (), (0, 2)]):
            name = f"{case.sampler}.{case.dtype}.{k}"
            expected = case.make(shape, **IDENTITY)
            flat = theirs[name].reshape(-1).view(torch.uint8)
            assert flat.numpy().tobytes() == expected.tobytes()
            assert theirs[name].shape == shape
            assert ours[name].values.tobytes() == expected.tobytes()
            assert ours[name].dtype is DTYPES[case.dtype]
    with safetensors.safe_open(path, "np") as file:
        assert file.metadata() == {"made": "für"}


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_no_byte_depends_on_the_threads(threads, tmp_path, small_pieces):
    plans = {
        "b": make_plan("normal", (999,)),
        "a": make_plan("uniform", (7, 7), "float16"),
    }
    write_safetensors(tmp_path / "one", plans, threads=1)
    write_safetensors(tmp_path / "many", plans, threads=threads)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "many").read_bytes()


@pytest.mark.parametrize("metadata", [None, {}, {"key": "value"}])
def test_files_without_tensors(metadata, tmp_path):
    path = tmp_path / "w.safetensors"
    write_safetensors(path, {}, metadata=metadata)
    assert read_safetensors(path) == {}
    assert safetensors.torch.load_file(path) == {}


def test_files_are_not_replaced_unless_asked(tmp_path):
    path, plan = tmp_path / "w", make_plan("ones", (2,))
    for write in (write_npy, lambda p, t, **how: write_safetensors(p, {"w": t}, **how)):
        path.write_bytes(b"mine")
        with pytest.raises(OutputError, match="exists"):
            write(path, plan)
        assert path.read_bytes() == b"mine"
        write(path, plan, overwrite=True)
        assert path.read_bytes() != b"mine"


def entry(dtype="F32", shape=(2,), offsets=(0, 8)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


def packed(header, data=bytes(8)):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


BROKEN = {
    "empty": b"",
    "short": b"\1\2\3",
    "header too long": struct.pack("<Q", 999) + b"{}",
    "header absurd": struct.pack("<Q", 2**63) + b"{}",
    "no json": packed(b"{"),
    "no text": packed(b"\xff\xfe"),
    "list": packed([]),
    "deep": packed(b"[" * 99_999),
    "repeated name": packed(b'{"w": 1, "w": 2}'),
    "entry is a number": packed({"w": 3}),
    "entry lacks a shape": packed({"w": {"dtype": "F32", "data_offsets": [0, 8]}}),
    "negative size": packed({"w": entry(shape=(-2,))}),
    "size is a bool": packed({"w": entry(shape=(True, 2))}),
    "size is no integer": packed({"w": entry(shape=(2.0,))}),
    "huge size": packed({"w": entry(shape=(2**64,))}),
    "one offset": packed({"w": entry(offsets=(0,))}),
    "offsets reversed": packed({"w": entry(offsets=(8, 0))}),
    "wrong size": packed({"w": entry(shape=(3,))}),
    "hole": packed({"w": entry(shape=(1,), offsets=(4, 8))}),
    "overlap": packed({"w": entry(), "v": entry(offsets=(4, 12))}, bytes(12)),
    "bytes left over": packed({"w": entry()}, bytes(9)),
    "bytes missing": packed({"w": entry()}, bytes(7)),
    "unknown dtype": packed({"w": entry("F8_E8M0", (8,))}),
    "dtype is a number": packed({"w": entry(3)}),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_safetensors_files_are_refused(kind, tmp_path):
    path = tmp_path / "w.safetensors"
    path.write_bytes(BROKEN[kind])
    with pytest.raises(FileFormatError) as caught:
        read_safetensors(path)
    assert "w.safetensors" in caught.value.given
    assert len(str(caught.value)) < 2000


NPY = b"\x93NUMPY\1\0"
BROKEN_NPY = {
    "empty": b"",
    "no magic": b"PK\3\4 something",
    "cut": NPY + b"\x10",
    "version 9": b"\x93NUMPY\x09\0" + bytes(200),
    "no header": NPY + b"\4\0[1]\n",
    "code": NPY + b"\x20\0" + b"__import__('os').getcwd()".ljust(31) + b"\n",
}


@pytest.mark.parametrize("kind", BROKEN_NPY)
def test_broken_npy_files_are_refused(kind, tmp_path):
    path = tmp_path / "w.npy"
    path.write_bytes(BROKEN_NPY[kind])
    with pytest.raises(FileFormatError, match=r"w\.npy"):
        read_npy(path)


def test_npy_files_of_wrong_length_are_refused(tmp_path):
    path = tmp_path / "w.npy"
    np.save(path, np.arange(4.0))
    whole = path.read_bytes()
    for wrong in (whole + b"\0", whole[:-1]):
        path.write_bytes(wrong)
        with pytest.raises(FileFormatError, match="bytes"):
            read_npy(path)
    np.save(path, np.array([{}], object), allow_pickle=True)
    with pytest.raises(FileFormatError, match="Python objects"):
        read_npy(path)
    np.save(path, np.zeros(3, "M8[s]"))
    with pytest.raises(DtypeError, match="M8"):
        read_npy(path)


@pytest.mark.parametrize("read", [read_npy, read_safetensors])
def test_missing_files_are_errors_of_the_system(read, tmp_path):
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(OutputError) as caught:
            read(path)
        assert isinstance(caught.value, OSError)
        assert caught.value.remedy
