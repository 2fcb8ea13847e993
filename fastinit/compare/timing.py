"""How times are taken: contenders in turns, so that all see the same machine.

One repetition is a turn of every contender. What disturbs the machine for a while
disturbs all of them, and the medians of repetitions, not single calls, are what
intervals are made of: calls in a row are not independent.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from fastinit.compare.contenders.protocol import Action
from fastinit.compare.neighbours import Neighbours

__all__ = ["Effort", "Times", "Turn", "one_turn", "take_turns"]

#: Median seconds per call, and the number of calls.
Turn = Callable[[], tuple[float, int]]

#: A timed round lasts at least this long, in seconds: far above the clock's resolution.
_ROUND = 1e-3
_MOST_CALLS = 10_000
#: Above this many seconds a call needs no warm-up within its turn.
_LONG_CALL = 0.05


@dataclass(frozen=True)
class Effort:
    """How long to measure.

    Attributes
    ----------
    repetitions : int
        Turns of every contender, >= 1; six give a median its interval of 95 %.
    turn : float
        Seconds that a turn may take, > 0; a long call takes one round.
    pause : float
        Seconds before a turn, >= 0.
    settle : float
        Most seconds that are left besides to threads of the contender before, >= 0.
    """

    repetitions: int
    turn: float
    pause: float
    settle: float


@dataclass(frozen=True)
class Times:
    """What one contender took.

    Attributes
    ----------
    seconds : tuple of float
        Median seconds per call of each repetition.
    calls : int
        Timed calls in all.
    others : float or None
        Largest share of the processors that other processes had during a turn; None
        where the system does not tell.
    """

    seconds: tuple[float, ...]
    calls: int
    others: float | None


@contextmanager
def _without_collector() -> Iterator[None]:
    """Python's garbage collector would run in whichever call comes next."""
    was_on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _timed(action: Action, calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        action()
    return (time.perf_counter() - start) / calls


def one_turn(action: Action, seconds: float) -> tuple[float, int]:
    """Median seconds per call of one turn.

    Parameters
    ----------
    action : callable
        Fills once and waits.
    seconds : float
        Time that the turn may take, > 0.

    Returns
    -------
    median : float
        Of rounds of about a millisecond each; of one call where a call takes long.
    calls : int
        Timed calls, >= 1.

    Examples
    --------
    >>> median, calls = one_turn(lambda: None, 0.01)
    >>> median < 1e-3 and calls > 100
    True
    """
    took = _timed(action, 1)
    if took > _LONG_CALL:
        return took, 1
    calls = min(_MOST_CALLS, max(1, round(_ROUND / max(took, 1e-9))))
    rounds: list[float] = []
    end = time.perf_counter() + seconds
    while not rounds or time.perf_counter() < end:
        rounds.append(_timed(action, calls))
    return statistics.median(rounds), calls * len(rounds)


def take_turns(
    turns: Mapping[str, Turn],
    effort: Effort,
    settle: Mapping[str, float],
    progress: Callable[[], None],
) -> dict[str, Times]:
    """Measure several contenders in turns.

    Parameters
    ----------
    turns : mapping of str to callable
        By contender: turn() -> median seconds per call, number of calls.
    effort : Effort
        How often, and with which pauses.
    settle : mapping of str to float
        Seconds in which threads of a contender may spin after its turn.
    progress : callable
        Called after each turn.

    Returns
    -------
    times : dict of str to Times
        In the order of `turns`.

    Examples
    --------
    >>> effort = Effort(repetitions=2, turn=0.001, pause=0.0, settle=0.0)
    >>> turn = lambda: one_turn(lambda: None, effort.turn)
    >>> len(take_turns({"a": turn}, effort, {}, lambda: None)["a"].seconds)
    2
    """
    names, neighbours = list(turns), Neighbours()
    seconds: dict[str, list[float]] = {name: [] for name in names}
    shares: dict[str, list[float]] = {name: [] for name in names}
    calls, wait = dict.fromkeys(names, 0), 0.0
    with _without_collector():
        for repetition in range(effort.repetitions):
            for name in _order(names, repetition):
                time.sleep(effort.pause + wait)
                neighbours.share()
                median, n = turns[name]()
                share = neighbours.share()
                seconds[name].append(median)
                calls[name] += n
                shares[name] += [] if share is None else [share]
                wait = min(effort.settle, settle.get(name, 0.0))
                progress()
    return {
        name: Times(tuple(seconds[name]), calls[name], max(shares[name], default=None))
        for name in names
    }


def _order(names: list[str], repetition: int) -> list[str]:
    """Names from another one on each time, forwards and backwards in turn.

    So nobody always follows the same neighbour.
    """
    at = repetition % max(len(names), 1)
    turned = names[at:] + names[:at]
    return turned[::-1] if repetition % 2 else turned
