"""numpy.random and cupy.random: laws without fans, by the names of their methods."""

from __future__ import annotations

import importlib
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from fastinit.dtypes import Dtype, numpy_dtype
from fastinit.libraries.protocol import Call, Library
from fastinit.spec import Spec, spec_of

__all__ = ["Cupy", "NumPy"]


def _standard_normal() -> Spec:
    return spec_of("normal")


def _normal(loc: float = 0.0, scale: float = 1.0) -> Spec:
    return spec_of("normal", mean=loc, std=scale)


def _unit_interval() -> Spec:
    return spec_of("uniform")


def _uniform(low: float = 0.0, high: float = 1.0) -> Spec:
    return spec_of("uniform", a=low, b=high)


class NumPy(Library):
    """Methods of `numpy.random.Generator`, and `rand` and `randn` of the older one."""

    package = "numpy"
    home = "numpy.random"
    default_dtype = "float64"
    _laws: Mapping[str, Callable[..., Spec]] = types.MappingProxyType(
        {
            "normal": _normal,
            "random": _unit_interval,
            "standard_normal": _standard_normal,
            "uniform": _uniform,
            "rand": _unit_interval,
            "randn": _standard_normal,
        }
    )
    #: Methods that make arrays of several dtypes.
    _typed = frozenset(("random", "standard_normal"))

    def initializers(self) -> Mapping[str, Callable[..., Any]]:
        """Functions of the arguments that a law has."""
        return self._laws

    def law(self, call: Call, shape: tuple[int, ...], dtype: Dtype) -> Spec:
        """Law that the documentation of the method states."""
        del shape, dtype
        return self._laws[call.name](**call.arguments)

    def draw(
        self,
        call: Call,
        shape: tuple[int, ...],
        dtype: Dtype,
        seed: int,
        *,
        is_transposed: bool,
    ) -> Any:
        """Call the method of a seeded generator."""
        del is_transposed
        random: Any = importlib.import_module(f"{self.package}.random")
        if call.name in {"rand", "randn"}:
            # A Python float where the shape has no axes.
            return np.asarray(getattr(random.RandomState(seed), call.name)(*shape))
        how: dict[str, Any] = {"size": shape, **call.arguments}
        if call.name in self._typed:
            how["dtype"] = numpy_dtype(dtype.name)
        return getattr(random.default_rng(seed), call.name)(**how)


class Cupy(NumPy):
    """Methods of `cupy.random.Generator`."""

    package = "cupy"
    home = "cupy.random"
    _laws = types.MappingProxyType(
        {
            "random": _unit_interval,
            "standard_normal": _standard_normal,
            "uniform": _uniform,
        }
    )
    _typed = frozenset(("random", "standard_normal", "uniform"))

    def draw(
        self,
        call: Call,
        shape: tuple[int, ...],
        dtype: Dtype,
        seed: int,
        *,
        is_transposed: bool,
    ) -> Any:
        """Call the method of a seeded generator, and copy its array to the host."""
        made = super().draw(call, shape, dtype, seed, is_transposed=is_transposed)
        return made.get()
