"""The normal distribution: std * z + mean with one z for every std."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fastinit.arithmetic.box_muller import normal_pair_double, normal_pair_single
from fastinit.arithmetic.philox import counter_words
from fastinit.arithmetic.primitives import fma32, fma64, single
from fastinit.distributions.constant import constant_law, require_value
from fastinit.distributions.law import Float64Array, Law
from fastinit.distributions.protocol import Distribution, Sampler, Sampling
from fastinit.dtypes import Dtype
from fastinit.errors import ArgumentError

__all__ = ["NORMAL"]

Block = tuple[Any, Any, Any, Any]
Key = tuple[int, int, int, int]
BlockIndex = tuple[int, int]
Parameters = tuple[float, float, float, float]

#: |z| stays below: sqrt(-2 ln 2^-41) is 7.54 and sqrt(-2 ln 2^-65) is 9.50.
REACH = {32: 7.55, 64: 9.51}


def _normal_single(block: BlockIndex, key: Key, parameters: Parameters) -> Block:
    """Parameters: std, mean."""
    w0, w1, w2, w3 = counter_words(block, 0, key)
    std, mean = single(parameters[0]), single(parameters[1])
    z0, z1 = normal_pair_single(w0, w1)
    z2, z3 = normal_pair_single(w2, w3)
    return (
        fma32(std, z0, mean),
        fma32(std, z1, mean),
        fma32(std, z2, mean),
        fma32(std, z3, mean),
    )


def _normal_double(block: BlockIndex, key: Key, parameters: Parameters) -> Block:
    """Parameters: std, mean."""
    w0, w1, w2, w3 = counter_words(block, 0, key)
    x0, x1, x2, x3 = counter_words(block, 1, key)
    std, mean, _, _ = parameters
    z0, z1 = normal_pair_double((w0, w1), (x0, x1))
    z2, z3 = normal_pair_double((w2, w3), (x2, x3))
    return (
        fma64(std, z0, mean),
        fma64(std, z1, mean),
        fma64(std, z2, mean),
        fma64(std, z3, mean),
    )


def _prepare(parameters: tuple[Any, ...], dtype: Dtype) -> Sampling:
    if isinstance(parameters[0], complex):
        raise ArgumentError(
            f"normal with mean={parameters[0]!r} in {dtype.name}",
            "the mean must be a real number in a real dtype",
            "give a real mean, or choose complex64 or complex128",
        )
    # A mean of -0.0 is one of 0.0: the two are one key of the cache of samplings.
    mean, std = (float(value) + 0.0 for value in parameters)
    if not (math.isfinite(mean) and math.isfinite(std) and std >= 0):
        raise ArgumentError(
            f"normal(mean={mean!r}, std={std!r})",
            "mean must be finite and std finite and >= 0",
            "give a finite mean and a non-negative std",
        )
    if abs(mean) + REACH[dtype.precision] * std > dtype.max_finite:
        raise ArgumentError(
            f"normal(mean={mean!r}, std={std!r}) in {dtype.name}",
            f"|mean| + {REACH[dtype.precision]} std must stay within"
            f" {dtype.max_finite:.6g}, the largest value of {dtype.name}",
            "lower std or mean, or choose a wider dtype",
        )
    if std == 0:
        require_value(mean, dtype)
    if dtype.precision == 32:
        std, mean = float(np.float32(std)), float(np.float32(mean))
    return Sampling("normal", (std, mean, 0.0, 0.0))


def _law(parameters: tuple[Any, ...]) -> Law:
    mean, std = (float(value) for value in parameters)
    if std == 0:
        return constant_law((mean,))
    # scipy.special costs 0.1 s to import, so only a check pays.
    from scipy.special import ndtr

    def cdf(x: Float64Array) -> Float64Array:
        return np.asarray(ndtr((np.asarray(x) - mean) / std))

    def sf(x: Float64Array) -> Float64Array:
        return np.asarray(ndtr((mean - np.asarray(x)) / std))

    return Law("normal", (mean, std), cdf, sf, mean, std, 3.0, (-math.inf, math.inf))


#: Normal with a mean and a standard deviation.
NORMAL = Distribution(
    name="normal",
    parameters=("mean", "std"),
    kinds=("float",),
    samplers={
        "normal": Sampler({"float32": _normal_single, "float64": _normal_double})
    },
    prepare=_prepare,
    law=_law,
)
