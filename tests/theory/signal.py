"""Mean squares on their way through a deep network, measured and predicted.

A network is a chain of bias-free layers ``y = W x``, with or without ``max(0, y)``
behind each. The weights are those of fastinit; all else is NumPy and the theory of
docs/schemes.md, which owes nothing to fastinit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp

import fastinit

__all__ = [
    "Interval",
    "Network",
    "cumulant",
    "fold",
    "log_expectations",
    "log_interval",
    "mean_squares",
    "unfold",
]

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Network:
    """A chain of layers; a dense one is a convolution 1 x 1 of a map of 1 x 1.

    Attributes
    ----------
    spec : str
        Spec of every weight.
    widths : tuple of int
        Width, or number of channels, of the input and of each layer's output.
    relu : bool
        Whether a ReLU follows each layer.
    kernel, side : int
        Sides of the kernels, odd, and of the maps, with circular padding.
    """

    spec: str
    widths: tuple[int, ...]
    relu: bool
    kernel: int = 1
    side: int = 1

    @property
    def depth(self) -> int:
        """Number of layers."""
        return len(self.widths) - 1

    def shape(self, layer: int) -> tuple[int, ...]:
        """Canonical shape of the weight of a layer, 1 to `depth`."""
        field = (self.kernel, self.kernel) if self.kernel > 1 else ()
        return (self.widths[layer], self.widths[layer - 1], *field)

    def weight(self, seed: int, layer: int, memory: Array) -> Array:
        """Weight of a layer, filled into `memory`, as a matrix (out, in * field)."""
        shape = self.shape(layer)
        array = memory[: math.prod(shape)].reshape(shape)
        fastinit.fill(
            array,
            self.spec,
            seed=seed,
            name=f"layer.{layer}.weight",
            # A second thread would gain little, and wait where others are busy.
            threads=1 if array.size < 2**20 else None,
        )
        return array.reshape(shape[0], -1)

    def noise(self, seed: int, name: str, width: int) -> Array:
        """Maps (width, side, side) of independent N(0, 1)."""
        shape = (width, self.side, self.side)
        return np.asarray(fastinit.normal(shape, seed=seed, name=name))


def unfold(maps: Array, kernel: int) -> Array:
    """Patches around each pixel, with circular padding.

    Parameters
    ----------
    maps : array, shape (channels, side, side)
        Feature maps.
    kernel : int
        Side of a patch, odd.

    Returns
    -------
    patches : array, shape (channels * kernel^2, side^2)
        One column per pixel, in the order of a weight (out, in, kernel, kernel).
    """
    reach = range(-(kernel // 2), kernel // 2 + 1)
    moved = [np.roll(maps, (-i, -j), (1, 2)) for i in reach for j in reach]
    return np.stack(moved, axis=1).reshape(len(maps) * kernel**2, -1)


def fold(patches: Array, kernel: int, side: int) -> Array:
    """Adjoint of `unfold`: add the patches up where they came from.

    Parameters
    ----------
    patches : array, shape (channels * kernel^2, side^2)
        One column per pixel.
    kernel, side : int
        Sides of a patch, odd, and of a map.

    Returns
    -------
    maps : array, shape (channels, side, side)
        Feature maps.
    """
    reach = range(-(kernel // 2), kernel // 2 + 1)
    shifts = [(i, j) for i in reach for j in reach]
    parts = patches.reshape(-1, kernel**2, side, side)
    maps = np.zeros_like(parts[:, 0])
    for k, shift in enumerate(shifts):
        maps += np.roll(parts[:, k], shift, (1, 2))
    return maps


def mean_squares(network: Network, seed: int) -> NDArray[np.float64]:
    """Mean squares of the signals and of the gradients of one network.

    The input and the gradient at the output are drawn from N(0, 1). No weight is
    kept: the way back makes those of the way forward again, from their names.

    Parameters
    ----------
    network : Network
        The layers.
    seed : int
        Seed of all weights, of the input and of the gradient.

    Returns
    -------
    squares : array of float64, shape (2, depth + 1)
        Row 0 is the signal behind layer 0 (the input) to `depth`, row 1 the gradient
        with respect to it. Dimensionless.
    """
    layers = range(1, network.depth + 1)
    memory = np.empty(max(math.prod(network.shape(i)) for i in layers), np.float32)
    squares = np.empty((2, network.depth + 1))
    maps = network.noise(seed, "input", network.widths[0])
    squares[0, 0] = _mean_square(maps)
    active = {}
    for i in layers:
        weight = network.weight(seed, i, memory)
        columns = weight @ unfold(maps, network.kernel)
        maps = columns.reshape(-1, network.side, network.side)
        if network.relu:
            active[i] = maps > 0
            maps *= active[i]
        squares[0, i] = _mean_square(maps)
    maps = network.noise(seed, "gradient", network.widths[-1])
    squares[1, -1] = _mean_square(maps)
    for i in reversed(layers):
        if network.relu:
            maps *= active[i]
        weight = network.weight(seed, i, memory)
        columns = weight.T @ maps.reshape(len(maps), -1)
        maps = fold(columns, network.kernel, network.side)
        squares[1, i - 1] = _mean_square(maps)
    return squares


def _mean_square(maps: Array) -> float:
    # In float64, so that 2^50 and 2^-50 are as exact as 1.
    return float(np.square(maps, dtype=np.float64).mean())


def log_expectations(network: Network, rule: str) -> NDArray[np.float64]:
    """Logarithm of the expectation of each mean square.

    Parameters
    ----------
    network : Network
        The layers; their spec is not looked at.
    rule : {'xavier', 'fan_in', 'fan_out'}
        Variance of a weight: 2 / (fan_in + fan_out), 2 / fan_in or 2 / fan_out.

    Returns
    -------
    logs : array of float64, shape (2, depth + 1)
        Natural logarithms, in the order of `mean_squares`.
    """
    widths = np.array(network.widths, dtype=np.float64) * network.kernel**2
    fan_in, fan_out = widths[:-1], widths[1:]
    total = {"xavier": fan_in + fan_out, "fan_in": fan_in, "fan_out": fan_out}
    variance = (1.0 if network.relu else 2.0) / total[rule]
    logs = np.zeros((2, network.depth + 1))
    logs[0, 1:] = np.cumsum(np.log(variance * fan_in))
    logs[1, :-1] = np.cumsum(np.log(variance * fan_out)[::-1])[::-1]
    return logs


@lru_cache(maxsize=4096)
def cumulant(width: int, relu: bool, order: float) -> float:
    """Logarithm of E[r^order] of the factor r, of mean 1, by which one layer acts.

    Without ReLU, width r is chi-square with `width` degrees of freedom. With it, half
    of that is chi-square with as many as there are active units, and these are
    binomial. An eighth of the units and fewer are left out, with probability below
    1e-13 for 96 units and more, because the moments of negative order need it.

    Parameters
    ----------
    width : int
        Number of units, or of channels.
    relu : bool
        Whether a ReLU follows.
    order : float
        Order of the moment, of either sign, above -width / 16.

    Returns
    -------
    log_moment : float
        Natural logarithm, dimensionless.
    """
    if not relu:
        moment = gammaln(width / 2 + order) - gammaln(width / 2)
        return float(moment - order * math.log(width / 2))
    active = np.arange(width // 8 + 1, width + 1, dtype=np.float64)
    binomial = gammaln(width + 1) - gammaln(active + 1) - gammaln(width - active + 1)
    moment = gammaln(active / 2 + order) - gammaln(active / 2)
    log_moment = logsumexp(binomial + moment) - width * math.log(2.0)
    return float(log_moment - order * math.log(width / 4))


class Interval(NamedTuple):
    """Ends of an interval, of logarithms."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether a value lies in the interval."""
        return self.low <= value <= self.high


def log_interval(
    network: Network, layers: slice, networks: int, alpha: float
) -> Interval:
    """Interval of the mean over networks of ln(mean square / expectation).

    It is Chernoff's: every `order` gives a bound of the probability, none is
    approximate, and the one chosen is the best for a normal law.

    Parameters
    ----------
    network : Network
        The layers.
    layers : slice
        Part of the widths that is passed, the free end (input or gradient) included.
    networks : int
        Number of networks, >= 1, that the logarithm is averaged over.
    alpha : float
        Probability, in (0, 1), that the mean lies outside, at most.

    Returns
    -------
    interval : Interval
        Natural logarithms.
    """
    free, *widths = network.widths[layers]
    spread = 2.0 / free + sum((5.0 if network.relu else 2.0) / n for n in widths)
    nats = math.log(2.0 / alpha) / networks
    order = math.sqrt(2.0 * nats / spread)
    # Maps of several pixels fluctuate less, by convex functions: orders below 0 or
    # from 1 on. ReLU layers have no moments of very negative order.
    upper = max(order, 1.0) if network.side > 1 else order
    lower = min(order, min(network.widths) / 16) if network.relu else order

    def total(order: float) -> float:
        return cumulant(free, False, order) + sum(
            cumulant(n, network.relu, order) for n in widths
        )

    low = -(total(-lower) + nats) / lower
    return Interval(low, (total(upper) + nats) / upper)
