"""The dtypes that fastinit writes: one row each.

A dtype is known by its NumPy or ml_dtypes name, whoever brings it (NumPy,
ml_dtypes, torch, JAX), so that no framework has to be imported to recognise it.
"""

from __future__ import annotations

import functools
import importlib
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from fastinit.errors import ArgumentError, DtypeError, shown

__all__ = [
    "DTYPES",
    "ROUNDINGS",
    "Dtype",
    "dtype_of",
    "is_swapped",
    "new_dtype",
    "numpy_dtype",
    "rounded_dtype",
]

Kind = Literal["float", "complex", "integer", "bool"]
Rounding = Literal["nearest", "stochastic"]

#: Ways to round to a low-precision dtype, the default first.
ROUNDINGS: tuple[Rounding, ...] = ("nearest", "stochastic")


@dataclass(frozen=True)
class Dtype:
    """One row of the table of dtypes.

    Attributes
    ----------
    name : str
        NumPy or ml_dtypes name.
    kind : {'float', 'complex', 'integer', 'bool'}
        Random values need 'float' or 'complex'; constants go everywhere.
    itemsize : int
        Bytes per element.
    storage : str
        NumPy name of the type that kernels store: the dtype itself, the unsigned
        integer that carries its bit pattern, or that of a complex number's parts.
    precision : {32, 64}
        Width in bits of the arithmetic that makes the value before rounding.
    max_finite : float
        Largest finite value of it, or of a part; 0 for integers and bool.
    safetensors : str
        Code of the dtype in a safetensors header; '' where the format has none.
    rounding : {'nearest', 'stochastic'}
        How values are rounded to it; 'nearest' in the rows of the table.
    """

    name: str
    kind: Kind
    itemsize: int
    storage: str
    precision: Literal[32, 64]
    max_finite: float
    safetensors: str
    rounding: Rounding = "nearest"

    @property
    def is_float(self) -> bool:
        """True where random real values can be written."""
        return self.kind == "float"

    @property
    def is_complex(self) -> bool:
        """True where an element is a real and an imaginary part."""
        return self.kind == "complex"

    @property
    def part(self) -> Dtype:
        """Row of what an element holds: of its parts where it is complex."""
        return DTYPES[self.storage] if self.is_complex else self

    @property
    def is_stochastic(self) -> bool:
        """True where values are rounded by chance."""
        return self.rounding == "stochastic"

    @property
    def is_low_precision(self) -> bool:
        """True where a value is a rounded float32."""
        return self.is_float and self.storage.startswith("uint")


def _float(name: str, storage: str, code: str, max_finite: float) -> Dtype:
    itemsize = np.dtype(storage).itemsize
    return Dtype(
        name, "float", itemsize, storage, 64 if itemsize == 8 else 32, max_finite, code
    )


def _complex(name: str, storage: str, code: str) -> Dtype:
    part = np.dtype(storage)
    width: Literal[32, 64] = 64 if part.itemsize == 8 else 32
    largest = float(np.finfo(part).max)
    return Dtype(name, "complex", 2 * part.itemsize, storage, width, largest, code)


def _integer(name: str) -> Dtype:
    itemsize = np.dtype(name).itemsize
    code = ("U" if name.startswith("u") else "I") + str(8 * itemsize)
    return Dtype(name, "integer", itemsize, name, 32, 0.0, code)


#: One row per dtype, by name.
DTYPES: dict[str, Dtype] = {
    row.name: row
    for row in (
        _float("float64", "float64", "F64", float(np.finfo(np.float64).max)),
        _float("float32", "float32", "F32", float(np.finfo(np.float32).max)),
        _float("float16", "uint16", "F16", 65504.0),
        _float("bfloat16", "uint16", "BF16", float.fromhex("0x1.fep127")),
        _float("float8_e4m3fn", "uint8", "F8_E4M3", 448.0),
        _float("float8_e5m2", "uint8", "F8_E5M2", 57344.0),
        *(
            _integer(f"{sign}int{bits}")
            for sign in ("", "u")
            for bits in (8, 16, 32, 64)
        ),
        Dtype("bool", "bool", 1, "uint8", 32, 0.0, "BOOL"),
        _complex("complex64", "float32", "C64"),
        _complex("complex128", "float64", ""),
    )
}


def _name_of(dtype: Any) -> str:
    """Name of a dtype of any library, or '' where there is none."""
    if isinstance(dtype, str):
        return dtype
    if type(dtype).__module__ == "torch":
        return str(dtype).removeprefix("torch.")
    if dtype is None:
        # np.dtype(None) is float64, which nobody asked for.
        return ""
    try:
        return str(np.dtype(dtype).name)
    except (TypeError, ValueError):
        return ""


def dtype_of(dtype: Any) -> Dtype:
    """Row of a dtype given by name, by NumPy, ml_dtypes, torch or JAX.

    Parameters
    ----------
    dtype : str, numpy.dtype, type or torch.dtype
        What names the dtype.

    Returns
    -------
    row : Dtype
        The row of the table.

    Raises
    ------
    DtypeError
        If no row has that name.

    Examples
    --------
    >>> dtype_of("bfloat16").storage
    'uint16'
    """
    row = DTYPES.get(_name_of(dtype))
    if row is None:
        raise DtypeError(
            f"dtype {shown(dtype)}",
            f"fastinit writes {', '.join(DTYPES)}",
            "choose one of these, or convert the array",
        )
    return row


def rounded_dtype(dtype: Any, rounding: Any = "nearest") -> Dtype:
    """Row of a dtype with a way of rounding to it.

    Parameters
    ----------
    dtype : str, numpy.dtype, type or torch.dtype
        What names the dtype.
    rounding : {'nearest', 'stochastic'}
        How values are rounded.

    Returns
    -------
    row : Dtype
        The row of the table, or one that differs in `rounding`.

    Raises
    ------
    DtypeError
        If no row has that name.
    ArgumentError
        If there is no such rounding, or values of the dtype are not rounded.

    Examples
    --------
    >>> rounded_dtype("bfloat16", "stochastic").is_stochastic
    True
    """
    row = dtype_of(dtype)
    if rounding == "nearest" and isinstance(rounding, str):
        return row
    if not isinstance(rounding, str) or rounding not in ROUNDINGS:
        raise ArgumentError(
            f"rounding {shown(rounding)}",
            f"rounding is {' or '.join(map(repr, ROUNDINGS))}",
            "choose one of these",
        )
    if not row.is_low_precision:
        narrow = [one.name for one in DTYPES.values() if one.is_low_precision]
        raise ArgumentError(
            f"rounding {rounding!r} for dtype {row.name}",
            f"only values of {', '.join(narrow)} are rounded from float32",
            "leave out rounding, or choose one of these dtypes",
        )
    return replace(row, rounding="stochastic")


@functools.cache
def numpy_dtype(name: str) -> np.dtype[Any]:
    """NumPy dtype of a row, from ml_dtypes where NumPy has none.

    Parameters
    ----------
    name : str
        Name of a row of `DTYPES`.

    Returns
    -------
    dtype : numpy.dtype
        The dtype, in native byte order.

    Examples
    --------
    >>> numpy_dtype("bfloat16").itemsize
    2
    """
    if hasattr(np, name) or name == "bool":
        return np.dtype(name)
    # ml_dtypes costs 0.1 s to import, so only the dtypes that need it pay.
    dtype: np.dtype[Any] = np.dtype(getattr(importlib.import_module("ml_dtypes"), name))
    return dtype


def is_swapped(dtype: np.dtype[Any]) -> bool:
    """Whether values are stored in the other byte order.

    Parameters
    ----------
    dtype : numpy.dtype
        Of an array.

    Returns
    -------
    is_swapped : bool
        False for single bytes, to which ml_dtypes gives an order too.

    Examples
    --------
    >>> is_swapped(np.dtype("f4").newbyteorder())
    True
    """
    return dtype.itemsize > 1 and not dtype.isnative


def new_dtype(dtype: Any) -> np.dtype[Any]:
    """NumPy dtype of a new array, in the byte order that was asked for.

    Parameters
    ----------
    dtype : str, numpy.dtype, type or torch.dtype
        What names the dtype; only a numpy.dtype also tells a byte order.

    Returns
    -------
    dtype : numpy.dtype
        In native byte order where none was told.

    Raises
    ------
    DtypeError
        If no row has that name.

    Examples
    --------
    >>> new_dtype(np.float32).name
    'float32'
    >>> new_dtype(np.dtype(">u2")).str
    '>u2'
    """
    native = numpy_dtype(dtype_of(dtype).name)
    told = isinstance(dtype, np.dtype) and is_swapped(dtype)
    return native.newbyteorder() if told else native
