"""Complex elements seen as real ones: their parts, their modulus and their angle.

The parts alone do not tell a disc from other laws with the same parts, so modulus and
angle are judged too, each against its exact law. All four are arrays of independent
elements, and go through the same tests as real arrays; as one family, which may be
dependent in any way.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from fastinit.conformance.streaming import Source
from fastinit.distributions import DISTRIBUTIONS
from fastinit.distributions.law import Float64Array, Law
from fastinit.dtypes import DTYPES
from fastinit.plan import FillPlan

__all__ = ["ASPECTS", "Aspect", "aspects_of", "laws_of", "without_aspect"]

#: What complex elements are judged by.
ASPECTS = ("real part", "imaginary part", "modulus", "angle")
#: Largest relative error of a modulus whose parts were rounded to float32 or float64.
_ROUNDING = {32: 2.0**-21, 64: 2.0**-50}


class Aspect(NamedTuple):
    """One real number of each complex element.

    Attributes
    ----------
    name : str
        One of `ASPECTS`.
    source : Source
        The numbers.
    law : Law
        What they must follow.
    """

    name: str
    source: Source
    law: Law


def laws_of(plan: FillPlan) -> dict[str, Law]:
    """Laws of the aspects of complex elements.

    Parameters
    ----------
    plan : FillPlan
        Of a complex dtype.

    Returns
    -------
    laws : dict of str to Law
        By aspect; where modulus and angle add nothing, of the parts alone.

    Examples
    --------
    >>> from fastinit.api import make_plan
    >>> disc = laws_of(make_plan("xavier_uniform", (4, 4), "complex64"))
    >>> [round(law.std, 3) for law in disc.values()]
    [0.354, 0.354, 0.167, 1.814]
    """
    name, parameters = plan.distribution, plan.parameters
    real = imaginary = DISTRIBUTIONS[name].law(parameters)
    if name == "constant":
        value = complex(parameters[0])
        laws = [DISTRIBUTIONS[name].law((part,)) for part in (value.real, value.imag)]
        return dict(zip(ASPECTS, laws, strict=False))
    if name == "complex_normal":
        mean, std = complex(parameters[0]), parameters[1]
        imaginary = DISTRIBUTIONS[name].law((mean.imag, std))
    laws = [real, imaginary]
    if name in _RADII and real.std > 0.0:
        size = float(parameters[-1])
        modulus = _RADII[name](size, _ROUNDING[plan.dtype.precision])
        turn = DISTRIBUTIONS["uniform"].law((-math.pi, math.pi))
        laws += [modulus, dataclasses.replace(turn, name="angle", is_closed=True)]
    return dict(zip(ASPECTS, laws, strict=False))


def aspects_of(source: Source, plan: FillPlan) -> tuple[Aspect, ...]:
    """Aspects of the elements of a source, each with its law.

    Parameters
    ----------
    source : Source
        Complex elements.
    plan : FillPlan
        What they should be.

    Returns
    -------
    aspects : tuple of Aspect
        Modulus and angle are those of the distance from the mean.
    """
    is_normal = plan.distribution == "complex_normal"
    mean = complex(plan.parameters[0]) if is_normal else 0.0
    readers: dict[str, Callable[[Any], Any]] = {
        "real part": lambda values: values.real,
        "imaginary part": lambda values: values.imag,
        "modulus": lambda values: np.abs(values.astype(np.complex128) - mean),
        "angle": lambda values: np.angle(values.astype(np.complex128) - mean),
    }
    return tuple(
        Aspect(name, _seen(source, readers[name], is_part="part" in name), law)
        for name, law in laws_of(plan).items()
    )


def _seen(source: Source, reader: Callable[[Any], Any], *, is_part: bool) -> Source:
    """Source of one real number for each element of another."""

    def read(start: int, stop: int) -> Any:
        return np.ascontiguousarray(reader(source.read(start, stop)))

    dtype = source.dtype.part if is_part else DTYPES["float64"]
    return dataclasses.replace(source, dtype=dtype, read=read, in_memory=False)


def without_aspect(name: str) -> str:
    """Name of a tensor from that of a result on one of its aspects.

    Parameters
    ----------
    name : str
        Such as 'fc.weight, modulus'.

    Returns
    -------
    name : str
        Without what follows the comma; the same name where it is no aspect.

    Examples
    --------
    >>> without_aspect("fc.weight, modulus")
    'fc.weight'
    """
    tensor, _, aspect = name.rpartition(", ")
    return tensor if tensor and aspect in ASPECTS else name


def _law_of_radius(
    name: str, size: float, functions: tuple[Any, Any], moments: list[float], end: float
) -> Law:
    """Law of a modulus from its first four moments about 0."""
    first, second, third, fourth = moments
    variance = second - first * first
    central = fourth - 4 * first * third + 6 * first**2 * second - 3 * first**4
    return Law(
        *(name, (size,), *functions),
        *(first, math.sqrt(variance), central / variance**2, (0.0, end)),
        is_closed=True,
    )


def _normal_radius(std: float, _: float) -> Law:
    """Rayleigh's law: the square is exponential."""

    def sf(x: Float64Array) -> Float64Array:
        return np.exp(-((np.maximum(x, 0.0) / std) ** 2))

    def cdf(x: Float64Array) -> Float64Array:
        return -np.expm1(-((np.maximum(x, 0.0) / std) ** 2))

    moments = [math.gamma(1 + k / 2) * std**k for k in (1, 2, 3, 4)]
    return _law_of_radius("modulus_normal", std, (cdf, sf), moments, math.inf)


def _disc_radius(radius: float, rounding: float) -> Law:
    """Its square is uniform."""

    def cdf(x: Float64Array) -> Float64Array:
        return np.clip(np.asarray(x) / radius, 0.0, 1.0) ** 2

    def sf(x: Float64Array) -> Float64Array:
        share = np.clip(np.asarray(x) / radius, 0.0, 1.0)
        return (1.0 - share) * (1.0 + share)

    moments = [2.0 / (k + 2) * radius**k for k in (1, 2, 3, 4)]
    end = radius * (1.0 + rounding)
    return _law_of_radius("modulus_disc", radius, (cdf, sf), moments, end)


def _truncated_radius(std: float, rounding: float) -> Law:
    """Its square is exponential and cut at 4 std^2."""
    # scipy.special costs 0.1 s to import, so only a check pays.
    from scipy.special import gammainc

    within = -math.expm1(-4.0)

    def cdf(x: Float64Array) -> Float64Array:
        square = np.clip(np.asarray(x) / std, 0.0, 2.0) ** 2
        return -np.expm1(-square) / within

    def sf(x: Float64Array) -> Float64Array:
        share = np.clip(np.asarray(x) / std, 0.0, 2.0)
        rest = (2.0 - share) * (2.0 + share)
        return math.exp(-4.0) * np.expm1(rest) / within

    moments = [
        math.gamma(1 + k / 2) * float(gammainc(1 + k / 2, 4.0)) / within * std**k
        for k in (1, 2, 3, 4)
    ]
    end = 2.0 * std * (1.0 + rounding)
    return _law_of_radius("modulus_truncated", std, (cdf, sf), moments, end)


_RADII: dict[str, Callable[[float, float], Law]] = {
    "complex_normal": _normal_radius,
    "disc": _disc_radius,
    "truncated_disc": _truncated_radius,
}
