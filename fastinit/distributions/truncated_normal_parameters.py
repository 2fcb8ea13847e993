"""What the samplers of truncated normals take, from exact arithmetic.

Each number is rounded from one that is right to many more digits, so that a plan is
the same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from fastinit.distributions.normal_tails import centred_probability, exact, upper_tail
from fastinit.distributions.tail_polynomial import TailPolynomial, tail_polynomial
from fastinit.dtypes import Dtype

__all__ = [
    "Interval",
    "StraddlingParameters",
    "SymmetricParameters",
    "TailParameters",
    "round_decimal",
    "straddling_parameters",
    "symmetric_parameters",
    "tail_parameters",
]


class SymmetricParameters(NamedTuple):
    """Parameters of `truncated_symmetric`.

    Attributes
    ----------
    lowest, highest : float
        Ends of the values in the dtype.
    mean : float
        Mean of the normal law.
    drop : float
        4 times the probability of the interval.
    end : float
        4 times the probability below it.
    scale : float
        Probability of the interval times std.
    """

    lowest: float
    highest: float
    mean: float
    drop: float
    end: float
    scale: float


class StraddlingParameters(NamedTuple):
    """Parameters of `truncated_central` and `truncated_wide`.

    Attributes
    ----------
    lowest, highest : float
        Ends of the values in the dtype.
    mean : float
        Mean of the normal law.
    drop : float
        4 times the probability of the interval.
    scale : float
        Probability of the interval times std.
    centre, centre_rest : float
        Two parts of the centred probability of u = 1/2, times std.
    below_a, below_b, above_a, above_b : float
        4 times the probabilities on either side of the bounds.
    """

    lowest: float
    highest: float
    mean: float
    drop: float
    scale: float
    centre: float
    centre_rest: float
    below_a: float
    below_b: float
    above_a: float
    above_b: float


class TailParameters(NamedTuple):
    """Parameters of `truncated_tail`, before the coefficients of its polynomial.

    Attributes
    ----------
    lowest, highest : float
        Ends of the values in the dtype.
    bound, bound_rest : float
        Two parts of the bound that the values are reached from.
    drop, rest : float
        1 - rest, and the tail of the other bound relative to that of the bound.
    square, root : float
        -2 ln of the tail of the bound, and its square root.
    unit : float
        2 over the largest value of the variable.
    """

    lowest: float
    highest: float
    bound: float
    bound_rest: float
    drop: float
    rest: float
    square: float
    root: float
    unit: float


@dataclass(frozen=True)
class Interval:
    """A truncation in a dtype.

    Attributes
    ----------
    mean, std, a, b : float
        Parameters of the law, std > 0, a < b.
    lower, upper : Decimal
        Bounds in units of std, relative to the mean.
    ends : tuple of float
        Smallest and largest value of the dtype in [a, b].
    dtype : Dtype
        Of the values.
    """

    mean: float
    std: float
    a: float
    b: float
    lower: Decimal
    upper: Decimal
    ends: tuple[float, float]
    dtype: Dtype

    def round(self, value: Decimal) -> float:
        """Value rounded to the format of the arithmetic."""
        return round_decimal(value, self.dtype)


def round_decimal(value: Decimal, dtype: Dtype) -> float:
    """Value rounded to float64 and, for a dtype of that arithmetic, to float32.

    Parameters
    ----------
    value : decimal.Decimal
        Any.
    dtype : Dtype
        Of the values that the parameter is for.

    Returns
    -------
    nearest : float
        Infinite where the value is too large.

    Examples
    --------
    >>> from fastinit.dtypes import DTYPES
    >>> round_decimal(Decimal("0.1"), DTYPES["float16"])
    0.10000000149011612
    """
    nearest = float(value)
    if dtype.precision == 64:
        return nearest
    # What is too large is refused later, with a message.
    with np.errstate(over="ignore"):
        return float(np.float32(nearest))


def symmetric_parameters(interval: Interval) -> SymmetricParameters:
    """Parameters of a law with symmetric bounds within 3.09 std.

    Parameters
    ----------
    interval : Interval
        The truncation.

    Returns
    -------
    parameters : SymmetricParameters
        In float32 for distances that are 2^32 times as large.
    """
    with exact():
        drop = 2 * centred_probability(interval.upper)
        unit = _unit(interval, is_scaled=True)
        return SymmetricParameters(
            *interval.ends,
            interval.round(Decimal(interval.mean)),
            interval.round(4 * drop * unit),
            interval.round(4 * upper_tail(interval.upper)),
            interval.round(drop * unit * Decimal(interval.std)),
        )


def _unit(interval: Interval, *, is_scaled: bool) -> Decimal:
    """Factor of distances that the text leaves to the parameters."""
    return Decimal(2) ** (-32 if is_scaled and interval.dtype.precision == 32 else 0)


def straddling_parameters(
    interval: Interval, *, is_scaled: bool
) -> StraddlingParameters:
    """Parameters of a law with the mean between its bounds.

    Parameters
    ----------
    interval : Interval
        The truncation.
    is_scaled : bool
        True where the distances of the sampler are 2^32 times as large in float32.

    Returns
    -------
    parameters : StraddlingParameters
        The second part of the centre makes up for the rounding of `scale`, so that
        the mean keeps its place.
    """
    lower, upper, std = interval.lower, interval.upper, Decimal(interval.std)
    with exact():
        below, above = centred_probability(lower), centred_probability(upper)
        drop, centre = above - below, (above + below) / 2
        unit = _unit(interval, is_scaled=is_scaled)
        scale = interval.round(drop * unit * std)
        first = interval.round(centre * std)
        rest = centre * std - Decimal(first)
        rest -= centre / drop * (drop * std - Decimal(scale) / unit)
        tails = (upper_tail(x) for x in (-lower, -upper, lower, upper))
        return StraddlingParameters(
            *interval.ends,
            interval.round(Decimal(interval.mean)),
            interval.round(4 * drop * unit),
            *(scale, first, interval.round(rest)),
            *(interval.round(4 * tail) for tail in tails),
        )


def tail_parameters(interval: Interval) -> tuple[float, ...]:
    """Parameters of a law whose values are reached from one bound.

    Parameters
    ----------
    interval : Interval
        The truncation.

    Returns
    -------
    parameters : tuple of float
        `TailParameters`, then the coefficients of the polynomial times std, negative
        where the bound is the upper one.
    """
    is_mirrored = interval.lower + interval.upper < 0
    bound = Decimal(interval.b if is_mirrored else interval.a)
    tail = _tail(interval, is_mirrored=is_mirrored)
    with exact():
        first = interval.round(bound)
        sign = Decimal(-interval.std if is_mirrored else interval.std)
        head = TailParameters(
            *(*interval.ends, first, interval.round(bound - Decimal(first))),
            *(interval.round(x) for x in (tail.drop, tail.rest)),
            *(interval.round(x) for x in (tail.square, tail.root, tail.unit)),
        )
        return (*head, *(interval.round(sign * c) for c in tail.coefficients))


def _tail(interval: Interval, *, is_mirrored: bool) -> TailPolynomial:
    """Polynomial of the interval, or of its mirror image."""
    ends = interval.lower, interval.upper
    lower, upper = (-ends[1], -ends[0]) if is_mirrored else ends
    return tail_polynomial(lower, upper, interval.dtype.precision)
