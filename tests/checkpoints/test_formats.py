"""Checkpoints of every format hold what their own libraries wrote."""

from __future__ import annotations

import importlib.util
import json
import warnings
import zipfile

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from fastinit.auditing.elements import at_points, matrix_of, points_of, source_of
from fastinit.checkpoints import FORMATS, read_checkpoint
from fastinit.checkpoints.in_memory import checkpoint_of
from fastinit.errors import (
    ArgumentError,
    FileFormatError,
    MissingPackageError,
    OutputError,
)

RNG = np.random.default_rng(0)
ARRAYS = {
    "a.weight": RNG.normal(size=(70, 30)).astype(np.float32),
    "b.weight": RNG.normal(size=(5, 4, 3)).astype(np.float16),
    "c": np.arange(7),
    "d": np.float64(3.5),
}


def write_safetensors(folder):
    save_file({k: np.asarray(v) for k, v in ARRAYS.items()}, folder / "m.safetensors")
    return folder / "m.safetensors"


def write_index(folder):
    names = list(ARRAYS)
    files = {"one.safetensors": names[:2], "two.safetensors": names[2:]}
    for file, held in files.items():
        save_file({name: np.asarray(ARRAYS[name]) for name in held}, folder / file)
    listed = {name: file for file, held in files.items() for name in held}
    path = folder / "model.safetensors.index.json"
    path.write_text(json.dumps({"metadata": {}, "weight_map": listed}))
    return path


def write_folder(folder):
    write_index(folder)
    return folder


def write_npz(folder):
    np.savez(folder / "m.npz", **ARRAYS)
    return folder / "m.npz"


def write_packed(folder):
    np.savez_compressed(folder / "m.npz", **ARRAYS)
    return folder / "m.npz"


def tensors():
    return {name: torch.as_tensor(np.asarray(array)) for name, array in ARRAYS.items()}


def write_torch(folder):
    torch.save(tensors(), folder / "m.pth")
    return folder / "m.pth"


def write_old_torch(folder):
    torch.save(tensors(), folder / "m.pt", _use_new_zipfile_serialization=False)
    return folder / "m.pt"


def write_training(folder):
    torch.save({"state_dict": tensors(), "step": 3}, folder / "m.bin")
    return folder / "m.bin"


def write_zarr(version):
    def write(folder):
        import zarr

        group = zarr.open_group(str(folder / "m"), mode="w", zarr_format=version)
        for name, array in ARRAYS.items():
            values = np.asarray(array)
            # A chunk is neither the whole nor as wide as a row.
            chunks = tuple(max(1, size // 2 - 1) for size in values.shape)
            group.create_array(
                name, shape=values.shape, chunks=chunks, dtype=values.dtype
            )[...] = values
        return folder / "m"

    return write


WRITERS = {
    "safetensors": write_safetensors,
    "index": write_index,
    "folder": write_folder,
    "npz": write_npz,
    "npz compressed": write_packed,
    "torch": write_torch,
    "torch before 1.6": write_old_torch,
    "torch of a training program": write_training,
    "zarr 2": write_zarr(2),
    "zarr 3": write_zarr(3),
}


@pytest.fixture(params=WRITERS.values(), ids=WRITERS)
def written(request, tmp_path):
    """Return the checkpoint that a library wrote."""
    with warnings.catch_warnings():
        # zarr warns of what other readers may not know.
        warnings.simplefilter("ignore")
        path = request.param(tmp_path)
    return read_checkpoint(path)


def test_every_tensor_is_there_with_its_bits(written):
    assert written.unread == ()
    found = {one.name: one for one in written.tensors}
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        one, expected = found[name], np.asarray(array)
        assert (one.shape, one.dtype.name) == (expected.shape, expected.dtype.name)
        values = np.asarray(one.open()[...])
        assert values.tobytes() == expected.tobytes()
        source = source_of(one)
        assert source.read(0, source.n).tobytes() == expected.tobytes()
    assert written.n_elements == sum(np.asarray(one).size for one in ARRAYS.values())


def test_points_parts_and_matrices_are_those_of_the_array(written):
    found = {one.name: one for one in written.tensors}
    for name in ("a.weight", "b.weight"):
        array, values = ARRAYS[name], found[name].open()
        points = points_of(array.shape, 20)
        np.testing.assert_array_equal(at_points(values, points), array[points])
        expected = array.reshape(array.shape[0], -1).astype(np.float32)
        np.testing.assert_array_equal(matrix_of(values), expected)
        source = source_of(found[name])
        for start, stop in ((0, 7), (13, 59), (source.n - 3, source.n)):
            part = array.reshape(-1)[start:stop]
            np.testing.assert_array_equal(source.read(start, stop), part)


def test_arrays_of_any_order_come_out_of_archives(tmp_path):
    turned = np.asfortranarray(ARRAYS["a.weight"].astype(">f4"))
    np.savez(tmp_path / "m.npz", w=turned)
    np.savez_compressed(tmp_path / "n.npz", w=turned)
    for name in ("m.npz", "n.npz"):
        (one,) = read_checkpoint(tmp_path / name).tensors
        np.testing.assert_array_equal(one.open(), turned)
        flat = source_of(one).read(0, one.n)
        np.testing.assert_array_equal(flat, turned.reshape(-1))


def test_a_file_of_one_array_is_named_after_it(tmp_path):
    np.save(tmp_path / "fc1.npy", ARRAYS["a.weight"])
    (one,) = read_checkpoint(tmp_path / "fc1.npy").tensors
    assert one.name == "fc1"


@pytest.mark.parametrize("write", ["torch", "memory"])
def test_memory_that_is_shared_is_told(tmp_path, write):
    weight = torch.zeros(4, 3)
    state = {"wte": weight, "other": weight[:2], "head": weight}
    if write == "torch":
        torch.save(state, tmp_path / "m.pt")
        found = read_checkpoint(tmp_path / "m.pt")
    else:
        found = checkpoint_of(state)
    assert [one.shares for one in found.tensors] == ["", "", "wte"]


@pytest.mark.parametrize("write", ["torch", "memory"])
@pytest.mark.parametrize(
    ("view", "shares"),
    [
        (lambda w: w.T, True),
        (lambda w: w.reshape(3, 4), True),
        (lambda w: w.reshape(12), True),
        (lambda w: w[:, None], True),
        (lambda w: w[:, :2], False),
        (lambda w: w.reshape(12)[::2], False),
        (lambda w: w.reshape(12)[1:], False),
        (lambda w: w.T.clone(), False),
    ],
)
def test_views_of_the_same_bytes_share_memory(tmp_path, write, view, shares):
    weight = torch.arange(12.0).reshape(4, 3)
    state = {"a": weight, "d": view(weight)}
    if write == "torch":
        torch.save(state, tmp_path / "m.pt")
        found = read_checkpoint(tmp_path / "m.pt")
    else:
        found = checkpoint_of(state)
    assert [one.shares for one in found.tensors] == ["", "a" if shares else ""]


def test_arrays_that_run_backwards_share_memory():
    weight = np.arange(12.0).reshape(4, 3)
    state = {"a": weight, "b": weight[::-1], "c": weight[:, ::-1].T, "d": weight[1:]}
    found = [one.shares for one in checkpoint_of(state).tensors]
    assert found == ["", "a", "a", ""]


def test_gaps_are_no_part_of_the_bytes():
    base = np.arange(12.0)
    # As many elements between the same ends, but not the same ones.
    pairs = np.lib.stride_tricks.as_strided(base, (2, 2), (8, 40))
    state = {"a": base[0:7:2], "b": pairs, "c": base[0:7:2].reshape(2, 2).T}
    assert [one.shares for one in checkpoint_of(state).tensors] == ["", "", "a"]


def test_bfloat16_of_torch_keeps_its_bits(tmp_path):
    tensor = torch.linspace(-1, 1, 50).to(torch.bfloat16)
    torch.save({"w": tensor}, tmp_path / "m.pt")
    (one,) = read_checkpoint(tmp_path / "m.pt").tensors
    assert one.dtype.name == "bfloat16"
    assert one.open().tobytes() == tensor.view(torch.int16).numpy().tobytes()


def test_what_cannot_be_read_is_listed(tmp_path):
    np.savez(tmp_path / "m.npz", a=np.ones(3), t=np.array(["x"]))
    found = read_checkpoint(tmp_path / "m.npz")
    assert [one.name for one in found.tensors] == ["a"]
    assert [name for name, _ in found.unread] == ["t"]
    state = {"a": np.ones(3), "t": object()}
    assert [name for name, _ in checkpoint_of(state).unread] == ["t"]


def test_pickles_that_run_code_are_refused(tmp_path):
    class Harm:
        def __reduce__(self):
            return print, ("ran",)

    torch.save({"w": Harm()}, tmp_path / "m.pt")
    with pytest.raises(FileFormatError, match="plain containers"):
        read_checkpoint(tmp_path / "m.pt")


@pytest.mark.parametrize("data", [b"hello\n", b"", b"\x80\x02.", b"c\n\n.", b"I1\n"])
def test_what_torch_did_not_write_is_refused_in_our_words(tmp_path, data):
    (tmp_path / "m.pt").write_bytes(data)
    with pytest.raises(FileFormatError, match="not torch's format, or it holds") as it:
        read_checkpoint(tmp_path / "m.pt")
    assert "weights_only" not in str(it.value)


@pytest.mark.parametrize("name", ["m.pt", "m.safetensors", "m.npz", "m.index.json"])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
        ("\n<!DOCTYPE html>\n<html></html>", "a page of HTML"),
        ("<HTML><body>", "a page of HTML"),
    ],
)
def test_what_stands_in_the_place_of_a_checkpoint_is_named(tmp_path, name, text, words):
    (tmp_path / name).write_text(text)
    with pytest.raises(FileFormatError, match=words):
        read_checkpoint(tmp_path / name)


def test_warnings_of_torch_are_kept_back(tmp_path, monkeypatch):
    def load(*arguments, **options):
        warnings.warn("something of torch's own", UserWarning, stacklevel=2)
        return tensors()

    write_torch(tmp_path)
    monkeypatch.setattr(torch, "load", load)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        read_checkpoint(tmp_path / "m.pth")
    assert told == []


def broken_index(folder, text):
    (folder / "m.index.json").write_text(text)
    return folder / "m.index.json"


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"weight_map": 3}',
        '{"weight_map": {"a": "../a.npy"}}',
        '{"weight_map": {"a": ""}}',
        '{"weight_map": {"a": "m.index.json"}}',
    ],
)
def test_a_broken_index_is_refused(tmp_path, text):
    with pytest.raises(FileFormatError, match="an index is JSON"):
        read_checkpoint(broken_index(tmp_path, text))


def test_a_tensor_that_its_file_lacks_is_listed(tmp_path):
    save_file({"a": np.ones(3)}, tmp_path / "a.safetensors")
    text = json.dumps({"weight_map": {"a": "a.safetensors", "b": "a.safetensors"}})
    found = read_checkpoint(broken_index(tmp_path, text))
    assert found.lost == (("b", "listed in m.index.json, missing from a.safetensors"),)
    assert found.unread == ()


def test_a_tensor_of_another_file_than_listed_is_lost(tmp_path):
    for name in "ab":
        save_file({name: np.ones(3)}, tmp_path / f"{name}.safetensors")
    text = json.dumps({"weight_map": {"a": "b.safetensors", "b": "a.safetensors"}})
    found = read_checkpoint(broken_index(tmp_path, text))
    assert [name for name, _ in found.lost] == ["a", "b"]


def test_files_that_repeat_a_name_are_refused(tmp_path):
    for file in ("a.safetensors", "b.safetensors"):
        save_file({"a": np.ones(3)}, tmp_path / file)
    with pytest.raises(FileFormatError, match="in two files"):
        read_checkpoint(tmp_path)


def test_broken_archives_are_refused(tmp_path):
    path = tmp_path / "m.npz"
    path.write_bytes(b"PK\x03\x04 and nothing else")
    with pytest.raises(FileFormatError, match="zip archive"):
        read_checkpoint(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("w.npy", b"\x93NUMPY\x01\x00")
    with pytest.raises(FileFormatError, match=r"m\.npz': member 'w\.npy': no header"):
        read_checkpoint(path)
    np.savez(path, a=np.ones(3), words=np.array([None]))
    with pytest.raises(
        FileFormatError, match=r"member 'words\.npy': pickled"
    ) as caught:
        read_checkpoint(path)
    assert caught.value.allowed == "a .npz file is a zip archive of .npy members"
    np.savez(path, w=np.ones(3))
    with zipfile.ZipFile(path) as archive:
        data = archive.read("w.npy")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("w.npy", data[:-1])
    with pytest.raises(FileFormatError, match="member"):
        read_checkpoint(path)


def test_what_is_no_checkpoint_is_refused(tmp_path):
    with pytest.raises(OutputError, match="no file or folder"):
        read_checkpoint(tmp_path / "m.pt")
    with pytest.raises(ArgumentError, match="a folder is a Zarr store"):
        read_checkpoint(tmp_path)
    (tmp_path / "m.gguf").write_bytes(b"")
    with pytest.raises(ArgumentError, match=", ".join(FORMATS).replace(".", r"\.")):
        read_checkpoint(tmp_path / "m.gguf")
    (tmp_path / "m.pt").write_bytes(b"nothing")
    with pytest.raises(FileFormatError, match="state dict"):
        read_checkpoint(tmp_path / "m.pt")


def test_packages_that_are_missing_are_named(tmp_path, monkeypatch):
    (tmp_path / "m.pt").write_bytes(b"")
    (tmp_path / ".zgroup").write_text("{}")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(MissingPackageError, match="pip install torch"):
        read_checkpoint(tmp_path / "m.pt")
    with pytest.raises(MissingPackageError, match=r"fastinit-weights\[zarr\]"):
        read_checkpoint(tmp_path)
