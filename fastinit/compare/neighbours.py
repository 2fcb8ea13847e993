"""How much of the processors other processes used while something was measured."""

from __future__ import annotations

import os
import time
from collections import deque
from pathlib import Path

__all__ = ["Neighbours"]

_STAT = Path("/proc/stat")
#: Linux counts in ticks of 10 ms, so a shorter window says nothing.
_SHORTEST = 0.5


class Neighbours:
    """Share of the processors that other processes take, on Linux.

    Examples
    --------
    >>> neighbours = Neighbours()
    >>> share = neighbours.share()
    >>> share is None or 0 <= share <= 1
    True
    """

    def __init__(self) -> None:
        self._readings = deque([self._read()])

    def share(self) -> float | None:
        """Share in [0, 1] of all processors since the last call.

        Returns
        -------
        share : float or None
            Over half a second where the last call is nearer; None where the system
            does not tell.
        """
        now = self._read()
        self._readings.append(now)
        while len(self._readings) > 2 and now[0] - self._readings[1][0] > _SHORTEST:
            self._readings.popleft()
        before = self._readings[0]
        if now[1] is None or before[1] is None or now[0] - before[0] < 0.05:
            return None
        others = now[1] - before[1] - (now[2] - before[2])
        available = (now[0] - before[0]) * (os.cpu_count() or 1)
        return min(1.0, max(0.0, others / available))

    @staticmethod
    def _read() -> tuple[float, float | None, float]:
        """Time, seconds that all processors were busy, seconds that were ours."""
        busy = None
        if _STAT.exists():
            text = _STAT.read_text(encoding="ascii")
            ticks = [int(part) for part in text.splitlines()[0].split()[1:9]]
            # user, nice, system, idle, iowait, irq, softirq, steal
            busy = (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")
        return time.perf_counter(), busy, time.process_time()
