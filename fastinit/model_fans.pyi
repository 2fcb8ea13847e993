"""Types of the compiled module `fastinit.model_fans`."""

from collections.abc import Iterable, Sequence
from typing import Any, SupportsIndex

import numpy as np

__all__ = ["fans_of_shapes", "kaiming_stds", "xavier_stds"]

_Shape = Sequence[SupportsIndex] | np.ndarray[Any, np.dtype[np.integer[Any]]]
_Real = float | np.floating[Any] | np.integer[Any]
_Int64Array = np.ndarray[Any, np.dtype[np.int64]]
_Float64Array = np.ndarray[Any, np.dtype[np.float64]]

def fans_of_shapes(
    shapes: Iterable[_Shape], layout: str | None = None, groups: SupportsIndex = 1
) -> _Int64Array: ...
def xavier_stds(fans: _Int64Array, gain: _Real = 1.0) -> _Float64Array: ...
def kaiming_stds(
    fans: _Int64Array, gain: _Real, mode: str = "fan_in"
) -> _Float64Array: ...
