"""The polynomial of one truncation that carries a step into its tail to a value.

With L = -ln of the tail, r = sqrt(2 L) is nearly the distance in std. The step d in r
from the bound gives the variable s = d / (d + 2.5), scaled to [-1, 1]; the distance
from the bound is d B(s) with B a polynomial that interpolates the exact function.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext

from fastinit.distributions.normal_tails import exact, upper_tail

__all__ = ["BEND", "NODES", "TailPolynomial", "tail_polynomial"]

#: The variable is d / (d + BEND).
BEND = Decimal("2.5")
#: Points of interpolation times 2^20, by precision: those of Chebyshev on (0, 1).
NODES: dict[int, tuple[int, ...]] = {
    32: (
        *(5336, 47379, 128058, 240837, 376579, 524288, 671997, 807739, 920518),
        *(1001197, 1043240),
    ),
    64: (
        *(769, 6907, 19110, 37237, 61073, 90341, 124696, 163735, 207002),
        *(253989, 304145, 356882, 411582, 467602, 524288, 580974, 636994, 691694),
        *(744431, 794587, 841574, 884841, 923880, 958235, 987503, 1011339, 1029466),
        *(1041669, 1047807),
    ),
}
#: -2 ln of the smallest u, and a little more.
REACH = {32: 68, 64: 113}
#: Coefficients below the first over this are 0: they change no bit, and tiny
#: ones would take ever more digits to compute.
NEGLIGIBLE = {32: 2**40, 64: 2**75}


@dataclass(frozen=True)
class TailPolynomial:
    """One truncation of the standard normal law, as seen from its lower bound.

    Attributes
    ----------
    drop, rest : Decimal
        1 - rest, and the tail of the upper bound relative to that of the lower one.
    square, root : Decimal
        -2 ln of the tail of the lower bound, and its square root.
    unit : Decimal
        2 over the largest value of d / (d + 2.5).
    coefficients : tuple of Decimal
        Of B, lowest order first.
    """

    drop: Decimal
    rest: Decimal
    square: Decimal
    root: Decimal
    unit: Decimal
    coefficients: tuple[Decimal, ...]


def tail_polynomial(lower: Decimal, upper: Decimal, precision: int) -> TailPolynomial:
    """Polynomial of a standard normal truncated to [lower, upper].

    Parameters
    ----------
    lower, upper : Decimal
        Bounds in units of std, -1/2 <= lower < upper; `upper` may be infinite.
    precision : {32, 64}
        Width of the format that it is for.

    Returns
    -------
    tail : TailPolynomial
        Exact to 30 digits.

    Examples
    --------
    >>> tail = tail_polynomial(Decimal(2), Decimal(3), 32)
    >>> len(tail.coefficients), round(float(tail.drop + tail.rest), 6)
    (11, 1.0)
    """
    with exact():
        span = min(upper - lower, (lower * lower + REACH[precision]).sqrt() - lower)
    # A narrow interval takes digits from the leading ones.
    digits = 90 + 2 * max(0, -span.adjusted())
    with localcontext(Context(prec=digits, Emax=MAX_EMAX, Emin=MIN_EMIN)):
        tail = upper_tail(lower)
        rest = upper_tail(upper) / tail
        square = -2 * tail.ln()
        root = square.sqrt()

        def step(distance: Decimal) -> Decimal:
            fall = 2 * (tail / upper_tail(lower + distance)).ln()
            return fall / ((square + fall).sqrt() + root)

        farthest = step(span)
        largest = farthest / (farthest + BEND)
        distances = _distances(span, NODES[precision])
        steps = [step(x) for x in distances]
        points = [2 * d / (d + BEND) / largest - 1 for d in steps]
        values = [x / d for x, d in zip(distances, steps, strict=True)]
        found = _interpolate(points, values)
        least = abs(found[0]) / NEGLIGIBLE[precision]
        kept = tuple(c if abs(c) >= least else Decimal(0) for c in found)
        return TailPolynomial(1 - rest, rest, square, root, 2 / largest, kept)


def _distances(span: Decimal, nodes: tuple[int, ...]) -> list[Decimal]:
    """Distances from the bound whose variables are near the nodes, up to a factor."""
    largest = span / (span + BEND)
    bent = [largest * node / 2**20 for node in nodes]
    return [BEND * x / (1 - x) for x in bent]


def _interpolate(points: list[Decimal], values: list[Decimal]) -> list[Decimal]:
    """Coefficients of the polynomial through some points, lowest order first.

    Newton's divided differences, expanded from the last one.
    """
    n = len(points)
    differences = list(values)
    for order in range(1, n):
        for k in range(n - 1, order - 1, -1):
            differences[k] -= differences[k - 1]
            differences[k] /= points[k] - points[k - order]
    coefficients = [Decimal(0)] * n
    for k in range(n - 1, -1, -1):
        # Times (s - points[k]), plus differences[k].
        for i in range(n - 1, 0, -1):
            coefficients[i] = coefficients[i - 1] - points[k] * coefficients[i]
        coefficients[0] = differences[k] - points[k] * coefficients[0]
    return coefficients
