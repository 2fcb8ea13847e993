"""Many Python threads that fill at once, whatever the size, dtype and destination.

    python tests/long/hazard_threads.py [callers] [fills] [engine]     (64, 1000)

Each fill is a random window of one tensor of a random case, in one of several
destinations: new arrays, slices, steps forwards and backwards, transposes, torch
tensors, memory maps, with 1 to 5 threads or the default. It must equal the same
window of the whole tensor, which one thread filled before and of which the oracle
(exact integers) confirms elements; the memory beside it must be as it was.
"""

from __future__ import annotations

import random
import sys
import tempfile
import threading
import time
from collections import Counter
from typing import Any

import numpy as np
from campaign import CASES, ENGINES, ROOT, finish, start, tell

sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import torch  # noqa: E402
from oracle.stream import Tensor  # noqa: E402

import fastinit  # noqa: E402
from fastinit.api import make_plan  # noqa: E402
from fastinit.backends.cpu import PARALLEL_MINIMUM  # noqa: E402

ROWS, COLUMNS = 640, 1024
SHAPE = (ROWS, COLUMNS)
IDENTITY: dict[str, Any] = {"seed": 5, "name": "w"}
BESIDE = 0xA5


def whole(spec: str, dtype: str) -> np.ndarray:
    """The tensor of a case, some of its elements confirmed by the oracle."""
    array = fastinit.create(spec, SHAPE, dtype=dtype, threads=1, **IDENTITY)
    plan = make_plan(spec, SHAPE, dtype)
    if dtype in {"int16", "bool"}:
        assert (array == (3 if dtype == "int16" else 1)).all()
        return array
    tensor = Tensor(plan.distribution, plan.parameters, dtype, *IDENTITY.values())
    stored = array.reshape(-1).view(f"u{array.itemsize}")
    for index in (*range(9), *range(1000, array.size, 40_009), array.size - 1):
        assert int(stored[index]) == tensor.bits(index), (spec, dtype, index)
    return array


def memory(size: int, draw: random.Random, folder: str) -> np.ndarray:
    """Bytes to lay a destination in."""
    if draw.random() < 0.05:
        with tempfile.TemporaryFile(dir=folder) as file:
            return np.memmap(file, np.uint8, "w+", 0, size)
    return np.empty(size, np.uint8)


def rows_to_hold(draw: random.Random) -> tuple[slice, slice]:
    """Window of the tensor: often small, seldom above the parallel minimum."""
    if draw.random() < 0.03:
        first = draw.randrange(ROWS // 2)
        return slice(first, min(ROWS, first + draw.randrange(120, 320))), slice(None)
    first, second = draw.randrange(ROWS), draw.randrange(COLUMNS)
    height, width = draw.choice([1, 2, 9, 30]), draw.choice([1, 3, 64, 500])
    return slice(first, first + height), slice(second, second + width)


def clipped(part: slice, size: int) -> slice:
    start, stop, _ = part.indices(size)
    return slice(start, stop)


def one_fill(
    arrays: dict[tuple[str, str], np.ndarray], draw: random.Random, folder: str
) -> str:
    """Fill once; '' where all bits are right, else what was filled."""
    spec, dtype = draw.choice(CASES)
    rows, columns = rows_to_hold(draw)
    index = clipped(rows, ROWS), clipped(columns, COLUMNS)
    expected = arrays[spec, dtype][index]
    kind = draw.choice(["new", "slice", "step", "reverse", "transpose", "torch"])
    axes = (1, 0) if kind == "transpose" else None
    if axes:
        expected = expected.transpose(axes)
    step = {"step": 3, "reverse": -2, "slice": 1}.get(kind, 1)
    high, wide = expected.shape
    pad = 0 if kind == "new" else 5
    width = (wide + pad) * abs(step)
    base = memory((high + 2) * width * expected.itemsize, draw, folder)
    base[:] = BESIDE
    frame = base.view(expected.dtype).reshape(high + 2, width)
    where = np.s_[1:-1, : (wide * step) or None : step]
    if step < 0:
        where = np.s_[1:-1, -1 : -1 + wide * step : step]
    target: Any = frame[where]
    assert target.shape == expected.shape, (target.shape, expected.shape)
    if kind == "torch" and dtype != "bfloat16":
        target = torch.from_numpy(frame)[where]
    threads = draw.choice([None, 1, 2, 3, 5])
    view = fastinit.View(SHAPE, index, axes)
    fastinit.fill(target, spec, view=view, threads=threads, **IDENTITY)
    if frame[where].tobytes() != expected.tobytes():
        return f"{kind} {spec} {dtype} {index} threads={threads}"
    frame.view(f"u{frame.itemsize}")[where] = int.from_bytes(
        bytes([BESIDE] * frame.itemsize), "little"
    )
    return "" if (base == BESIDE).all() else f"beside {kind} {dtype} {index}"


def run(callers: int, fills: int) -> None:
    """All callers of one process, which tells what they found."""
    arrays = {case: whole(*case) for case in CASES}
    wrong: Counter[str] = Counter()
    elements = [0] * callers

    def work(caller: int) -> None:
        draw = random.Random(caller)
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(fills):
                found = one_fill(arrays, draw, folder)
                if found:
                    wrong[found] += 1
                elements[caller] += 1

    threads = [threading.Thread(target=work, args=(k,)) for k in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.write(f"{sum(elements)} {sum(wrong.values())} {dict(wrong)}"[:2000])


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        run(int(sys.argv[2]), int(sys.argv[3]))
        sys.exit()
    callers, fills, *asked = sys.argv[1:] or ("64", "1000")
    code = "import runpy, sys; sys.argv[0] = sys.argv[1]; del sys.argv[1];"
    code += "sys.path.insert(0, sys.argv[0].rpartition('/')[0]);"
    code += "runpy.run_path(sys.argv[0], run_name='__main__')"
    for engine in asked or ENGINES:
        begun = time.monotonic()
        process = start(code, __file__, "run", callers, fills, engine=engine)
        output, errors = process.communicate()
        done, wrong_fills, which = (output or "0 1 died").split(maxsplit=2)
        is_wrong = process.returncode or int(wrong_fills) or errors
        is_wrong = is_wrong or int(done) != int(callers) * int(fills)
        took = f"{time.monotonic() - begun:.0f} s"
        parallel = f"parallel from {PARALLEL_MINIMUM} elements"
        tell(
            f"{engine}, {callers} callers",
            is_wrong and (process.returncode, which, errors[-2000:]),
            f"{done} fills, {took}, {parallel}",
        )
    finish()
