"""What independent weights do to mean squares: expectations, and spread by chance.

Mean-field theory: the pre-activations of a layer are normal with variance q = fan_in
E[w^2] s, where s is the mean square of its input; then s' = E f(sqrt(q) z)^2 behind
it, and backwards g = fan_out E[w^2] E f'(sqrt(q) z)^2 g'. What finite widths add is
computed to first order in 1 / width; docs/howto/signal.md has the formulas.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit.signals.activations import Activation

__all__ = ["Chance", "Field", "Moments", "Prediction", "predict"]

Float64Array = np.ndarray[Any, np.dtype[np.float64]]

#: Points z = 1e-4 sinh t: dense around 0, where an activation of large inputs is steep.
_STEEP, _REACH, _POINTS = 1e-4, 12.0, 1 << 14
#: Standard deviations over which a map of logarithms is taken as linear.
_SECANT = 5.0


@functools.cache
def _rule() -> tuple[Float64Array, Float64Array]:
    """Points and weights of E g(z) by the midpoint rule, symmetric about 0.

    It converges faster than any power where g is smooth, a kink costs about 1e-6 of
    the expectation, a jump 1e-3 at most, and both nothing at 0.
    """
    top = math.asinh(_REACH / _STEEP)
    step = 2 * top / _POINTS
    half = _STEEP * np.sinh((np.arange(_POINTS // 2) + 0.5) * step)
    z = np.concatenate([-half[::-1], half])
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return z, density * np.hypot(z, _STEEP) * step


@dataclass(frozen=True)
class Moments:
    """Moments of y = f(sqrt(q) z) and its slope d = f'(sqrt(q) z), z standard normal.

    Attributes
    ----------
    value, slope : float
        E y^2 and E d^2.
    value_noise, slope_noise : float
        Variance of y^2 / E y^2 of one unit, and of d^2 z'^2 / E d^2 with another
        standard normal z'; divided by the width those of a layer.
    joint_noise : float
        Covariance of the two.
    value_power, slope_power : float
        Derivatives of ln E y^2 and ln E d^2 with respect to ln q.
    """

    value: float
    slope: float
    value_noise: float
    slope_noise: float
    joint_noise: float
    value_power: float
    slope_power: float


class Field:
    """Moments of one activation at any variance of its input.

    Parameters
    ----------
    activation : Activation
        The activation.

    Examples
    --------
    >>> from fastinit.signals.activations import activation_of
    >>> found = Field(activation_of("relu")).moments(4.0)
    >>> round(found.value, 12), round(found.slope, 12), round(found.value_noise, 9)
    (2.0, 0.5, 5.0)
    """

    def __init__(self, activation: Activation) -> None:
        self._activation = activation
        self._z, self._weights = _rule()
        self._held: dict[float, Moments] = {}
        with np.errstate(all="ignore"):
            values = [activation.value(scale * self._z) for scale in (1.0, 4.0)]
        #: Whether f(c z) = c f(z) for c > 0, as of a ReLU: powers of two are exact.
        self.is_homogeneous = np.array_equal(4.0 * values[0], values[1])

    def moments(self, variance: float) -> Moments:
        """Moments where the input of the activation is normal.

        Parameters
        ----------
        variance : float
            Its variance q, >= 0 or infinite.

        Returns
        -------
        moments : Moments
            NaN where the activation, or the variance, is not finite.
        """
        if self.is_homogeneous and variance != 1.0:
            one = self.moments(1.0)
            return Moments(variance * one.value, *list(vars(one).values())[1:])
        if variance not in self._held:
            with np.errstate(all="ignore"):
                self._held[variance] = self._computed(variance)
        return self._held[variance]

    def powers(self, variance: float, deviation: float) -> tuple[float, float]:
        """Slopes of ln E y^2 and ln E d^2 against ln q, over what chance does to it.

        Parameters
        ----------
        variance : float
            Variance q, > 0.
        deviation : float
            Standard deviation of ln q, >= 0.

        Returns
        -------
        value_power, slope_power : float
            Those of the secant over five standard deviations on both sides: an
            activation that amplifies small deviations does not amplify large ones.
        """
        at = self.moments(variance)
        reach = _SECANT * deviation
        is_known = 0.0 < variance < math.inf and 0.1 < reach < 600.0
        if self.is_homogeneous or not is_known:
            return at.value_power, at.slope_power
        # In eighths of an octave, so that layers share them.
        steps = 8.0 * (np.log2(variance) + reach * np.array([-1.0, 1.0]) / math.log(2))
        ends = np.rint(steps) / 8.0
        low, high = (self.moments(float(np.exp2(one))) for one in ends)
        width = float(ends[1] - ends[0]) * math.log(2.0)
        return (
            float(np.log(high.value) - np.log(low.value)) / width,
            float(np.log(high.slope) - np.log(low.slope)) / width,
        )

    def _computed(self, variance: float) -> Moments:
        z, weights = self._z, self._weights
        y = np.square(self._activation.value(math.sqrt(variance) * z))
        d = np.square(self._activation.slope(math.sqrt(variance) * z))
        value, slope = float(y @ weights), float(d @ weights)
        # What the density takes to nothing may have overflowed all the same.
        means = [
            float((product / np.float64(scale)) @ weights)
            for product, scale in (
                (y * y, value * value),
                (3.0 * d * d, slope * slope),
                (y * d, value * slope),
                ((z * z - 1.0) * y, 2.0 * value),
                ((z * z - 1.0) * d, 2.0 * slope),
            )
        ]
        return Moments(value, slope, *(one - 1.0 for one in means[:3]), *means[3:])


@dataclass(frozen=True)
class Chance:
    """Law, over networks, of the logarithm of mean square over expectation.

    Attributes
    ----------
    mean, variance, third : float64 array, shape (depth + 1,)
        First three cumulants, in natural logarithms.
    """

    mean: Float64Array
    variance: Float64Array
    third: Float64Array

    def quantiles(self, at: int, alpha: float) -> tuple[float, float]:
        """Ends of the interval that holds all but `alpha`, half of it on each side.

        Parameters
        ----------
        at : int
            In front of which layer, or -1 for behind the last.
        alpha : float
            Probability, in (0, 1).

        Returns
        -------
        low, high : float
            Natural logarithms: of the logarithm of a Gamma law with these cumulants;
            infinite where the variance is, or is not known.

        Examples
        --------
        >>> one = Chance(np.zeros(1), np.ones(1), np.zeros(1))
        >>> [round(end, 2) for end in one.quantiles(0, 0.05)]
        [-1.96, 1.96]
        """
        from scipy import special

        mean, variance = float(self.mean[at]), float(self.variance[at])
        if variance == 0.0:
            return mean, mean
        if not variance < math.inf:
            return -math.inf, math.inf
        skewness = float(self.third[at]) / variance**1.5
        # The logarithm of a Gamma variable of shape k has skewness -1 / sqrt(k) nearly.
        shape = min(1.0 / max(skewness**2, 1e-300), 1e8)
        unit = math.sqrt(variance / float(special.polygamma(1, shape)))
        tails = [
            special.gammaincinv(shape, alpha / 2.0),
            special.gammainccinv(shape, alpha / 2.0),
        ]
        with np.errstate(divide="ignore"):
            low, high = (unit * (np.log(tails) - special.digamma(shape))).tolist()
        if skewness > 0.0:
            low, high = -high, -low
        return mean + low, mean + high


@dataclass(frozen=True)
class Prediction:
    """Expected mean squares in front of layer 1 and behind each, and their chance.

    Attributes
    ----------
    signal, gradient : float64 array, shape (depth + 1,)
        Mean square of the signal, and of the gradient with respect to it.
    signal_chance, gradient_chance : Chance
        What finite widths add.
    """

    signal: Float64Array
    gradient: Float64Array
    signal_chance: Chance
    gradient_chance: Chance


def predict(
    fields: Sequence[Field],
    widths: Sequence[int],
    gains: Sequence[tuple[float, float]],
    start: float,
    end: float,
) -> Prediction:
    """Mean squares through a stack of independent weights.

    Parameters
    ----------
    fields : sequence of Field
        Activation behind each layer.
    widths : sequence of int
        Channels of the input and of each layer's output.
    gains : sequence of (float, float)
        fan_in and fan_out times the mean square of the weights, of each layer.
    start, end : float
        Mean squares of the input, and of the gradient behind the last layer.

    Returns
    -------
    prediction : Prediction
        What is expected.

    References
    ----------
    Poole et al. (2016); Schoenholz et al. (2017), sections 2 to 4.
    """
    depth = len(fields)
    signal, gradient = np.full(depth + 1, start), np.full(depth + 1, end)
    steps = []
    with np.errstate(all="ignore"):
        cumulants = np.zeros((3, depth + 1))
        for at, field in enumerate(fields):
            variance = float(gains[at][0] * signal[at])
            one = field.moments(variance)
            signal[at + 1] = one.value
            # Each layer passes on a power of what chance did before, and adds its own.
            powers = field.powers(variance, math.sqrt(cumulants[1, at]))
            own = _log_gamma(one.value_noise / widths[at + 1])
            cumulants[:, at + 1] = powers[0] ** np.arange(1, 4) * cumulants[:, at] + own
            steps.append(_Step(one, powers, widths[at : at + 2]))
        for at in reversed(range(depth)):
            gradient[at] = gains[at][1] * steps[at].moments.slope * gradient[at + 1]
        chance = Chance(*cumulants)
        return Prediction(signal, gradient, chance, _gradient_chance(steps, chance))


@dataclass(frozen=True)
class _Step:
    """One layer: its moments, its powers, and the widths in front and behind."""

    moments: Moments
    powers: tuple[float, float]
    widths: Sequence[int]


def _log_gamma(variance: float) -> Float64Array:
    """Cumulants of the logarithm of a Gamma variable of mean 1, as of chi-square / n.

    It is exact for normal weights without an activation, and has the right variance
    everywhere.
    """
    from scipy import special

    if not 1e-12 < variance < math.inf:
        return np.full(3, 0.0 * variance)
    k = 1.0 / variance
    first = float(special.digamma(k)) - math.log(k)
    return np.array([first, special.polygamma(1, k), special.polygamma(2, k)])


def _gradient_chance(steps: Sequence[_Step], signal: Chance) -> Chance:
    """Chance of ln g: of the gradient itself, and of slopes that follow the signal.

    `passed` is the derivative of ln g in front of a layer with respect to ln s there.
    """
    cumulants = np.zeros((3, len(steps) + 1))
    summed, passed = np.zeros(3), 0.0
    for at in reversed(range(len(steps))):
        one, (before, behind) = steps[at].moments, steps[at].widths
        # What this layer adds to the signal acts on all slopes behind it.
        noise = one.slope_noise + 2.0 * passed * one.joint_noise
        noise += passed * passed * one.value_noise
        summed = summed + _log_gamma(noise / behind)
        passed = steps[at].powers[1] + passed * steps[at].powers[0]
        cumulants[:, at] = summed + _log_gamma(2.0 / before)
        cumulants[1, at] += passed * passed * signal.variance[at]
    return Chance(*cumulants)
