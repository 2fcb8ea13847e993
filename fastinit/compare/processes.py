"""Start-up, memory and bits of contenders, measured in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fastinit
from fastinit.compare.contenders.protocol import Contender

__all__ = ["ProcessError", "ProcessFacts", "measure_processes", "processes_of"]

#: Imports are timed before anything of ours is loaded; one processor where one thread
#: is asked for, as some libraries take no other order.
_CODE = """
import os, sys, time
if sys.argv[2] == "1" and hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {{min(os.sched_getaffinity(0))}})
start = time.perf_counter()
import numpy
import {library}
seconds = time.perf_counter() - start
from fastinit.compare.probe import main
main(seconds)
"""
_THREAD_SETTINGS = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "FASTINIT_NUM_THREADS",
)
_SECONDS = 300
#: Ways of making an array whose bits are compared with those of one call.
_WAYS = {"in_order": "in order", "alone": "alone", "layout": "transposed"}


class ProcessError(RuntimeError):
    """A contender's process that ended in an error."""


@dataclass(frozen=True)
class ProcessFacts:
    """What processes told of one contender.

    Attributes
    ----------
    contender : str
        Its name.
    import_seconds : tuple of float
        NumPy and its library, in fresh processes whose files are in memory.
    first_seconds : tuple of float
        First fill of 2^16 normals, what it loads or compiles included.
    cold_seconds : tuple of float
        The same with an empty cache of compiled code; empty for libraries without.
    process_seconds : tuple of float
        From the start of a process to its end, with both.
    extra_bytes : int or None
        Peak memory of a fill of 2^24 elements beyond what the process had before.
    idle_bytes : int or None
        Memory of the process before it, without the array.
    survives : dict of str to (bool or None)
        Whether the bits of 2^20 normals are the same for another number of 'threads',
        in two parts 'in_order', two parts made 'alone', and another 'layout'; None
        where the library has no such way.
    failure : str
        Last line of an error that ended a process, or ''.
    """

    contender: str
    import_seconds: tuple[float, ...] = ()
    first_seconds: tuple[float, ...] = ()
    cold_seconds: tuple[float, ...] = ()
    process_seconds: tuple[float, ...] = ()
    extra_bytes: int | None = None
    idle_bytes: int | None = None
    survives: dict[str, bool | None] = field(default_factory=dict)
    failure: str = ""


def _run(
    contender: Contender, threads: int, what: str, settings: dict[str, str]
) -> tuple[dict[str, Any], float]:
    """Document of a process, and the seconds from its start to its end."""
    root = str(Path(fastinit.__file__).parent.parent)
    path = os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])
    count = dict.fromkeys(_THREAD_SETTINGS, str(threads))
    start = time.perf_counter()
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            _CODE.format(library=contender.library),
            contender.name,
            str(threads),
            what,
        ],
        env={**os.environ, **count, "PYTHONPATH": path, **settings},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
        raise ProcessError(lines[-1])
    found: dict[str, Any] = json.loads(done.stdout)
    return found, time.perf_counter() - start


@contextmanager
def _empty_cache() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        yield {"NUMBA_CACHE_DIR": folder}


@dataclass(frozen=True)
class _Inquiry:
    """What is asked of a contender's processes, and who is told of each that ended."""

    contender: Contender
    threads: int
    repetitions: int
    progress: Callable[[], None]

    def run(
        self, threads: int, what: str, settings: dict[str, str]
    ) -> tuple[dict[str, Any], float]:
        found = _run(self.contender, threads, what, settings)
        self.progress()
        return found

    def starts(self) -> dict[str, Any]:
        """Fields of `ProcessFacts` about start-up and memory."""
        # The first run reads the files from the disk, and says nothing where others
        # follow.
        runs = [
            self.run(self.threads, "start", {})
            for _ in range(_runs_of(self.repetitions))
        ][-self.repetitions :]
        documents = [document for document, _ in runs]
        cold: list[float] = []
        if self.contender.library == "fastinit" and self.repetitions > 1:
            with _empty_cache() as settings:
                document, _ = _run(self.contender, self.threads, "start", settings)
            cold = [document["first"]]
        extras = [one["extra"] for one in documents if one["extra"] is not None]
        return {
            "import_seconds": tuple(one["import"] for one in documents),
            "first_seconds": tuple(one["first"] for one in documents),
            "cold_seconds": tuple(cold),
            "process_seconds": tuple(took for _, took in runs),
            "extra_bytes": max(extras) if extras else None,
            "idle_bytes": documents[0]["idle"],
        }

    def survives(self) -> dict[str, bool | None]:
        """Field of the same name of `ProcessFacts`."""
        settings = self.contender.environment
        many, one = (
            self.run(count, "digests", settings)[0]["digests"]
            for count in (max(2, self.threads), 1)
        )
        return {
            "threads": many["whole"] == one["whole"],
            **{
                way: None if many[how] is None else many[how] == many["whole"]
                for way, how in _WAYS.items()
            },
        }


def _runs_of(repetitions: int) -> int:
    return repetitions + (repetitions > 1)


def processes_of(repetitions: int) -> int:
    """Number of processes that `measure_processes` reports.

    Parameters
    ----------
    repetitions : int
        Processes whose start counts, >= 1.

    Returns
    -------
    n : int
        >= 3.

    Examples
    --------
    >>> processes_of(1), processes_of(4)
    (3, 7)
    """
    return _runs_of(repetitions) + 2


def measure_processes(
    contender: Contender, threads: int, repetitions: int, progress: Callable[[], None]
) -> ProcessFacts:
    """Ask processes about one contender.

    Parameters
    ----------
    contender : Contender
        One that can run here and is no roof.
    threads : int
        Threads that it may use, >= 1.
    repetitions : int
        Processes whose start counts, >= 1.
    progress : callable
        Called after each process.

    Returns
    -------
    facts : ProcessFacts
        With `failure` and nothing else where a process failed.
    """
    inquiry = _Inquiry(contender, threads, repetitions, progress)
    try:
        return ProcessFacts(
            contender.name, **inquiry.starts(), survives=inquiry.survives()
        )
    except (ProcessError, subprocess.TimeoutExpired) as error:
        return ProcessFacts(contender.name, failure=str(error))
