"""The CPU backend: compiled once, by one thread, with or without a disk cache."""

from __future__ import annotations

import gc
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

import fastinit
from fastinit import View
from fastinit.api import make_plan
from fastinit.backends import cpu, jobs
from fastinit.backends.kernels import SIGNATURES, kernel_of

PARALLEL = cpu.PARALLEL_MINIMUM


def test_a_loop_is_compiled_once_by_many_callers(run_python, tmp_path):
    code = """
from concurrent.futures import ThreadPoolExecutor
import fastinit
from fastinit.backends import cpu
compile, compiled = cpu._compile, []
cpu._compile = lambda *which: compiled.append(which) or compile(*which)
with ThreadPoolExecutor(8) as callers:
    arrays = list(callers.map(lambda _: fastinit.ones(7, dtype="int16"), range(8)))
assert all(array.tolist() == [1] * 7 for array in arrays)
assert len(compiled) == len(set(compiled)), compiled
assert list(__import__("pathlib").Path(__import__("sys").argv[1]).rglob("*.kernel"))
"""
    run_python(code, str(tmp_path), NUMBA_CACHE_DIR=str(tmp_path))


def test_processes_share_one_cold_cache(tmp_path):
    code = "import fastinit; print(fastinit.ones(5, dtype='int16').sum())"
    runs = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", code],
            env={
                "PYTHONPATH": ":".join(sys.path),
                "NUMBA_CACHE_DIR": str(tmp_path),
                "PATH": "",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    results = [run.communicate(timeout=240) for run in runs]
    assert [output.strip() for output, _ in results] == ["5"] * 3, results


@pytest.mark.parametrize("name", SIGNATURES)
def test_loops_compile_for_one_signature_only(name):
    kernel = kernel_of(make_plan("ones", (2,), "float32"))
    dispatcher = cpu._dispatcher(name, kernel)
    assert len(dispatcher.signatures) == 1
    with pytest.raises(TypeError):
        dispatcher("an address", 0)
    assert len(dispatcher.signatures) == 1
    with pytest.raises(TypeError):
        cpu._compiled(name, kernel)("an address", 0)


@pytest.mark.parametrize("dtype", ["int8", "float16", "float32", "float64"])
@pytest.mark.parametrize("offset", [0, 1, 8, 40, 64])
def test_constants_past_the_caches(monkeypatch, dtype, offset):
    """Every start and length within lines, misaligned ones too; nothing beside."""
    monkeypatch.setattr(jobs, "STREAMED", 0)
    itemsize = np.dtype(dtype).itemsize
    for count in (PARALLEL, PARALLEL + 1, PARALLEL + 37):
        memory = np.full(count * itemsize + 256, 0xA5, np.uint8)
        start = -memory.ctypes.data % 64 + offset
        end = start + count * itemsize
        array = memory[start:end].view(dtype)
        for threads in (1, 3):
            for number in (93, 0):
                array.view(np.uint8)[:] = 0xA5
                fastinit.constant_(array, number, threads=threads)
                assert (array == number).all()
        assert (memory[:start] == 0xA5).all()
        assert (memory[end:] == 0xA5).all()


def test_a_fill_needs_little_memory_of_its_own():
    array = np.empty((2000, 3000), np.float32)

    def fill() -> None:
        fastinit.normal_(array, seed=0, threads=2)
        fastinit.normal_(array[::-1, ::3], seed=0, view=View((2000, 1000)), threads=2)

    # Compiling, and loading what a first call loads, are not part of a fill.
    fill()
    fill()
    gc.collect()
    tracemalloc.start()
    fill()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20
