"""Types of the compiled module `fastinit.fan_gain`."""

from collections.abc import Iterable, Sequence
from typing import Any, SupportsIndex

import numpy as np

__all__ = [
    "NONLINEARITIES",
    "calculate_gain",
    "fan_of",
    "fans",
    "fans_of_shapes",
    "kaiming_std",
    "kaiming_stds",
    "uniform_bound",
    "xavier_std",
    "xavier_stds",
]

_Shape = Sequence[SupportsIndex] | np.ndarray[Any, np.dtype[np.integer[Any]]]
_Shapes = Iterable[_Shape]
_Real = float | np.floating[Any] | np.integer[Any]
_Int64Array = np.ndarray[Any, np.dtype[np.int64]]
_Float64Array = np.ndarray[Any, np.dtype[np.float64]]

NONLINEARITIES: tuple[str, ...]

def fans(shape: _Shape) -> tuple[int, int]: ...
def fan_of(shape: _Shape, mode: str) -> int: ...
def calculate_gain(nonlinearity: str, param: _Real | None = None) -> float: ...
def xavier_std(
    fan_in: SupportsIndex, fan_out: SupportsIndex, gain: _Real = 1.0
) -> float: ...
def kaiming_std(fan: SupportsIndex, gain: _Real) -> float: ...
def uniform_bound(std: _Real) -> float: ...
def fans_of_shapes(shapes: _Shapes) -> _Int64Array: ...
def xavier_stds(fans: _Int64Array, gain: _Real = 1.0) -> _Float64Array: ...
def kaiming_stds(
    fans: _Int64Array, gain: _Real, mode: str = "fan_in"
) -> _Float64Array: ...
