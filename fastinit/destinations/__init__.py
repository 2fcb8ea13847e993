"""The destinations: a table by the package that an object's class comes from."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from fastinit.destinations.protocol import Opened
from fastinit.errors import DestinationError

__all__ = ["DESTINATIONS", "open_destination"]

#: module:function that opens objects of a package's classes, by package.
DESTINATIONS: dict[str, str] = {
    "numpy": "fastinit.destinations.numpy:open_array",
    "torch": "fastinit.destinations.torch:open_tensor",
}
#: Classes of those packages that are arrays; scalars and modules are not.
_ARRAY_CLASSES = {"numpy": "ndarray", "torch": "Tensor"}


_openers: dict[type, Callable[[Any], Opened]] = {}


def _find_opener(kind: type) -> Callable[[Any], Opened] | None:
    for base in kind.__mro__:
        package = base.__module__.partition(".")[0]
        if base.__name__ == _ARRAY_CLASSES.get(package):
            module, _, function = DESTINATIONS[package].partition(":")
            opener: Callable[[Any], Opened] = getattr(
                importlib.import_module(module), function
            )
            return opener
    return None


def open_destination(target: Any) -> Opened:
    """Open any object that fastinit can fill.

    Parameters
    ----------
    target : numpy.ndarray or torch.Tensor
        What to fill.

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
    opener = _openers.get(type(target)) or _find_opener(type(target))
    if opener is None:
        raise DestinationError(
            f"an object of type {type(target).__module__}.{type(target).__name__}",
            f"fastinit fills arrays of {', '.join(DESTINATIONS)}",
            "pass a NumPy array or torch tensor, or use the function without"
            " underscore to make a new array",
        )
    _openers[type(target)] = opener
    return opener(target)
