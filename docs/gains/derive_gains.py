"""Derive the gains of `fastinit.gain_table` with 50 digits; --write replaces them.

Every activation is a row of smooth pieces, so that the quadrature never crosses a
kink: value and derivative on [left, right), in mpmath. The expectations are over a
standard normal z.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import mpmath
from mpmath import mpf

TARGET = Path(__file__).resolve().parents[2] / "fastinit" / "gain_table.py"
DIGITS = 50
#: The weight is below 1e-217 beyond, and no activation here grows faster than exp.
REACH = 32

Real = mpmath.mpf
Function = Callable[[Real], Real]


class Piece(NamedTuple):
    """An activation between two kinks."""

    left: Real
    right: Real
    value: Function
    derivative: Function


def smooth(value: Function, derivative: Function | None = None) -> list[Piece]:
    """Activation without a kink; the derivative by Taylor series where not given."""
    slope = derivative or (lambda z: mpmath.diff(value, z))
    return [Piece(mpf(-REACH), mpf(REACH), value, slope)]


def pieces(*rows: tuple[object, object, Function, Function]) -> list[Piece]:
    """Activation of several pieces; what lies between them is 0."""
    return [Piece(mpf(left), mpf(right), f, g) for left, right, f, g in rows]


def expectation(function: Function, left: Real, right: Real) -> Real:
    """Integral of a function times the standard normal density."""
    # Panels of one std, halved towards 0 where the activations have their kinks.
    inner = [k for k in range(-REACH, REACH + 1) if left < k < right]
    density = lambda z: mpmath.exp(-z * z / 2) / mpmath.sqrt(2 * mpmath.pi)  # noqa: E731
    return mpmath.quad(lambda z: function(z) * density(z), [left, *inner, right])


def gains(row: list[Piece]) -> tuple[Real, Real, Real]:
    """Forward, centred and backward gain of an activation."""
    mean = sum(expectation(p.value, p.left, p.right) for p in row)
    square = sum(
        expectation(lambda z, p=p: p.value(z) ** 2, p.left, p.right) for p in row
    )
    slope = sum(
        expectation(lambda z, p=p: p.derivative(z) ** 2, p.left, p.right) for p in row
    )
    return tuple(1 / mpmath.sqrt(m) for m in (square, square - mean**2, slope))


def _sigmoid(z: Real) -> Real:
    return 1 / (1 + mpmath.exp(-z))


def _softplus(z: Real) -> Real:
    return mpmath.log1p(mpmath.exp(z))


def _density(z: Real) -> Real:
    return mpmath.exp(-z * z / 2) / mpmath.sqrt(2 * mpmath.pi)


def _logistic(scale: Real) -> list[Piece]:
    """Z sigmoid(scale z): silu, and the quick approximation of gelu."""
    return smooth(
        lambda z: z * _sigmoid(scale * z),
        lambda z: _sigmoid(scale * z) * (1 + scale * z * (1 - _sigmoid(scale * z))),
    )


def _tanh_gelu() -> list[Piece]:
    root, cubic = mpmath.sqrt(2 / mpmath.pi), mpf("0.044715")

    def derivative(z: Real) -> Real:
        t = mpmath.tanh(root * (z + cubic * z**3))
        return (1 + t) / 2 + z / 2 * (1 - t * t) * root * (1 + 3 * cubic * z * z)

    return smooth(
        lambda z: z / 2 * (1 + mpmath.tanh(root * (z + cubic * z**3))), derivative
    )


def _mish() -> list[Piece]:
    def derivative(z: Real) -> Real:
        t = mpmath.tanh(_softplus(z))
        return t + z * (1 - t * t) * _sigmoid(z)

    return smooth(lambda z: z * mpmath.tanh(_softplus(z)), derivative)


def _exponential_linear(alpha: Real, scale: Real) -> list[Piece]:
    """Scale z above 0, scale alpha (exp(z) - 1) below."""
    return pieces(
        (
            -REACH,
            0,
            lambda z: scale * alpha * mpmath.expm1(z),
            lambda z: scale * alpha * mpmath.exp(z),
        ),
        (0, REACH, lambda z: scale * z, lambda _: scale),
    )


def _selu_constants() -> tuple[Real, Real]:
    """Alpha and scale of Klambauer et al. (2017), as every library rounds them."""
    return mpf("1.6732632423543772848170429916717"), mpf(
        "1.0507009873554804934193349852946"
    )


def _clipped_line(low: object, high: object, slope: Real, shift: Real) -> list[Piece]:
    """Slope z + shift between two kinks, constant outside."""
    low, high = mpf(low), mpf(high)
    return pieces(
        (-REACH, low, lambda _: slope * low + shift, lambda _: mpf(0)),
        (low, high, lambda z: slope * z + shift, lambda _: slope),
        (high, REACH, lambda _: slope * high + shift, lambda _: mpf(0)),
    )


def activations() -> dict[str, list[Piece]]:
    """Every activation of the table, by name."""
    one, zero = lambda _: mpf(1), lambda _: mpf(0)
    sixth, half = mpf(1) / 6, mpf(1) / 2
    return {
        "linear": smooth(lambda z: z, one),
        "relu": pieces((0, REACH, lambda z: z, one)),
        "relu6": pieces((0, 6, lambda z: z, one), (6, REACH, lambda _: mpf(6), zero)),
        "relu_squared": pieces((0, REACH, lambda z: z * z, lambda z: 2 * z)),
        "elu": _exponential_linear(mpf(1), mpf(1)),
        "selu": _exponential_linear(*_selu_constants()),
        "gelu": smooth(
            lambda z: z * mpmath.ncdf(z), lambda z: mpmath.ncdf(z) + z * _density(z)
        ),
        "gelu_tanh": _tanh_gelu(),
        "gelu_quick": _logistic(mpf("1.702")),
        "silu": _logistic(mpf(1)),
        "mish": _mish(),
        "hardswish": pieces(
            (-3, 3, lambda z: z * (z + 3) / 6, lambda z: (2 * z + 3) / 6),
            (3, REACH, lambda z: z, one),
        ),
        "softplus": smooth(_softplus, _sigmoid),
        "squareplus": smooth(
            lambda z: (z + mpmath.sqrt(z * z + 4)) / 2,
            lambda z: (1 + z / mpmath.sqrt(z * z + 4)) / 2,
        ),
        "sparse_plus": pieces(
            (-1, 1, lambda z: (z + 1) ** 2 / 4, lambda z: (z + 1) / 2),
            (1, REACH, lambda z: z, one),
        ),
        "sigmoid": smooth(_sigmoid, lambda z: _sigmoid(z) * (1 - _sigmoid(z))),
        "hardsigmoid": _clipped_line(-3, 3, sixth, half),
        "sparse_sigmoid": _clipped_line(-1, 1, half, half),
        "logsigmoid": smooth(lambda z: -_softplus(-z), lambda z: _sigmoid(-z)),
        "tanh": smooth(mpmath.tanh, lambda z: 1 - mpmath.tanh(z) ** 2),
        "hardtanh": _clipped_line(-1, 1, mpf(1), mpf(0)),
        "tanhshrink": smooth(
            lambda z: z - mpmath.tanh(z), lambda z: mpmath.tanh(z) ** 2
        ),
        "softshrink": pieces(
            (-REACH, -half, lambda z: z + half, one),
            (half, REACH, lambda z: z - half, one),
        ),
        "softsign": pieces(
            (-REACH, 0, lambda z: z / (1 - z), lambda z: 1 / (1 - z) ** 2),
            (0, REACH, lambda z: z / (1 + z), lambda z: 1 / (1 + z) ** 2),
        ),
        "lisht": smooth(
            lambda z: z * mpmath.tanh(z),
            lambda z: mpmath.tanh(z) + z * (1 - mpmath.tanh(z) ** 2),
        ),
        "atan": smooth(mpmath.atan, lambda z: 1 / (1 + z * z)),
        "erf": smooth(
            mpmath.erf, lambda z: 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-z * z)
        ),
        "sin": smooth(mpmath.sin, mpmath.cos),
        "cos": smooth(mpmath.cos, lambda z: -mpmath.sin(z)),
        "snake": smooth(
            lambda z: z + mpmath.sin(z) ** 2, lambda z: 1 + mpmath.sin(2 * z)
        ),
        "gaussian": smooth(
            lambda z: mpmath.exp(-z * z), lambda z: -2 * z * mpmath.exp(-z * z)
        ),
        "exponential": smooth(mpmath.exp, mpmath.exp),
        "abs": pieces(
            (-REACH, 0, lambda z: -z, lambda _: mpf(-1)), (0, REACH, lambda z: z, one)
        ),
    }


def derived(digits: int = DIGITS) -> dict[str, tuple[float, float, float]]:
    """Gains of all activations, each rounded once to float64."""
    with mpmath.workdps(digits):
        return {
            name: tuple(map(float, gains(row))) for name, row in activations().items()
        }


def main() -> None:
    """Print the rows, or write them between the marks of the table."""
    lines = "".join(
        f'    "{name}": ({", ".join(map(repr, row))}),\n'
        for name, row in derived().items()
    )
    if "--write" not in sys.argv:
        print(lines, end="")
        return
    text = TARGET.read_text(encoding="utf-8")
    head, _, rest = text.partition("] = {\n")
    _, _, tail = rest.partition("}\n")
    TARGET.write_text(f"{head}] = {{\n{lines}}}\n{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
