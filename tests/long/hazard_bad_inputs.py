"""Random calls, most of them wrong: refused in three parts, or exactly right.

    python tests/long/hazard_bad_inputs.py [calls] [first seed]   (10000: TIME)

Each call takes its arguments from a pool that holds more junk than sense. A call that
raises must raise a FastinitError of three parts, leave every byte of its array, the
version of its tensor and the names of its generator; a call that returns must have
written the values that `sample` gives for the flat indices of its view. A fifth of
the calls goes to the command line, in this process: it must end with status 0, 1 or
2, without a traceback, and leave no file where it failed.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from campaign import ROOT, finish, tell

sys.path.insert(0, str(ROOT))

import torch
from click.testing import CliRunner
from junk import COMMANDS, LINES, POOLS, SENSE

import fastinit
from fastinit import FastinitError, Generator, View
from fastinit.api import make_plan
from fastinit.cli import main

Outcome = str


def destinations(draw: random.Random) -> tuple[Any, Any]:
    """Something to fill, and the memory under it, None where there is none."""
    shape = draw.choice([(4, 3), (3,), (), (0, 3), (2, 3, 4), (1, 1), (5, 4)])
    dtype = draw.choice(["f4", "f8", "f2", "i4", "u1", "?", "c8", ">f4", "M8[s]", "O"])
    if draw.random() < 0.6:
        dtype = "f4"
    base = np.full(shape, 1 if dtype != "M8[s]" else "2000-01-01", dtype)
    kinds: dict[str, Callable[[], Any]] = {
        "plain": lambda: base,
        "turned": lambda: base.T,
        "backwards": lambda: base[::-1] if shape else base,
        "read only": lambda: _read_only(base),
        "broadcast": lambda: np.broadcast_to(base, (2, *shape)),
        "overlapping": lambda: (
            np.lib.stride_tricks.as_strided(base, (2, 2), (0, base.itemsize))
            # Elsewhere it would show what lies behind the array.
            if base.size >= 2
            else base
        ),
        "matrix": lambda: np.ma.masked_array(base),
        "torch": lambda: torch.from_numpy(base.copy()),
        "gradient": lambda: torch.ones(3, requires_grad=True).view(-1),
        "expanded": lambda: torch.ones(1).expand(4),
        "sparse": lambda: torch.ones(3).to_sparse(),
        "meta": lambda: torch.ones(3, device="meta"),
        "junk": lambda: draw.choice(POOLS["anything"]),
    }
    order = [*kinds, *["plain"] * 12, "torch", "torch"]
    try:
        target = kinds[draw.choice(order)]()
    except (TypeError, ValueError, IndexError):
        # Not every array can be viewed, or known to torch, in every way.
        target = base
    return target, target if isinstance(target, (np.ndarray, torch.Tensor)) else None


def _read_only(array: np.ndarray) -> np.ndarray:
    view = array.view()
    view.flags.writeable = False
    return view


def state(memory: Any) -> Any:
    """What a refused call must leave as it is."""
    if memory is None:
        return None
    if isinstance(memory, torch.Tensor):
        if memory.layout is not torch.strided or memory.is_meta:
            return memory._version
        return memory.detach().clone().numpy().tobytes(), memory._version
    return memory.tobytes() if memory.dtype.kind != "O" else str(memory)


def pick(draw: random.Random, pool: str) -> Any:
    """From a pool, with a chance for something of any other."""
    chance = draw.random()
    if chance < 0.6 and pool in SENSE:
        return draw.choice(SENSE[pool])
    return draw.choice(POOLS[draw.choice(list(POOLS)) if chance > 0.97 else pool])


def keywords(draw: random.Random, *names: str) -> dict[str, Any]:
    return {name: pick(draw, name) for name in names if draw.random() < 0.3}


def flat_indices(view: View) -> np.ndarray:
    """Stream indices of a view's elements, in its own shape."""
    window = view.window
    found = np.full(window.shape, window.first, np.int64)
    for axis, stride in enumerate(window.strides):
        steps = np.arange(window.shape[axis], dtype=np.int64) * stride
        found += steps.reshape([-1 if k == axis else 1 for k in range(found.ndim)])
    return found


def expected(spec: Any, view: View, dtype: Any, seed: int, name: str) -> bytes:
    """Bytes of a view's elements, drawn one by one."""
    index = flat_indices(view)
    how = {"seed": seed, "name": name, "dtype": dtype}
    if 0 in view.shape:
        return b""
    values = np.asarray(fastinit.sample(spec, view.shape, index, **how))
    # A scalar of NumPy forgets the byte order.
    order = dtype if isinstance(dtype, np.dtype) else values.dtype
    return values.astype(order).tobytes()


def judge(error: BaseException) -> str:
    """What is wrong with an error, or nothing."""
    if not isinstance(error, FastinitError):
        return f"raw {type(error).__name__}: {str(error)[:150]}"
    parts = (error.given, error.allowed, error.remedy)
    if not all(isinstance(part, str) and part.strip() for part in parts):
        return f"parts {parts}"
    if len(str(error)) > 1000:
        return f"a message of {len(str(error))} characters"
    return ""


def try_fill(draw: random.Random) -> tuple[Outcome, str, Any]:
    target, memory = destinations(draw)
    how = keywords(draw, "generator", "seed", "name", "view", "backend", "threads")
    how |= keywords(draw, "progress")
    source = Generator(7)
    if how.get("generator") is Generator:
        how["generator"] = source
    spec, before = pick(draw, "spec"), state(memory)
    call = ("fill", type(target).__name__, spec, how)
    try:
        returned = fastinit.fill(target, spec, **how)
    except BaseException as error:
        wrong = judge(error)
        if not wrong and state(memory) != before:
            wrong = "bytes changed"
        if not wrong and source.next_name() != "#0":
            wrong = "a name was used up"
        return "refused", wrong, call
    if returned is not target:
        return "accepted", "another object came back", call
    if how.get("seed") is None:
        return "accepted", "", call
    shape = tuple(target.shape)
    dtype = target.dtype
    view = how.get("view") or View(shape)
    name = how.get("name") or ""
    wanted = expected(spec, view, dtype, how["seed"], name)
    array = target.detach().numpy() if isinstance(target, torch.Tensor) else target
    return "accepted", "" if array.tobytes() == wanted else "other bits", call


def try_make(draw: random.Random) -> tuple[Outcome, str, Any]:
    spec, shape = pick(draw, "spec"), pick(draw, "shape")
    how = keywords(draw, "dtype", "seed", "name", "threads", "backend", "device")
    call = ("create", spec, shape, how)
    try:
        array = fastinit.create(spec, shape, **how)
    except BaseException as error:
        return "refused", judge(error), call
    if how.get("seed") is None:
        return "accepted", "", call
    view = View(shape)
    if array.shape != view.shape:
        return "accepted", "another shape", call
    name = how.get("name") or ""
    wanted = expected(spec, view, array.dtype.name, how["seed"], name)
    return "accepted", "" if array.tobytes() == wanted else "other bits", call


def try_sample(draw: random.Random) -> tuple[Outcome, str, Any]:
    spec, shape, index = (pick(draw, what) for what in ("spec", "shape", "index"))
    how = keywords(draw, "dtype", "seed", "name")
    call = ("sample", spec, shape, index, how)
    try:
        values = fastinit.sample(spec, shape, index, **how)
        plan = make_plan(spec, shape, **how)
    except BaseException as error:
        return "refused", judge(error), call
    if np.prod(plan.shape, dtype=float) > 1e6:
        return "accepted", "", call
    whole = fastinit.create(spec, shape, **{"seed": 0, "name": "", **how})
    is_flat = isinstance(index, (np.ndarray, list, range))
    wanted = whole.reshape(-1)[np.asarray(index, np.intp)] if is_flat else whole[index]
    same = np.asarray(values).tobytes() == np.asarray(wanted).tobytes()
    return "accepted", "" if same else "other bits", call


def try_other(draw: random.Random) -> tuple[Outcome, str, Any]:
    """Everything else that is public; what is accepted is judged by the suite."""
    whats, make = draw.choice(LINES)
    arguments = [pick(draw, what) for what in whats]
    call = (whats, arguments)
    try:
        make(*arguments)
    except BaseException as error:
        return "refused", judge(error), call
    return "accepted", "", call


def try_command(draw: random.Random, folder: Path) -> tuple[Outcome, str, Any]:
    words = [draw.choice(COMMANDS["command"])]
    for _ in range(draw.randrange(6)):
        option = draw.choice(list(COMMANDS["options"]))
        words += [option, draw.choice(COMMANDS["options"][option])]
    if draw.random() < 0.8:
        words.insert(1, draw.choice(COMMANDS["files"]))
    words = [word for word in words if word is not None]
    before = {path.name for path in folder.iterdir()}
    result = CliRunner().invoke(main, words)
    after = {path.name for path in folder.iterdir()}
    for name in after - before:
        (folder / name).unlink()
    if result.exit_code not in {0, 1, 2} or "Traceback" in result.output:
        return "refused", f"status {result.exit_code} {result.output[-300:]}", words
    if result.exit_code == 2 and after != before:
        return "refused", f"left {after - before}", words
    return ("refused" if result.exit_code == 2 else "accepted"), "", words


def campaign(calls: int, first: int) -> None:
    counted: Counter[str] = Counter()
    wrong: dict[str, tuple[int, Any]] = {}
    tries = [try_fill, try_fill, try_make, try_sample, try_other]
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("error")
        folder = Path(name)
        os.chdir(folder)
        tries[3:3] = [lambda draw: try_command(draw, folder)]
        tries[3].__name__ = "try_command"
        for seed in range(first, first + calls):
            draw = random.Random(seed)
            attempt = draw.choice(tries)
            outcome, reason, call = attempt(draw)
            counted[f"{attempt.__name__[4:]} {outcome}"] += 1
            if reason:
                wrong.setdefault(reason, (seed, str(call)[:300]))
        os.chdir(ROOT)
    for reason, (seed, call) in wrong.items():
        sys.stdout.write(f"{reason}\n    seed {seed}: {call}\n")
    figures = ", ".join(f"{what} {n}" for what, n in sorted(counted.items()))
    tell(f"{calls} calls", wrong and f"{len(wrong)} kinds", figures)


if __name__ == "__main__":
    begun = time.monotonic()
    numbers = [int(word) for word in sys.argv[1:]]
    campaign(*(numbers + [10_000, 0][len(numbers) :]))
    sys.stdout.write(f"{time.monotonic() - begun:.0f} s\n")
    finish()
