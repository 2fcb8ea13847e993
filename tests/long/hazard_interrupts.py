"""Ctrl-C at random times during long fills: how soon it comes, and what it leaves.

    python tests/long/hazard_interrupts.py [interrupts] [engine]     (500 per engine)

A process fills 512 MiB again and again, contiguous, transposed, or with a constant;
this one sends SIGINT after 0 to 120 ms. The latency is from just before the signal is
sent to the KeyboardInterrupt's handler, on one clock. Then marks are laid all over
the array, closer than the piece of work of a helper, which must still stand 40 ms
later; and a next fill must have its known bits.
"""

from __future__ import annotations

import random
import signal
import sys
import time

from campaign import ENGINES, finish, start, tell

PROGRAM = """
import hashlib, sys, time
import numpy as np
import fastinit

#: Elements between marks: below the 2^19 of a helper's task, and odd.
STEP, MARK = 4099, 0x7FF8DEADBEEF0001
whole = np.empty(2**26)
square = whole.reshape(2**13, 2**13)
KINDS = {
    "contiguous": lambda: fastinit.normal_(whole, seed=3),
    "transposed": lambda: fastinit.normal_(square.T, seed=3),
    "constant": lambda: fastinit.constant_(whole, 1.5),
    "zeros": lambda: fastinit.zeros_(whole),
}

def digest():
    array = fastinit.normal(300_001, seed=3, name="w", threads=2)
    return hashlib.sha256(array.tobytes()).hexdigest()

expected = digest()
for fill in KINDS.values():
    fill()
for line in sys.stdin:
    fill = KINDS[line.strip()]
    try:
        sys.stdout.write("go\\n")
        sys.stdout.flush()
        while True:
            fill()
    except KeyboardInterrupt:
        caught = time.monotonic()
    marks = whole.view(np.uint64)[::STEP]
    marks[:] = MARK
    time.sleep(0.04)
    still = bool((marks == MARK).all())
    sys.stdout.write(f"{caught} {still} {digest() == expected}\\n")
    sys.stdout.flush()
"""
KINDS = ("contiguous", "transposed", "constant", "zeros")


def figures(latencies: list[float]) -> str:
    """Quantiles in milliseconds."""
    ordered = sorted(latencies)
    p50, p99 = (ordered[int(q * (len(ordered) - 1))] for q in (0.5, 0.99))
    return f"latency p50 {p50:.1f} ms, p99 {p99:.1f} ms, max {ordered[-1]:.1f} ms"


def campaign(count: int, engine: str) -> None:
    draw, run = random.Random(9), start(PROGRAM, engine=engine)
    assert run.stdin is not None
    assert run.stdout is not None
    latencies: dict[str, list[float]] = {kind: [] for kind in KINDS}
    wrong = []
    for k in range(count):
        kind = KINDS[k % len(KINDS)]
        run.stdin.write(f"{kind}\n")
        run.stdin.flush()
        if run.stdout.readline().strip() != "go":
            break
        time.sleep(draw.uniform(0, 0.12))
        sent = time.monotonic()
        run.send_signal(signal.SIGINT)
        caught, *fine = run.stdout.readline().split()
        latencies[kind].append(1000 * (float(caught) - sent))
        if fine != ["True", "True"]:
            wrong.append((k, kind, fine))
    _, errors = run.communicate()
    done = sum(map(len, latencies.values()))
    failed = wrong or ((run.returncode or done != count) and errors[-2000:])
    for kind, found in latencies.items():
        tell(f"{engine}, {kind}, {len(found)} interrupts", failed, figures(found))


if __name__ == "__main__":
    for which in sys.argv[2:] or ENGINES:
        campaign(int(sys.argv[1]) if sys.argv[1:] else 500, which)
    finish()
