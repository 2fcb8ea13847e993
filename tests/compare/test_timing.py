"""Turns: who comes when, how often, and what is kept."""

from __future__ import annotations

import gc
import itertools
import time

import pytest

from fastinit.compare.timing import Effort, one_turn, take_turns

EFFORT = Effort(repetitions=6, turn=0.002, pause=0.0, settle=0.0)


def run(names, effort=EFFORT, settle=None):
    """Take turns, and return the order in which they were taken."""
    taken = []

    def turn(name):
        taken.append(name)
        return float(len(taken)), 3

    turns = {name: (lambda name=name: turn(name)) for name in names}
    times = take_turns(turns, effort, settle or {}, lambda: None)
    return taken, times


def test_every_repetition_is_a_turn_of_everyone():
    taken, times = run("abcd")
    repetitions = [taken[at : at + 4] for at in range(0, 24, 4)]
    assert all(sorted(one) == list("abcd") for one in repetitions)
    assert all(len(one.seconds) == 6 and one.calls == 18 for one in times.values())
    assert list(times) == list("abcd")


def test_nobody_always_follows_the_same_neighbour():
    taken, _ = run("abcde")
    for name in "abcde":
        before = {one for one, two in itertools.pairwise(taken) if two == name}
        assert len(before) >= 2


def test_times_are_those_of_their_own_turns():
    taken, times = run("ab")
    for name, one in times.items():
        expected = [float(at + 1) for at, who in enumerate(taken) if who == name]
        assert list(one.seconds) == expected


def test_the_next_one_waits_until_threads_have_settled():
    effort = Effort(repetitions=2, turn=0.001, pause=0.0, settle=0.03)
    start = time.perf_counter()
    run("ab", effort, {"a": 9.0})
    took = time.perf_counter() - start
    # Two turns of a; the last of all has nobody behind it.
    assert 0.03 <= took < 5.0


def test_the_collector_waits_and_comes_back():
    seen = []
    turns = {"a": lambda: (seen.append(gc.isenabled()), (1.0, 1))[1]}
    take_turns(turns, EFFORT, {}, lambda: None)
    assert not any(seen)
    assert gc.isenabled()


def test_the_collector_comes_back_after_an_error():
    def fail():
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        take_turns({"a": fail}, EFFORT, {}, lambda: None)
    assert gc.isenabled()


def test_progress_is_told_of_every_turn():
    told = []
    turns = {"a": lambda: (1.0, 1), "b": lambda: (1.0, 1)}
    take_turns(turns, EFFORT, {}, lambda: told.append(1))
    assert len(told) == 12


def test_short_calls_are_timed_many_at_a_time():
    calls = []
    median, n = one_turn(lambda: calls.append(1), 0.005)
    # One call more, which says how many make a round.
    assert len(calls) == n + 1
    assert n > 100
    assert median < 1e-4


def test_long_calls_are_timed_once():
    calls = []
    median, n = one_turn(lambda: (calls.append(1), time.sleep(0.06)), 0.005)
    assert (len(calls), n) == (1, 1)
    assert median >= 0.06
