"""The destinations: a table by the package that an object's class comes from."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from fastinit.destinations.protocol import Opened
from fastinit.errors import DestinationError

__all__ = [
    "DESTINATIONS",
    "PROTOCOLS",
    "Destination",
    "open_destination",
    "read_destination",
]


@dataclass(frozen=True)
class Destination:
    """A row of the table of destinations.

    Attributes
    ----------
    array_class : str
        Name of the package's class of arrays.
    module : str
        Module with `open_writable` and `read_values`, imported when first needed.
    """

    array_class: str
    module: str


#: Destinations by the package that their classes come from.
DESTINATIONS: dict[str, Destination] = {
    "numpy": Destination("ndarray", "fastinit.destinations.numpy"),
    "torch": Destination("Tensor", "fastinit.destinations.torch"),
    "cupy": Destination("ndarray", "fastinit.destinations.cupy"),
    "numba": Destination("DeviceNDArray", "fastinit.destinations.numba"),
}
#: Modules for arrays of any other package, by the attribute that tells the memory.
PROTOCOLS: dict[str, str] = {
    "__cuda_array_interface__": "fastinit.destinations.cuda_array",
    "__dlpack__": "fastinit.destinations.dlpack",
}
_found: dict[type, Any] = {}


def _module_for(target: Any) -> Any:
    """Module of the destination that knows an object's class."""
    kind = type(target)
    if kind not in _found:
        _found[kind] = importlib.import_module(_name_for(kind))
    return _found[kind]


def _name_for(kind: type) -> str:
    """Name of the module for a class: that of its package goes first."""
    for base in kind.__mro__:
        row = DESTINATIONS.get(base.__module__.partition(".")[0])
        if row is not None and base.__name__ == row.array_class:
            return row.module
    # JAX speaks both protocols, for readers: its arrays never change. And what an
    # object merely passes on from another is no property of its class.
    is_jax = kind.__module__.startswith("jax")
    for attribute, module in PROTOCOLS.items():
        if hasattr(kind, attribute) and not is_jax:
            return module
    raise DestinationError(
        f"an object of type {kind.__module__}.{kind.__name__}",
        f"fastinit knows arrays of {', '.join(DESTINATIONS)}, and any on a CUDA device",
        "pass a NumPy array or torch tensor, or use the function without"
        " underscore to make a new array",
    )


def open_destination(target: Any) -> Opened:
    """Open any object that fastinit can fill.

    Parameters
    ----------
    target : numpy.ndarray, torch.Tensor or an array on a CUDA device
        What to fill: CuPy's, Numba's, any with ``__cuda_array_interface__``, or with
        DLPack where its memory is on a CUDA device.

    Returns
    -------
    opened : Opened
        Its memory.

    Raises
    ------
    DestinationError
        If no destination knows its class.

    Examples
    --------
    >>> import numpy as np
    >>> open_destination(np.zeros(3)).shape
    (3,)
    """
    opened: Opened = _module_for(target).open_writable(target)
    return opened


def read_destination(target: Any) -> Any:
    """Values of any object that fastinit knows, as a NumPy array.

    Parameters
    ----------
    target : numpy.ndarray or torch.Tensor
        What to read.

    Returns
    -------
    values : numpy.ndarray
        Shares the object's memory where possible.

    Raises
    ------
    DestinationError
        If no destination knows its class.

    Examples
    --------
    >>> import numpy as np
    >>> read_destination(np.zeros(3)).shape
    (3,)
    """
    return _module_for(target).read_values(target)
