"""How wrong initializers draw: makers of arrays from a generator, a shape and a std.

NumPy alone: none of them uses a generator of this package.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ml_dtypes
import numpy as np
from scipy import special

Array = Any
#: make(generator, shape, std) with the std that the specification asks for.
Make = Callable[[np.random.Generator, tuple[int, ...], float], Array]

SHAPE = (384, 640)
CONV = (96, 80, 3, 3)
RELU = "kaiming_normal(nonlinearity=relu)"
UNIFORM = "kaiming_uniform(nonlinearity=relu)"
XAVIER = "xavier_normal"
TRUNCATED = 0.87962566103423978


FI, FO = SHAPE[1], SHAPE[0]


def normal(factor: float, dtype: Any = np.float32) -> Make:
    """Normal with the specified std times a factor."""
    return lambda rng, shape, std: (rng.standard_normal(shape) * (factor * std)).astype(
        dtype
    )


def uniform(factor: float) -> Make:
    """Uniform with the specified std times a factor."""

    def make(rng: np.random.Generator, shape: tuple[int, ...], std: float) -> Array:
        bound = math.sqrt(3.0) * std * factor
        return rng.uniform(-bound, bound, shape).astype(np.float32)

    return make


def fixed(std: float) -> Make:
    """Normal with a std that nobody specified."""
    return lambda rng, shape, _: (rng.standard_normal(shape) * std).astype(np.float32)


def changed(change: Callable[[Array, np.random.Generator, float], Array]) -> Make:
    """Correct normal float32 elements, then changed."""

    def make(rng: np.random.Generator, shape: tuple[int, ...], std: float) -> Array:
        right = (rng.standard_normal(shape) * std).astype(np.float32)
        return change(right, rng, std)

    return make


def drawn(draw: Callable[[np.random.Generator, Any], Array]) -> Make:
    """Elements of unit scale, then scaled."""
    return lambda rng, shape, std: (draw(rng, shape) * std).astype(np.float32)


def put(values: Array, where: Any, what: Any) -> Array:
    """Values with something else in some places."""
    values = values.copy()
    values.reshape(-1)[where] = what
    return values


def truncated(rng: np.random.Generator, shape: Any, reach: float) -> Array:
    """Standard normal, redrawn beyond a reach."""
    edge = special.ndtr(-reach)
    return special.ndtri(edge + rng.random(shape) * (1.0 - 2.0 * edge))


def grid_normal(rng: np.random.Generator, shape: Any, bits: int) -> Array:
    """Inverse transform of a uniform grid of few bits."""
    steps = 1 << bits
    return special.ndtri((rng.integers(0, steps, shape) + 0.5) / steps)


def toward_zero(values: Array) -> Array:
    """float32 to bfloat16 by dropping bits."""
    bits = values.astype(np.float32).view(np.uint32) >> 16
    return bits.astype(np.uint16).view(ml_dtypes.bfloat16)


def correlated(rng: np.random.Generator, shape: Any, axis: int, share: float) -> Array:
    """Standard normal with a common part along an axis."""
    common_shape = list(shape)
    common_shape[axis] = 1
    common = rng.standard_normal(common_shape)
    own = rng.standard_normal(shape)
    return math.sqrt(share) * common + math.sqrt(1.0 - share) * own


def smoothed(rng: np.random.Generator, shape: Any, share: float) -> Array:
    """Autoregression of order one, of unit variance."""
    from scipy.signal import lfilter

    noise = rng.standard_normal(math.prod(shape))
    return lfilter([math.sqrt(1 - share**2)], [1.0, -share], noise).reshape(shape)


def same_magnitudes(rng: np.random.Generator, shape: Any) -> Array:
    """Pairs of one magnitude and independent signs."""
    half = rng.standard_normal(math.prod(shape) // 2)
    pairs = np.stack((half, half * rng.choice([-1.0, 1.0], half.size)), axis=1)
    return pairs.reshape(shape)


def doubled(values: Array) -> Array:
    """First half written twice."""
    flat = values.reshape(-1)
    flat[flat.size // 2 :] = flat[: flat.size // 2]
    return values


@dataclass(frozen=True)
class Wrong:
    """One wrong initializer.

    `make(generator, shape, std)` is given the std that the specification asks for;
    `cause` is the name that the diagnosis must rank first.
    """

    name: str
    spec: str
    shape: tuple[int, ...]
    make: Make
    cause: str

    @property
    def n(self) -> int:
        """Elements at which it is rejected."""
        return math.prod(self.shape)
