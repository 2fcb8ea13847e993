"""Fit the minimax polynomials of fastinit.arithmetic.

Run ``python docs/accuracy/fit_polynomials.py``; it prints the coefficients that
``fastinit/arithmetic/`` holds, with the error of the rounded polynomial. The
coefficients are rounded to their format one by one, lowest order first, and the
rest is fitted again, so that rounding costs almost nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import mpmath
import numpy as np
from mpmath import mp, mpf

mp.prec = 250
Real = Callable[[mpf], mpf]


@dataclass(frozen=True)
class Target:
    """A function to approximate on [lower, upper] with a weight on the error."""

    name: str
    function: Real
    weight: Real
    lower: float
    upper: float
    degree: int
    bits: int


def minus_log_tail(h: mpf) -> mpf:
    """Q of -2 ln(1 - h) = 2 h + h^2 Q(h)."""
    if h < mpf(2) ** -40:
        return 1 + h * 2 / 3 + h * h / 2
    return (-2 * mpmath.log1p(-h) - 2 * h) / (h * h)


def minus_log_weight(h: mpf) -> mpf:
    """Effect of an error of Q, relative to -2 ln(1 - h)."""
    return h / 2 if h < mpf(2) ** -40 else h * h / (-2 * mpmath.log1p(-h))


def _sine_ratio(y: mpf) -> mpf:
    """sin(pi x / 2) / x at y = x^2."""
    x = mpmath.sqrt(y)
    return mpmath.sinpi(x / 2) / x if x else mpmath.pi / 2


def sine_tail(bits: int) -> Real:
    """S of sin(pi x / 2) = x H + x S(x^2), with H the rounded pi / 2."""
    leading = _round(mpmath.pi / 2, bits)
    return lambda y: _sine_ratio(y) - leading


def sine_weight(y: mpf) -> mpf:
    """Effect of an error of S, relative to sin(pi x / 2)."""
    return 1 / _sine_ratio(y)


def cosine_tail(y: mpf) -> mpf:
    """K of cos(pi x / 2) = 1 + x^2 K(x^2)."""
    if y < mpf(2) ** -60:
        return -((mpmath.pi / 2) ** 2) / 2
    return -2 * mpmath.sinpi(mpmath.sqrt(y) / 4) ** 2 / y


def cosine_weight(y: mpf) -> mpf:
    """Effect of an error of K, relative to cos(pi x / 2)."""
    return y / mpmath.cospi(mpmath.sqrt(y) / 2)


def _round(value: mpf, bits: int) -> mpf:
    mantissa, exponent = mpmath.frexp(value)
    return mpmath.ldexp(mpmath.nint(mpmath.ldexp(mantissa, bits)), exponent - bits)


def _weighted_error(target: Target, coefficients: list[mpf], x: mpf) -> mpf:
    return (mpmath.polyval(coefficients[::-1], x) - target.function(x)) * target.weight(
        x
    )


def _extremes(target: Target, coefficients: list[mpf], count: int) -> list[mpf]:
    """Points where the weighted error alternates, from a fine grid."""
    span = mpf(target.upper) - target.lower
    grid = [
        target.lower + span * (1 - mpmath.cospi(mpf(i) / 600)) / 2 for i in range(601)
    ]
    errors = [_weighted_error(target, coefficients, x) for x in grid]
    best: list[tuple[mpf, mpf]] = []
    for x, error in zip(grid, errors, strict=True):
        if best and (best[-1][1] > 0) == (error > 0):
            if abs(error) > abs(best[-1][1]):
                best[-1] = (x, error)
        else:
            best.append((x, error))
    while len(best) > count:
        best.pop(0 if abs(best[0][1]) < abs(best[-1][1]) else -1)
    return [x for x, _ in best]


def _remez(target: Target, fixed: list[mpf]) -> list[mpf]:
    """Best coefficients of order len(fixed) and above, the lower ones given."""
    free = range(len(fixed), target.degree + 1)
    count = len(free) + 1
    span = mpf(target.upper) - target.lower
    points = [
        target.lower + span * (1 - mpmath.cospi((i + mpf(1) / 2) / count)) / 2
        for i in range(count)
    ]
    coefficients = fixed
    for _ in range(12):
        rows = [
            [x**k * target.weight(x) for k in free] + [mpf((-1) ** i)]
            for i, x in enumerate(points)
        ]
        right = [-_weighted_error(target, [*fixed, mpf(0)], x) for x in points]
        solution = mpmath.lu_solve(mpmath.matrix(rows), mpmath.matrix(right))
        coefficients = fixed + [solution[i] for i in range(len(free))]
        moved = _extremes(target, coefficients, count)
        if len(moved) < count:
            break
        points = moved
    return coefficients


def fit(target: Target) -> tuple[list[mpf], mpf]:
    """Coefficients rounded to the target's format, and the largest error."""
    fixed: list[mpf] = []
    for order in range(target.degree + 1):
        fixed.append(_round(_remez(target, fixed)[order], target.bits))
    grid = [mpf(x) for x in np.linspace(target.lower, target.upper, 4001)]
    return fixed, max(abs(_weighted_error(target, fixed, x)) for x in grid)


def targets() -> list[Target]:
    """The six polynomials of the Box-Muller transform."""
    found = []
    for bits, log_degree, degree in ((24, 8, 3), (53, 20, 6)):
        tail, weight = minus_log_tail, minus_log_weight
        found += [
            Target("minus_log_tail", tail, weight, 0.0, 0.5, log_degree, bits),
            Target("sine_tail", sine_tail(bits), sine_weight, 0.0, 0.25, degree, bits),
            Target("cosine_tail", cosine_tail, cosine_weight, 0.0, 0.25, degree, bits),
        ]
    return found


def main() -> None:
    """Print each polynomial, lowest order first."""
    for target in targets():
        coefficients, error = fit(target)
        ulps = error * mpf(2) ** target.bits
        print(
            f"# {target.name}, {target.bits} bits, degree {target.degree}:"
            f" relative error {mpmath.nstr(error, 3)}"
            f" = {mpmath.nstr(ulps, 3)} x 2^-{target.bits}"
        )
        for order, value in enumerate(coefficients):
            print(f"{order:2d} {float(value).hex()}")


if __name__ == "__main__":
    main()
