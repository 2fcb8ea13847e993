"""New arrays: of which library, and where."""

from __future__ import annotations

import contextlib
import importlib
import math
import re
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import numpy as np

from fastinit.errors import (
    ArgumentError,
    MissingPackageError,
    OutOfMemoryError,
    shown,
)

__all__ = ["ARRAY_TYPES", "Home", "home_of", "no_memory", "required"]

Kind = Literal["cpu", "cuda"]

#: Libraries whose arrays can be made, by kind of device; the first is the default.
ARRAY_TYPES: dict[Kind, dict[str, str]] = {
    "cpu": {
        "numpy": "fastinit.destinations.numpy",
        "torch": "fastinit.destinations.torch",
    },
    "cuda": {
        "numba": "fastinit.destinations.numba",
        "torch": "fastinit.destinations.torch",
        "cupy": "fastinit.destinations.cupy",
    },
}


class Home(NamedTuple):
    """Where a new array is to live.

    Attributes
    ----------
    kind : {'cpu', 'cuda'}
        Kind of device.
    device : int or None
        Number of a CUDA device; None for the current one, and for the host.
    array_type : str
        Library of the array, a key of `ARRAY_TYPES`.
    """

    kind: Kind
    device: int | None
    array_type: str

    @property
    def backend(self) -> str:
        """Name of the backend that fills there."""
        return self.kind

    def new_array(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
        """Make an array of no particular values.

        Parameters
        ----------
        shape : tuple of int
            Sizes, each >= 0.
        dtype : numpy.dtype
            Of the array.

        Returns
        -------
        array : object
            C-contiguous.

        Raises
        ------
        MissingPackageError
            If the library is not installed.
        OutOfMemoryError
            If memory does not suffice.
        """
        module = importlib.import_module(ARRAY_TYPES[self.kind][self.array_type])
        if self.array_type == "numpy":
            return module.new_array(shape, dtype)
        if self.array_type == "torch":
            return module.new_array(shape, dtype, self.kind, self.device)
        return module.new_array(shape, dtype, self.device)


def home_of(device: Any, array_type: str | None, backend: str | None) -> Home:
    """Where a new array is to live, from what a caller says about it.

    Parameters
    ----------
    device : str, torch.device, cupy.cuda.Device or None
        'cpu', 'cuda' or 'cuda:1'; by default where the backend fills.
    array_type : str or None
        'numpy', 'torch', 'cupy' or 'numba'; by default the library of `device`, NumPy
        in host memory and Numba on a CUDA device.
    backend : str or None
        The backend that is asked for.

    Returns
    -------
    home : Home
        Library and device.

    Raises
    ------
    ArgumentError
        If there is no such device or library, or not there.

    Examples
    --------
    >>> home_of(None, None, None)
    Home(kind='cpu', device=None, array_type='numpy')
    >>> home_of("cuda:1", "torch", None)
    Home(kind='cuda', device=1, array_type='torch')
    """
    library = type(device).__module__.partition(".")[0]
    kind, number = _device(device, backend)
    if array_type is None:
        own = kind == "cuda" and library in ARRAY_TYPES[kind]
        array_type = library if own else next(iter(ARRAY_TYPES[kind]))
    if not isinstance(array_type, str) or array_type not in ARRAY_TYPES[kind]:
        raise ArgumentError(
            f"array_type {shown(array_type)} on {kind}",
            f"arrays there are of {', '.join(ARRAY_TYPES[kind])}",
            "choose one of these, or another device",
        )
    return Home(kind, number, array_type)


def _device(device: Any, backend: str | None) -> tuple[Kind, int | None]:
    """Kind and number of a device."""
    if device is None:
        return ("cuda" if backend == "cuda" else "cpu"), None
    if type(device).__module__.partition(".")[0] == "cupy":
        return "cuda", int(device.id)
    text = device
    if not isinstance(device, str) and isinstance(getattr(device, "type", None), str):
        number = getattr(device, "index", None)
        text = device.type if number is None else f"{device.type}:{number}"
    if text == "cpu":
        return "cpu", None
    found = (
        re.fullmatch(r"cuda(?::(\d{1,4}))?", text) if isinstance(text, str) else None
    )
    if found is None:
        raise ArgumentError(
            f"device {shown(device)}",
            "new arrays are made in host memory or on a CUDA device: device is 'cpu', "
            "'cuda', 'cuda:1' or None",
            "make the array on its device and fill it in place",
        )
    return "cuda", None if found[1] is None else int(found[1])


@contextlib.contextmanager
def required(package: str) -> Iterator[None]:
    """Turn a failed import into an error that says what to install.

    Parameters
    ----------
    package : str
        Name of the package for pip.

    Yields
    ------
    None
        Inside, the package is imported.

    Raises
    ------
    MissingPackageError
        If that fails.

    Examples
    --------
    >>> with required("numpy"):
    ...     import numpy
    """
    try:
        yield
    except ImportError as error:
        raise MissingPackageError(
            f"package {package}",
            f"it must be installed for arrays of it ({error})",
            f"pip install {package}, or choose another array_type",
        ) from error


def no_memory(
    shape: tuple[int, ...], dtype: np.dtype[Any], device: int | None
) -> OutOfMemoryError:
    """Error of a device without room for an array.

    Parameters
    ----------
    shape : tuple of int
        Of the array.
    dtype : numpy.dtype
        Of the array.
    device : int or None
        Number of the device; None for the current one.

    Returns
    -------
    error : OutOfMemoryError
        Not raised yet.

    Examples
    --------
    >>> no_memory((2**40,), np.dtype("float32"), 0).given
    'a new array of shape (1099511627776,) and dtype float32, 4,096.0 GiB'
    """
    size = math.prod(shape) * dtype.itemsize
    where = "the current CUDA device" if device is None else f"CUDA device {device}"
    return OutOfMemoryError(
        f"a new array of shape {shown(shape)} and dtype {dtype.name},"
        f" {size / 2**30:,.1f} GiB",
        f"it must fit into the free memory of {where}",
        "free memory there, or fill parts of it with View",
    )
