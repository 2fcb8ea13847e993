"""Box-Muller in exact arithmetic, as section 8 of docs/stream.md defines it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from oracle import document
from oracle.floats import FORMATS, Format, Number, integer

__all__ = [
    "angle_integer",
    "evaluation",
    "minus_two_log",
    "pair",
    "polar",
    "radius_integer",
    "signed",
]

_ONE = Number(0, 1, 0)


@dataclass(frozen=True)
class _Evaluation:
    """What differs between the formats: 2 words a pair in float32, 4 in float64."""

    format: Format
    log: dict[str, Number]
    sine: dict[str, Number]
    cosine: dict[str, Number]
    #: Bits of R and of the turn.
    radius_bits: int
    turn_bits: int


@functools.cache
def evaluation(count: int) -> _Evaluation:
    """What differs between the formats, by the number of words of a pair."""
    name, radius, turn = {2: ("float32", 40, 32), 4: ("float64", 64, 64)}[count]
    f = FORMATS[name]
    tables = [
        {key: f.decode(bits) for key, bits in document.table(f"{what}-{name}").items()}
        for what in ("log", "sine", "cosine")
    ]
    return _Evaluation(f, *tables, radius, turn)


def radius_integer(words: Sequence[int]) -> int:
    """R, of 40 bits from 2 words and of 64 bits from 4."""
    low = words[1] // 2 % 2**8
    if len(words) == 2:
        return 2**8 * words[0] + low
    return 2**32 * words[0] + 2**24 * low + words[2] // 2**8


def angle_integer(words: Sequence[int]) -> int:
    """Odd integer 2 tau + 1: t is it / 2^32 from 2 words, / 2^64 from 4."""
    tau = words[1] // 2
    bits = 31
    if len(words) == 4:
        tau, bits = 2**32 * tau + words[3], 63
    return 2 * signed(tau, bits) + 1


@functools.lru_cache(maxsize=1 << 12)
def pair(words: tuple[int, ...]) -> tuple[Number, Number]:
    """Standard normals of a pair from (A, B) or (A, B, C, D)."""
    e = evaluation(len(words))
    return polar(words, e.format.sqrt(_minus_two_log(e, radius_integer(words))))


def polar(words: Sequence[int], root: Number) -> tuple[Number, Number]:
    """Point of a radius, at the angle of the words of a pair."""
    e = evaluation(len(words))
    sign, turn = words[1] % 2, angle_integer(words)
    sine, cosine = _sine_and_cosine(e, abs(turn))
    even = Number(sign, root.mantissa, root.exponent)
    odd = Number(sign ^ (turn < 0), root.mantissa, root.exponent)
    return e.format.nearest(even * cosine), e.format.nearest(odd * sine)


def signed(number: int, bits: int) -> int:
    """Unsigned number of some bits as a signed one."""
    return number - 2**bits if number >= 2 ** (bits - 1) else number


def _minus_two_log(e: _Evaluation, r: int) -> Number:
    """Section 8.1: -2 ln u of u = (R + 1/2) 2^-n_R."""
    f, bits = e.format, e.radius_bits
    odd = 2 * signed(r, bits) + 1
    x = f.nearest(integer(abs(odd)) * Number(0, 1, -bits - 1))
    h, n = x, 0
    if odd > 0:
        n = -(x.mantissa.bit_length() + x.exponent)
        m = Number(0, x.mantissa, x.exponent + n)
        h = f.nearest(_ONE + -m)
    return minus_two_log(e, h, n)


def minus_two_log(e: _Evaluation, h: Number, n: int) -> Number:
    """The steps of section 8.1 from h and n on."""
    f = e.format
    q = _horner(f, h, [e.log[f"L{k}"] for k in range(len(e.log) - 1)])
    rest = f.fma(integer(n), e.log["C"], f.nearest(h + h))
    return f.fma(f.nearest(h * h), q, rest)


def _sine_and_cosine(e: _Evaluation, magnitude: int) -> tuple[Number, Number]:
    """Section 8.2: sine and cosine of pi |t|."""
    f, half = e.format, e.turn_bits - 1
    near = min(magnitude, 2**half - magnitude)
    x = f.nearest(f.nearest(integer(near)) * Number(0, 1, -half))
    y = f.nearest(x * x)
    s = _horner(f, y, [e.sine[f"S{k}"] for k in range(len(e.sine) - 1)])
    k = _horner(f, y, [e.cosine[f"K{k}"] for k in range(len(e.cosine))])
    sine = f.fma(x, e.sine["H"], f.nearest(x * s))
    cosine = f.fma(y, k, _ONE)
    return (sine, cosine) if magnitude == near else (cosine, sine)


def _horner(f: Format, x: Number, coefficients: list[Number]) -> Number:
    """Polynomial by fused multiply-adds, highest coefficient first."""
    value = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        value = f.fma(x, value, coefficient)
    return value
