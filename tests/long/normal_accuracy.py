"""Errors of the normals against the true ones of their integer words.

    python tests/long/normal_accuracy.py float32     (about 4 minutes, one core)
    python tests/long/normal_accuracy.py float64     (about 4 minutes, one core)

float32: 2^28 random pairs against float64; then all 2^32 values of A, to find the
words with the largest radius error of either sign, and all 2^31 angles under both of
these radii, which is as bad as it gets where the low bits of R do not matter.
float64: a million random pairs against mpmath; where the machine has x87 extended
precision, 2^24 random pairs against it, then 2^24 radii to find the words with the
largest error of either sign, and 2^24 angles under both of these radii.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS.parent), str(TESTS), str(TESTS / "arithmetic")]

from compiled_loops import pairs_double, pairs_single  # noqa: E402
from oracle import exact  # noqa: E402

from fastinit.arithmetic.box_muller import (  # noqa: E402
    _minus_two_log_single,
    normal_pair_single,
)
from fastinit.arithmetic.philox import block_words  # noqa: E402
from fastinit.arithmetic.targets import instantiate  # noqa: E402
from fastinit.backends.cpu_target import cpu_target  # noqa: E402

_words = instantiate(block_words, cpu_target())
_pair = instantiate(normal_pair_single, cpu_target())
_log = instantiate(_minus_two_log_single, cpu_target())
#: Bits of B that serve the radius.
_MASK = np.uint32(0x1FE)
_HALF_TURN = 2.0**31


@njit
def _ulps(value: float, true: float) -> float:
    """Error in units in the last place of float32 at the true value."""
    _, exponent = math.frexp(true)
    return abs(value - true) / math.ldexp(1.0, exponent - 24)


@njit
def _true_radius(a: Any, low: Any) -> float:
    """sqrt(-2 ln u), in float64 from the exact u or 1 - u."""
    r = np.int64(a) * 256 + np.int64(low)
    if r >= 1 << 39:
        rest = 2.0 * float((1 << 40) - 1 - r) + 1.0
        return math.sqrt(-2.0 * math.log1p(-rest * 2.0**-41))
    return math.sqrt(-2.0 * math.log((2.0 * float(r) + 1.0) * 2.0**-41))


@njit
def _pair_error(a: Any, b: Any) -> float:
    """Larger error of the two values of a pair."""
    even, odd = _pair(a, b)
    turn = float(np.int32(b | np.uint32(1)))
    radius = _true_radius(a, (b >> np.uint32(1)) & np.uint32(0xFF))
    if b & np.uint32(1):
        radius = -radius
    quarter = 0.5 * math.pi / _HALF_TURN
    cosine = math.sin((_HALF_TURN - abs(turn)) * quarter)
    first = _ulps(even, radius * cosine)
    return max(first, _ulps(odd, radius * math.sin(turn * quarter)))


@njit
def _random_pairs(blocks: int, counts: Any) -> tuple[float, Any, Any]:
    """Largest error and its words; counts of errors per tenth of an ulp."""
    worst, worst_a, worst_b = 0.0, np.uint32(0), np.uint32(0)
    key = (11, 22, 33, 44)
    for block in range(blocks):
        w0, w1, w2, w3 = _words(block, 0, key)
        for a, b in ((w0, w1), (w2, w3)):
            error = _pair_error(a, b)
            counts[min(int(10.0 * error), 59)] += 1
            if error > worst:
                worst, worst_a, worst_b = error, a, b
    return worst, worst_a, worst_b


@njit
def _radius_extremes() -> Any:
    """Relative errors of the radius, smallest and largest, and their words A."""
    low = np.uint32(128)
    errors, places = np.zeros(2), np.zeros(2, np.uint32)
    for index in range(1 << 32):
        a = np.uint32(index)
        true = _true_radius(a, low)
        tail = np.uint32(2 * low + np.uint32(1))
        error = float(np.sqrt(_log(a, tail))) / true - 1.0
        if error < errors[0]:
            errors[0], places[0] = error, a
        elif error > errors[1]:
            errors[1], places[1] = error, a
    return errors, places


@njit
def _all_angles(a: Any) -> tuple[float, Any]:
    """Largest error under one word A and its word B, over all 2^31 angles."""
    worst, worst_b = 0.0, np.uint32(0)
    for index in range(1 << 31):
        # All angles, and the low bits that belong to the radius.
        b = np.uint32(index << 1)
        error = _pair_error(a, b)
        if error > worst:
            worst, worst_b = error, b
    return worst, worst_b


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _confirmed(a: int, b: int) -> float:
    """Error of a pair by mpmath."""
    values = pairs_single(np.array([a], np.uint32), np.array([b], np.uint32))[:, 0]
    pairs = zip(values, exact.pair((a, b)), strict=True)
    return max(exact.ulps(float(z), true, "float32") for z, true in pairs)


def float32() -> None:
    """The float32 campaign."""
    counts = np.zeros(60, np.int64)
    worst, a, b = _random_pairs(1 << 27, counts)
    shares = [f"{k / 10:.1f}: {counts[k:].sum()}" for k in (5, 10, 20, 30, 35, 38)]
    _say(f"2^28 random pairs: at most {worst:.4f} ulp at A={a:08x} B={b:08x};")
    _say(f"  mpmath says {_confirmed(int(a), int(b)):.4f}; pairs with at least")
    _say(f"  {', '.join(shares)}")
    errors, places = _radius_extremes()
    for error, place in zip(errors, places, strict=True):
        worst, b = _all_angles(place)
        _say(f"radius of A={place:08x} off by {error * 2**24:+.3f} 2^-24, all angles:")
        _say(f"  at most {worst:.4f} ulp at B={b:08x};")
        _say(f"  mpmath says {_confirmed(int(place), int(b)):.4f}")


def float64() -> None:
    """The float64 campaign."""
    generator = np.random.default_rng(23)
    words = generator.integers(0, 2**32, (4, 1_000_000), dtype=np.uint32)
    values = pairs_double(words)
    worst, place = 0.0, (0, 0, 0, 0)
    for k, pair in enumerate(zip(*words.tolist(), strict=True)):
        for value, true in zip(values[:, k], exact.pair(pair), strict=True):
            error = exact.ulps(value, true, "float64")
            if error > worst:
                worst, place = error, pair
    where = " ".join(f"{word:08x}" for word in place)
    _say(f"1,000,000 random pairs against mpmath: at most {worst:.4f} ulp at {where}")
    if np.finfo(np.longdouble).nmant < 63:
        _say("no x87 extended precision here: the larger run is left out")
        return
    found = _searched(generator, lambda words: words)
    _say(f"2^24 random pairs against x87 extended precision: {found}")
    for sign in (-1.0, 1.0):
        a, b, c, _ = _radius_extreme(generator, sign)

        def under_radius(words: Any, a: int = a, b: int = b, c: int = c) -> Any:
            words[0], words[2] = a, c
            words[1] = (words[1] & ~_MASK) | (np.uint32(b) & _MASK)
            return words

        found = _searched(generator, under_radius)
        _say(f"2^24 angles under A={a:08x} B=.....{b & 0x1FE:03x} C={c:08x}: {found}")


def _batches(generator: np.random.Generator) -> Iterator[Any]:
    """Random words of 2^24 pairs in all."""
    for _ in range(16):
        yield generator.integers(0, 2**32, (4, 1 << 20), dtype=np.uint32)


def _searched(generator: np.random.Generator, changed: Callable[[Any], Any]) -> str:
    """Largest error among random words with a change, confirmed by mpmath."""
    largest, place = 0.0, (0, 0, 0, 0)
    for batch in _batches(generator):
        words = changed(batch)
        wide = exact.pairs_extended(words)
        for values, true in zip(pairs_double(words), wide, strict=True):
            errors = exact.array_ulps(values, true, "float64")
            at = int(errors.argmax())
            if errors[at] > largest:
                largest, place = float(errors[at]), tuple(words[:, at].tolist())
    values = pairs_double(np.array([place], np.uint32).T)[:, 0]
    pairs = zip(values, exact.pair(place), strict=True)
    confirmed = max(exact.ulps(z, true, "float64") for z, true in pairs)
    where = " ".join(f"{word:08x}" for word in place)
    return f"at most {confirmed:.4f} ulp at {where}"


def _radius_extreme(generator: np.random.Generator, sign: float) -> tuple[int, ...]:
    """Words with the largest relative error of one sign, at an angle near zero."""
    largest, place = 0.0, (0, 0, 0, 0)
    for words in _batches(generator):
        words[1] &= _MASK
        words[3] = 0
        true = exact.pairs_extended(words)[0]
        errors = sign * (pairs_double(words)[0] / true - 1)
        at = int(errors.argmax())
        if errors[at] > largest:
            largest, place = errors[at], tuple(words[:, at].tolist())
    return place


if __name__ == "__main__":
    {"float32": float32, "float64": float64}[sys.argv[1]]()
