"""Types of the compiled module `fastinit.gains`."""

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["ACTIVATIONS", "NONLINEARITIES", "activation_gain", "calculate_gain"]

_Real = float | np.floating[Any] | np.integer[Any]

ACTIVATIONS: tuple[str, ...]
NONLINEARITIES: tuple[str, ...]

def calculate_gain(nonlinearity: str, param: _Real | None = None) -> float: ...
def activation_gain(
    activation: str | Callable[..., Any],
    sense: str = "forward",
    slope: _Real | None = None,
) -> float: ...
