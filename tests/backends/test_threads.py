"""Threads: no bit depends on them, they really run, and they never outlive a call."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from fastinit import View, create, fill
from fastinit.backends import cpu
from fastinit.backends import threads as module
from fastinit.backends.cpu import PARALLEL_MINIMUM
from fastinit.backends.threads import (
    MOST_THREADS,
    available_threads,
    check_threads,
    run_tasks,
    shared_threads,
)
from fastinit.dtypes import numpy_dtype
from fastinit.errors import ArgumentError, ArgumentTypeError

IDENTITY = {"seed": 5, "name": "w"}
COUNTS = (1, 2, 3, 7)
#: Odd and above the minimum, so that threads run and no cut is a multiple of four.
SIZE = 3 * PARALLEL_MINIMUM + 1


@pytest.mark.parametrize("threads", COUNTS)
def test_contiguous_runs(threads, random_case, assert_same_bits):
    expected = random_case.make((SIZE,), threads=1, **IDENTITY)
    view = View((SIZE,), slice(3, None))
    part = random_case.make((SIZE - 3,), threads=threads, view=view, **IDENTITY)
    assert_same_bits(part, expected[3:])


@pytest.mark.parametrize("threads", COUNTS)
@pytest.mark.parametrize(
    ("shape", "take"),
    [
        ((610, 700), lambda a: a[:, 5:]),
        ((420, 1000), lambda a: a[::-1, ::-2]),
        ((300, 31, 41), lambda a: a.transpose(2, 0, 1)),
        ((140_000, 3), lambda a: a.T),
        ((2, 3, 2, 100_000), lambda a: a[:, ::2]),
    ],
)
def test_strided_destinations(shape, take, threads, assert_same_bits):
    base = np.zeros(shape, np.float32)
    fill(take(base), "normal", threads=threads, **IDENTITY)
    assert take(base).size > PARALLEL_MINIMUM
    expected = create("normal", take(base).shape, threads=1, **IDENTITY)
    assert_same_bits(take(base), expected)


def test_two_threads_run_at_once():
    meeting = threading.Barrier(2)
    met = set()

    def wait_for_the_other(done):
        if threading.get_ident() not in met:
            met.add(threading.get_ident())
            meeting.wait(timeout=60)

    # Breaks, and so raises, unless a second thread comes to its first task.
    fill(np.empty(2**21), "normal", seed=0, threads=2, progress=wait_for_the_other)
    assert len(met) == 2


def test_small_fills_stay_on_the_caller():
    met = set()
    fill(
        np.empty(PARALLEL_MINIMUM - 1),
        "normal",
        seed=0,
        threads=8,
        progress=lambda _: met.add(threading.get_ident()),
    )
    assert met == {threading.get_ident()}


def test_many_callers_at_once(assert_same_bits):
    dtypes = ("float32", "float64", "bfloat16", "float16")

    def draw(caller):
        how = {"dtype": dtypes[caller % 4], "name": f"#{caller % 8}", "seed": 1}
        threads = 1 + caller % 5
        return create("normal", (2, SIZE // 2), threads=threads, **how)

    with ThreadPoolExecutor(16) as callers:
        arrays = list(callers.map(draw, range(64)))
    for caller in range(8):
        expected = draw(caller)
        for other in range(caller, 64, 8):
            assert_same_bits(arrays[other], expected)


def test_callers_of_one_array():
    whole = np.zeros((16, SIZE // 8), np.float32)

    def fill_row(row):
        view = View(whole.shape, row)
        fill(whole[row], "normal", view=view, threads=2, **IDENTITY)

    with ThreadPoolExecutor(16) as callers:
        list(callers.map(fill_row, range(16)))
    assert (whole == create("normal", whole.shape, **IDENTITY)).all()


# The pool


def test_every_task_runs_once():
    done = []
    tasks = (lambda k=k: done.append(k) or k for k in range(1000))
    counted = []
    run_tasks(tasks, 5, counted.append)
    assert sorted(done) == sorted(counted) == list(range(1000))


@pytest.mark.parametrize("threads", [1, 4])
def test_an_error_stops_all_and_is_raised(threads):
    def fail():
        raise ZeroDivisionError

    done = []

    def work():
        time.sleep(0.001)
        done.append(1)
        return 1

    with pytest.raises(ZeroDivisionError):
        run_tasks(iter([work, fail, *[work] * 5000]), threads)
    assert len(done) < 5000


def test_no_helper_outlives_the_call():
    running = []

    def work():
        running.append(1)
        time.sleep(0.002)
        running.pop()
        return 1

    for _ in range(50):
        run_tasks(iter([work] * 6), 4)
        assert not running


def test_an_interrupt_of_the_wait_for_helpers_still_waits():
    """The memory may be freed as soon as the call has ended."""
    finished, helping = [], threading.Event()
    caller = threading.get_ident()

    def work():
        if threading.get_ident() == caller:
            helping.wait(60)
        else:
            helping.set()
            time.sleep(0.1)
            signal.raise_signal(signal.SIGINT)
            time.sleep(0.2)
            finished.append(1)
        return 1

    with pytest.raises(KeyboardInterrupt):
        run_tasks(iter([work] * 2), 2)
    assert finished


# Fills that share the processors


@pytest.fixture
def eight_processors(monkeypatch):
    monkeypatch.delenv("FASTINIT_NUM_THREADS", raising=False)
    monkeypatch.setattr(module, "_usable_processors", lambda: 8)


def test_fills_under_way_share_the_processors(eight_processors):
    seen = [shared_threads()]

    def work(depth):
        seen.append(shared_threads())
        if depth < 9:
            run_tasks(iter([lambda: work(depth + 1)]), 1)
        return 1

    run_tasks(iter([lambda: work(1)]), 1)
    assert seen == [8, 4, 2, 2, 1, 1, 1, 1, 1, 1]
    assert shared_threads() == 8


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_a_fill_that_ends_in_an_error_gives_its_share_back(eight_processors, error):
    def fail():
        raise error

    for threads in (1, 3):
        with pytest.raises(error):
            run_tasks(iter([fail]), threads)
        assert shared_threads() == 8


def test_the_share_is_for_numbers_that_nobody_gave(eight_processors, monkeypatch):
    asked = []
    monkeypatch.setattr(cpu, "run_tasks", lambda _, threads, *__: asked.append(threads))
    array = np.empty(SIZE)

    def work():
        fill(array, "normal", seed=0)
        fill(array, "normal", seed=0, threads=7)
        monkeypatch.setenv("FASTINIT_NUM_THREADS", "5")
        fill(array, "normal", seed=0)
        return 1

    run_tasks(iter([work]), 1)
    assert asked == [4, 7, 5]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no os.fork")
def test_a_forked_child_has_all_processors(eight_processors):
    status = []

    def work():
        child = os.fork()
        if child == 0:
            os._exit(shared_threads())
        status.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        return 1

    run_tasks(iter([work]), 1)
    assert status == [8]


# Numbers of threads


def test_the_environment_sets_the_number(monkeypatch):
    monkeypatch.setenv("FASTINIT_NUM_THREADS", " 3 ")
    assert available_threads() == check_threads(None) == 3
    assert check_threads(2) == 2
    monkeypatch.setenv("FASTINIT_NUM_THREADS", "")
    assert check_threads(None) is None
    assert available_threads() >= 1


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", "1025", "9" * 5000, "²"])
def test_a_wrong_environment_raises(text, monkeypatch):
    monkeypatch.setenv("FASTINIT_NUM_THREADS", text)
    with pytest.raises(ArgumentError, match="FASTINIT_NUM_THREADS"):
        available_threads()
    with pytest.raises(ArgumentError, match="FASTINIT_NUM_THREADS"):
        create("zeros", 2)
    assert create("zeros", 2, threads=1).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("text", "limit"),
    [("200000 100000", 2), ("150000 100000", 2), ("50000 100000", 1)],
)
def test_a_quota_limits_the_number(text, limit, tmp_path, monkeypatch):
    file = tmp_path / "cpu.max"
    file.write_text(text)
    monkeypatch.delenv("FASTINIT_NUM_THREADS", raising=False)
    monkeypatch.setattr(module, "_CGROUP_LIMIT", file)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: range(64), raising=False)
    assert available_threads() == limit


@pytest.mark.parametrize("text", ["max 100000", "", "nonsense", None])
def test_without_a_quota_affinity_decides(text, tmp_path, monkeypatch):
    file = tmp_path / "cpu.max"
    if text is not None:
        file.write_text(text)
    monkeypatch.delenv("FASTINIT_NUM_THREADS", raising=False)
    monkeypatch.setattr(module, "_CGROUP_LIMIT", file)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: range(64), raising=False)
    assert available_threads() == 64


@pytest.mark.parametrize("threads", [0, -1, MOST_THREADS + 1, 10**5000], ids=range(4))
def test_numbers_out_of_range_raise(threads):
    with pytest.raises(ArgumentError, match="threads"):
        check_threads(threads)


@pytest.mark.parametrize("threads", [1.0, "2", True, [1], np.array([1, 2]), object()])
def test_what_is_no_number_raises(threads):
    with pytest.raises(ArgumentTypeError, match="threads"):
        check_threads(threads)


def test_numpy_integers_are_numbers():
    assert check_threads(np.int16(3)) == 3
    array = np.empty(9, numpy_dtype("float32"))
    fill(array, "normal", threads=np.uint8(2), **IDENTITY)
