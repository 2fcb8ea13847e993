"""Other users of threads in the process: neither side notices the other."""

from __future__ import annotations

import importlib.util
import os
import sys

import pytest

#: Numbers that a user chose, and a kernel of theirs, before fastinit is used.
NUMBA = """
import sys, threading
import numba, numpy as np
import fastinit

@numba.njit(parallel=True)
def doubled(values):
    out = np.empty_like(values)
    for k in numba.prange(values.size):
        out[k] = 2 * values[k]
    return out

def same(**how):
    array = fastinit.normal(600_001, seed=3, name="w", **how)
    return (array == expected).all()

values = np.arange(100_000.0)
expected = fastinit.normal(600_001, seed=3, name="w", threads=1)
assert (doubled(values) == 2 * values).all()
assert numba.threading_layer() == sys.argv[1]
for chosen in (1, 2):
    numba.set_num_threads(chosen)
    assert all(same(threads=threads) for threads in (None, 1, 2, 5))
    assert numba.get_num_threads() == chosen
    assert (doubled(values) == 2 * values).all()
"""
AT_ONCE = """
stop, wrong = threading.Event(), []
def keep_doubling():
    while not stop.is_set():
        if not (doubled(values) == 2 * values).all():
            wrong.append(1)
user = threading.Thread(target=keep_doubling)
user.start()
fine = [same() for _ in range(50)]
stop.set()
user.join()
assert all(fine)
assert not wrong
"""
LAYERS = ("omp", "workqueue")


def needs_layer(layer: str) -> None:
    if layer == "omp" and importlib.util.find_spec("numba.np.ufunc.omppool") is None:
        pytest.skip("this build of Numba has no OpenMP layer")


@pytest.mark.parametrize("engine", ["threads", "prange"])
@pytest.mark.parametrize("layer", LAYERS)
def test_kernels_of_others_keep_their_threads(layer, engine, run_python):
    needs_layer(layer)
    surroundings = {"NUMBA_THREADING_LAYER": layer, "NUMBA_NUM_THREADS": "2"}
    run_python(NUMBA, layer, FASTINIT_ENGINE=engine, **surroundings)


@pytest.mark.parametrize("layer", LAYERS)
def test_kernels_of_others_run_during_fills(layer, run_python):
    """With the default engine; Numba's workqueue bears one parallel call at a time."""
    needs_layer(layer)
    surroundings = {"NUMBA_THREADING_LAYER": layer, "NUMBA_NUM_THREADS": "2"}
    run_python(NUMBA + AT_ONCE, layer, **surroundings)


TORCH = """
import torch, fastinit
torch.set_num_threads(2)
tensor = torch.ones(600_001, requires_grad=True)
product = (tensor * tensor).sum()
other = torch.ones(600_001)
with torch.no_grad():
    fastinit.normal_(tensor, seed=3, threads=2)
assert tensor._version == 1 and other._version == 0
try:
    product.backward()
    raise SystemExit("a stale backward passed")
except RuntimeError as error:
    assert "modified by an inplace operation" in str(error)
loss = (tensor * other).sum()
loss.backward()
assert (tensor.grad == other).all()
assert (torch.get_num_threads(), other.sum().item()) == (2, 600_001.0)
assert (tensor.detach().numpy() == fastinit.normal(600_001, seed=3, threads=1)).all()
"""


@pytest.mark.parametrize("engine", ["threads", "prange"])
def test_torch_keeps_its_threads_and_hears_of_changes(engine, run_python):
    run_python(TORCH, FASTINIT_ENGINE=engine)


WORKERS = """
import asyncio, multiprocessing.pool, os, sys
from concurrent.futures import ThreadPoolExecutor
import fastinit

SHAPE = (64, 20_003)
def shard(rank):
    view = fastinit.View(SHAPE, slice(8 * rank, 8 * rank + 8))
    array = fastinit.create("normal", (8, SHAPE[1]), view=view, seed=3, name="w")
    return bool((array == whole[8 * rank : 8 * rank + 8]).all())

async def in_tasks():
    return await asyncio.gather(*(asyncio.to_thread(shard, k % 8) for k in range(24)))

whole = fastinit.normal(SHAPE, seed=3, name="w", threads=1)
with ThreadPoolExecutor(8) as pool:
    assert all(pool.map(shard, [*range(8)] * 6))
with multiprocessing.pool.ThreadPool(8) as pool:
    assert all(pool.map(shard, [*range(8)] * 6))
assert all(asyncio.run(in_tasks()))
"""


@pytest.mark.parametrize("engine", ["threads", "prange"])
def test_workers_of_thread_pools_fill_shards(engine, run_python):
    run_python(WORKERS, FASTINIT_ENGINE=engine)


START = """
import multiprocessing
import fastinit

if __name__ == "__main__":
    expected = fastinit.normal(300_001, seed=3, name="w")
    how = {"seed": 3, "name": "w", "threads": 2}
    for method in ("spawn", "forkserver"):
        with multiprocessing.get_context(method).Pool(2) as pool:
            asked = [pool.apply_async(fastinit.normal, (300_001,), how) for _ in "1234"]
            assert all((answer.get(120) == expected).all() for answer in asked)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no forkserver")
@pytest.mark.parametrize("engine", ["threads", "prange"])
def test_processes_that_are_started_and_not_forked_fill(engine, tmp_path, run_python):
    program = tmp_path / "program.py"
    program.write_text(START)
    code = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='__main__')"
    assert os.path.isabs(program)  # noqa: PTH117 - the workers import it by this path
    run_python(code, str(program), FASTINIT_ENGINE=engine)


DASK = """
import dask, dask.array as da, numpy as np
import fastinit

SHAPE = (900, 1001)
def block(block_info=None):
    where = tuple(slice(*ends) for ends in block_info[None]["array-location"])
    shape = tuple(part.stop - part.start for part in where)
    view = fastinit.View(SHAPE, where)
    return fastinit.create("normal", shape, view=view, seed=3, name="w")

whole = fastinit.normal(SHAPE, seed=3, name="w", threads=1)
for chunks in ((900, 1001), (450, 1001), (7, 333)):
    lazy = da.map_blocks(block, chunks=da.core.normalize_chunks(chunks, SHAPE),
                         dtype="f4", meta=np.empty((0, 0), "f4"))
    for workers in (1, 2, 8):
        made = lazy.compute(scheduler="threads", num_workers=workers)
        assert (made == whole).all()
"""


@pytest.mark.parametrize("engine", ["threads", "prange"])
def test_blocks_of_dask(engine, run_python):
    pytest.importorskip("dask.array", reason="Dask is not installed")
    run_python(DASK, FASTINIT_ENGINE=engine)


def test_types_that_other_kernels_have_met(run_python):
    """Numba files tuples of integers by their length, whatever types they were."""
    code = """
import numba
import fastinit
expected = fastinit.words(0, "x", 0, 2).tolist()
first = numba.njit(lambda t: t[0])
first((1, 2, 2**63, 3))
first((2**63, 2**63, 2**63))
first((2**63, 2**63))
import numpy as np
assert fastinit.words(0, "x", 0, 2).tolist() == expected
fastinit.fill(np.empty((300, 40)).T, "normal", seed=1)
fastinit.sample("normal", (5,), [1, 2], seed=1)
fastinit.trunc_normal((7,), seed=1)
"""
    run_python(code)


def test_types_that_other_kernels_have_met_before_the_first_fill(run_python):
    code = """
import numba
first = numba.njit(lambda t: t[0])
first((1, 2, 2**63, 3))
import fastinit
assert len(fastinit.words(0, "x", 0, 2)) == 2
"""
    run_python(code)
