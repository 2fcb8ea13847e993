"""Kernels of the device: a grid loop bound to a sampler and to how it stores."""

from __future__ import annotations

from typing import Any

from fastinit.arithmetic.lanes import draw_element
from fastinit.arithmetic.low_precision import ENCODERS
from fastinit.arithmetic.targets import Target, instantiate
from fastinit.backends.kernels import Kernel, bind_sampler
from fastinit.distributions import SAMPLERS
from fastinit.dtypes import DTYPES
from fastinit_cuda import grid_loops, units

__all__ = [
    "KERNELS",
    "LOOPS",
    "is_double",
    "make_grid_kernel",
    "unit_size",
]

#: Integer arguments that precede key and parameters, by loop; () is one integer.
LOOPS: dict[str, tuple[Any, ...]] = {
    "fill_run": (2, 3),
    "fill_rows": (2, 2, 16),
    "fill_strided": (2, 3, 2, 20),
    "fill_table": ((), (), (), ()),
    "fill_gathered": (2, ()),
}
#: Bytes that one instruction stores.
_STORE = 16


def _kernels() -> tuple[Kernel, ...]:
    """Every kernel that a plan can ask for: samplers by what they store."""
    made = []
    for name, sampler in SAMPLERS.items():
        made += [Kernel(name, storage, storage) for storage in sampler.texts]
        if "float32" in sampler.texts and not sampler.is_complex:
            made += [
                Kernel(name, dtype, DTYPES[dtype].storage, is_stochastic=by_chance)
                for by_chance in (False, True)
                for dtype in ENCODERS
            ]
    return tuple(made)


#: Every kernel that a `FillPlan` can ask for.
KERNELS: tuple[Kernel, ...] = _kernels()


def unit_size(kernel: Kernel) -> int:
    """Values that a thread makes at a time, in whole blocks of four.

    Parameters
    ----------
    kernel : Kernel
        Sampler and stored type.

    Returns
    -------
    size : int
        16, 8 or 4: what 16 bytes hold, or two times as much of 8-byte values.

    Examples
    --------
    >>> unit_size(Kernel("normal", "bfloat16", "uint16"))
    8
    """
    return max(4, _STORE // kernel.stored.itemsize)


def parameter_count(kernel: Kernel) -> int:
    """Number of parameters that a kernel takes.

    Parameters
    ----------
    kernel : Kernel
        Sampler and stored type.

    Returns
    -------
    count : int
        As many as its sampler takes.

    Examples
    --------
    >>> parameter_count(Kernel("normal", "float32", "float32"))
    4
    """
    return SAMPLERS[kernel.sampler].count


def entry_size(kernel: Kernel) -> int:
    """Bytes of a row of a kernel's tables.

    Parameters
    ----------
    kernel : Kernel
        Sampler and stored type.

    Returns
    -------
    size : int
        A multiple of 64.

    Examples
    --------
    >>> entry_size(Kernel("normal", "float32", "float32"))
    128
    """
    return -(-(units.PARAMETERS + 8 * parameter_count(kernel)) // 64) * 64


def is_double(kernel: Kernel) -> bool:
    """Whether a kernel takes its parameters in float64; else they are float32.

    Parameters
    ----------
    kernel : Kernel
        Sampler and stored type.

    Returns
    -------
    is_double : bool
        Of float64 kernels alone: no other holds an instruction on float64.

    Examples
    --------
    >>> is_double(Kernel("normal", "float16", "uint16"))
    False
    """
    return kernel.storage == "float64"


def _draw_and_stores(kernel: Kernel, target: Target) -> tuple[Any, dict[str, Any]]:
    """Sampler of a kernel, and the primitives that store its values."""
    from fastinit_cuda.stores import ROUNDED, STORES

    texts = SAMPLERS[kernel.sampler].texts
    is_rounded_there = kernel.dtype in ROUNDED and not kernel.is_stochastic
    if is_rounded_there and kernel.storage not in texts:
        return instantiate(texts["float32"], target), STORES[kernel.dtype]._asdict()
    return bind_sampler(kernel, target), STORES[kernel.stored.name]._asdict()


def make_grid_kernel(loop: str, kernel: Kernel, target: Target) -> Any:
    """Grid loop of a kernel on a target.

    Parameters
    ----------
    loop : str
        One of `LOOPS`.
    kernel : Kernel
        Sampler and stored type.
    target : Target
        The CUDA target.

    Returns
    -------
    loop : callable
        A plain function for `fastinit_cuda.compilation`.
    """
    from numba import types

    from fastinit_cuda.stores import parameter_loader

    draw, bindings = _draw_and_stores(kernel, target)
    for name in ("load_word64", "divide"):
        bindings[name] = target.primitives[name]
    kind = types.float64 if is_double(kernel) else types.float32
    bindings["load_parameters"] = parameter_loader(kind, parameter_count(kernel))
    bindings["draw"] = draw
    bindings["draw_element"] = instantiate(
        draw_element, target, {"draw": draw}, kernel.label
    )
    texts = {name: getattr(units, name) for name in units.__all__}
    texts["put_unit"] = units.UNITS[unit_size(kernel)]
    device = {
        name: instantiate(text, target, bindings, kernel.label)
        for name, text in texts.items()
    }
    constants = {
        "UNIT": unit_size(kernel),
        "ITEMSIZE": kernel.stored.itemsize,
        "ENTRY": entry_size(kernel),
    }
    return instantiate(
        getattr(grid_loops, loop),
        target,
        {**target.primitives, **bindings, **device, **constants},
        kernel.label,
    )
