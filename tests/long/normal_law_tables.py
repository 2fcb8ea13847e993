"""Exact tables of the float32 normal: the law of its radius and of its angle.

Imported by normal_law.py; see there for the command.

A pair is +-r(R) c(n): R has 40 bits, and |cos| and |sin| of the 2^31 angles take each
of the values cosine(n) and sine(n), n odd in [1, 2^30), twice. So the two elements of
a pair have one law, that of a radius times a trigonometric value, with a sign of its
own. The lowest 8 bits l of the angle are also the lowest 8 bits of R.

The radius depends on x = f32((R + 1/2) 2^-40) alone. In the *bulk*, all R but the
ends below, every x stands for a run of R whose length is a multiple of 256, so that
the radius is independent of l and hence of the angle. The *ends* are R < 2^31 + 128,
the 384 R that share x = 2^-8, and the mirror images of both: 2^-8 of all R.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS.parent)]

from fastinit.arithmetic.box_muller import (  # noqa: E402
    _minus_two_log_single,
    _sine_and_cosine_single,
)
from fastinit.arithmetic.targets import instantiate  # noqa: E402
from fastinit.backends.cpu_target import cpu_target  # noqa: E402

__all__ = ["Tables", "large_radii_of", "make_tables", "trig_of", "verify_bulk"]

_log = instantiate(_minus_two_log_single, cpu_target())
_sine_and_cosine = instantiate(_sine_and_cosine_single, cpu_target())

#: Bit patterns of radii: from 2^-20, the smallest, to above 7.54.
BASE, TOP = 0x35800000, 0x40F20000
#: The pattern of 3.2: the large radii of the ends lie above, the small ones below 0.1.
LARGE = 0x404CCCCD
#: Bit patterns of sine and cosine: from below sin(pi 2^-32) to 1.
_TRIG_BASE, _TRIG_TOP = 0x30000000, 0x3F800001
#: R below this is an end.
END = (1 << 31) + 128
#: R of the only x in the bulk's range whose run is not a multiple of 256.
ODD_RUN = ((1 << 32) - 128, (1 << 32) + 256)
ALL = 1 << 40


@njit(nogil=True, inline="always")
def _bits(value: Any) -> Any:
    return np.int64(np.float32(value).view(np.uint32))


@njit(nogil=True)
def radius(r: int) -> Any:
    """Radius of a 40-bit integer, float32."""
    a, low = np.uint32(r >> 8), np.uint32(2 * (r & 255) + 1)
    return np.sqrt(_log(a, low))


@njit(nogil=True)
def _add_run(counts: Any, first: int, stop: int) -> None:
    """One for every R of a run and for its mirror image."""
    for r in range(first, stop):
        counts[_bits(radius(r)) - BASE] += 1
        counts[_bits(radius(ALL - 1 - r)) - BASE] += 1


@njit(nogil=True)
def _bulk_runs(counts: Any, exponent: int) -> None:
    """Runs of R that share an x = m s, for s = 2^(exponent - 23)."""
    s = 1 << (exponent - 23)
    for m in range(1 << 23, 1 << 24):
        r, count = m * s, s
        if m == 1 << 23:
            # Below a power of two the spacing is s / 2.
            count = s // 2 + s // 4
            if exponent <= 32:
                continue
        counts[_bits(radius(r)) - BASE] += count
        counts[_bits(radius(ALL - 1 - r)) - BASE] += count


def radius_counts() -> tuple[Any, Any]:
    """Exact numbers of R per radius pattern: bulk and ends."""
    bulk = np.zeros(TOP - BASE, np.int64)
    for exponent in range(31, 39):
        _bulk_runs(bulk, exponent)
    # x = 1/2 from below; its mirror image is x = -1/2.
    for r in ((1 << 39) - 1, 1 << 39):
        bulk[int(np.float32(radius(r)).view(np.uint32)) - BASE] += 1 << 14
    ends = np.zeros(TOP - BASE, np.int64)
    _add_run(ends, 0, END)
    _add_run(ends, *ODD_RUN)
    assert int(bulk.sum()) + int(ends.sum()) == ALL
    return bulk, ends


@njit(nogil=True)
def verify_bulk(words: Any) -> int:
    """How many of some R have another radius than the run that they belong to."""
    wrong = 0
    for r in words:
        mirrored = r >= ALL >> 1
        near = ALL - 1 - r if mirrored else r
        x = np.float32((2.0 * near + 1.0) * 2.0**-1)
        run = np.int64(x)
        if near >= END and run < ALL >> 1:
            want = radius(ALL - 1 - run) if mirrored else radius(run)
            wrong += radius(r) != want
    return wrong


@njit(nogil=True)
def _count_angles(counts: Any, low: Any, high: Any) -> None:
    """Trigonometric values of all n, and their range per group of 256 n."""
    for group in range(1 << 21):
        for k in range(256):
            n = 2 * (256 * group + k) + 1
            x = np.float32(np.int32(n)) * np.float32(2.0**-31)
            for which, c in enumerate(_sine_and_cosine(x)):
                counts[_bits(c) - _TRIG_BASE] += 1
                place = 2 * group + which
                low[place] = min(low[place], c)
                high[place] = max(high[place], c)


@njit(nogil=True)
def trig_of(low_bits: int, out: Any) -> None:
    """All values c(n) whose angle has the given lowest 8 bits, shape (2^23,)."""
    at = 0
    for mirrored in range(2):
        k = 255 - low_bits if mirrored else low_bits
        for group in range(1 << 21):
            n = 2 * (256 * group + k) + 1
            x = np.float32(np.int32(n)) * np.float32(2.0**-31)
            out[at], out[at + 1] = _sine_and_cosine(x)
            at += 2


@njit(nogil=True)
def large_radii_of(low_bits: int, counts: Any) -> int:
    """Numbers of end R with the given lowest bits, by radius pattern from LARGE on.

    Returns the number of those with a radius below 0.1, the mirror images: they are
    not told apart.
    """
    small = 0
    for high in range((END >> 8) + 1):
        r = 256 * high + low_bits
        if r < END:
            counts[_bits(radius(r)) - LARGE] += 1
        small += 256 * high + 255 - low_bits < END
    for r in range(*ODD_RUN):
        if r & 255 == low_bits:
            counts[_bits(radius(r)) - LARGE] += 1
        small += r & 255 == 255 - low_bits
    return small


@dataclass(frozen=True)
class Tables:
    """Exact laws of radius and angle.

    Attributes
    ----------
    radii : int64 array
        Number of R with at most the radius of a pattern BASE - 1, BASE, ...
    ends : int64 array
        The same for the end R alone.
    trig, trig_counts : float32 and int64 array
        Values of c(n), ascending, and the number of n of each; 2^30 in all.
    group_low, group_high : float32 array, shape (2^22,)
        Range of the values in each group of 256 consecutive n, where l takes every
        value once and its mirror image 255 - l too.
    """

    radii: Any
    ends: Any
    trig: Any
    trig_counts: Any
    group_low: Any
    group_high: Any


def _cumulative(counts: Any) -> Any:
    total = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=total[1:])
    return total


def make_tables() -> Tables:
    """Enumerate everything (about 3 minutes, 8 GB)."""
    bulk, ends = radius_counts()
    bulk += ends
    counts = np.zeros(_TRIG_TOP - _TRIG_BASE, np.int32)
    low, high = np.full(1 << 22, 2, np.float32), np.zeros(1 << 22, np.float32)
    _count_angles(counts, low, high)
    occupied = np.flatnonzero(counts)
    trig = (occupied + _TRIG_BASE).astype(np.uint32).view(np.float32)
    chosen = counts[occupied].astype(np.int64)
    assert int(chosen.sum()) == 1 << 30
    return Tables(_cumulative(bulk), _cumulative(ends), trig, chosen, low, high)
