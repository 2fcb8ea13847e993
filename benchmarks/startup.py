"""What a user waits for apart from throughput, measured in fresh processes.

Imports, the first fill with an empty and a full cache of compiled code, the cost of
a small call, a checkpoint and a model in memory, and the extra memory of a fill.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

__all__ = ["ROWS", "Result", "Row", "main"]

ROOT = Path(__file__).resolve().parent.parent
PLAN = ROOT / "examples" / "gpt2.toml"

_CLOCK = "import time; start = time.perf_counter()\n"
_STOP = "print(time.perf_counter() - start)\n"
_IMPORTS = {
    "import fastinit after numpy": f"import numpy\n{_CLOCK}import fastinit\n{_STOP}",
    "and fastinit.normal_": (
        f"import numpy\n{_CLOCK}import fastinit; fastinit.normal_\n{_STOP}"
    ),
    "import numpy": f"{_CLOCK}import numpy\n{_STOP}",
    "import numba after numpy": f"import numpy\n{_CLOCK}import numba\n{_STOP}",
    "import torch after numpy": f"import numpy\n{_CLOCK}import torch\n{_STOP}",
}
_FIRST = f"""{_CLOCK}
import numpy, fastinit
fastinit.{{call}}
{_STOP}"""
_SMALL = """
import json, statistics, timeit, itertools
import numpy, torch, fastinit
torch.set_num_threads({threads})
array, tensor = numpy.empty((64, 64), numpy.float32), torch.empty(64, 64)
names = (f"layer.{{i}}" for i in itertools.count())
generator = numpy.random.default_rng(0)
calls = {{
    "fastinit.normal_(array, seed=0)": lambda: fastinit.normal_(array, seed=0),
    "the same with a new name each time":
        lambda: fastinit.normal_(array, seed=0, name=next(names)),
    "fastinit.normal_(array)": lambda: fastinit.normal_(array),
    "fastinit.normal_(tensor, seed=0)": lambda: fastinit.normal_(tensor, seed=0),
    "fastinit.uniform_(array, seed=0)": lambda: fastinit.uniform_(array, seed=0),
    "fastinit.constant_(array, 0.5)": lambda: fastinit.constant_(array, 0.5),
    "torch.nn.init.normal_(tensor)": lambda: torch.nn.init.normal_(tensor),
    "tensor.normal_()": lambda: tensor.normal_(),
    "torch.nn.init.uniform_(tensor)": lambda: torch.nn.init.uniform_(tensor),
    "numpy standard_normal(out=array)":
        lambda: generator.standard_normal(dtype="f4", out=array),
}}
times = {{name: [] for name in calls}}
for turn in range({turns} + 1):
    for name, call in calls.items():
        took = timeit.timeit(call, number=100) / 100
        if turn:
            times[name].append(took)
print(json.dumps(times))
"""
_MODEL = """
import json, sys, time
import torch, fastinit
from fastinit.models import parse_plan
torch.set_num_threads({threads})
plan = parse_plan(sys.stdin.read(), "gpt2")
def fill_ours(tensors):
    for tensor, row in zip(tensors, plan.stored):
        fastinit.fill(tensor, row.spec, seed=plan.seed, name=row.canonical)
def fill_torch(tensors):
    for tensor, row in zip(tensors, plan.stored):
        arguments = row.spec.arguments
        getattr(torch.nn.init, row.spec.scheme + "_")(tensor, **arguments)
fastinit.normal_(torch.empty(1 << 20), seed=0)
fastinit.zeros_(torch.empty(4))
found = {{}}
for turn in range({turns}):
    for name, fill in (("fastinit", fill_ours), ("torch", fill_torch)):
        tensors = [torch.empty(row.shape) for row in plan.stored]
        for kind in ("new", "present"):
            start = time.perf_counter()
            fill(tensors)
            took = time.perf_counter() - start
            found.setdefault(f"{{name}}, {{kind}} memory", []).append(took)
        del tensors
print(json.dumps(found))
"""
_CHECKPOINT = """
import json, os, sys, time
from pathlib import Path
import torch, fastinit
from safetensors.torch import save_file
from fastinit.models import create_checkpoint, parse_plan
torch.set_num_threads({threads})
plan = parse_plan(sys.stdin.read(), "gpt2")
path = Path({path!r})
def ours():
    create_checkpoint(plan, path, overwrite=True)
def stock():
    tensors = {{row.name: torch.empty(row.shape) for row in plan.stored}}
    for row in plan.stored:
        arguments = row.spec.arguments
        getattr(torch.nn.init, row.spec.scheme + "_")(tensors[row.name], **arguments)
    save_file(tensors, path)
    with path.open("rb+") as file:
        os.fsync(file)
fastinit.normal_(torch.empty(1 << 20), seed=0)
fastinit.zeros_(torch.empty(4))
found = {{"fastinit": [], "torch and safetensors": []}}
for turn in range({turns}):
    for name, make in zip(found, (ours, stock)):
        path.unlink(missing_ok=True)
        start = time.perf_counter()
        make()
        found[name].append(time.perf_counter() - start)
path.unlink()
print(json.dumps(found))
"""
_EXTRA = """
import json, threading
from pathlib import Path
import numpy, fastinit
def resident(field):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(l.split()[1]) for l in lines if l.startswith(field)) * 1024
array = numpy.empty(1 << 26, numpy.float32)
array.fill(0)
fastinit.normal_(array[: 1 << 20], seed=0)
Path("/proc/self/clear_refs").write_text("5")
before = resident("VmRSS")
fastinit.normal_(array, seed=0)
print(json.dumps([resident("VmHWM") - before, before - array.nbytes]))
"""


@dataclass(frozen=True)
class Result:
    """One number of the report.

    Attributes
    ----------
    group : str
        What it belongs to.
    name : str
        What was measured.
    median : float
        Median in `unit`.
    least : float
        Smallest value in `unit`.
    unit : str
        's', 'ms', 'us' or 'KiB'.
    n : int
        Number of measurements.
    """

    group: str
    name: str
    median: float
    least: float
    unit: str
    n: int


@dataclass(frozen=True)
class Row:
    """One group of measurements.

    Attributes
    ----------
    name : str
        Name of the group.
    measure : callable
        measure(options) -> results.
    """

    name: str
    measure: Callable[[argparse.Namespace], Iterator[Result]]


_FACTORS = {"s": 1.0, "ms": 1e3, "us": 1e6, "KiB": 1 / 1024}


def _result(group: str, name: str, values: list[float], unit: str) -> Result:
    scaled = [value * _FACTORS[unit] for value in values]
    return Result(
        group, name, statistics.median(scaled), min(scaled), unit, len(scaled)
    )


def _run(code: str, cache: Path, given: str = "") -> tuple[str, float]:
    """Output of a fresh interpreter, and the seconds from its start to its end."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, "NUMBA_CACHE_DIR": str(cache)}
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=given,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    took = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{done.stderr}\nfailed: {code}")
    return done.stdout, took


def _imports(options: argparse.Namespace) -> Iterator[Result]:
    """Modules in turns, so that all see the same state of the machine."""
    times: dict[str, list[float]] = {name: [] for name in _IMPORTS}
    for _ in range(options.turns + 1):
        for name, code in _IMPORTS.items():
            times[name].append(float(_run(code, options.cache)[0]))
    for name, values in times.items():
        # The first turn read the files from the disk.
        yield _result("import", name, values[1:], "ms")


def _first_fill(options: argparse.Namespace) -> Iterator[Result]:
    calls = {
        "normal float32": "normal_(numpy.empty(1 << 20, 'f4'), seed=0)",
        "normal float64": "normal_(numpy.empty(1 << 20, 'f8'), seed=0)",
        "uniform float32": "uniform_(numpy.empty(1 << 20, 'f4'), seed=0)",
        "zeros float32": "zeros_(numpy.empty(1 << 20, 'f4'))",
    }
    for name, call in calls.items():
        code = _FIRST.format(call=call)
        cold, warm, process = [], [], []
        for _ in range(options.turns // 2 + 1):
            with tempfile.TemporaryDirectory() as folder:
                cold.append(float(_run(code, Path(folder))[0]))
                for _ in range(2):
                    output, took = _run(code, Path(folder))
                    warm.append(float(output))
                    process.append(took)
        yield _result("first fill", f"{name}, empty cache", cold, "s")
        yield _result("first fill", f"{name}, full cache", warm, "s")
        yield _result("first fill", f"{name}, full cache, process", process, "s")


def _several(
    options: argparse.Namespace, group: str, code: str, unit: str, given: str = ""
) -> Iterator[Result]:
    """Measurements of a script that prints them as JSON."""
    output, _ = _run(code, options.cache, given)
    for name, values in json.loads(output).items():
        yield _result(group, name, values, unit)


def _small(options: argparse.Namespace) -> Iterator[Result]:
    code = _SMALL.format(threads=options.threads, turns=20 * options.turns)
    yield from _several(options, "64x64 float32", code, "us")


def _checkpoint(options: argparse.Namespace) -> Iterator[Result]:
    code = _CHECKPOINT.format(
        threads=options.threads,
        turns=options.turns // 2 + 1,
        path=str(options.folder / "gpt2.safetensors"),
    )
    text = PLAN.read_text(encoding="utf-8")
    yield from _several(options, "GPT-2 checkpoint, 498 MB", code, "s", text)


def _model(options: argparse.Namespace) -> Iterator[Result]:
    """The medium model: 24 layers of width 1024."""
    text = PLAN.read_text(encoding="utf-8")
    for small, medium in (
        ("n_layer = 12", "n_layer = 24"),
        ("n_embd = 768", "n_embd = 1024"),
        ("{0..11}", "{0..23}"),
    ):
        text = text.replace(small, medium)
    code = _MODEL.format(threads=options.threads, turns=options.turns // 2 + 1)
    yield from _several(options, "GPT-2 medium in memory", code, "s", text)


def _extra(options: argparse.Namespace) -> Iterator[Result]:
    if not Path("/proc/self/clear_refs").exists():
        return
    pairs = [json.loads(_run(_EXTRA, options.cache)[0]) for _ in range(3)]
    extra, base = zip(*pairs, strict=True)
    yield _result("memory", "of a fill of 2^26 float32", list(extra), "KiB")
    yield _result("memory", "of the process, without the array", list(base), "KiB")


#: The groups, in the order of the report.
ROWS = (
    Row("import", _imports),
    Row("first-fill", _first_fill),
    Row("small", _small),
    Row("checkpoint", _checkpoint),
    Row("model", _model),
    Row("memory", _extra),
)


def _digits(value: float) -> str:
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def _table(results: list[Result]) -> Iterator[str]:
    yield "| | | median | least | n |"
    yield "| --- | --- | ---: | ---: | ---: |"
    for one in results:
        median, least = _digits(one.median), _digits(one.least)
        yield (
            f"| {one.group} | {one.name} | {median} {one.unit} | {least} | {one.n} |"
        )


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    names = [row.name for row in ROWS]
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--turns", type=int, default=11, help="repetitions")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--folder", type=Path, help="where the checkpoint goes")
    parser.add_argument("--json", type=Path, help="write the results here too")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Measure and print a table in Markdown."""
    options = _options(arguments)
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as folder:
        options.cache = Path(folder) / "cache"
        options.folder = options.folder or Path(folder)
        for row in ROWS:
            if row.name in options.only:
                results += row.measure(options)
    print("\n".join(_table(results)))
    if options.json:
        found: list[dict[str, Any]] = [asdict(one) for one in results]
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
