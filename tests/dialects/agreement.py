"""What the libraries ask their samplers to draw, and what we draw, as parameters.

Each stands in for a library's random functions and records the float64 numbers that
they are called with; nothing is drawn and no array is made, so shapes may be huge.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from fastinit import fan_initializers, initializers, truncated


def shapes(count: int, seed: int) -> list[tuple[int, ...]]:
    """Shapes of 2 to 6 axes, sizes log-uniform, at most 2^40 elements."""
    source = random.Random(seed)
    made = []
    for _ in range(count):
        rank = source.randint(2, 6)
        exponent = source.choice((6, 12, 40)) / rank
        made.append(tuple(int(2 ** source.uniform(0, exponent)) for _ in range(rank)))
    return made


class Tensor:
    """A tensor of any size that records what torch asks it to draw."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self.drawn: tuple[float, ...] = ()

    def dim(self) -> int:
        return len(self.shape)

    def size(self, axis: int) -> int:
        return self.shape[axis]

    def uniform_(self, low: float, high: float, **_: object) -> None:
        self.drawn = (low, high)

    def normal_(self, mean: float = 0.0, std: float = 1.0, **_: object) -> None:
        self.drawn = (mean, std)


def drawn_by_torch(name: str, shape: tuple[int, ...], **arguments: Any) -> Any:
    """Parameters with which torch.nn.init.<name> draws."""
    tensor = Tensor(shape)
    getattr(torch.nn.init, name)(tensor, **arguments)
    return tensor.drawn


@contextlib.contextmanager
def recorded_fills(monkeypatch: Any, *modules: Any) -> Iterator[list[Any]]:
    """Parameters with which our initializers in place draw, in order."""
    seen: list[Any] = []

    def record(tensor: Any, spec: Any, **_: Any) -> Any:
        seen.append(spec.resolve(tensor.shape))
        return tensor

    with monkeypatch.context() as patched:
        for module in (initializers, fan_initializers, truncated, *modules):
            patched.setattr(module, "fill", record)
        yield seen


class JaxRandom:
    """jax.random whose every sample is 1, of no shape: what is left is the scale."""

    @staticmethod
    def normal(*_: Any, **__: Any) -> Any:
        return np.float64(1)

    uniform = truncated_normal = normal


class KerasRandom:
    """keras.random that returns the parameters it was called with."""

    class SeedGenerator:
        """What seeds are compared with."""

    @staticmethod
    def normal(*_: Any, mean: float, stddev: float, **__: Any) -> Any:
        return (mean, stddev)

    @staticmethod
    def truncated_normal(*_: Any, mean: float, stddev: float, **__: Any) -> Any:
        return (mean, stddev, mean - 2 * stddev, mean + 2 * stddev)

    @staticmethod
    def uniform(*_: Any, minval: float, maxval: float, **__: Any) -> Any:
        return (minval, maxval)


def outcome(call: Any) -> Any:
    """Error that a call raises, or None."""
    try:
        call()
    except Exception as error:
        return error
    return None
