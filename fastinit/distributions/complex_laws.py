"""The distributions of complex numbers, each by the real numbers of its parts.

A block holds the parts of two numbers, real part first. A normal law and a square
have independent parts, so the samplers of real numbers draw them; the points of a
disc are drawn as radius and angle.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fastinit.arithmetic.box_muller import normal_pair_double, normal_pair_single
from fastinit.arithmetic.discs import (
    disc_pair_double,
    disc_pair_single,
    truncated_pair_double,
    truncated_pair_single,
)
from fastinit.arithmetic.philox import counter_words
from fastinit.arithmetic.primitives import fma32, fma64, single
from fastinit.distributions.disc_laws import (
    complex_normal_law,
    disc_law,
    square_law,
    truncated_disc_law,
)
from fastinit.distributions.normal import NORMAL, REACH
from fastinit.distributions.protocol import Distribution, Sampler, Sampling
from fastinit.distributions.uniform import UNIFORM
from fastinit.dtypes import Dtype
from fastinit.errors import ArgumentError

__all__ = ["COMPLEX_NORMAL", "DISC", "SQUARE", "TRUNCATED_DISC"]

Block = tuple[Any, Any, Any, Any]
Key = tuple[int, int, int, int]
BlockIndex = tuple[int, int]
Parameters = tuple[float, float, float, float]

#: Modulus at which a complex normal law is cut, in units of its std.
CUT = 2.0
#: Smallest scales: the roundings of subnormal parts stay far below that of a radius.
SMALLEST = {32: 2.0**-100, 64: 2.0**-960}


def _normal_single(block: BlockIndex, key: Key, parameters: Parameters) -> Block:
    """Parameters: std of a part, mean of the real parts, of the imaginary parts."""
    w0, w1, w2, w3 = counter_words(block, 0, key)
    std = single(parameters[0])
    real, imaginary = single(parameters[1]), single(parameters[2])
    z0, z1 = normal_pair_single(w0, w1)
    z2, z3 = normal_pair_single(w2, w3)
    return (
        fma32(std, z0, real),
        fma32(std, z1, imaginary),
        fma32(std, z2, real),
        fma32(std, z3, imaginary),
    )


def _normal_double(block: BlockIndex, key: Key, parameters: Parameters) -> Block:
    """Parameters: std of a part, mean of the real parts, of the imaginary parts."""
    w0, w1, w2, w3 = counter_words(block, 0, key)
    x0, x1, x2, x3 = counter_words(block, 1, key)
    std, real, imaginary, _ = parameters
    z0, z1 = normal_pair_double((w0, w1), (x0, x1))
    z2, z3 = normal_pair_double((w2, w3), (x2, x3))
    return (
        fma64(std, z0, real),
        fma64(std, z1, imaginary),
        fma64(std, z2, real),
        fma64(std, z3, imaginary),
    )


def _disc_single(block: BlockIndex, key: Key, parameters: Parameters) -> Block:
    """Parameters: radius."""
    w0, w1, w2, w3 = counter_words(block, 0, key)
    scale = single(parameters[0])
    z0, z1 = disc_pair_single(w0, w1)
    z2, z3 = disc_pair_single(w2, w3)
    return z0 * scale, z1 * scale, z2 * scale, z3 * scale


def _disc_double(block: BlockIndex, key: Key, parameters: Parameters) -> Block:
    """Parameters: radius."""
    w0, w1, w2, w3 = counter_words(block, 0, key)
    x0, x1, x2, x3 = counter_words(block, 1, key)
    scale = parameters[0]
    z0, z1 = disc_pair_double((w0, w1), (x0, x1))
    z2, z3 = disc_pair_double((w2, w3), (x2, x3))
    return z0 * scale, z1 * scale, z2 * scale, z3 * scale


def _truncated_single(block: BlockIndex, key: Key, parameters: Parameters) -> Block:
    """Parameters: std of a part before the truncation."""
    w0, w1, w2, w3 = counter_words(block, 0, key)
    scale = single(parameters[0])
    z0, z1 = truncated_pair_single(w0, w1)
    z2, z3 = truncated_pair_single(w2, w3)
    return z0 * scale, z1 * scale, z2 * scale, z3 * scale


def _truncated_double(block: BlockIndex, key: Key, parameters: Parameters) -> Block:
    """Parameters: std of a part before the truncation."""
    w0, w1, w2, w3 = counter_words(block, 0, key)
    x0, x1, x2, x3 = counter_words(block, 1, key)
    scale = parameters[0]
    z0, z1 = truncated_pair_double((w0, w1), (x0, x1))
    z2, z3 = truncated_pair_double((w2, w3), (x2, x3))
    return z0 * scale, z1 * scale, z2 * scale, z3 * scale


def _prepare_normal(parameters: tuple[Any, ...], dtype: Dtype) -> Sampling:
    mean, std = complex(parameters[0]), float(parameters[1])
    # A mean of -0.0 is one of 0.0: the two are one key of the cache of samplings.
    real, imaginary = mean.real + 0.0, mean.imag + 0.0
    given = f"normal(mean={parameters[0]!r}, std={std!r})"
    finite = math.isfinite(real) and math.isfinite(imaginary) and math.isfinite(std)
    if not (finite and std >= 0):
        raise ArgumentError(
            given,
            "mean must be finite and std finite and >= 0",
            "give a finite mean and a non-negative std",
        )
    scale = std / math.sqrt(2.0)
    reach = max(abs(real), abs(imaginary)) + REACH[dtype.precision] * scale
    if reach > dtype.max_finite:
        raise ArgumentError(
            f"{given} in {dtype.name}",
            f"its parts must stay within {dtype.max_finite:.6g}",
            "lower std or mean, or choose a wider dtype",
        )
    if dtype.precision == 32:
        rounded = np.float32(scale), np.float32(real), np.float32(imaginary)
        scale, real, imaginary = (float(value) for value in rounded)
    if real == imaginary:
        return Sampling("normal", (scale, real, 0.0, 0.0))
    return Sampling("complex_normal", (scale, real, imaginary, 0.0))


def _check_scale(name: str, given: float, size: float, dtype: Dtype) -> None:
    """Refuse a radius or std of a disc that the dtype cannot hold."""
    text = f"{name}={given!r} of a complex law in {dtype.name}"
    if not (math.isfinite(given) and given >= 0):
        raise ArgumentError(
            text, f"{name} must be finite and >= 0", "give a finite non-negative number"
        )
    smallest = SMALLEST[dtype.precision]
    if size and not smallest <= size <= dtype.max_finite:
        raise ArgumentError(
            text,
            f"the disc needs a radius within [{smallest:.2g}, {dtype.max_finite:.6g}]",
            "choose another std, or another dtype",
        )


def _disc_sampling(sampler: str, scale: float, dtype: Dtype) -> Sampling:
    """Sampling of a disc; one of no size is its centre."""
    if scale == 0:
        return Sampling("uniform_half_open", (0.0, 0.0, 0.0, 0.0))
    if dtype.precision == 32:
        # Rounded towards zero, so that no modulus is larger than asked for.
        nearest = np.float32(scale)
        if float(nearest) > scale:
            nearest = np.nextafter(nearest, np.float32(0))
        scale = float(nearest)
    return Sampling(sampler, (scale, 0.0, 0.0, 0.0))


def _prepare_disc(parameters: tuple[Any, ...], dtype: Dtype) -> Sampling:
    radius = float(parameters[0])
    _check_scale("radius", radius, radius, dtype)
    return _disc_sampling("disc", radius, dtype)


def _prepare_truncated(parameters: tuple[Any, ...], dtype: Dtype) -> Sampling:
    std = float(parameters[0])
    _check_scale("std", std, CUT * std, dtype)
    return _disc_sampling("disc_truncated", std / math.sqrt(2.0), dtype)


def _prepare_square(parameters: tuple[Any, ...], dtype: Dtype) -> Sampling:
    return UNIFORM.prepare(parameters, dtype.part)


def _sampler(single_text: Any, double_text: Any) -> Sampler:
    return Sampler({"float32": single_text, "float64": double_text}, is_complex=True)


#: Normal: both parts have the variance std^2 / 2.
COMPLEX_NORMAL = Distribution(
    name="complex_normal",
    parameters=("mean", "std"),
    kinds=("complex",),
    samplers={
        **NORMAL.samplers,
        "complex_normal": _sampler(_normal_single, _normal_double),
    },
    prepare=_prepare_normal,
    law=complex_normal_law,
)
#: Uniform on a disc around 0.
DISC = Distribution(
    name="disc",
    parameters=("radius",),
    kinds=("complex",),
    samplers={
        "uniform_half_open": UNIFORM.samplers["uniform_half_open"],
        "disc": _sampler(_disc_single, _disc_double),
    },
    prepare=_prepare_disc,
    law=disc_law,
)
#: Normal around 0 with a std, truncated to moduli of at most 2 std.
TRUNCATED_DISC = Distribution(
    name="truncated_disc",
    parameters=("std",),
    kinds=("complex",),
    samplers={
        "uniform_half_open": UNIFORM.samplers["uniform_half_open"],
        "disc_truncated": _sampler(_truncated_single, _truncated_double),
    },
    prepare=_prepare_truncated,
    law=truncated_disc_law,
)
#: Both parts uniform on [a, b).
SQUARE = Distribution(
    name="square",
    parameters=("a", "b"),
    kinds=("complex",),
    samplers=UNIFORM.samplers,
    prepare=_prepare_square,
    law=square_law,
)
