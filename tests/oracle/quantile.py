"""The true values of truncated normals, by mpmath on the integer words."""

from __future__ import annotations

import math
from collections.abc import Sequence

import mpmath

__all__ = ["REACHED_FROM", "error_bar", "true_value", "uniform_number"]

_CONTEXT = mpmath.mp.clone()
_CONTEXT.prec = 260
#: Laws with a bound nearer to the mean than this are reached from it, in std.
REACHED_FROM = 0.5


def uniform_number(words: Sequence[int], *, is_short: bool = False) -> mpmath.mpf:
    """Number u of the words (W, V) or (W, V, X); of W alone where that is short."""
    if len(words) == 3:
        r = (words[0] << 47) + (words[1] % 2**15 << 32) + words[2]
        return _CONTEXT.ldexp(2 * r + 1, -80)
    if is_short:
        return _CONTEXT.ldexp(words[0] | 1, -32)
    return _CONTEXT.ldexp(2 * ((words[0] << 15) + words[1] % 2**15) + 1, -48)


def _upper_tail(x: mpmath.mpf) -> mpmath.mpf:
    return _CONTEXT.erfc(x / _CONTEXT.sqrt(2)) / 2


def _from_tail(tail: mpmath.mpf) -> mpmath.mpf:
    """Number x whose upper tail is given, by Newton's method on the logarithm."""
    if 2 * tail > 1:
        return -_from_tail(1 - tail)
    goal = _CONTEXT.log(tail)
    x = _CONTEXT.sqrt(-2 * goal) if goal < -3 else _CONTEXT.mpf(1)
    for _ in range(60):
        q = _upper_tail(x)
        density = _CONTEXT.exp(-x * x / 2) / _CONTEXT.sqrt(2 * _CONTEXT.pi)
        step = (_CONTEXT.log(q) - goal) * q / density
        x += step
        if abs(step) < _CONTEXT.ldexp(1 + abs(x), -200):
            return x
    raise ArithmeticError(tail)


def true_value(u: mpmath.mpf, parameters: Sequence[float]) -> mpmath.mpf:
    """Quantile of u of the law (mean, std, a, b), as the stream orients it.

    Laws that are reached from their upper bound take 1 - u.
    """
    mean, std, a, b = (_CONTEXT.mpf(value) for value in parameters)
    lower, upper = (a - mean) / std, (b - mean) / std
    is_mirrored = lower + upper < 0
    if is_mirrored:
        lower, upper = -upper, -lower
        if lower < -REACHED_FROM:
            u = 1 - u
    start, end = _upper_tail(lower), _upper_tail(upper)
    x = _from_tail(start + u * (end - start))
    return mean - std * x if is_mirrored else mean + std * x


def error_bar(true: mpmath.mpf, parameters: Sequence[float], bits: int) -> float:
    """What one unit of error is: an ulp of the value, or of its deviation in std.

    4 of these are allowed: of the deviation from the mean, or from the bound that the
    value is reached from, and one rounding of the value itself.
    """
    mean, std, a, b = parameters
    lower, upper = (a - mean) / std, (b - mean) / std
    anchor = mean
    if min(-lower, upper) <= REACHED_FROM:
        anchor = b if lower + upper < 0 else a
    deviation = abs(float(true - _CONTEXT.mpf(anchor)))
    return math.ldexp(1.0, math.frexp(deviation)[1] - bits)
