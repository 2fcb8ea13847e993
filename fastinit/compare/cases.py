"""What is measured: initializers, dtypes, sizes, layouts, and cases made of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastinit.dtypes import DTYPES
from fastinit.errors import ArgumentError, shown
from fastinit.schemes import SCHEMES
from fastinit.spec import Spec

__all__ = [
    "DTYPE_NAMES",
    "INITIALIZERS",
    "LAYOUTS",
    "SIZES",
    "Case",
    "Size",
    "dtype_name",
    "initializer_of",
    "plain",
    "size_of",
]

#: Initializers, with the arguments that every contender uses. A row of a scheme that
#: this version lacks is left out.
INITIALIZERS: dict[str, dict[str, float]] = {
    name: arguments
    for name, arguments in {
        "constant": {"val": 0.5},
        "uniform": {"a": 0.0, "b": 1.0},
        "normal": {"mean": 0.0, "std": 1.0},
        "trunc_normal": {"mean": 0.0, "std": 1.0, "a": -2.0, "b": 2.0},
        "xavier_uniform": {},
        "kaiming_normal": {},
    }.items()
    if name in SCHEMES
}
#: Dtypes whose values every initializer can have.
DTYPE_NAMES = tuple(name for name, row in DTYPES.items() if row.is_float)
#: Orders of the elements in memory, with the bytes that they reach over per byte of
#: the array: transposed storage of the same shape, and every second element.
LAYOUTS = {"contiguous": 1, "transposed": 1, "stepped": 2}


@dataclass(frozen=True)
class Size:
    """A shape with a name.

    Attributes
    ----------
    name : str
        As it stands in tables; Ki is 2^10, Mi is 2^20 elements.
    shape : tuple of int
        Shape of the array; of two axes, so that fans exist.
    """

    name: str
    shape: tuple[int, int]

    @property
    def elements(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)


#: Sizes that have a name, the smallest first: 64x64, then powers of two.
SIZES: dict[str, Size] = {
    row.name: row
    for row in (
        Size("4Ki", (64, 64)),
        Size("64Ki", (256, 256)),
        Size("1Mi", (1 << 10, 1 << 10)),
        Size("16Mi", (1 << 12, 1 << 12)),
        Size("64Mi", (1 << 13, 1 << 13)),
        Size("256Mi", (1 << 14, 1 << 14)),
        Size("1Gi", (1 << 15, 1 << 15)),
    )
}


@dataclass(frozen=True)
class Case:
    """One thing to do, for every contender.

    Attributes
    ----------
    initializer : str
        Name in `INITIALIZERS`.
    dtype : str
        NumPy or ml_dtypes name.
    size : Size
        Shape of the array.
    threads : int
        Threads that a contender may use where it can be told, >= 1.
    layout : str
        Name in `LAYOUTS`.
    touch : str
        'warm' where the pages of the array are present, 'first' where a fill is the
        first to touch them.
    """

    initializer: str
    dtype: str
    size: Size
    threads: int = 1
    layout: str = "contiguous"
    touch: str = "warm"

    @property
    def id(self) -> str:
        """Name of the case in results.

        Examples
        --------
        >>> Case("normal", "float32", SIZES["1Mi"], threads=2).id
        'normal-float32-1Mi-2'
        """
        parts = [self.initializer, self.dtype, self.size.name, str(self.threads)]
        parts += [] if self.layout == "contiguous" else [self.layout]
        return "-".join([*parts, *([] if self.touch == "warm" else ["first"])])

    @property
    def spec(self) -> Spec:
        """What the values must follow."""
        return Spec(self.initializer, **INITIALIZERS[self.initializer])

    @property
    def n_bytes(self) -> int:
        """Bytes of the array."""
        return self.size.elements * DTYPES[self.dtype].itemsize

    @property
    def reach(self) -> int:
        """Bytes from the first of the array to the end of its last."""
        return self.n_bytes * LAYOUTS[self.layout]


def _chosen(what: str, name: str, table: Sequence[str]) -> str:
    if name not in table:
        raise ArgumentError(
            f"{what} {shown(name)}",
            f"they are {', '.join(table)}",
            "choose one of these",
        )
    return name


def initializer_of(name: str) -> str:
    """Name of an initializer, checked.

    Parameters
    ----------
    name : str
        What was given.

    Returns
    -------
    name : str
        One of `INITIALIZERS`.

    Raises
    ------
    ArgumentError
        If no row has that name.

    Examples
    --------
    >>> initializer_of("normal")
    'normal'
    """
    return _chosen("scheme", name, tuple(INITIALIZERS))


def dtype_name(name: str) -> str:
    """Name of a dtype, checked.

    Parameters
    ----------
    name : str
        What was given.

    Returns
    -------
    name : str
        One of `DTYPE_NAMES`.

    Raises
    ------
    ArgumentError
        If random values cannot have that dtype.

    Examples
    --------
    >>> dtype_name("bfloat16")
    'bfloat16'
    """
    return _chosen("dtype", name, DTYPE_NAMES)


def size_of(name: str) -> Size:
    """Size by its name.

    Parameters
    ----------
    name : str
        Such as '64Mi'.

    Returns
    -------
    size : Size
        The row.

    Raises
    ------
    ArgumentError
        If no row has that name.

    Examples
    --------
    >>> size_of("1Mi").elements == 2**20
    True
    """
    return SIZES[_chosen("size", name, tuple(SIZES))]


def plain(case: Case) -> dict[str, Any]:
    """Case as plain values, ready for JSON.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    data : dict
        Its fields, with shape, elements and bytes spelled out.

    Examples
    --------
    >>> plain(Case("normal", "float32", SIZES["4Ki"]))["bytes"]
    16384
    """
    return {
        "id": case.id,
        "scheme": case.initializer,
        "spec": str(case.spec),
        "dtype": case.dtype,
        "size": case.size.name,
        "shape": list(case.size.shape),
        "elements": case.size.elements,
        "bytes": case.n_bytes,
        "threads": case.threads,
        "layout": case.layout,
        "touch": case.touch,
    }
