"""jax.random, compiled; its arrays are its own."""

from __future__ import annotations

import functools
import importlib
import importlib.util
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from fastinit.compare.cases import INITIALIZERS, Case
from fastinit.compare.contenders.protocol import SEED, Action, Engine, Part
from fastinit.compare.memory import Memory

__all__ = ["Jax"]


def _jax() -> Any:
    return importlib.import_module("jax")


def _wide(case: Case) -> Any:
    """Context with 64-bit types for float64 alone: they slow float32 down."""
    return _jax().enable_x64(case.dtype == "float64")


#: Initializers of jax.nn that are variance scaling. JAX's kernels are (in, out) and
#: the shape of a case is (out, in), so the axes are named.
_SCALING = {
    "kaiming_normal": (2.0, "fan_in", "normal"),
    "xavier_uniform": (1.0, "fan_avg", "uniform"),
}


def _draw(case: Case) -> Callable[[Any], Any]:
    """Function of a key that makes the array, to be compiled."""
    jax, shape, dtype = _jax(), case.size.shape, case.dtype
    if case.initializer == "constant":
        return lambda _: jax.numpy.full(shape, INITIALIZERS["constant"]["val"], dtype)
    if case.initializer in _SCALING:
        scheme = jax.nn.initializers.variance_scaling(
            *_SCALING[case.initializer], in_axis=-1, out_axis=-2
        )
        return lambda key: scheme(key, shape, dtype)
    if case.initializer == "trunc_normal":
        return lambda key: jax.random.truncated_normal(key, -2.0, 2.0, shape, dtype)
    function = getattr(jax.random, case.initializer)
    return lambda key: function(key, shape, dtype)


@functools.cache
def _compiled(case: Case, device: Any, *, is_donated: bool) -> Any:
    """Compiled function of a key, and of the array whose memory it may take."""
    jax, draw = _jax(), _draw(case)
    placed = jax.sharding.SingleDeviceSharding(device)
    if not is_donated:
        return jax.jit(draw, out_shardings=placed)
    return jax.jit(
        lambda key, _: draw(key),
        donate_argnums=1,
        keep_unused=True,
        out_shardings=placed,
    )


class _Held:
    """The one array that a JAX action replaces each time."""

    def __init__(self, array: Any) -> None:
        self.array = array


class Jax(Engine):
    """`jax.random` with its default generator.

    Parameters
    ----------
    platform : {'cpu', 'gpu'}
        Where it runs.
    """

    package = "jax"

    def __init__(self, platform: Literal["cpu", "gpu"]) -> None:
        self.platform = platform

    def unavailable(self) -> str:
        """Reason why JAX has no device of the platform."""
        reason = super().unavailable()
        if reason or self.platform == "cpu":
            return reason
        has_plugin = any(
            importlib.util.find_spec(f"jax_cuda{major}_plugin") for major in (12, 13)
        )
        if not has_plugin:
            return "jax is installed without its CUDA plugin"
        if {one.platform for one in _jax().devices()} & {"gpu", "cuda"}:
            return ""
        return "jax finds no GPU"

    def lacks(self, case: Case) -> str:
        """Say that layouts are JAX's own business."""
        if case.layout != "contiguous":
            return "JAX decides about the layout of its arrays"
        return ""

    def _device(self) -> Any:
        return _jax().devices(self.platform)[0]

    def array(self, case: Case, memory: Memory) -> Any:
        """Array to donate, as close to in place as it comes; none for a first touch."""
        if memory.is_fresh:
            return _Held(None)
        jax = _jax()
        with _wide(case):
            zeros = jax.numpy.zeros(case.size.shape, case.dtype)
            return _Held(jax.device_put(zeros, self._device()))

    def start(self, case: Case) -> Any:
        """Key of the default generator."""
        del case
        return _jax().device_put(_jax().random.key(SEED), self._device())

    def bind(self, case: Case, generator: Any, array: Any) -> Action:
        """Call of the compiled function, and a wait for the values."""
        is_donated = array.array is not None
        with _wide(case):
            made = _compiled(case, self._device(), is_donated=is_donated)

        def run() -> None:
            with _wide(case):
                given = (array.array,) if is_donated else ()
                array.array = made(generator, *given).block_until_ready()

        return run

    def values(self, array: Any) -> Any:
        """Copy in host memory."""
        return np.asarray(array.array)

    def draw(self, case: Case, how: Part) -> Any:
        """JAX's parts are the shards of an array over several devices."""
        jax = _jax()
        if how in {"transposed", "in order"}:
            return None
        with _wide(case):
            if how == "whole":
                made = jax.jit(_draw(case))
            else:
                devices = jax.devices(self.platform)
                if len(devices) < 2:
                    return None
                mesh = jax.sharding.Mesh(np.array(devices[:2]), ("rows",))
                rows = jax.sharding.PartitionSpec("rows")
                shards = jax.sharding.NamedSharding(mesh, rows)
                made = jax.jit(_draw(case), out_shardings=shards)
            return np.asarray(made(jax.random.key(SEED)))
