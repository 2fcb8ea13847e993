"""Who is measured: one row per contender; packages are imported when they run.

A contender fills memory that all of them share, so that pages are present and lie
in the same place for everyone. JAX cannot write to it; it gets a donated array of
its own, which is as close to in place as it comes.
"""

from __future__ import annotations

import ctypes
import functools
import importlib
import importlib.util
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from cases import INITIALIZERS, Case

import fastinit

__all__ = ["CONTENDERS", "Contender", "Memory"]

Action = Callable[[], object]
_SEED = 0
_LARGEST_ALIGNMENT = 4096


class Memory:
    """One allocation, touched once, that every contender sees as its own array.

    Parameters
    ----------
    n_bytes : int
        Bytes of the largest case.
    """

    def __init__(self, n_bytes: int) -> None:
        raw = np.zeros(n_bytes + _LARGEST_ALIGNMENT, np.uint8)
        raw.fill(1)
        start = -raw.ctypes.data % _LARGEST_ALIGNMENT
        self._bytes = raw[start : start + n_bytes]

    def numpy(self, case: Case) -> Any:
        """Array of NumPy, with the dtypes of ml_dtypes."""
        held = self._bytes[: case.reach].view(_numpy_dtype(case.dtype))
        return _laid_out(held, case)

    def torch(self, case: Case) -> Any:
        """Tensor of torch on the same memory."""
        torch: Any = importlib.import_module("torch")
        held = torch.from_numpy(self._bytes[: case.reach])
        return _laid_out(held.view(getattr(torch, case.dtype)), case)


def _laid_out(held: Any, case: Case) -> Any:
    """Array of a case's shape and layout over the elements that it reaches over."""
    rows, columns = case.size.shape
    if case.layout == "transposed":
        return held.reshape(columns, rows).T
    step = case.reach // case.n_bytes
    return held.reshape(rows, columns * step)[:, ::step]


@dataclass(frozen=True)
class Contender:
    """A row of the table of contenders.

    Attributes
    ----------
    name : str
        Name in results.
    does : str
        What it runs, for the report.
    package : str
        Package that it needs.
    prepare : callable
        prepare(case, memory) -> function without arguments that fills once.
    lacks : callable
        lacks(case) -> reason why it cannot do a case, or '' where it can.
    """

    name: str
    does: str
    package: str
    prepare: Callable[[Case, Memory], Action]
    lacks: Callable[[Case], str] = lambda _: ""

    def missing(self, case: Case) -> str:
        """Reason why a case cannot be measured here, or ''."""
        if case.layout != "contiguous" and self.name not in LAID_OUT:
            return f"{self.name} writes contiguous memory only"
        if importlib.util.find_spec(self.package) is None:
            return f"{self.package} is not installed"
        return self.lacks(case)


def _numpy_dtype(name: str) -> np.dtype[Any]:
    if name == "bfloat16":
        return np.dtype(importlib.import_module("ml_dtypes").bfloat16)
    return np.dtype(name)


def _kaiming_std(case: Case) -> float:
    """Std of torch's default: gain sqrt(2) over the square root of fan_in."""
    return math.sqrt(2.0 / case.size.shape[1])


def _fastinit(case: Case, memory: Memory, threads: int | None = None) -> Action:
    function = getattr(fastinit, f"{case.initializer}_")
    array, arguments = memory.numpy(case), INITIALIZERS[case.initializer]
    how: dict[str, Any] = {} if threads is None else {"threads": threads}
    if case.initializer != "constant":
        how["seed"] = _SEED
    return functools.partial(function, array, **arguments, **how)


def _memset(case: Case, memory: Memory) -> Action:
    address = memory.numpy(case).ctypes.data
    # Without a declared return type ctypes would cut the address to an int.
    ctypes.memset.restype = ctypes.c_void_p
    return functools.partial(ctypes.memset, address, 0, case.n_bytes)


def _fill_numpy(case: Case, memory: Memory) -> Action:
    return functools.partial(memory.numpy(case).fill, 0.5)


def _fill_torch(case: Case, memory: Memory) -> Action:
    return functools.partial(memory.torch(case).fill_, 0.5)


def _numpy(case: Case, memory: Memory) -> Action:
    array = memory.numpy(case)
    generator = np.random.default_rng(_SEED)
    if case.initializer == "constant":
        return functools.partial(array.fill, 0.5)
    if case.initializer == "uniform":
        return functools.partial(generator.random, dtype=array.dtype, out=array)
    draw = functools.partial(generator.standard_normal, dtype=array.dtype, out=array)
    if case.initializer == "normal":
        return draw
    std = array.dtype.type(_kaiming_std(case))

    def scaled() -> object:
        draw()
        return np.multiply(array, std, out=array)

    return scaled


def _numpy_lacks(case: Case) -> str:
    if case.initializer == "constant" or case.dtype in {"float32", "float64"}:
        return ""
    return "numpy.random.Generator makes float32 and float64 only"


def _torch(case: Case, memory: Memory) -> Action:
    torch: Any = importlib.import_module("torch")
    function = getattr(torch.nn.init, f"{case.initializer}_")
    arguments = INITIALIZERS[case.initializer]
    return functools.partial(function, memory.torch(case), **arguments)


def _jax_draw(case: Case) -> Callable[[Any], Any]:
    """Function of a key that makes the array, to be compiled."""
    jax: Any = importlib.import_module("jax")
    shape, dtype = case.size.shape, case.dtype
    if case.initializer == "kaiming_normal":
        scheme = jax.nn.initializers.variance_scaling(2.0, "fan_in", "normal")
        return lambda key: scheme(key, shape, dtype)
    function = getattr(jax.random, case.initializer)
    return lambda key: function(key, shape, dtype)


def _jax(case: Case, memory: Memory) -> Action:
    del memory
    jax: Any = importlib.import_module("jax")
    shape, dtype = case.size.shape, case.dtype
    # Where 64-bit types are on, JAX also computes float32 values more slowly.
    with jax.enable_x64(case.dtype == "float64"):
        if case.initializer == "constant":
            given = jax.numpy.asarray(0.5, dtype)
            made = jax.jit(
                lambda value, _: jax.numpy.full(shape, value, dtype),
                donate_argnums=1,
                keep_unused=True,
            )
        else:
            given, draw = jax.random.key(_SEED), _jax_draw(case)
            made = jax.jit(lambda key, _: draw(key), donate_argnums=1, keep_unused=True)
        held = [jax.numpy.zeros(shape, dtype)]

    def run() -> object:
        with jax.enable_x64(case.dtype == "float64"):
            held[0] = made(given, held[0]).block_until_ready()
        return held[0]

    return run


#: Contenders that can write memory of any order.
LAID_OUT = {"fastinit", "fastinit-1", "fill-numpy", "fill-torch", "torch"}
#: Every contender; the first is the one that the others are compared with.
CONTENDERS: dict[str, Contender] = {
    row.name: row
    for row in (
        Contender("fastinit", "the public call, all threads", "fastinit", _fastinit),
        Contender(
            "fastinit-1",
            "the public call with threads=1",
            "fastinit",
            functools.partial(_fastinit, threads=1),
        ),
        Contender("memset", "ctypes.memset of the same bytes", "ctypes", _memset),
        Contender("fill-numpy", "ndarray.fill", "numpy", _fill_numpy),
        Contender("fill-torch", "Tensor.fill_, all threads", "torch", _fill_torch),
        Contender(
            "numpy",
            "ndarray.fill, or PCG64 with out=; kaiming multiplies in place",
            "numpy",
            _numpy,
            _numpy_lacks,
        ),
        Contender("torch", "torch.nn.init, all threads", "torch", _torch),
        Contender(
            "jax",
            "jax.random compiled, donated output, default generator",
            "jax",
            _jax,
        ),
    )
}
