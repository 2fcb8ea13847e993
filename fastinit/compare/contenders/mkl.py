"""Intel's mkl_random, which makes new arrays of float64 only."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from fastinit.compare.cases import Case
from fastinit.compare.contenders.numpy import law_of
from fastinit.compare.contenders.protocol import SEED, Action, Engine
from fastinit.compare.memory import Memory

__all__ = ["MklRandom"]


class _Held:
    """The array that an action made last."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape, self.array = shape, np.empty(0)

    def __getitem__(self, rows: slice) -> _Part:
        if not self.array.size:
            self.array = np.empty(self.shape)
        return _Part(self.array[rows])


class _Part(_Held):
    """Rows of an array, into which an action's array is copied."""

    def __init__(self, rows: Any) -> None:
        super().__init__(rows.shape)
        self.rows = rows


class MklRandom(Engine):
    """`mkl_random.MKLRandomState` with its default generator."""

    package = "mkl_random"

    def lacks(self, case: Case) -> str:
        """Say what mkl_random has no function for."""
        if case.initializer in {"constant", "trunc_normal"}:
            return f"mkl_random has no {case.initializer}"
        if case.layout != "contiguous":
            return "mkl_random makes contiguous arrays only"
        return "" if case.dtype == "float64" else "mkl_random makes float64 only"

    def array(self, case: Case, memory: Memory) -> Any:
        """Place for the array that each call makes."""
        del memory
        return _Held(case.size.shape)

    def start(self, case: Case) -> Any:
        """Seeded state."""
        del case
        mkl_random: Any = importlib.import_module("mkl_random")
        return mkl_random.MKLRandomState(SEED)

    def bind(self, case: Case, generator: Any, array: Any) -> Action:
        """Call that makes a new array, the one before being freed first."""
        kind, shift, scale = law_of(case)

        def run() -> None:
            array.array = np.empty(0)
            if kind == "uniform":
                made = generator.uniform(shift, shift + scale, array.shape)
            else:
                made = generator.normal(shift, scale, array.shape)
            if isinstance(array, _Part):
                array.rows[:] = made
            else:
                array.array = made

        return run

    def values(self, array: Any) -> Any:
        """Array that was made last."""
        return array.array
