"""The probability law that a filled array must follow.

A law holds what a conformance check needs: the distribution function and its
complement with full relative accuracy, the first moments and the support. It is
made by the `law` function of a distribution module; sampling knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Law"]

Float64Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Law:
    """A univariate probability law.

    Attributes
    ----------
    name : str
        Name of the distribution.
    parameters : tuple of float
        Its parameters, in the order of the distribution's row.
    cdf : callable
        F(x) = P(X <= x) of a float64 array, in [0, 1].
    sf : callable
        1 - F(x) of a float64 array, in [0, 1], accurate where F is near 1.
    mean : float
        E X, dimensionless.
    std : float
        sqrt(E (X - mean)^2), dimensionless, >= 0; 0 for a constant.
    kurtosis : float
        E (X - mean)^4 / std^4: 3 for a normal law; 0 for a constant.
    support : tuple of float
        Smallest and largest possible value, either may be infinite.
    is_closed : bool
        Whether the upper end itself is a value; the lower one always is.
    """

    name: str
    parameters: tuple[float, ...]
    cdf: Callable[[Float64Array], Float64Array]
    sf: Callable[[Float64Array], Float64Array]
    mean: float
    std: float
    kurtosis: float
    support: tuple[float, float]
    is_closed: bool = False
