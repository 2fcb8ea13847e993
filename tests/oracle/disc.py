"""Points of discs in exact arithmetic, as section 12 of docs/stream.md defines them."""

from __future__ import annotations

import functools

from oracle import document
from oracle.floats import FORMATS, Format, Number, integer
from oracle.normal import evaluation, minus_two_log, polar, radius_integer, signed

__all__ = ["disc_pair", "truncated_pair"]

_ONE, _HALF = integer(1), integer(1, -1)


def _end(words: tuple[int, ...]) -> tuple[Format, Number]:
    """Format and e: the signed distance of u from the nearer end, rounded."""
    e = evaluation(len(words))
    odd = 2 * signed(radius_integer(words), e.radius_bits) + 1
    return e.format, e.format.nearest(integer(odd, -e.radius_bits - 1))


@functools.cache
def _disc_table(name: str) -> dict[str, Number]:
    f = FORMATS[name]
    return {key: f.decode(bits) for key, bits in document.table(f"disc-{name}").items()}


def _rim(words: tuple[int, ...]) -> dict[str, Number]:
    return _disc_table("float32" if len(words) == 2 else "float64")


def _point(words: tuple[int, ...], radius: Number, rim: Number) -> tuple[Number, ...]:
    kept = radius if radius < rim else rim
    return polar(words, kept)


@functools.lru_cache(maxsize=1 << 12)
def disc_pair(words: tuple[int, ...]) -> tuple[Number, ...]:
    """Point of the unit disc from (A, B) or (A, B, C, D)."""
    f, end = _end(words)
    u = f.nearest(_ONE + end) if end.sign else end
    return _point(words, f.sqrt(u), _rim(words)["D"])


@functools.lru_cache(maxsize=1 << 12)
def truncated_pair(words: tuple[int, ...]) -> tuple[Number, ...]:
    """Standard normals of a radius of at most sqrt(8)."""
    f, end = _end(words)
    table = _rim(words)
    lower = f.nearest(_ONE + end) if end.sign else end
    upper = -end if end.sign else f.nearest(_ONE + -end)
    h, n = f.nearest(lower * table["W"]), 0
    if h > _HALF:
        y = f.fma(upper, table["W"], table["Q"])
        n = -(y.mantissa.bit_length() + y.exponent)
        h = f.nearest(_ONE + -Number(0, y.mantissa, y.exponent + n))
    w = minus_two_log(evaluation(len(words)), h, n)
    return _point(words, f.sqrt(w), table["T"])
