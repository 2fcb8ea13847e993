"""Interrupts of short fills, one after the other, at any step of the call.

    python tests/long/hazard_short_fills.py [INTERRUPTS [THREADS]]     (20000, 3)

A timer interrupts fills of 140,000 elements, each of which calls helper threads. After
each interrupt nothing may write to the array any more, and the next fill must come to
its end: a lock that an interrupt left behind would stop it for ever. Every thousandth
array is compared with its known bits.
"""

from __future__ import annotations

import faulthandler
import random
import signal
import sys
import time

import numpy as np
from campaign import ROOT, finish, tell

sys.path[:0] = [str(ROOT)]

import fastinit  # noqa: E402

SIZE = 140_000


def one_interrupt(array: np.ndarray, threads: int, delay: float) -> int:
    """Fill until the timer interrupts; the number of fills begun."""
    fills = 0
    try:
        signal.setitimer(signal.ITIMER_REAL, delay)
        while True:
            fills += 1
            fastinit.fill(array, "normal", seed=1, name="r", threads=threads)
    except KeyboardInterrupt:
        return fills
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def main(interrupts: str = "20000", threads: str = "3") -> None:
    """Interrupt, look for late writes, and fill again."""
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    draw, array = random.Random(0), np.zeros(SIZE, np.float32)
    expected = fastinit.normal(SIZE, seed=1, name="r", threads=1)
    fills = late = wrong = 0
    for number in range(int(interrupts)):
        faulthandler.dump_traceback_later(60, exit=True)
        fills += one_interrupt(array, int(threads), draw.uniform(1e-5, 4e-3))
        array.fill(5)
        time.sleep(0.002 if number % 20 == 0 else 0)
        late += not (array == 5).all()
        if number % 1000 == 0:
            fastinit.fill(array, "normal", seed=1, name="r", threads=int(threads))
            wrong += not np.array_equal(array, expected)
    tell(f"{interrupts} interrupts of {fills} fills", late or wrong, f"{late} late")
    finish()


if __name__ == "__main__":
    main(*sys.argv[1:])
