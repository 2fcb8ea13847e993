"""The two engines give the same bits; the second is asked for by the environment."""

from __future__ import annotations

import hashlib
import json
import os

import pytest

import fastinit
from fastinit.backends.threads import engine_name
from fastinit.errors import ArgumentError

SIZE = 1_000_001

FILL = """
import hashlib, json, sys
from concurrent.futures import ThreadPoolExecutor
import fastinit
from fastinit.backends import cpu

# Several calls of the kernel for each array.
cpu.SPAN, calls = 1 << 12, []
prange = cpu._fill_with_prange
cpu._fill_with_prange = lambda *arguments: (calls.append(1), prange(*arguments))

def digest(case):
    spec, dtype = case
    seen = []
    view = fastinit.View((SIZE + 3,), slice(3, None))
    how = {"view": view, "threads": 2, "progress": seen.append}
    array = fastinit.create(spec, SIZE, dtype=dtype, seed=9, name="w", **how)
    assert sum(seen) == SIZE
    return hashlib.sha256(array.tobytes()).hexdigest()

cases = json.loads(sys.argv[1])
with ThreadPoolExecutor(4) as callers:
    digests = list(callers.map(digest, cases))
assert len(calls) == len(cases), calls
print(json.dumps(digests))
""".replace("SIZE", str(SIZE))


def test_engines_agree(some_cases, run_python):
    """With callers on four threads at once, which Numba's pool does not survive."""
    cases = [(case.spec, case.dtype) for case in some_cases]
    digests = json.loads(run_python(FILL, json.dumps(cases), FASTINIT_ENGINE="prange"))
    for (spec, dtype), theirs in zip(cases, digests, strict=True):
        view = fastinit.View((SIZE + 3,), slice(3, None))
        how = {"dtype": dtype, "seed": 9, "name": "w", "view": view}
        ours = fastinit.create(spec, SIZE, threads=1, **how)
        assert hashlib.sha256(ours.tobytes()).hexdigest() == theirs, (spec, dtype)


def test_strided_arrays_do_not_need_the_engine(monkeypatch):
    monkeypatch.setenv("FASTINIT_ENGINE", "prange")
    array = fastinit.zeros((600, 700)).T
    fastinit.normal_(array, seed=1, threads=2)
    assert (array == fastinit.normal((700, 600), seed=1, threads=1)).all()


def test_the_engine_comes_from_the_environment(monkeypatch):
    monkeypatch.delenv("FASTINIT_ENGINE", raising=False)
    assert engine_name() == "threads"
    monkeypatch.setenv("FASTINIT_ENGINE", "prange")
    assert engine_name() == "prange"
    monkeypatch.setenv("FASTINIT_ENGINE", " ")
    assert engine_name() == "threads"


@pytest.mark.parametrize("text", ["openmp", "PRANGE", "x" * 5000])
def test_unknown_engines_raise_whatever_is_filled(text, monkeypatch):
    monkeypatch.setenv("FASTINIT_ENGINE", text)
    with pytest.raises(ArgumentError, match="FASTINIT_ENGINE"):
        fastinit.zeros(3)
    with pytest.raises(ArgumentError, match="threads"):
        engine_name()


def test_a_progress_callback_may_fill(run_python):
    """Parallel kernels run one at a time; the callback is not under that lock."""
    code = """
import numpy as np, fastinit
array, other = np.empty(3_000_000, np.float32), np.empty(2_000_000, np.float32)
def progress(n):
    fastinit.fill(other, "normal", seed=0, threads=2)
fastinit.fill(array, "normal", seed=0, threads=2, progress=progress)
assert (other == array[:2_000_000]).all()
"""
    run_python(code, FASTINIT_ENGINE="prange")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no os.fork")
def test_a_child_of_a_parent_that_used_prange_fills(run_python):
    code = """
import os, signal, numpy as np, fastinit
expected = fastinit.normal(2_000_000, seed=0, threads=2)
child = os.fork()
if child == 0:
    signal.alarm(120)
    same = (fastinit.normal(2_000_000, seed=0, threads=2) == expected).all()
    os._exit(0 if same else 1)
assert os.waitpid(child, 0)[1] == 0
"""
    run_python(code, FASTINIT_ENGINE="prange")
