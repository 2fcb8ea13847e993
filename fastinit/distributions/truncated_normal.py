"""The normal distribution truncated to the values of [a, b].

The bounds are values, as in torch.nn.init.trunc_normal_; a convention in units of
std is a matter of the scheme. The sampler is chosen from the parameters.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np

from fastinit.distributions.constant import require_value, round_constant
from fastinit.distributions.normal import NORMAL, REACH
from fastinit.distributions.normal_tails import exact
from fastinit.distributions.protocol import Distribution, Sampler, Sampling
from fastinit.distributions.truncated_normal_doubles import (
    central_block_double,
    symmetric_block_double,
    tail_block_double,
    wide_block_double,
)
from fastinit.distributions.truncated_normal_law import (
    standard_bounds,
    truncated_normal_law,
)
from fastinit.distributions.truncated_normal_parameters import (
    Interval,
    straddling_parameters,
    symmetric_parameters,
    tail_parameters,
)
from fastinit.distributions.truncated_normal_samplers import (
    central_block_single,
    symmetric_block_single,
    tail_block_single,
    wide_block_single,
)
from fastinit.distributions.uniform import UNIFORM
from fastinit.dtypes import Dtype, numpy_dtype
from fastinit.errors import ArgumentError

__all__ = ["TRUNCATED_NORMAL", "closed_ends"]

#: Farthest that an interval may lie from the mean, in units of std.
FARTHEST = 1000
#: A bound nearer to the mean, or beyond it, is what the values are reached from.
NEAREST = Decimal("0.5")
#: Bounds of the central polynomial: there -log2(4 t (1 - t)) is 7.97.
CENTRAL = Decimal("3.09")
#: No value lies farther from the mean or from the bound on its side, in std.
FARTHEST_STEP = 13.0
#: Smallest scales and widths in units of std: their parts must be normal numbers.
SMALLEST_STD = {32: 2.0**-90, 64: 2.0**-900}
#: Number of parameters of each sampler.
COUNTS = {
    "truncated_symmetric": 6,
    "truncated_central": 11,
    "truncated_wide": 11,
    "truncated_tail": 38,
}


def _refuse(parameters: tuple[float, ...], allowed: str, remedy: str) -> None:
    mean, std, a, b = parameters
    raise ArgumentError(
        f"trunc_normal(mean={mean!r}, std={std!r}, a={a!r}, b={b!r})", allowed, remedy
    )


def _check(parameters: tuple[float, ...]) -> None:
    """Refuse parameters that are wrong in every dtype."""
    mean, std, a, b = parameters
    if not (math.isfinite(mean) and math.isfinite(std) and std >= 0):
        _refuse(
            parameters,
            "mean must be finite and std finite and >= 0",
            "give a finite mean and a non-negative std",
        )
    if not a <= b or a == math.inf or b == -math.inf:
        _refuse(
            parameters,
            "the bounds must be numbers with a <= b, of which a may be -inf and b inf",
            "give the bounds in ascending order",
        )
    if abs(min(max(mean, a), b) - mean) > FARTHEST * std:
        _refuse(
            parameters,
            f"[a, b] must come within {FARTHEST} std of the mean",
            "move the bounds or the mean; the bounds are values, not multiples of std",
        )


def closed_ends(a: float, b: float, dtype: Dtype) -> tuple[float, float]:
    """Smallest value >= a and largest value <= b of a dtype, both finite.

    Parameters
    ----------
    a, b : float
        Ends of the interval, a <= b, either may be infinite.
    dtype : Dtype
        A floating dtype.

    Returns
    -------
    lowest, highest : float
        Values of the dtype; lowest > highest where it has none in [a, b].

    Examples
    --------
    >>> from fastinit.dtypes import DTYPES
    >>> closed_ends(-math.inf, 0.1, DTYPES["float16"])
    (-65504.0, 0.0999755859375)
    """
    kind = numpy_dtype(dtype.name)
    largest = dtype.max_finite
    ends = []
    for end, inner in ((max(a, -largest), largest), (min(b, largest), -largest)):
        nearest = np.asarray(end).astype(kind)[()]
        if (float(nearest) < end) if inner > 0 else (float(nearest) > end):
            nearest = np.nextafter(nearest, kind.type(inner), dtype=kind)
        ends.append(float(nearest))
    return ends[0], ends[1]


def _prepare(parameters: tuple[Any, ...], dtype: Dtype) -> Sampling:
    # A bound of -0.0 is one of 0.0: the two are one key of the cache of samplings.
    mean, std, a, b = (float(value) + 0.0 for value in parameters)
    given = mean, std, a, b
    _check(given)
    lowest, highest = closed_ends(a, b, dtype)
    if lowest > highest:
        _refuse(
            given,
            f"[a, b] must hold at least one value of {dtype.name}",
            "widen the interval or choose a wider dtype",
        )
    if std == 0 or a == b:
        require_value(min(max(mean, a), b), dtype)
        only = float(round_constant(min(max(mean, a), b), dtype))
        only = min(max(only, lowest), highest)
        return Sampling("uniform_half_open", (0.0, only, only, only))
    _check_range(given, dtype)
    bounds = standard_bounds(*given)
    interval = Interval(mean, std, a, b, *bounds, (lowest, highest), dtype)
    # Whatever context of decimal numbers the caller has set.
    with exact():
        return _sampling(interval)


def _check_range(parameters: tuple[float, ...], dtype: Dtype) -> None:
    """Refuse what the dtype cannot hold."""
    mean, std, a, b = parameters
    nearest, step = min(max(mean, a), b), FARTHEST_STEP * std
    reached = max(abs(max(nearest - step, a)), abs(min(nearest + step, b)), abs(mean))
    if reached > dtype.max_finite:
        _refuse(
            parameters,
            f"mean and values must stay within {dtype.max_finite:.6g}, the largest"
            f" value of {dtype.name}",
            "narrow the bounds, lower std, or choose a wider dtype",
        )


def _check_resolution(parameters: tuple[float, ...], dtype: Dtype) -> None:
    """Refuse what the arithmetic of truncated laws cannot resolve."""
    _, std, a, b = parameters
    smallest = SMALLEST_STD[dtype.precision]
    if std < smallest or b - a < smallest * max(std, 1.0):
        _refuse(
            parameters,
            f"std must be at least {smallest:.2g} in {dtype.name}, and b - a at least"
            " that, absolutely and in units of std",
            "widen the law, or choose float64",
        )


def _sampling(interval: Interval) -> Sampling:
    """Sampler of an interval with its parameters."""
    lower, upper = interval.lower, interval.upper
    inner = min(-lower, upper)
    if inner >= Decimal(REACH[interval.dtype.precision]) and _is_untouched(interval):
        return NORMAL.prepare((interval.mean, interval.std), interval.dtype)
    given = interval.mean, interval.std, interval.a, interval.b
    _check_resolution(given, interval.dtype)
    if inner <= NEAREST:
        return _padded("truncated_tail", tail_parameters(interval))
    if max(-lower, upper) > CENTRAL:
        found = straddling_parameters(interval, is_scaled=False)
        return _padded("truncated_wide", found)
    if lower == -upper:
        return _padded("truncated_symmetric", symmetric_parameters(interval))
    found = straddling_parameters(interval, is_scaled=True)
    return _padded("truncated_central", found)


def _is_untouched(interval: Interval) -> bool:
    """True where no value of the plain normal rounds to one outside the bounds."""
    kind = numpy_dtype(interval.dtype.name)
    reach = REACH[interval.dtype.precision] * interval.std
    if interval.dtype.is_stochastic:
        # By chance a value becomes either neighbour: what counts is the float32.
        kind = np.dtype(np.float32)
    ends = (float(np.asarray(interval.mean + x).astype(kind)) for x in (-reach, reach))
    low, high = ends
    return interval.ends[0] <= low and high <= interval.ends[1]


def _padded(sampler: str, parameters: tuple[float, ...]) -> Sampling:
    """Sampling with as many parameters as the sampler takes in any dtype."""
    missing = COUNTS[sampler] - len(parameters)
    return Sampling(sampler, (*parameters, *([0.0] * missing)))


def _sampler(name: str, single: Any, double: Any) -> Sampler:
    return Sampler({"float32": single, "float64": double}, COUNTS[name])


#: Normal with mean and std, truncated to [a, b].
TRUNCATED_NORMAL = Distribution(
    name="truncated_normal",
    parameters=("mean", "std", "a", "b"),
    kinds=("float",),
    samplers={
        **NORMAL.samplers,
        "uniform_half_open": UNIFORM.samplers["uniform_half_open"],
        "truncated_symmetric": _sampler(
            "truncated_symmetric", symmetric_block_single, symmetric_block_double
        ),
        "truncated_central": _sampler(
            "truncated_central", central_block_single, central_block_double
        ),
        "truncated_wide": _sampler(
            "truncated_wide", wide_block_single, wide_block_double
        ),
        "truncated_tail": _sampler(
            "truncated_tail", tail_block_single, tail_block_double
        ),
    },
    prepare=_prepare,
    law=truncated_normal_law,
)
