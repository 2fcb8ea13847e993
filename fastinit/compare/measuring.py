"""A run: every case measured by every contender that can do it, then the processes."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

from fastinit.compare.cases import SIZES, Case
from fastinit.compare.conformity import Conformity, conformity
from fastinit.compare.contenders.protocol import (
    FAILURES,
    Action,
    Contender,
    failure,
)
from fastinit.compare.machine import machine, versions
from fastinit.compare.memory import Memory
from fastinit.compare.processes import ProcessFacts, measure_processes, processes_of
from fastinit.compare.results import Gap, Measurement, Results, entrant_of
from fastinit.compare.timing import Turn, one_turn, take_turns
from fastinit.compare.workload import Workload

__all__ = ["measure", "steps_of"]

Progress = Callable[[int], None]


def steps_of(workload: Workload) -> int:
    """Number of steps that `measure` reports.

    Parameters
    ----------
    workload : Workload
        The run.

    Returns
    -------
    n : int
        >= 0.
    """
    turns = sum(
        not row.lacks(case, workload.threads)
        for case in workload.cases
        for row in workload.contenders
    )
    alone = len(_in_processes(workload))
    steps = turns * workload.effort.repetitions
    return steps + (alone and alone * processes_of(workload.starts))


def measure(workload: Workload, command: str, progress: Progress) -> Results:
    """Measure everything.

    Parameters
    ----------
    workload : Workload
        What is measured.
    command : str
        What the user asked for, for the record.
    progress : callable
        Called with the number of steps done since the last call.

    Returns
    -------
    results : Results
        Everything that was found.
    """
    created, start = datetime.datetime.now(datetime.UTC), time.perf_counter()
    before = machine()
    measurements: list[Measurement] = []
    gaps: list[Gap] = []
    # First, as idle processes are disturbed least by what this one leaves behind.
    processes = _processes(workload, progress)
    memory = Memory(max((case.reach for case in workload.cases), default=0))
    for case in workload.cases:
        able: list[Contender] = []
        for row in workload.contenders:
            reason = row.lacks(case, workload.threads)
            if not reason:
                able.append(row)
            elif not row.reason:
                gaps.append(Gap(case, row.name, reason))
        found, failed = _measured(case, able, memory, workload, progress)
        measurements += found
        gaps += failed
    known = versions()
    return Results(
        created=created.isoformat(timespec="seconds"),
        seconds=time.perf_counter() - start,
        command=command,
        machine=before,
        versions=known,
        settings={
            **dataclasses.asdict(workload.effort),
            "threads": workload.threads,
            "is_quick": workload.is_quick,
        },
        entrants=tuple(
            entrant_of(row, known.get(row.library)) for row in workload.contenders
        ),
        measurements=tuple(measurements),
        gaps=tuple(gaps),
        processes=tuple(processes),
    )


def _in_processes(workload: Workload) -> list[Contender]:
    if not workload.starts:
        return []
    return [row for row in workload.contenders if not (row.is_roof or row.reason)]


def _processes(workload: Workload, progress: Progress) -> list[ProcessFacts]:
    return [
        measure_processes(row, workload.threads, workload.starts, lambda: progress(1))
        for row in _in_processes(workload)
    ]


def _measured(
    case: Case,
    rows: Sequence[Contender],
    memory: Memory,
    workload: Workload,
    progress: Progress,
) -> tuple[list[Measurement], list[Gap]]:
    """Measurements of one case, and who failed in it."""
    prepare = _fresh if case.touch == "first" else _warm
    verdicts: dict[str, Conformity] = {}
    turns: dict[str, Turn] = {}
    failed: list[Gap] = []
    for row in rows:
        try:
            verdicts[row.name], turns[row.name] = prepare(row, case, memory, workload)
        except FAILURES as error:
            if row.library == "fastinit":
                raise
            failed.append(Gap(case, row.name, failure(error)))
            progress(workload.effort.repetitions)
    settle = {row.name: row.settle for row in rows}
    times = take_turns(turns, workload.effort, settle, lambda: progress(1))
    found = [
        Measurement(
            case,
            name,
            verdicts[name].verdict,
            verdicts[name].detail,
            one.seconds,
            one.calls,
            one.others,
        )
        for name, one in times.items()
    ]
    return found, failed


def _warm(
    row: Contender, case: Case, memory: Memory, workload: Workload
) -> tuple[Conformity, Turn]:
    """Verdict on a contender's values, and its turn on memory that is present."""
    memory.poison()
    array = row.engine.array(case, memory)
    action = row.engine.bind(case, row.engine.start(case), array)
    action()
    found = _judged(row, case, array)
    return found, functools.partial(one_turn, action, workload.effort.turn)


def _fresh(
    row: Contender, case: Case, memory: Memory, workload: Workload
) -> tuple[Conformity, Turn]:
    """Verdict on a contender's values, and its turn on pages nobody has touched."""
    del memory
    engine, generator = row.engine, row.engine.start(case)

    def prepare() -> tuple[Any, Action]:
        array = engine.array(case, Memory(case.reach, is_fresh=True))
        return array, engine.bind(case, generator, array)

    array, action = prepare()
    action()
    found = _judged(row, case, array)

    def turn() -> tuple[float, int]:
        taken: list[float] = []
        end = time.perf_counter() + workload.effort.turn
        while not taken or time.perf_counter() < end:
            _, again = prepare()
            start = time.perf_counter()
            again()
            taken.append(time.perf_counter() - start)
        return statistics.median(taken), len(taken)

    return found, turn


#: Fewer elements than this may be too few to show anything about a correct array.
_SHOWN = 1 << 17


def _judged(row: Contender, case: Case, array: Any) -> Conformity:
    """Verdict on values; where they are too few, on those of a larger array."""
    if row.is_roof:
        return Conformity("roof")
    found = conformity(row.engine.values(array), case)
    if found.verdict != "inconclusive" or case.size.elements >= _SHOWN:
        return found
    larger = dataclasses.replace(case, size=SIZES["1Mi"])
    array = row.engine.array(larger, Memory(larger.reach))
    row.engine.bind(larger, row.engine.start(larger), array)()
    return conformity(row.engine.values(array), larger)
