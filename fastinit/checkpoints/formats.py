"""The formats of checkpoints: a table by the ending of a name, and by what it holds."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastinit.checkpoints.stored import Checkpoint, Stored
from fastinit.destinations.npy import read_npy
from fastinit.destinations.safetensors import StoredTensor, read_safetensors
from fastinit.dtypes import dtype_of
from fastinit.errors import ArgumentError, FileFormatError, OutputError, shown

__all__ = ["FORMATS", "is_part", "read_checkpoint"]

_INDEX = ".index.json"
#: Largest index file that is read, in bytes.
_INDEX_BYTES = 1 << 28
#: First bytes of files that stand in the place of a checkpoint, what they are, and how
#: to come by the checkpoint; and how many bytes are looked at.
_STAND_INS = (
    (b"version https://git-lfs", "a pointer of Git LFS", "fetch it with git lfs pull"),
    (b"<!doctype html", "a page of HTML", "download the file again, signed in"),
    (b"<html", "a page of HTML", "download the file again, signed in"),
)
_START = 256
#: Files of which a Zarr store has one.
_ZARR = ("zarr.json", ".zgroup", ".zarray")


def read_checkpoint(path: Any) -> Checkpoint:
    """Tensors of a checkpoint in any format of `FORMATS`.

    Parameters
    ----------
    path : str or os.PathLike
        A .safetensors file; an index of several, ``*.index.json``, or a folder with
        one; a .npz or .npy file; a state dict of torch (.pt, .pth, .bin); or a Zarr
        store.

    Returns
    -------
    checkpoint : Checkpoint
        Nothing but headers is read until a tensor is opened.

    Raises
    ------
    ArgumentError
        If no format has that ending.
    OutputError
        If it cannot be read.
    FileFormatError
        If it is not what its name says.
    MissingPackageError
        If the format needs a package that is not installed.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(Path(folder) / "m.npz", w=np.ones((2, 3)))
    ...     [one.shape for one in read_checkpoint(Path(folder) / "m.npz").tensors]
    [(2, 3)]
    """
    source = Path(path)
    if not source.exists():
        raise OutputError(
            f"checkpoint {str(path)!r}",
            "there is no file or folder of that name",
            "check the path",
        )
    if source.is_dir():
        return _read_folder(source)
    if not source.is_file():
        raise OutputError(
            f"checkpoint {str(path)!r}",
            "it is a device or a pipe, not a regular file",
            "name the file itself",
        )
    _refuse_stand_in(source)
    if source.name.endswith(_INDEX):
        return _read_index(source)
    module = FORMATS.get(source.suffix.lower())
    if module is None:
        raise ArgumentError(
            f"checkpoint {str(path)!r}",
            f"fastinit reads {', '.join(FORMATS)}, *{_INDEX} and Zarr stores",
            "convert it to one of these, or correct its name",
        )
    return module(source)


def _refuse_stand_in(source: Path) -> None:
    """Raise where a file is what failed downloads leave."""
    try:
        with source.open("rb") as file:
            start = file.read(_START).lstrip().lower()
    except OSError:
        # Its reader says what is wrong.
        return
    for mark, found, remedy in _STAND_INS:
        if start.startswith(mark):
            raise FileFormatError(
                f"{str(source)!r}: {found}",
                "a checkpoint is the file of tensors itself",
                remedy,
            )


def is_part(path: Path, source: Path) -> bool:
    """Whether a file may be a part of a checkpoint.

    Parameters
    ----------
    path : pathlib.Path
        A file that exists.
    source : pathlib.Path
        A checkpoint: a folder, or an index of several files.

    Returns
    -------
    is_part : bool
        True for every file of a Zarr store, and for those beside an index or in a
        folder whose ending is that of a checkpoint.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     parts = [Path(folder) / name for name in ("a.safetensors", "a.xml")]
    ...     [is_part(one, Path(folder)) for one in parts]
    [True, False]
    """
    folder = source if source.is_dir() else source.parent
    # A link of the folder is a part of it, wherever it leads.
    place = path.parent.resolve()
    if folder.resolve() not in (place, *place.parents):
        return False
    if source.is_dir() and _is_zarr(source):
        return True
    return path.suffix.lower() in FORMATS or path.name.endswith(_INDEX)


def _is_zarr(folder: Path) -> bool:
    return any((folder / mark).exists() for mark in _ZARR)


def _read_folder(source: Path) -> Checkpoint:
    """Checkpoint of a folder: a Zarr store, an index, or files of safetensors."""
    if _is_zarr(source):
        return _of_module("zarr_stores", source)
    indexes = sorted(source.glob(f"*{_INDEX}"))
    files = sorted(source.glob("*.safetensors"))
    if len(indexes) == 1:
        return _read_index(indexes[0])
    if indexes or not files:
        found = "several indexes" if indexes else "no checkpoint"
        raise ArgumentError(
            f"folder {str(source)!r}: {found}",
            f"a folder is a Zarr store, or holds one *{_INDEX} or .safetensors files",
            "name the file itself",
        )
    return _joined(source, [_read_safetensors(one) for one in files])


def _read_index(source: Path) -> Checkpoint:
    """Checkpoint of several files that an index lists."""
    try:
        if source.stat().st_size > _INDEX_BYTES:
            raise _broken(source, "more than 256 MiB")
        listed = json.loads(source.read_text("utf-8"))["weight_map"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        reason = f"no map of weights ({type(error).__name__})"
        raise _broken(source, reason) from error
    texts = isinstance(listed, dict) and all(
        isinstance(v, str) for v in listed.values()
    )
    if not texts or not all(_is_beside(source, name) for name in listed.values()):
        raise _broken(source, "names that are no files of its folder")
    parts = {
        name: read_checkpoint(source.parent / name)
        for name in sorted(set(listed.values()))
    }
    held = {name: part.names for name, part in parts.items()}
    lost = tuple(
        (name, f"listed in {source.name}, missing from {file}")
        for name, file in listed.items()
        if name not in held[file]
    )
    return dataclasses.replace(_joined(source, list(parts.values())), lost=lost)


def _is_beside(index: Path, name: str) -> bool:
    """Whether a name can be that of a file of tensors in the folder of an index."""
    # An index of another folder, or of indexes, is nothing that one can mean.
    is_plain = Path(name).name == name and not name.endswith(_INDEX)
    return is_plain and not (index.parent / name).is_dir()


def _joined(source: Path, parts: list[Checkpoint]) -> Checkpoint:
    """One checkpoint of several files."""
    tensors = [one for part in parts for one in part.tensors]
    names = [one.name for one in tensors]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise _broken(source, f"tensor {shown(twice)} in two files")
    unread = tuple(one for part in parts for one in part.unread)
    return Checkpoint(source, tuple(tensors), unread)


def _broken(path: Path, found: str) -> FileFormatError:
    return FileFormatError(
        f"{str(path)!r}: {found}",
        "an index is JSON with a weight_map of names to files of the same folder",
        "write or download the files again",
    )


def _read_safetensors(source: Path) -> Checkpoint:
    stored = read_safetensors(source)
    return Checkpoint(source, tuple(map(_of_stored, stored.values())))


def _of_stored(one: StoredTensor) -> Stored:
    return Stored(one.name, one.dtype, one.values.shape, lambda: one.values)


def _read_npy(source: Path) -> Checkpoint:
    values = read_npy(source)
    one = Stored(source.stem, dtype_of(values.dtype), values.shape, lambda: values)
    return Checkpoint(source, (one,))


def _of_module(name: str, source: Path) -> Checkpoint:
    """Read by a module that is imported when its format is met."""
    module = importlib.import_module(f"fastinit.checkpoints.{name}")
    checkpoint: Checkpoint = module.read(source)
    return checkpoint


#: Readers by the ending of a file; Zarr stores are folders.
FORMATS: dict[str, Callable[[Path], Checkpoint]] = {
    ".safetensors": _read_safetensors,
    ".npz": functools.partial(_of_module, "archives"),
    ".npy": _read_npy,
    ".pt": functools.partial(_of_module, "torch_files"),
    ".pth": functools.partial(_of_module, "torch_files"),
    ".bin": functools.partial(_of_module, "torch_files"),
}
