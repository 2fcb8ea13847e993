"""fastinit's own contenders: the public call, on the CPU and on a GPU."""

from __future__ import annotations

import functools
from typing import Any

import fastinit
from fastinit.compare.cases import INITIALIZERS, Case
from fastinit.compare.contenders.device import device_memory, missing_gpu
from fastinit.compare.contenders.protocol import SEED, Action, Engine, Part
from fastinit.compare.memory import Memory

__all__ = ["FastinitCpu", "FastinitCuda"]

_ROWS = 3


class FastinitCpu(Engine):
    """`fastinit.normal_(array, seed=0)` and its like; the name is left out."""

    package = "fastinit"

    def array(self, case: Case, memory: Memory) -> Any:
        """Array of NumPy on the shared memory."""
        return memory.array(case)

    def start(self, case: Case) -> Any:
        """Nothing: fastinit has no state."""
        del case

    def bind(self, case: Case, generator: Any, array: Any) -> Action:
        """Public call, with the threads of the case."""
        del generator
        return self._call(case, array, threads=case.threads)

    def _call(self, case: Case, array: Any, **how: Any) -> Action:
        function = getattr(fastinit, f"{case.initializer}_")
        if case.initializer != "constant":
            how["seed"] = SEED
        arguments = INITIALIZERS[case.initializer]
        return functools.partial(function, array, **arguments, **how)

    def values(self, array: Any) -> Any:
        """Array itself."""
        return array

    def draw(self, case: Case, how: Part) -> Any:
        """Parts are windows of the whole tensor, as a shard is."""
        if how in {"whole", "transposed"}:
            return super().draw(case, how)
        array = self.array(case, Memory(case.reach))
        rows = case.size.shape[0]
        cut = rows * _ROWS // 8
        windows = [slice(0, cut), slice(cut, rows)]
        for window in windows if how == "in order" else windows[::-1]:
            view = fastinit.View(case.size.shape, window)
            self._call(case, array[window], threads=case.threads, view=view)()
        return array


class FastinitCuda(FastinitCpu):
    """The same call with backend='cuda', on an array of torch, CuPy or Numba."""

    def unavailable(self) -> str:
        """Reason of the backend, or that no library has device arrays."""
        from fastinit.backends import load_backend

        return load_backend("cuda").unavailable() or missing_gpu()

    def array(self, case: Case, memory: Memory) -> Any:
        """Array on the device."""
        del memory
        return device_memory().empty(case)

    def bind(self, case: Case, generator: Any, array: Any) -> Action:
        """Public call, and a wait for the device."""
        del generator
        fill, wait = self._call(case, array, backend="cuda"), device_memory().wait

        def run() -> None:
            fill()
            wait()

        return run

    def values(self, array: Any) -> Any:
        """Copy in host memory."""
        return device_memory().values(array)

    def draw(self, case: Case, how: Part) -> Any:
        """Parts are windows; transposed storage is a transposed device array."""
        if how == "whole":
            return Engine.draw(self, case, how)
        memory, rows = device_memory(), case.size.shape[0]
        if how == "transposed":
            array = memory.empty(case, is_transposed=True)
            self.bind(case, None, array)()
            return memory.values(array)
        array, cut = memory.empty(case), rows * _ROWS // 8
        windows = [slice(0, cut), slice(cut, rows)]
        for window in windows if how == "in order" else windows[::-1]:
            view = fastinit.View(case.size.shape, window)
            self._call(case, array[window], backend="cuda", view=view)()
        memory.wait()
        return memory.values(array)
