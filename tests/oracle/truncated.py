"""Truncated normals in exact arithmetic, as section 11 of docs/stream.md defines them.

Numbers of a format are exact integers (`oracle.floats`); the parameters of a law are
mpmath's, rounded. Nothing here comes from the library.
"""

from __future__ import annotations

import functools
import math
import re
from dataclasses import dataclass
from typing import Any

import mpmath

from oracle import document
from oracle.floats import FORMATS, Format, Number, integer

__all__ = ["Law", "law_of", "value"]

_CONTEXT = mpmath.mp.clone()
_CONTEXT.dps = 320
_ONE, _TWO, _HALF = integer(1), integer(2), integer(1, -1)
_BEND, _FOUR = Number(0, 5, -1), integer(4)


def _signed(number: int, bits: int) -> int:
    number %= 2**bits
    return number - 2**bits if number >= 2 ** (bits - 1) else number


def _q(x: Any) -> Any:
    """Probability of a standard normal above x."""
    return _CONTEXT.erfc(x / _CONTEXT.sqrt(2)) / 2


def _number(value: Any, f: Format) -> Number:
    """Real number rounded to float64, then to the format."""
    value = _CONTEXT.mpf(value)
    if value == 0:
        return Number(0, 0, 0)
    mantissa, exponent = value.man_exp
    exact = Number(int(value < 0), abs(int(mantissa)), int(exponent))
    return f.nearest(FORMATS["float64"].nearest(exact))


@functools.cache
def _nodes(precision: int) -> tuple[int, ...]:
    """List of nodes of section 11.3."""
    text = document.PATH.read_text(encoding="utf-8")
    listed = text[text.index("Nodes, float32, then float64:") :]
    lists = re.findall(r"((?:^    [\d ]+\n)+)", listed, re.MULTILINE)
    return tuple(int(n) for n in lists[precision == 53].split())


@functools.cache
def _table(name: str) -> tuple[Number, ...]:
    f = FORMATS[name.partition("-")[2]]
    return tuple(f.decode(bits) for bits in document.table(name).values())


@dataclass(frozen=True)
class Law:
    """A law in a dtype: its sampler, its real and its rounded parameters."""

    dtype: str
    sampler: str
    ends: tuple[Number, Number]
    mean: Number
    held: dict[str, Number]
    coefficients: tuple[Number, ...] = ()

    @property
    def working(self) -> str:
        """Name of the format of the arithmetic."""
        return "float64" if self.dtype == "float64" else "float32"


@functools.cache
def law_of(
    parameters: tuple[float, float, float, float],
    dtype: str,
    *,
    is_stochastic: bool = False,
) -> Law:
    """Sampler and parameters of a law in a dtype."""
    f = FORMATS["float64" if dtype == "float64" else "float32"]
    m, s, a, b = (_CONTEXT.mpf(value + 0.0) for value in parameters)
    ends = _closed_ends(parameters, FORMATS[dtype])
    mean = _number(m, f)
    if s == 0 or a == b:
        only = FORMATS[dtype].nearest(_number(min(max(m, a), b), f))
        return Law(dtype, "constant", ends, only, {})
    lower, upper = (a - m) / s, (b - m) / s
    inner = min(-lower, upper)
    reach = 9.51 if dtype == "float64" else 7.55
    # Rounded by chance a value may become either neighbour: it counts as it is.
    target = f if is_stochastic else FORMATS[dtype]
    if inner >= reach and _is_plain(parameters, reach, target, ends):
        return Law(dtype, "plain", ends, mean, {})
    if inner <= 0.5:
        return _tail_law(Law(dtype, "tail", ends, mean, {}), (m, s, a, b))
    sampler = "central"
    if max(-lower, upper) > _CONTEXT.mpf("3.09"):
        sampler = "wide"
    elif lower == -upper:
        sampler = "symmetric"
    is_scaled = f.precision == 24 and sampler != "wide"
    unit = _CONTEXT.ldexp(1, -32 if is_scaled else 0)
    held = _held((lower, upper), s, unit, f)
    return Law(dtype, sampler, ends, mean, held)


def _closed_ends(parameters: tuple[float, ...], target: Format) -> Any:
    """Smallest and largest number of the dtype in [a, b]."""
    _, _, a, b = parameters
    largest = target.largest
    low = -largest if math.isinf(a) else target.at_least(_exact(a))
    return low, largest if math.isinf(b) else target.at_most(_exact(b))


def _exact(value: float) -> Number:
    numerator, denominator = float(value + 0.0).as_integer_ratio()
    return integer(numerator, 1 - denominator.bit_length())


def _is_plain(
    parameters: tuple[float, ...], sigmas: float, target: Format, ends: Any
) -> bool:
    """True where no value of the plain normal rounds to one outside the bounds."""
    m, s, _, _ = parameters
    f64 = FORMATS["float64"]
    reach = f64.nearest(_exact(sigmas) * _exact(s))
    low, high = ends
    first, last = (target.nearest(f64.nearest(_exact(m) + x)) for x in (-reach, reach))
    return not (first < low or high < last)


def _held(bounds: tuple[Any, Any], s: Any, unit: Any, f: Format) -> dict[str, Number]:
    """Parameters of the samplers between two bounds, sections 11.1 and 11.2."""
    lower, upper = bounds
    below, above = _q(-lower), _q(-upper)
    d, centre = above - below, (above + below - 1) / 2
    scale, first = _number(d * unit * s, f), _number(centre * s, f)
    used = _CONTEXT.mpf(scale.mantissa) * _CONTEXT.ldexp(1, scale.exponent)
    kept = _CONTEXT.mpf(first.mantissa) * _CONTEXT.ldexp(1, first.exponent)
    kept = -kept if first.sign else kept
    rest = centre * s - kept - centre / d * (d * s - used / unit)
    return {
        "drop": _number(4 * d * unit, f),
        "scale": scale,
        "centre": first,
        "rest": _number(rest, f),
        "below a": _number(4 * below, f),
        "below b": _number(4 * above, f),
        "above a": _number(4 * _q(lower), f),
        "above b": _number(4 * _q(upper), f),
    }


def _tail_law(law: Law, given: tuple[Any, Any, Any, Any]) -> Law:
    """Parameters of section 11.3."""
    m, s, a, b = given
    f = FORMATS[law.working]
    lower, upper, bound, sign = (a - m) / s, (b - m) / s, a, 1
    if lower + upper < 0:
        lower, upper, bound, sign = -upper, -lower, b, -1
    tail = _q(lower)
    rest = _q(upper) / tail
    square = -2 * _CONTEXT.log(tail)
    root = _CONTEXT.sqrt(square)

    def step(x: Any) -> Any:
        fall = 2 * _CONTEXT.log(tail / _q(lower + x))
        return fall / (_CONTEXT.sqrt(square + fall) + root)

    reach = 68 if f.precision == 24 else 113
    span = min(upper - lower, _CONTEXT.sqrt(lower**2 + reach) - lower)
    unit = 2 * (step(span) + 2.5) / step(span)
    distances = [
        2.5 * j / (1 - j)
        for j in (span / (span + 2.5) * n / 2**20 for n in _nodes(f.precision))
    ]
    steps = [step(x) for x in distances]
    points = [d * unit / (d + 2.5) - 1 for d in steps]
    found = _through(points, [x / d for x, d in zip(distances, steps, strict=True)])
    least = abs(found[0]) * _CONTEXT.ldexp(1, -40 if f.precision == 24 else -75)
    first = _number(bound, f)
    left = bound - _CONTEXT.mpf(float(first.fraction()))
    held = {"drop": 1 - rest, "rest": rest, "square": square, "root": root}
    numbers = {name: _number(x, f) for name, x in (held | {"unit": unit}).items()}
    numbers |= {"bound": first, "bound'": _number(left, f)}
    rounded = tuple(_number(sign * s * c if abs(c) >= least else 0, f) for c in found)
    return Law(law.dtype, "tail", law.ends, law.mean, numbers, rounded)


def _through(points: list[Any], values: list[Any]) -> list[Any]:
    """Coefficients of the polynomial through some points, by linear equations."""
    rows = [[x**k for k in range(len(points))] for x in points]
    solved = _CONTEXT.lu_solve(_CONTEXT.matrix(rows), _CONTEXT.matrix(values))
    return list(solved)


@dataclass(frozen=True)
class _Distances:
    """e and c of section 11.1."""

    end: Number
    centred: Number


def _distances(law: Law, words: tuple[int, ...]) -> _Distances:
    f, w, v = FORMATS[law.working], words[0], words[1]
    if law.dtype != "float64" and law.sampler in {"symmetric", "central"}:
        k = w | 1
        found = (f.nearest(integer(_signed(n, 32))) for n in (k, k ^ 2**31))
        return _Distances(*found)
    if law.dtype == "float64":
        width, low = 64, 11
        j = (w << 32) + (v % 2**15 << 17) + (words[2] >> 15)
        g = (j % 2**11 << 16) + 2 * (words[2] % 2**15) + 1
    else:
        width, low = 32, 8
        j = w
        g = (j % 2**8 << 16) + 2 * (v % 2**15) + 1
    rest = f.nearest(f.nearest(integer(g)) * integer(1, -width - 16))
    k = j - j % 2**low
    found = (
        f.fma(f.nearest(integer(_signed(n, width))), integer(1, -width), rest)
        for n in (k, k ^ 2 ** (width - 1))
    )
    return _Distances(*found)


def _horner(f: Format, x: Number, coefficients: tuple[Number, ...]) -> Number:
    value = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        value = f.fma(x, value, coefficient)
    return value


def _both(law: Law, t4: Number) -> Number:
    """Number y of section 11.1."""
    f = FORMATS[law.working]
    return f.fma(f.nearest(t4 * Number(1, 1, -2)), t4, t4)


def _log_of(law: Law, y: Number) -> Number:
    """Number z of section 11.1."""
    f, name = FORMATS[law.working], law.working
    width = f.precision - 1
    r = {"float32": 0x3F3504F3, "float64": 0x3FE6A09E667F3BCD}[name]
    d = (f.encode(y) - (r - (4 << width))) % 2 ** (width + 1 + f.exponent_bits)
    g = f.decode(d % 2**width + r) + -_ONE
    n4 = _signed(d, width + 1 + f.exponent_bits) >> width
    return f.fma(g, _horner(f, g, _table(f"log2-{name}")), integer(n4))


def _ratio(law: Law, t4: Number) -> Number:
    f, name = FORMATS[law.working], law.working
    y = _both(law, t4)
    if law.sampler != "wide" and name == "float64":
        least, *above = _table("numerator-float64")
        p = _horner(f, y, tuple(above))
        r = _horner(f, y, _table("denominator-float64"))
        return f.fma(f.nearest(_ONE + -y), f.divide(p, r), least)
    z = _log_of(law, y)
    depth = f.nearest(_FOUR + -z)
    if law.sampler != "wide" or not integer(8) < depth:
        return _horner(f, z, _table(f"central-{name}"))
    table, centre = "tail", Number(0, 39, -3)
    if name == "float64":
        is_near = not integer(24) < depth
        table, centre = ("near", Number(0, 31, -3)) if is_near else ("far", _FAR)
    x = f.nearest(f.sqrt(depth) + -centre)
    return _horner(f, x, _table(f"{table}-{name}"))


#: 6.9375
_FAR = Number(0, 111, -4)


def _symmetric(law: Law, at: _Distances) -> Number:
    f, p = FORMATS[law.working], law.held
    near = Number(0, at.end.mantissa, at.end.exponent)
    t4 = f.fma(near, p["drop"], p["below a"])
    q = f.nearest(at.centred * p["scale"])
    return f.fma(q, _ratio(law, t4), law.mean)


def _straddling(law: Law, at: _Distances) -> Number:
    f, p = FORMATS[law.working], law.held
    side = "b" if at.end.sign else "a"
    left = f.fma(at.end, p["drop"], p[f"below {side}"])
    right = f.fma(-at.end, p["drop"], p[f"above {side}"])
    t4 = right if right < left else left
    q = f.nearest(f.fma(at.centred, p["scale"], p["centre"]) + p["rest"])
    return f.fma(q, _ratio(law, t4), law.mean)


def _tail(law: Law, at: _Distances) -> Number:
    f, p = FORMATS[law.working], law.held
    e = at.end
    first = f.nearest(_ONE + e) if e.sign else e
    second = -e if e.sign else f.nearest(_ONE + -e)
    h, n = f.nearest(first * p["drop"]), 0
    y = f.fma(second, p["drop"], p["rest"])
    if h > _HALF:
        n = -(y.mantissa.bit_length() + y.exponent)
        h = f.nearest(_ONE + -Number(0, y.mantissa, y.exponent + n))
    table = document.table(f"log-{law.working}")
    log = {name: f.decode(bits) for name, bits in table.items()}
    q = _horner(f, h, tuple(log[f"L{k}"] for k in range(len(log) - 1)))
    base = f.fma(integer(n), log["C"], f.nearest(h + h))
    w = f.fma(f.nearest(h * h), q, base)
    d = f.divide(w, f.nearest(f.sqrt(f.nearest(w + p["square"])) + p["root"]))
    x = f.fma(f.divide(d, f.nearest(d + _BEND)), p["unit"], -_ONE)
    b = _horner(f, x, law.coefficients)
    return f.nearest(p["bound"] + f.fma(d, b, p["bound'"]))


def value(law: Law, words: tuple[int, ...]) -> Number:
    """Value of the words (W, V) or (W, V, X), clamped, before a last rounding."""
    sampler = {"symmetric": _symmetric, "tail": _tail}.get(law.sampler, _straddling)
    return clamped(law, sampler(law, _distances(law, words)))


def clamped(law: Law, found: Number) -> Number:
    """Number moved into the bounds of the dtype."""
    low, high = law.ends
    return low if found < low else high if high < found else found
