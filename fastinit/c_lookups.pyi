"""Types of the compiled module `fastinit.c_lookups`."""

from typing import Any

import numpy as np

__all__ = ["address_of", "environment_variable"]

def address_of(array: np.ndarray[Any, Any]) -> int: ...
def environment_variable(name: str) -> str: ...
