"""CuPy's default generator, on a GPU."""

from __future__ import annotations

import functools
import importlib
from typing import Any

from fastinit.compare.cases import Case
from fastinit.compare.contenders.device import CupyMemory, cupy_reason
from fastinit.compare.contenders.numpy import law_of
from fastinit.compare.contenders.protocol import SEED, Action, Engine
from fastinit.compare.memory import Memory
from fastinit.dtypes import numpy_dtype

__all__ = ["Cupy"]


class Cupy(Engine):
    """`cupy.random.default_rng`, filling in place with out=."""

    package = "cupy"

    def unavailable(self) -> str:
        """Reason why CuPy has no GPU."""
        return cupy_reason()

    def lacks(self, case: Case) -> str:
        """Say what CuPy has no function for."""
        if case.initializer == "trunc_normal":
            return "cupy.random has no truncated normal"
        if case.layout != "contiguous" and case.initializer != "constant":
            return "cupy.random writes contiguous memory only"
        if numpy_dtype(case.dtype).isbuiltin != 1:
            return f"CuPy has no {case.dtype}"
        if case.initializer == "constant" or case.dtype in {"float32", "float64"}:
            return ""
        return "cupy.random makes float32 and float64 only"

    def array(self, case: Case, memory: Memory) -> Any:
        """Array on the device."""
        del memory
        return CupyMemory().empty(case)

    def start(self, case: Case) -> Any:
        """Seeded generator."""
        del case
        cupy: Any = importlib.import_module("cupy")
        return cupy.random.default_rng(SEED)

    def bind(self, case: Case, generator: Any, array: Any) -> Action:
        """Draw in place, scale in place where that is needed, and wait."""
        kind, shift, scale = law_of(case)
        wait = CupyMemory().wait
        if kind == "constant":
            draw = functools.partial(array.fill, shift)
            shift = 0.0
        elif kind == "uniform":
            draw = functools.partial(generator.random, None, array.dtype, array)
        else:
            method = generator.standard_normal
            draw = functools.partial(method, None, array.dtype, array)

        def run() -> None:
            draw()
            if scale != 1.0:
                array.__imul__(scale)
            if shift:
                array.__iadd__(shift)
            wait()

        return run

    def values(self, array: Any) -> Any:
        """Copy in host memory."""
        return CupyMemory().values(array)
