"""Speed on a device: fills against cudaMemset, torch and CuPy; what a call costs."""

from __future__ import annotations

import importlib.util
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from gpu_machine import Machine

import fastinit

#: Case, spec, dtype, and the goal as a share of the speed of cudaMemset (docs/cuda.md).
CASES = (
    ("constant float32", "constant(val=0.5)", "float32", 0.98),
    ("uniform float32", "uniform(a=-0.1, b=0.1)", "float32", 0.90),
    ("normal float32", "normal(std=0.02)", "float32", 0.68),
    ("uniform bfloat16", "uniform(a=-0.1, b=0.1)", "bfloat16", 0.75),
    ("normal bfloat16", "normal(std=0.02)", "bfloat16", 0.35),
    ("normal float16", "normal(std=0.02)", "float16", None),
    ("uniform float64", "uniform(a=-0.1, b=0.1)", "float64", None),
    ("normal float64", "normal(std=0.02)", "float64", None),
)
REPETITIONS = 11


class Speed(NamedTuple):
    """Bytes a second of one case: ours, memset's and the peers' (None: not there)."""

    case: str
    goal: float | None
    ours: float
    memset: float
    torch: float | None
    cupy: float | None


def median_seconds(machine: Machine, work: Callable[[], object], times: int) -> float:
    """Median time of some work on the device, after one run that does not count."""
    work()
    return statistics.median(machine.seconds(work) for _ in range(times))


def peers(spec: str, dtype: str, size: int) -> dict[str, Callable[[], object]]:
    """The same by torch and CuPy, as far as they are there and know the dtype."""
    kind, found = spec.partition("(")[0], {}
    if importlib.util.find_spec("torch") is not None:
        import torch

        if torch.cuda.is_available():
            kept = torch.empty(size, dtype=getattr(torch, dtype), device="cuda")
            found["torch"] = {
                "constant": lambda: kept.fill_(0.5),
                "uniform": lambda: kept.uniform_(-0.1, 0.1),
                "normal": lambda: kept.normal_(0, 0.02),
            }[kind]
    if importlib.util.find_spec("cupy") is not None and dtype in {"float32", "float64"}:
        import cupy

        held = cupy.empty(size, dtype)
        # The host API of cuRAND fills in place; scaling would be a second pass.
        generator = cupy.random.generator.RandomState()
        found["cupy"] = {
            "constant": lambda: held.fill(0.5),
            "uniform": lambda: generator.random_sample(size, dtype),
            "normal": lambda: generator.standard_normal(size, dtype),
        }[kind]
    return found


def speeds(machine: Machine, size: int) -> Iterator[Speed]:
    """Speed of each case.

    Parameters
    ----------
    machine : Machine
        A device.
    size : int
        Bytes of the buffer.

    Yields
    ------
    speed : Speed
        All of one case in the same minute.
    """
    times = REPETITIONS if machine.is_real else 1
    for case, spec, dtype, goal in CASES:
        buffer = machine.allocate(size)
        count = size // (int(dtype.removeprefix("b").removeprefix("float")) // 8)
        part = machine.part(buffer, (count,), dtype)
        plain = median_seconds(
            machine, lambda at=buffer: machine.set_bytes(at, size, 0), times
        )
        ours = median_seconds(machine, lambda to=part, what=spec: fill(to, what), times)
        machine.free(buffer)
        others = {
            name: size / median_seconds(machine, work, times)
            for name, work in peers(spec, dtype, count).items()
        }
        yield Speed(
            *(case, goal, size / ours, size / plain),
            *(others.get("torch"), others.get("cupy")),
        )


def fill(part: Any, spec: str) -> None:
    """Fill through the public call; the dtype is told by name, as no NumPy does."""
    fastinit.fill(part, spec, seed=0, name="speed")


def costs(machine: Machine) -> dict[str, float]:
    """Microseconds of the host for a small fill, and for a model of 300 tensors."""
    times = 500 if machine.is_real else 2
    buffer = machine.allocate(1 << 20)
    small = machine.part(buffer, (64, 64), "float32")
    fill(small, "normal(std=0.02)")
    machine.synchronize()
    start = time.perf_counter()
    for _ in range(times):
        fill(small, "normal(std=0.02)")
    each = (time.perf_counter() - start) / times
    machine.synchronize()
    items = [
        (machine.part(buffer + 3072 * k, (768,), "float32"), "normal(std=0.02)", str(k))
        for k in range(300)
    ]
    fastinit.fill_many(items, seed=0)
    machine.synchronize()
    start = time.perf_counter()
    fastinit.fill_many(items, seed=0)
    many = time.perf_counter() - start
    machine.synchronize()
    machine.free(buffer)
    return {"one small fill": each * 1e6, "fill_many of 300": many * 1e6}
