"""Fit the polynomials of fastinit.arithmetic.normal_quantile.

Run ``python docs/accuracy/fit_truncated_normal.py [single | double | quotient]``; it
prints the coefficients of that module, of its twin in float64 or of
``central_quotient``, lowest order first, with the error of the rounded polynomial. The
intervals have 0 inside, where Remez' exchange cannot keep the lower coefficients fixed;
least squares at Chebyshev points can, and come as close.
"""

from __future__ import annotations

import functools
import sys

import mpmath
from fit_polynomials import Target
from mpmath import mp, mpf

mp.prec = 250
#: The central polynomial is one in log2(4 t (1 - t)) + SHIFT.
SHIFT = 4
#: Ends of the pieces in -log2(4 t (1 - t)), by bits; the tails are polynomials in its
#: square root less a centre.
CENTRAL_END = 8
TAILS = {
    24: (("tail", CENTRAL_END, 48, 4.875, 12),),
    53: (("near_tail", CENTRAL_END, 24, 3.875, 22), ("far_tail", 24, 81, 6.9375, 22)),
}
CENTRAL_DEGREE = {24: 9, 53: 22}
LOG_DEGREE = {24: 7, 53: 18}
#: Degrees of numerator and denominator, polynomials in y = 4 t (1 - t) from 2^-8 on.
QUOTIENT_DEGREES = (15, 16)


@functools.cache
def quantile_ratio(depth: mpf) -> mpf:
    """Ratio x / q at depth = -log2(4 t (1 - t)); q = 1/2 - t, x the t-quantile."""
    root = mpmath.sqrt(-mpmath.expm1(-depth * mpmath.ln2))
    if root < mpf(2) ** -60:
        return mpmath.sqrt(2 * mpmath.pi)
    return 2 * mpmath.sqrt(2) * mpmath.erfinv(root) / root


def central_ratio(z: mpf) -> mpf:
    """Quantile ratio as a function of log2(4 t (1 - t)) + SHIFT."""
    return quantile_ratio(SHIFT - z)


def log2_ratio(f: mpf) -> mpf:
    """log2(1 + f) / f."""
    return mpmath.log1p(f) / f / mpmath.ln2 if f else 1 / mpmath.ln2


def targets(bits: int) -> list[Target]:
    """The polynomials of one format."""
    # Mantissas in [1 / sqrt 2, sqrt 2), less 1.
    lower, upper = 0.5**0.5 - 1, 2**0.5 - 1
    found = [
        Target("log2", log2_ratio, abs, lower, upper, LOG_DEGREE[bits], bits),
        Target(
            *("central", central_ratio, lambda z: 1 / central_ratio(z)),
            *(SHIFT - CENTRAL_END, SHIFT, CENTRAL_DEGREE[bits], bits),
        ),
    ]
    for name, start, end, centre, degree in TAILS[bits]:

        def ratio(z: mpf, centre: float = centre) -> mpf:
            return quantile_ratio((z + centre) ** 2)

        def weight(z: mpf, centre: float = centre) -> mpf:
            return 1 / quantile_ratio((z + centre) ** 2)

        ends = (float(mpmath.sqrt(x)) - centre for x in (start, end))
        found.append(Target(name, ratio, weight, *ends, degree, bits))
    return found


def _squares(target: Target, fixed: list[mpf], points: list[mpf]) -> mpf:
    """Next coefficient by weighted least squares, the lower ones given."""
    free = range(len(fixed), target.degree + 1)
    rows = [[x**k * target.weight(x) for k in free] for x in points]
    right = [
        (target.function(x) - mpmath.polyval(fixed[::-1] or [0], x)) * target.weight(x)
        for x in points
    ]
    a = mpmath.matrix(rows)
    return mpmath.lu_solve(a.T * a, a.T * mpmath.matrix(right))[0]


def fit(target: Target) -> tuple[list[mpf], mpf]:
    """Coefficients rounded to the target's format, and the largest error."""
    centre, half = (mpf(target.upper) + target.lower) / 2, mpf(target.upper)
    half -= centre
    count = 3 * target.degree + 40
    points = [
        centre + half * mpmath.cospi((i + mpf(1) / 2) / count) for i in range(count)
    ]
    fixed: list[mpf] = []
    for _ in range(target.degree + 1):
        value = _squares(target, fixed, points)
        mantissa, exponent = mpmath.frexp(value)
        rounded = mpmath.nint(mpmath.ldexp(mantissa, target.bits))
        fixed.append(mpmath.ldexp(rounded, exponent - target.bits))
    grid = [centre + half * mpf(i) / 500 for i in range(-500, 501)]
    errors = [
        (mpmath.polyval(fixed[::-1], x) - target.function(x)) * target.weight(x)
        for x in grid
    ]
    return fixed, max(map(abs, errors))


def rise(depth: mpf) -> mpf:
    """Rise of the quantile ratio from its least value, over 1 - y = 4 (1/2 - t)^2."""
    down = -mpmath.expm1(-depth * mpmath.ln2)
    least = mpmath.sqrt(2 * mpmath.pi)
    if down < mpf(2) ** -60:
        return least * mpmath.pi / 12
    return (quantile_ratio(depth) - least) / down


def _effect(y: mpf, depth: mpf) -> mpf:
    """Effect of an error of the rise, relative to the quantile ratio."""
    return (1 - y) / quantile_ratio(depth)


def _denominator() -> list[mpf]:
    """Denominator of the rise, lowest order first, the first 1.

    Least squares of P - f Q = 0, weighted by the effect over the Q of the step before
    (Sanathanan and Koerner, 1963), at Chebyshev points of log2 y.
    """
    above, below = QUOTIENT_DEGREES
    count = 4 * (below + 1)
    half = mpf(CENTRAL_END) / 2
    places = [mpmath.cospi((i + mpf(1) / 2) / count) for i in range(count)]
    depths = [half + half * place for place in places]
    points = [(mpf(2) ** -depth, rise(depth), depth) for depth in depths]
    found = [mpf(1)]
    for _ in range(5):
        rows, right = [], []
        for y, value, depth in points:
            weight = _effect(y, depth) / mpmath.polyval(found[::-1], y)
            row = [weight * y**k for k in range(above + 1)]
            row += [-weight * value * y**k for k in range(1, below + 1)]
            rows.append(row)
            right.append(weight * value)
        solution = mpmath.lu_solve(mpmath.matrix(rows), mpmath.matrix(right))
        found = [mpf(1), *list(solution)[above + 1 :]]
    return found


def quotient() -> tuple[list[mpf], list[mpf], mpf]:
    """Numerator and denominator of the rise, rounded, and the error of the ratio."""
    below = [mpf(float(value)) for value in _denominator()]

    def denominator(y: mpf) -> mpf:
        return mpmath.polyval(below[::-1], y)

    def numerator(y: float) -> mpf:
        return rise(-mpmath.log(y, 2)) * denominator(mpf(y))

    def weight(y: float) -> mpf:
        return _effect(mpf(y), -mpmath.log(y, 2)) / denominator(mpf(y))

    target = Target(
        *("numerator", numerator, weight),
        *(2.0**-CENTRAL_END, 1.0, QUOTIENT_DEGREES[0], 53),
    )
    above, error = fit(target)
    return above, below, error


def _show(name: str, coefficients: list[mpf], error: mpf, bits: int) -> None:
    ulps = mpmath.nstr(error * mpf(2) ** bits, 3)
    degree = len(coefficients) - 1
    print(f"# {name}, {bits} bits, degree {degree}: {ulps} x 2^-{bits}", flush=True)
    for order, value in enumerate(coefficients):
        print(f"{order:2d} {float(value).hex()}")


def main(which: str) -> None:
    """Print each polynomial, lowest order first."""
    if which == "quotient":
        above, below, error = quotient()
        _show("denominator", below, mpf(0), 53)
        _show("numerator", above, error, 53)
        return
    bits = {"single": 24, "double": 53}[which]
    for target in targets(bits):
        if len(sys.argv) <= 2 or target.name in sys.argv[2:]:
            _show(target.name, *fit(target), bits)


if __name__ == "__main__":
    main(sys.argv[1])
