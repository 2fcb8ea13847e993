"""Helper threads: called, kept, and free again after any interrupt."""

from __future__ import annotations

import _thread
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from fastinit.backends import crew
from fastinit.backends import threads as module
from fastinit.backends.threads import run_tasks


def test_calls_that_the_crew_comes_to_later_do_nothing(monkeypatch):
    kept, done = [], []

    class LateCrew:
        def call(self, *work):
            kept.append(work)

    monkeypatch.setattr(module, "crew_of", lambda _: LateCrew())
    run_tasks((lambda k=k: done.append(k) or 1 for k in range(5)), 3)
    for function, *arguments in kept:
        function(*arguments)
    assert len(kept) == 2
    assert done == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("threads_left", [0, 1])
def test_a_system_without_more_threads_is_no_error(threads_left, monkeypatch):
    left, start = [threads_left], _thread.start_new_thread

    def stingy(*work):
        if not left[0]:
            raise RuntimeError("can't start new thread")
        left[0] -= 1
        return start(*work)

    monkeypatch.setattr(crew, "_crews", {})
    monkeypatch.setattr(_thread, "start_new_thread", stingy)
    counted = []
    run_tasks((lambda: 1 for _ in range(100)), 5, counted.append)
    assert sum(counted) == 100


def test_a_helper_survives_what_it_was_called_for():
    one, first, second = crew.Crew(), threading.Event(), []
    one.grow(1)
    one.call(lambda: first.set() or 1 // 0)
    one.call(second.append, 1)
    done = threading.Event()
    one.call(done.set)
    assert done.wait(60)
    assert first.is_set()
    assert second == [1]


def test_an_interrupt_while_helpers_start_stops_those_that_run(monkeypatch):
    finished = []

    def work():
        time.sleep(0.001)
        finished.append(1)
        return 1

    class InterruptedCrew:
        def __init__(self):
            self.crew, self.given = crew.crew_of(1), 0

        def call(self, *work):
            self.given += 1
            if self.given > 1:
                raise KeyboardInterrupt
            self.crew.call(*work)

    interrupted = InterruptedCrew()
    monkeypatch.setattr(module, "crew_of", lambda _: interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_tasks(iter([work] * 3000), 4)
    done = len(finished)
    time.sleep(0.05)
    assert done == len(finished) < 3000


INTERRUPTED_EVERYWHERE = """
import sys, threading, time, _weakrefset
from fastinit.backends import crew, threads

FILES = {m.__file__ for m in (crew, threads, threading, _weakrefset)}
done = []

def work():
    time.sleep(0.0005)
    done.append(1)
    return 1

def interrupted_at(point):
    steps = 0
    def trace(frame, event, _):
        nonlocal steps
        if event != "call" or frame.f_code.co_filename not in FILES:
            return None
        steps += 1
        if steps == point:
            raise KeyboardInterrupt
        return None
    sys.settrace(trace)
    try:
        threads.run_tasks(iter([work] * 20), 3, lambda n: None)
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(None)
    return False

points = 0
while interrupted_at(points + 1):
    points += 1
    late = len(done)
    time.sleep(0.003)
    assert len(done) == late, points
    # Both helpers still come when they are called.
    both = threading.Barrier(3)
    for _ in range(2):
        crew.crew_of(2).call(both.wait, 60)
    both.wait(60)
print(points)
"""


def test_an_interrupt_at_any_step_leaves_no_lock_behind(run_python):
    """Signals arrive where a function of Python begins; each such place has a turn."""
    assert int(run_python(INTERRUPTED_EVERYWHERE)) > 5


def test_a_crew_that_grows_under_use_loses_nothing():
    def total(caller):
        counted = []
        run_tasks((lambda: 1 for _ in range(200)), 2 + caller % 12, counted.append)
        return sum(counted)

    with ThreadPoolExecutor(16) as callers:
        assert set(callers.map(total, range(300))) == {200}
