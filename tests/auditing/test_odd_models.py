"""Audits of what is no model, or none that anybody wanted."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
import zarr
from safetensors.numpy import save_file

import fastinit
from fastinit import audit
from fastinit.errors import ArgumentError, ArgumentTypeError
from fastinit.models import parse_plan


@pytest.mark.parametrize("thing", [None, 3, 2.5, [], object()])
def test_what_is_no_checkpoint_is_refused(thing):
    with pytest.raises(ArgumentTypeError, match="a path, or a mapping"):
        audit(thing)


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_no_initializer_fills_with_what_is_not_finite(value):
    array = np.full((64, 64), value, np.float32)
    assert audit({"weight": array}).verdict == "violates"


def write_empty_state(folder):
    torch.save({"epoch": 3}, folder / "n.pt")
    return folder / "n.pt"


def write_empty_store(folder):
    zarr.open_group(str(folder / "n"), mode="w")
    return folder / "n"


@pytest.mark.parametrize("write", [lambda _: {}, write_empty_state, write_empty_store])
def test_a_checkpoint_without_tensors_is_refused(tmp_path, write):
    with pytest.raises(ArgumentError, match="no tensors in checkpoint"):
        audit(write(tmp_path))


def test_tensors_that_are_not_read_are_tensors():
    assert audit({"names": np.array(["x"])}).verdict == "inconclusive"


@pytest.mark.parametrize("tied", ["a, b", "w, b", ["w", "nope.*"], ""])
def test_ties_name_tensors(tied):
    with pytest.raises(ArgumentError, match="at least one tensor of the checkpoint"):
        audit({"w": np.ones(40, np.float32)}, tied=tied)


def test_names_that_are_no_text_are_looked_at():
    (row,) = audit({1: np.ones(40, np.float32)}).tensors
    assert (row.name, row.verdict) == ("1", "conforms")


@pytest.mark.parametrize("value", [0, 1 - 2j])
def test_complex_constants_have_no_law_without_a_plan(value):
    assert audit({"a": np.full((8, 8), value, np.complex64)}).verdict == "inconclusive"


def index_without(folder, lost):
    """Write a file of one tensor, and an index that lists another one too."""
    weight = fastinit.ones((40,))
    save_file({"a": weight}, folder / "m.safetensors")
    listed = dict.fromkeys(("a", lost), "m.safetensors")
    path = folder / "m.safetensors.index.json"
    path.write_text(json.dumps({"weight_map": listed}))
    return path


def test_a_tensor_that_its_file_lacks_is_a_fault(tmp_path):
    path = index_without(tmp_path, "zzz")
    told = "zzz: listed in m.safetensors.index.json, missing from m.safetensors"
    result = audit(path)
    assert (result.verdict, result.faults) == ("violates", (told,))
    assert [one.name for one in result.tensors] == ["a"]
    text = 'stream = 1\n[[tensor]]\nname = "{a,zzz}"\nshape = [40]\nscheme = "ones"\n'
    assert audit(path, parse_plan(f"seed = 0\n{text}")).faults == (told,)
