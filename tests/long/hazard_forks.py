"""Forks after use, from threads and during fills; every child fills and compares.

    python tests/long/hazard_forks.py [forks] [engine]     (1000 per engine)

A third of the children is forked by the main thread of a process that has filled, a
third by other threads, a third while three threads fill without pause. Each child
fills with two threads, compares, and leaves; an alarm kills one that hangs.
"""

from __future__ import annotations

import sys
import time

from campaign import ENGINES, finish, start, tell

PROGRAM = """
import collections, hashlib, os, signal, sys, threading, time
import fastinit

COUNT = int(sys.argv[1])
CASES = [("normal", "float32"), ("uniform", "float32"), ("ones", "int8")]

def digests():
    found = hashlib.sha256()
    for spec, dtype in CASES:
        array = fastinit.create(spec, 150_001, dtype=dtype, seed=3, name="w", threads=2)
        found.update(array.tobytes())
    return found.hexdigest()

def forked():
    # Status of a child that fills: 0 right, 1 wrong bits, 14 killed by its alarm.
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        status = 70
        try:
            status = digests() != expected
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def several(count, times):
    for _ in range(count):
        begun = time.monotonic()
        ends[forked()] += 1
        times.append(time.monotonic() - begun)

expected = digests()
third = COUNT // 3
ends, times = collections.Counter(), []
several(COUNT - 2 * third, times)
forkers = [
    threading.Thread(target=several, args=(third // 4 + (k < third % 4), times))
    for k in range(4)
]
for forker in forkers:
    forker.start()
for forker in forkers:
    forker.join()

stop, fills = threading.Event(), collections.Counter()
def keep_filling():
    while not stop.is_set():
        fills[digests() == expected] += 1
callers = [threading.Thread(target=keep_filling) for _ in range(3)]
for caller in callers:
    caller.start()
several(third, times)
stop.set()
for caller in callers:
    caller.join()
assert digests() == expected
from fastinit.backends.cpu import _Parallel
times.sort()
print(sum(ends.values()), dict(ends), dict(fills), _Parallel.was_used)
print(f"a child took {times[len(times) // 2]:.3f} s (median), {times[-1]:.3f} s (most)")
"""


def campaign(count: int, engine: str) -> None:
    begun = time.monotonic()
    run = start(PROGRAM, str(count), engine=engine)
    output, errors = run.communicate()
    (counted, times) = output.splitlines() if run.returncode == 0 else (errors, "")
    is_right = (
        run.returncode == 0
        and counted.startswith(f"{count} {{0: {count}}} {{True: ")
        and counted.endswith(str(engine == "prange"))
        and "False:" not in counted
    )
    took = f"{time.monotonic() - begun:.0f} s in all"
    tell(f"{engine}, {count} forks", not is_right and counted, f"{times}, {took}")


if __name__ == "__main__":
    for which in sys.argv[2:] or ENGINES:
        campaign(int(sys.argv[1]) if sys.argv[1:] else 1000, which)
    finish()
