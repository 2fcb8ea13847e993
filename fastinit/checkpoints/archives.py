"""Archives of NumPy: mapped where their members are stored, unpacked where not."""

from __future__ import annotations

import functools
import math
import mmap
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from fastinit.checkpoints.stored import Checkpoint, Stored
from fastinit.destinations.npy import read_npy_header
from fastinit.dtypes import dtype_of
from fastinit.errors import DtypeError, FileFormatError, OutputError

__all__ = ["read"]

#: Bytes of a local header of a zip file before its texts, and where their sizes are.
_LOCAL, _SIZES = 30, 26
#: Arrays that were unpacked and are kept: two, so that a pair can be compared.
_KEPT = 2


def read(source: Path) -> Checkpoint:
    """Arrays of a .npz file.

    Parameters
    ----------
    source : pathlib.Path
        The file.

    Returns
    -------
    checkpoint : Checkpoint
        Members that are stored as they are are mapped; compressed ones are unpacked,
        a whole array at a time.

    Raises
    ------
    OutputError
        If the file cannot be opened.
    FileFormatError
        If it is no archive, or a member is no whole array.
    """
    try:
        with zipfile.ZipFile(source) as archive, source.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            members = [one for one in archive.infolist() if not one.is_dir()]
            return _checkpoint(source, archive, members, mapped)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(
            f"file {str(source)!r}",
            f"reading failed: {error.strerror or error}",
            "check the path and its permissions",
        ) from error
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError) as error:
        raise _broken(source, str(error)) from error


def _checkpoint(
    source: Path, archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], mapped: Any
) -> Checkpoint:
    tensors, unread = [], []

    @functools.lru_cache(maxsize=_KEPT)
    def unpacked(name: str, shape: tuple[int, ...], order: Any, dtype: Any) -> Any:
        with zipfile.ZipFile(source) as again, again.open(name) as member:
            read_npy_header(source, member)
            values = np.frombuffer(member.read(), dtype, math.prod(shape))
        return values.reshape(shape, order=order)

    for one in members:
        name = one.filename.removesuffix(".npy")
        with archive.open(one) as member:
            try:
                inside = Path(one.filename)
                shape, is_fortran, dtype = read_npy_header(inside, member)
            except DtypeError as error:
                unread.append((name, error.given))
                continue
            except FileFormatError as error:
                raise _broken(source, f"member {error.given}") from error
            head = member.tell()
        size = math.prod(shape) * dtype.itemsize
        if head + size != one.file_size:
            raise _broken(source, f"member {one.filename!r} of {one.file_size} bytes")
        order: Any = "F" if is_fortran else "C"
        if one.compress_type == zipfile.ZIP_STORED:
            at = _data_offset(mapped, one) + head
            values = np.frombuffer(mapped, dtype, math.prod(shape), at)
            opened = functools.partial(values.reshape, shape, order=order)
        else:
            opened = functools.partial(unpacked, one.filename, shape, order, dtype)
        tensors.append(Stored(name, dtype_of(dtype), shape, opened))
    return Checkpoint(source, tuple(tensors), tuple(unread))


def _data_offset(mapped: Any, member: zipfile.ZipInfo) -> int:
    """Byte at which the data of a member begin."""
    at = member.header_offset
    # The local header has texts of its own, of other sizes than the directory's.
    sizes = np.frombuffer(mapped, "<u2", 2, at + _SIZES)
    return at + _LOCAL + int(sizes.sum())


def _broken(path: Path, found: str) -> FileFormatError:
    return FileFormatError(
        f"{str(path)!r}: {found}",
        "a .npz file is a zip archive of .npy members",
        "write or download the file again",
    )
