"""One tensor in a .npy file."""

from __future__ import annotations

import io
import math
import mmap
import os
import tokenize
import warnings
from pathlib import Path
from typing import IO, Any, BinaryIO

import numpy as np

from fastinit.destinations.durable import check_output, durable_file, write_at
from fastinit.destinations.flat_file import Placement, write_plans
from fastinit.dtypes import dtype_of, numpy_dtype
from fastinit.errors import DtypeError, FileFormatError, OutputError
from fastinit.filling import Filling, whole_filling
from fastinit.plan import FillPlan

__all__ = ["read_npy", "read_npy_header", "write_npy"]

#: What NumPy's parser of headers raises on text that is none.
_MALFORMED = (
    ValueError,
    TypeError,
    SyntaxError,
    tokenize.TokenError,
    RecursionError,
    MemoryError,
)
_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def _header(filling: Filling) -> bytes:
    """Header of a .npy file, by NumPy's own writer."""
    dtype = numpy_dtype(filling.dtype.name)
    # Of the kind of a dtype ml_dtypes says 'f' or 'V', as it likes.
    if not dtype.isbuiltin == 1:
        raise DtypeError(
            f"dtype {filling.dtype.name} for a .npy file",
            "the format knows NumPy's own dtypes only",
            "write a .safetensors file, or choose float16 or float32",
        )
    out = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        out,
        {
            "descr": np.lib.format.dtype_to_descr(dtype),
            "fortran_order": False,
            "shape": filling.shape,
        },
    )
    return out.getvalue()


def write_npy(
    path: Any,
    plan: FillPlan | Filling,
    *,
    threads: int | None = None,
    progress: Any = None,
    overwrite: bool = False,
) -> None:
    """Write one tensor to a .npy file.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    plan : FillPlan or Filling
        The tensor; a Filling holds a part of one, or several.
    threads : int, optional
        Threads to use; no byte depends on it.
    progress : callable, optional
        Called with the number of elements done since the last call.
    overwrite : bool
        True to replace a file that is there.

    Raises
    ------
    DtypeError
        If the format does not know the dtype, such as bfloat16.
    OutputError
        If the file cannot be written; the path is untouched then.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from fastinit.api import make_plan
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_npy(Path(folder) / "w.npy", make_plan("ones", (2, 2)))
    ...     np.load(Path(folder) / "w.npy").sum()
    np.float32(4.0)
    """
    filling = whole_filling(plan) if isinstance(plan, FillPlan) else plan
    header = _header(filling)
    target = check_output(path, overwrite=overwrite)
    place = Placement(filling, len(header))
    with durable_file(target, place.end, overwrite=overwrite) as descriptor:
        write_at(descriptor, header, 0)
        write_plans(descriptor, [place], threads, progress)


def read_npy(path: Any) -> Any:
    """Array of a .npy file, mapped and checked.

    Parameters
    ----------
    path : str or os.PathLike
        The file.

    Returns
    -------
    values : numpy.ndarray
        Read-only, of the file's shape, dtype and order; nothing but the header is
        read until it is used.

    Raises
    ------
    OutputError
        If the file cannot be opened.
    DtypeError
        If fastinit does not know the dtype, such as complex64.
    FileFormatError
        If the header is malformed, or does not describe the file's bytes exactly.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.save(Path(folder) / "w.npy", np.arange(3.0))
    ...     read_npy(Path(folder) / "w.npy").tolist()
    [0.0, 1.0, 2.0]
    """
    source = Path(path)
    try:
        with source.open("rb") as file:
            shape, is_fortran, dtype = read_npy_header(source, file)
            offset, size = file.tell(), os.fstat(file.fileno()).st_size
            declared = math.prod(shape) * dtype.itemsize
            if declared != size - offset:
                raise _broken(
                    source, f"a header for {declared} bytes of {size - offset}"
                )
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise OutputError(
            f"file {str(path)!r}",
            f"reading failed: {error.strerror or error}",
            "check the path and its permissions",
        ) from error
    values = np.frombuffer(mapped, dtype, math.prod(shape), offset)
    return values.reshape(shape, order="F" if is_fortran else "C")


def read_npy_header(
    source: Path, file: BinaryIO | IO[bytes]
) -> tuple[tuple[int, ...], bool, Any]:
    """Shape, order and dtype of a header; leaves the file at the first element.

    Parameters
    ----------
    source : pathlib.Path
        Where it comes from, for messages.
    file : binary file
        At its first byte.

    Returns
    -------
    shape : tuple of int
        Of the array.
    is_fortran : bool
        Whether the first axis runs fastest.
    dtype : numpy.dtype
        A dtype that fastinit knows.

    Raises
    ------
    DtypeError
        If fastinit does not know the dtype.
    FileFormatError
        If there is no header, or its array cannot be.
    """
    try:
        # NumPy warns of headers that Python 2 wrote; they are read all the same.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            version = np.lib.format.read_magic(file)
            if version not in _READERS:
                raise _broken(source, f"a header of version {version}")
            shape, is_fortran, dtype = _READERS[version](file)
    except FileFormatError:
        raise
    except _MALFORMED as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise _broken(source, f"no header ({reason})") from error
    if dtype.hasobject:
        raise _broken(source, "pickled Python objects")
    dtype_of(dtype)
    # An empty array of absurd sizes would be refused by NumPy only when reshaped.
    extent = math.prod(max(size, 1) for size in shape) * dtype.itemsize
    wrong = any(type(size) is not int or size < 0 for size in shape)
    if len(shape) > 64 or wrong or extent >= 1 << 63:
        raise _broken(source, f"shape {shape}")
    return shape, is_fortran, dtype


def _broken(path: Path, found: str) -> FileFormatError:
    return FileFormatError(
        f"{str(path)!r}: {found}",
        "a .npy file is a header and exactly the bytes of the one array it declares",
        "write or download the file again",
    )
