"""What only a process of its own can tell of a contender: a program for it.

    python -c CODE NAME THREADS WHAT

where CODE imported the contender's library first and timed that; see `processes.py`.
It writes one JSON document.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from fastinit.compare.cases import SIZES, Case, Size
from fastinit.compare.contenders import CONTENDERS, Contender
from fastinit.compare.contenders.protocol import PARTS
from fastinit.compare.memory import Memory

__all__ = ["digests", "extra_memory", "first_fills", "main"]

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
#: The array whose fill may take extra memory: 64 MiB of float32.
_LARGE = SIZES["16Mi"]
#: The array whose bits are compared: large enough for every library to use threads,
#: with rows of an odd length, so that parts begin at no multiple of anything.
_COMPARED = Size("1022x1025", (1022, 1025))


def _case(contender: Contender, size: Size, threads: int) -> Case:
    """Standard normals, in float32 where the contender makes them."""
    case = Case("normal", "float32", size, threads)
    if contender.engine.lacks(case):
        return Case("normal", "float64", size, threads)
    return case


def _action(contender: Contender, case: Case, memory: Memory) -> Any:
    engine = contender.engine
    return engine.bind(case, engine.start(case), engine.array(case, memory))


def first_fills(contender: Contender, threads: int) -> dict[str, Any]:
    """Seconds of the first and the second small fill of this process.

    Parameters
    ----------
    contender : Contender
        Not used before in this process.
    threads : int
        Threads that it may use.

    Returns
    -------
    data : dict
        first and second, in seconds: what is loaded or compiled is their difference.
    """
    case = _case(contender, SIZES["64Ki"], threads)
    memory = Memory(case.reach)
    start = time.perf_counter()
    action = _action(contender, case, memory)
    action()
    middle = time.perf_counter()
    action()
    return {"first": middle - start, "second": time.perf_counter() - middle}


def _resident(field: str) -> int:
    """Bytes of a field of the kernel's status of this process."""
    lines = _STATUS.read_text(encoding="ascii").splitlines()
    return next(int(one.split()[1]) for one in lines if one.startswith(field)) * 1024


def extra_memory(contender: Contender, threads: int) -> dict[str, Any]:
    """Peak memory of a fill beyond what the process had before, array included.

    Parameters
    ----------
    contender : Contender
        On the CPU.
    threads : int
        Threads that it may use.

    Returns
    -------
    data : dict
        extra: bytes above the memory before the fill; idle: bytes of the process
        before it, without the array; None where the system does not tell.
    """
    if not _CLEAR.exists() or contender.device != "cpu":
        return {"extra": None, "idle": None}
    case = _case(contender, _LARGE, threads)
    memory = Memory(case.reach)
    action = _action(contender, case, memory)
    action()
    _CLEAR.write_text("5", encoding="ascii")
    before = _resident("VmRSS")
    action()
    idle = before - memory.bytes.nbytes
    return {"extra": _resident("VmHWM") - before, "idle": idle}


def digests(contender: Contender, threads: int) -> dict[str, Any]:
    """SHA-256 of one array that is made in every way.

    Parameters
    ----------
    contender : Contender
        Any.
    threads : int
        Threads that it may use.

    Returns
    -------
    data : dict
        digests: hexadecimal text by `PARTS`, None where the library has no such way.
    """
    case = _case(contender, _COMPARED, threads)
    found: dict[str, str | None] = {}
    for how in PARTS:
        values = contender.engine.draw(case, how)
        # In the logical order of the elements, whatever their storage is.
        found[how] = (
            None
            if values is None
            else hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()
        )
    return {"digests": found}


_WHAT = {"start": (first_fills, extra_memory), "digests": (digests,)}


def main(seconds: float) -> None:
    """Write what the arguments of the process ask for.

    Parameters
    ----------
    seconds : float
        What the import of the library took.
    """
    name, threads, what = sys.argv[1:]
    found: dict[str, Any] = {"import": seconds}
    for part in _WHAT[what]:
        found |= part(CONTENDERS[name], int(threads))
    sys.stdout.write(json.dumps(found))
