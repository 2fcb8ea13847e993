"""Threads against prange: time of one call, in alternating repetitions.

    python tests/long/engines.py     (5 minutes on two quiet cores)

Ratios of medians, prange over threads, of wall time and of processor time; processor
time counts only what this process used, so it bears neighbours better. A line says how
busy the machine was; wall times of a busy machine are not to be quoted.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from campaign import ENGINES, ROOT, finish, tell

sys.path.insert(0, str(ROOT))

import fastinit

#: Bytes and repetitions.
SIZES = ((1 << 20, 400), (1 << 24, 60), (1 << 30, 7))
SPECS = ("normal", "uniform", "constant(val=1.5)")


def once(engine: str, array: np.ndarray, spec: str) -> tuple[float, float]:
    """Seconds of wall and processor time of one fill."""
    os.environ["FASTINIT_ENGINE"] = engine
    begun, used = time.perf_counter(), time.process_time()
    fastinit.fill(array, spec, seed=1, name="w", threads=2)
    return time.perf_counter() - begun, time.process_time() - used


def busy(since: Callable[[], tuple[float, float]]) -> float:
    """Share of the processors' time since a moment that other processes took."""
    total, own = since()
    return max(0.0, total - own) / max(total, 1e-9)


def clock() -> Callable[[], tuple[float, float]]:
    """Non-idle seconds of all processors and those of this process, from now on."""

    def read() -> tuple[float, float]:
        with open("/proc/stat", encoding="ascii") as file:  # noqa: PTH123 - /proc
            ticks = [int(word) for word in file.readline().split()[1:9]]
        working = sum(ticks) - ticks[3] - ticks[4]
        return working / os.sysconf("SC_CLK_TCK"), time.process_time()

    start = read()
    return lambda: tuple(b - a for a, b in zip(start, read(), strict=True))  # type: ignore[return-value]


def compare(spec: str, size: int, repetitions: int) -> None:
    array: Any = np.zeros(size // 4, np.float32)
    times: dict[str, list[tuple[float, float]]] = {engine: [] for engine in ENGINES}
    since = clock()
    for k in range(2 + repetitions):
        order = ENGINES if k % 2 else ENGINES[::-1]
        for engine in order:
            found = once(engine, array, spec)
            if k > 1:
                times[engine].append(found)
    wall, used = (
        {e: statistics.median(t[kind] for t in times[e]) for e in ENGINES}
        for kind in (0, 1)
    )
    text = ", ".join(f"{e} {1e6 * wall[e]:.0f} us" for e in ENGINES)
    ratios = (wall["prange"] / wall["threads"], used["prange"] / used["threads"])
    tell(
        f"{spec}, {size >> 20} MiB",
        "",
        f"{text}; prange / threads {ratios[0]:.2f} wall, {ratios[1]:.2f} processor;"
        f" others took {100 * busy(since):.0f} % of the work",
    )


if __name__ == "__main__":
    for size, repetitions in SIZES:
        for spec in SPECS:
            compare(spec, size, repetitions)
    finish()
