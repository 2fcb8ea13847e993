"""Processes that all meet one cold cache at the same moment."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import fastinit

ROOT = Path(fastinit.__file__).parent.parent
SHAPE, SPEC, SEED = (1003,), "uniform(a=-0.05, b=0.05)", 11
#: Waits for a line, so that all begin when all have been started.
_CODE = f"""
import hashlib, sys
import fastinit
from fastinit.backends import cpu
sys.stdin.readline()
array = fastinit.create({SPEC!r}, {SHAPE}, seed={SEED})
made = cpu._dispatchers.values()
misses = sum(sum(one.stats.cache_misses.values()) for one in made)
print(hashlib.sha256(array.tobytes()).hexdigest(), misses)
"""


def expected() -> str:
    """Digest of what each process has to fill."""
    array = fastinit.create(SPEC, SHAPE, seed=SEED)
    return hashlib.sha256(array.tobytes()).hexdigest()


def run_cold(processes: int, folder: Path) -> Counter[str]:
    """Start processes on one cache folder.

    Parameters
    ----------
    processes : int
        How many, > 0.
    folder : pathlib.Path
        The cache, empty at first.

    Returns
    -------
    digests : Counter of str
        How many processes filled what; what failed counts by its message.
    """
    runs = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", _CODE],
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "NUMBA_CACHE_DIR": str(folder),
                "OPENBLAS_NUM_THREADS": "1",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(processes)
    ]
    for run in runs:
        assert run.stdin is not None
        run.stdin.write("go\n")
        run.stdin.flush()
    results = [run.communicate() for run in runs]
    return Counter(output.split(" ")[0] or errors for output, errors in results)
