"""Box-Muller in exact arithmetic, as section 8 of docs/stream.md defines it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from oracle import document
from oracle.floats import FORMATS, Format, Number, integer

__all__ = ["angle_integer", "pair", "radius_integer"]

_ONE = Number(0, 1, 0)


@dataclass(frozen=True)
class _Evaluation:
    """What differs between the formats: 2 words a pair in float32, 4 in float64."""

    format: Format
    log: dict[str, Number]
    sine: dict[str, Number]
    #: Bits of R and of the turn.
    radius_bits: int
    turn_bits: int


@functools.cache
def _evaluation(count: int) -> _Evaluation:
    name, radius, turn = {2: ("float32", 40, 32), 4: ("float64", 64, 64)}[count]
    f = FORMATS[name]
    tables = [
        {key: f.decode(bits) for key, bits in document.table(f"{what}-{name}").items()}
        for what in ("log", "sine")
    ]
    return _Evaluation(f, *tables, radius, turn)


def radius_integer(words: Sequence[int]) -> int:
    """R, of 40 bits from 2 words and of 64 bits from 4."""
    low = words[1] % 2**8
    if len(words) == 2:
        return 2**8 * words[0] + low
    return 2**32 * words[0] + 2**24 * low + words[2] // 2**8


def angle_integer(words: Sequence[int]) -> int:
    """Odd integer 2 tau + 1: t is it / 2^32 from 2 words, / 2^64 from 4."""
    wide = words[1] if len(words) == 2 else 2**32 * words[1] + words[3]
    bits = 32 if len(words) == 2 else 64
    doubled = (2 * wide + 1) % 2**bits
    return doubled - 2**bits if doubled >= 2 ** (bits - 1) else doubled


@functools.lru_cache(maxsize=1 << 12)
def pair(words: tuple[int, ...]) -> tuple[Number, Number]:
    """Standard normals of a pair from (A, B) or (A, B, C, D)."""
    e = _evaluation(len(words))
    root = e.format.sqrt(_minus_two_log(e, radius_integer(words)))
    radius = Number(words[1] >> 31, root.mantissa, root.exponent)
    turn, half = angle_integer(words), e.turn_bits - 1
    sine = _quarter_sine(e, turn, half)
    cosine = _quarter_sine(e, 2**half - abs(turn), half)
    return e.format.nearest(radius * cosine), e.format.nearest(radius * sine)


def _minus_two_log(e: _Evaluation, r: int) -> Number:
    """Section 8.1: -2 ln u of u = (R + 1/2) 2^-n_R."""
    f, bits = e.format, e.radius_bits
    is_upper = r >= 2 ** (bits - 1)
    y = 2**bits - 1 - r if is_upper else r
    if bits == 40:
        tail = f.fma(integer(y % 2**8), Number(0, 1, -40), Number(0, 1, -41))
        x = f.fma(f.nearest(integer(y // 2**8)), Number(0, 1, -32), tail)
    else:
        x = f.fma(f.nearest(integer(y)), Number(0, 1, -64), Number(0, 1, -65))
    h, n = x, 0
    if not is_upper:
        n = -(x.mantissa.bit_length() + x.exponent)
        m = Number(0, x.mantissa, x.exponent + n)
        h = f.nearest(_ONE + -m)
    q = _horner(f, h, [e.log[f"L{k}"] for k in range(len(e.log) - 1)])
    rest = f.fma(integer(n), e.log["C"], f.nearest(h + h))
    return f.fma(f.nearest(h * h), q, rest)


def _quarter_sine(e: _Evaluation, numerator: int, bits: int) -> Number:
    """Section 8.2: S of numerator / 2^bits."""
    f = e.format
    x = f.nearest(f.nearest(integer(numerator)) * Number(0, 1, -bits))
    y = f.nearest(x * x)
    t = _horner(f, y, [e.sine[f"T{k}"] for k in range(len(e.sine))])
    return f.fma(x, t, x)


def _horner(f: Format, x: Number, coefficients: list[Number]) -> Number:
    """Polynomial by fused multiply-adds, highest coefficient first."""
    value = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        value = f.fma(x, value, coefficient)
    return value
