"""Types of the compiled module `fastinit.fan_gain`."""

from collections.abc import Sequence
from typing import Any, SupportsIndex

import numpy as np

from fastinit.gains import NONLINEARITIES as NONLINEARITIES
from fastinit.gains import calculate_gain as calculate_gain

__all__ = [
    "NONLINEARITIES",
    "TRUNCATED_STD",
    "calculate_gain",
    "fan_of",
    "fans",
    "kaiming_std",
    "mode_fan",
    "uniform_bound",
    "variance_scaling_bound",
    "variance_scaling_std",
    "xavier_std",
]

_Shape = Sequence[SupportsIndex] | np.ndarray[Any, np.dtype[np.integer[Any]]]
_Real = float | np.floating[Any] | np.integer[Any]
_Axes = SupportsIndex | Sequence[SupportsIndex] | None

TRUNCATED_STD: float

def fans(
    shape: _Shape,
    *,
    layout: str | None = None,
    groups: SupportsIndex = 1,
    in_axis: _Axes = None,
    out_axis: _Axes = None,
    batch_axis: _Axes = None,
) -> tuple[int, int]: ...
def fan_of(shape: _Shape, mode: str) -> float: ...
def mode_fan(fan_in: SupportsIndex, fan_out: SupportsIndex, mode: str) -> float: ...
def xavier_std(
    fan_in: SupportsIndex, fan_out: SupportsIndex, gain: _Real = 1.0
) -> float: ...
def kaiming_std(fan: SupportsIndex | float, gain: _Real) -> float: ...
def variance_scaling_std(fan: SupportsIndex | float, scale: _Real = 1.0) -> float: ...
def variance_scaling_bound(fan: SupportsIndex | float, scale: _Real = 1.0) -> float: ...
def uniform_bound(std: _Real) -> float: ...
