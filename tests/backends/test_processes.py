"""Forks, interrupts and the end of the interpreter: each fill is right, none hangs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import fastinit

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="the system has no os.fork"
)

#: What every program here starts with; a child that hangs is killed by its alarm.
COMMON = """
import hashlib, multiprocessing, os, signal, sys, threading, time
import numpy as np
import fastinit

def digest(name="w", size=1_200_001, threads=2):
    array = fastinit.normal(size, seed=3, name=name, threads=threads)
    return hashlib.sha256(array.tobytes()).hexdigest()

def in_child(work):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(120)
        os.write(writer, work().encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        text = answer.read()
    assert os.waitpid(child, 0)[1] == 0
    return text
"""


def test_a_child_forked_after_use_fills(run_python):
    code = """
expected = digest()
assert in_child(digest) == expected
assert in_child(lambda: in_child(digest)) == expected
assert digest() == expected
"""
    run_python(COMMON + code)


def test_forks_during_fills(run_python):
    code = """
expected, stop, wrong = digest(), threading.Event(), []
def keep_filling():
    while not stop.is_set():
        if digest() != expected:
            wrong.append(1)
callers = [threading.Thread(target=keep_filling) for _ in range(3)]
for caller in callers:
    caller.start()
answers = [in_child(digest) for _ in range(12)]
stop.set()
for caller in callers:
    caller.join()
assert answers == [expected] * 12, answers
assert not wrong
"""
    run_python(COMMON + code)


def test_a_child_does_not_inherit_locks_that_are_held(run_python):
    code = """
from fastinit.backends import cpu, crew
expected = digest()
crew._lock.acquire()
held = crew._lock
cpu._prange_lock.acquire()
assert in_child(digest) == expected
free = lambda: str(cpu._prange_lock.acquire(blocking=False))
assert in_child(free) == "True"
held.release()
assert digest() == expected
"""
    run_python(COMMON + code)


def test_a_fork_waits_for_the_compiler(run_python, tmp_path):
    # The compiling thread holds Numba's own lock when the fork is asked for.
    code = """
from numba.core.compiler_lock import global_compiler_lock
from fastinit.backends import cpu
compile, compiling = cpu._compile, threading.Event()
def slow(*which):
    with global_compiler_lock:
        compiling.set()
        time.sleep(0.3)
        return compile(*which)
cpu._compile = slow
fill = lambda: str(fastinit.ones(5, dtype="uint8").sum())
caller = threading.Thread(target=fill)
caller.start()
compiling.wait()
assert in_child(fill) == "5"
caller.join()
"""
    run_python(COMMON + code, NUMBA_CACHE_DIR=str(tmp_path))


def test_worker_processes_fill_shards(run_python):
    code = """
def shard(rank):
    view = fastinit.View((400, 3001), slice(100 * rank, 100 * rank + 100))
    how = {"seed": 3, "name": "w", "threads": 2}
    return fastinit.kaiming_normal((100, 3001), view=view, **how)

whole = fastinit.kaiming_normal((400, 3001), seed=3, name="w")
with multiprocessing.get_context("fork").Pool(4) as workers:
    assert (np.concatenate(workers.map(shard, range(4))) == whole).all()
"""
    run_python(COMMON + code)


def test_workers_of_one_parent_draw_seeds_of_their_own(run_python):
    code = """
own, given = fastinit.Generator(), fastinit.Generator(5)
fastinit.normal(3)
drawn = lambda: str([own.seed, float(fastinit.normal(3)[0]), given.seed])
seeds = [eval(drawn()), *(eval(in_child(drawn)) for _ in range(4))]
assert len({seed for seed, _, _ in seeds}) == 5
assert len({first for _, first, _ in seeds}) == 5
assert {kept for _, _, kept in seeds} == {5}
assert own.seed == seeds[0][0]
fastinit.manual_seed(8)
assert in_child(lambda: str(float(fastinit.normal(3)[0]))) == str(
    float(fastinit.normal(3, seed=8, name="#0")[0])
)
"""
    run_python(COMMON + code)


def test_fills_at_the_end_of_the_interpreter(run_python):
    code = """
import atexit
expected = digest(threads=1)
if sys.argv[1] == "used":
    assert digest() == expected
atexit.register(lambda: print(digest() == expected))
"""
    for use in ("used", "unused"):
        assert run_python(COMMON + code, use) == "True"


INTERRUPTED = """
expected = digest()
array = np.zeros(6_000_000)
print("ready", flush=True)
fills = 0
try:
    while True:
        fastinit.normal_(array, seed=3, threads=int(sys.argv[1]))
        fills += 1
except KeyboardInterrupt:
    caught = time.time()
before = array.copy()
time.sleep(0.3)
assert (array == before).all(), "a helper wrote after the call"
assert digest() == expected
fastinit.normal_(array, seed=3, threads=2)
assert (array == fastinit.normal(6_000_000, seed=3, dtype="float64", threads=1)).all()
print(caught, flush=True)
"""


@pytest.mark.parametrize(
    ("engine", "threads"), [("threads", 1), ("threads", 2), ("prange", 2)]
)
def test_an_interrupt_leaves_the_process_usable(engine, threads):
    root = str(Path(fastinit.__file__).parent.parent)
    with subprocess.Popen(
        [sys.executable, "-c", COMMON + INTERRUPTED, str(threads)],
        env={**os.environ, "PYTHONPATH": root, "FASTINIT_ENGINE": engine},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline().strip() == "ready"
        time.sleep(0.4)
        sent = time.time()
        run.send_signal(signal.SIGINT)
        output, errors = run.communicate(timeout=120)
    assert run.returncode == 0, errors
    # A tenth of a second is the aim; a busy machine gets twenty times that.
    assert 0 <= float(output) - sent < 2


def test_an_interrupt_at_the_first_task(run_python):
    code = """
signalled = []
def interrupt(done):
    if not signalled:
        signalled.append(1)
        os.kill(os.getpid(), signal.SIGINT)

array = np.zeros(2**24)
try:
    fastinit.normal_(array, seed=3, threads=2, progress=interrupt)
    raise SystemExit("no interrupt")
except KeyboardInterrupt:
    pass
assert (array == 0).any(), "the fill went on to its end"
fastinit.normal_(array, seed=3, threads=2)
assert (array == fastinit.normal(2**24, seed=3, dtype="float64", threads=1)).all()
"""
    run_python(COMMON + code)
