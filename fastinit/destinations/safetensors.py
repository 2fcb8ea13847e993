"""Many tensors in one .safetensors file, written without holding any of them.

The public library can neither stream a file out nor leave its dependencies behind,
and the format is a length, a JSON header and the bytes; tests read every kind of
file that this module writes with the library.
"""

from __future__ import annotations

import json
import math
import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fastinit.destinations.durable import check_output, durable_file, write_at
from fastinit.destinations.flat_file import Placement, write_plans
from fastinit.dtypes import DTYPES, Dtype, numpy_dtype
from fastinit.errors import DtypeError, FileFormatError, OutputError
from fastinit.filling import Filling, whole_filling
from fastinit.plan import FillPlan

__all__ = ["StoredTensor", "read_safetensors", "write_safetensors"]

#: Largest header that the public library reads, in bytes.
HEADER_LIMIT = 100_000_000
_METADATA = "__metadata__"
_BY_CODE = {row.safetensors: row for row in DTYPES.values() if row.safetensors}


@dataclass(frozen=True)
class StoredTensor:
    """A tensor in a file.

    Attributes
    ----------
    name : str
        Its name.
    dtype : Dtype
        Row of its dtype.
    values : numpy.ndarray
        Read-only, mapped from the file: nothing is read until it is used.
    """

    name: str
    dtype: Dtype
    values: Any


def _layout(plans: Mapping[str, Filling]) -> tuple[bytes, list[Placement]]:
    """Header without metadata and places: wide dtypes first, so all are aligned."""
    order = sorted(plans, key=lambda name: (-plans[name].dtype.itemsize, name))
    entries: dict[str, Any] = {}
    places, at = [], 0
    for name in order:
        place = Placement(plans[name], at)
        entries[name] = {
            "dtype": plans[name].dtype.safetensors,
            "shape": list(plans[name].shape),
            "data_offsets": [at, place.end],
        }
        places.append(place)
        at = place.end
    return json.dumps(entries, ensure_ascii=False).encode(), places


def _header(plans: Mapping[str, Filling], metadata: Mapping[str, str]) -> Any:
    """Length and header as bytes, and the places with their final offsets."""
    text, places = _layout(plans)
    if metadata:
        inner = json.dumps({_METADATA: dict(metadata)}, ensure_ascii=False).encode()
        text = inner[:-1] + (b", " + text[1:] if plans else b"}")
    text += b" " * (-len(text) % 8)
    if len(text) > HEADER_LIMIT:
        raise FileFormatError(
            f"a header of {len(text)} bytes for {len(plans)} tensors",
            f"readers accept at most {HEADER_LIMIT}",
            "write the tensors to several files",
        )
    head = len(text).to_bytes(8, "little") + text
    return head, [Placement(p.filling, p.offset + len(head)) for p in places]


def write_safetensors(
    path: Any,
    plans: Mapping[str, FillPlan | Filling],
    *,
    metadata: Mapping[str, str] | None = None,
    threads: int | None = None,
    progress: Any = None,
    overwrite: bool = False,
) -> None:
    """Write tensors to one .safetensors file.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    plans : mapping of str to FillPlan or Filling
        The tensors by their names in the file; a Filling holds parts of tensors, or
        several.
    metadata : mapping of str to str, optional
        Free text entries of the header.
    threads : int, optional
        Threads to use; no byte depends on it.
    progress : callable, optional
        Called with the number of elements done since the last call.
    overwrite : bool
        True to replace a file that is there.

    Raises
    ------
    DtypeError
        If the format has no code for a dtype: complex128.
    FileFormatError
        If the header would be larger than readers accept, or a tensor has the name
        that the format keeps for itself.
    OutputError
        If the file cannot be written; the path is untouched then.

    Examples
    --------
    >>> import tempfile
    >>> from fastinit.api import make_plan
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "w.safetensors"
    ...     write_safetensors(file, {"w": make_plan("ones", (2, 2))})
    ...     [float(t.values.sum()) for t in read_safetensors(file).values()]
    [4.0]
    """
    for name, one in plans.items():
        if not one.dtype.safetensors:
            raise DtypeError(
                f"tensor {name!r} of dtype {one.dtype.name} for a .safetensors file",
                f"the format knows {', '.join(_BY_CODE)}",
                "write a .npy file, or choose another dtype",
            )
    if _METADATA in plans:
        raise FileFormatError(
            f"a tensor called {_METADATA!r}",
            "the format keeps this name for its metadata",
            "give the tensor another name",
        )
    fillings = {
        name: whole_filling(one) if isinstance(one, FillPlan) else one
        for name, one in plans.items()
    }
    head, places = _header(fillings, metadata or {})
    target = check_output(path, overwrite=overwrite)
    size = places[-1].end if places else len(head)
    with durable_file(target, size, overwrite=overwrite) as descriptor:
        write_at(descriptor, head, 0)
        write_plans(descriptor, places, threads, progress)


def read_safetensors(path: Any) -> dict[str, StoredTensor]:
    """Tensors of a .safetensors file, mapped and checked.

    Parameters
    ----------
    path : str or os.PathLike
        The file.

    Returns
    -------
    tensors : dict of str to StoredTensor
        In the order of the header.

    Raises
    ------
    OutputError
        If the file cannot be opened.
    FileFormatError
        If the header is malformed, or does not describe the file's bytes exactly.
    """
    source = Path(path)
    try:
        with source.open("rb") as file:
            size = source.stat().st_size
            length = int.from_bytes(file.read(8), "little")
            if size < 8 or length > min(size - 8, HEADER_LIMIT):
                raise _broken(source, f"a header of {length} bytes in {size}")
            entries = _parse(source, file.read(length))
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(
            f"file {str(path)!r}",
            f"reading failed: {error.strerror or error}",
            "check the path and its permissions",
        ) from error
    _check_cover(source, entries, size - 8 - length)
    return {
        name: _stored(source, name, entry, mapped, 8 + length)
        for name, entry in entries.items()
    }


def _broken(path: Path, found: str) -> FileFormatError:
    return FileFormatError(
        f"{str(path)!r}: {found}",
        "a .safetensors file is a length, a JSON header and exactly the bytes it names",
        "write or download the file again",
    )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON object without repeated keys."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("repeated key")
    return made


def _parse(path: Path, raw: bytes) -> dict[str, Any]:
    """Entries of the header, each checked for its form."""
    try:
        header = json.loads(raw.decode(), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise _broken(path, f"header is not JSON ({error})") from error
    if not isinstance(header, dict):
        raise _broken(path, "header is not an object")
    header.pop(_METADATA, None)
    for name, entry in header.items():
        form = isinstance(entry, dict) and set(entry) == {
            "dtype",
            "shape",
            "data_offsets",
        }
        if not (
            form and _integers(entry["shape"]) and _integers(entry["data_offsets"])
        ):
            raise _broken(path, f"entry {name!r} is malformed")
        if len(entry["data_offsets"]) != 2 or not isinstance(entry["dtype"], str):
            raise _broken(path, f"entry {name!r} is malformed")
        # An empty tensor of absurd sizes would be refused by NumPy only when mapped.
        sizes = entry["shape"]
        if len(sizes) > 64 or math.prod(max(size, 1) for size in sizes) >= 1 << 59:
            raise _broken(path, f"entry {name!r} of a shape beyond any array")
    return header


def _integers(value: Any) -> bool:
    return isinstance(value, list) and all(
        type(item) is int and 0 <= item < 1 << 63 for item in value
    )


def _check_cover(path: Path, entries: Mapping[str, Any], size: int) -> None:
    """Offsets must cover the bytes without holes and overlaps."""
    at = 0
    for name, entry in sorted(entries.items(), key=lambda e: e[1]["data_offsets"]):
        begin, end = entry["data_offsets"]
        if begin != at or end < begin:
            raise _broken(path, f"entry {name!r} spans bytes {begin} to {end}")
        at = end
    if at != size:
        raise _broken(path, f"{size} bytes of data where the header names {at}")


def _stored(path: Path, name: str, entry: Any, mapped: Any, base: int) -> StoredTensor:
    """One tensor, mapped."""
    row = _BY_CODE.get(entry["dtype"])
    if row is None:
        raise FileFormatError(
            f"{str(path)!r}: entry {name!r} of dtype {entry['dtype']!r}",
            f"fastinit reads {', '.join(_BY_CODE)}",
            "convert the tensor to one of these",
        )
    begin, end = entry["data_offsets"]
    count = math.prod(entry["shape"])
    if count * row.itemsize != end - begin:
        raise _broken(path, f"entry {name!r} has {end - begin} bytes for its shape")
    values = np.frombuffer(mapped, numpy_dtype(row.name), count, base + begin)
    return StoredTensor(name, row, values.reshape(entry["shape"]))
