"""Kernels: a loop bound to a sampler and a stored type, on any target."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fastinit.arithmetic.byte_order import SWAPPERS, draw_swapped
from fastinit.arithmetic.lanes import draw_element
from fastinit.arithmetic.low_precision import ENCODERS, draw_encoded
from fastinit.arithmetic.stochastic import STOCHASTIC_ENCODERS, draw_stochastic
from fastinit.arithmetic.targets import Target, instantiate
from fastinit.backends import loops, strided_loops
from fastinit.distributions import SAMPLERS
from fastinit.plan import FillPlan

__all__ = [
    "CALLS",
    "SIGNATURES",
    "Kernel",
    "bind_sampler",
    "kernel_of",
    "make_loop",
    "signature_of",
]

_KEY, _PARAMETERS = "UniTuple(int64, 4)", "UniTuple(float64, 4)"
_RUN, _PAIR = "UniTuple(int64, 3)", "UniTuple(int64, 2)"
_FOUR = "UniTuple(int64, 4)"
_PANEL = f"{_PAIR}, {_RUN}, {_RUN}, {_FOUR}"
#: Signature of each loop: it is compiled once, for 64-bit integers and floats; of a
#: sampler with 4 parameters, as most have (`signature_of`).
SIGNATURES = {
    "fill_blocks": f"void(int64, int64, int64, {_KEY}, {_PARAMETERS})",
    "fill_run": f"void(int64, int64, int64, {_KEY}, {_PARAMETERS})",
    "fill_streamed": f"void(int64, int64, int64, {_KEY}, {_PARAMETERS})",
    "fill_gathered": f"void(int64, int64, int64, {_KEY}, {_PARAMETERS})",
    "fill_scattered": f"void(int64, {_RUN}, int64, {_KEY}, {_PARAMETERS})",
    "fill_rows": (
        f"void(int64, {_PAIR}, {_RUN}, {_PAIR}, int64, {_KEY}, {_PARAMETERS})"
    ),
    "fill_parallel": f"void(int64, int64, int64, {_KEY}, {_PARAMETERS}, int64)",
    "fill_lanes": f"void({_FOUR}, int64, {_PAIR}, {_KEY}, {_PARAMETERS})",
    "fill_crosswise": f"void({_PANEL}, {_KEY}, {_PARAMETERS})",
    "make_tile": f"void(int64, int64, {_PAIR}, {_RUN}, {_KEY}, {_PARAMETERS})",
    "copy_tile": f"void(int64, int64, {_FOUR}, {_RUN})",
    "fill_tiles": f"void({_PANEL}, {_RUN}, {_KEY}, {_PARAMETERS})",
}
#: Text of each of them.
_TEXTS = {
    name: getattr(module, name)
    for module in (loops, strided_loops)
    for name in module.__all__
}
#: Loops that a loop calls.
CALLS: dict[str, tuple[str, ...]] = {
    "fill_run": ("fill_blocks",),
    "fill_streamed": ("fill_run", "fill_blocks"),
    "fill_rows": ("fill_run", "fill_scattered"),
    "fill_parallel": ("fill_run",),
    "fill_crosswise": ("fill_lanes",),
    "make_tile": ("fill_blocks",),
    "fill_tiles": ("make_tile", "copy_tile"),
}


@dataclass(frozen=True)
class Kernel:
    """What distinguishes the kernels: a sampler and what it stores.

    Attributes
    ----------
    sampler : str
        Name in `fastinit.distributions.SAMPLERS`.
    dtype : str
        Name of the dtype that the values are rounded to.
    storage : str
        NumPy name of the type that is stored.
    is_swapped : bool
        True where it is stored in the other byte order.
    is_stochastic : bool
        True where values are rounded by chance.
    """

    sampler: str
    dtype: str
    storage: str
    is_swapped: bool = False
    is_stochastic: bool = False

    @property
    def label(self) -> str:
        """Distinguishes the names of compiled functions."""
        rounding = "_stochastic" if self.is_stochastic else ""
        order = "_swapped" if self.is_swapped else ""
        return f"{self.sampler}_{self.dtype}{rounding}{order}"

    @property
    def stored(self) -> np.dtype[Any]:
        """Type that is stored: no float in the other byte order."""
        native = np.dtype(self.storage)
        return np.dtype(f"u{native.itemsize}") if self.is_swapped else native


def signature_of(name: str, kernel: Kernel) -> str:
    """Signature of a loop for a kernel, with the parameters that its sampler takes.

    Parameters
    ----------
    name : str
        Name of the loop.
    kernel : Kernel
        Sampler and stored type.

    Returns
    -------
    signature : str
        In the notation of Numba.
    """
    parameters = f"UniTuple(float64, {SAMPLERS[kernel.sampler].count})"
    return SIGNATURES[name].replace(_PARAMETERS, parameters)


def kernel_of(plan: FillPlan, is_swapped: bool = False) -> Kernel:
    """Kernel of a plan; constants share one per width, as bit patterns.

    That of a complex dtype is a kernel of its parts.

    Parameters
    ----------
    plan : FillPlan
        What is to be filled.
    is_swapped : bool, optional
        True where the memory holds values in the other byte order.

    Returns
    -------
    kernel : Kernel
        Sampler and stored type.
    """
    sampler, part = plan.sampling.sampler, plan.dtype.part
    if plan.sampling.pattern is not None:
        pattern_type = f"uint{8 * part.itemsize}"
        return Kernel(sampler, pattern_type, pattern_type, is_swapped)
    return Kernel(
        *(sampler, part.name, part.storage, is_swapped),
        is_stochastic=part.is_stochastic,
    )


def bind_sampler(kernel: Kernel, target: Target) -> Any:
    """Sampler of a kernel on a target, with its values in stored form.

    Parameters
    ----------
    kernel : Kernel
        Sampler and stored type.
    target : Target
        Where it is to run.

    Returns
    -------
    draw : callable
        draw(block, key, parameters) -> four stored values.
    """
    if kernel.is_swapped:
        native = bind_sampler(replace(kernel, is_swapped=False), target)
        swapped = instantiate(SWAPPERS[kernel.storage], target)
        bindings = {"sample": native, "swapped": swapped}
        return instantiate(draw_swapped, target, bindings, kernel.label)
    texts = SAMPLERS[kernel.sampler].texts
    if kernel.storage in texts:
        return instantiate(texts[kernel.storage], target)
    by_chance = kernel.is_stochastic
    encode: Any = (STOCHASTIC_ENCODERS if by_chance else ENCODERS)[kernel.dtype]
    bindings = {
        "sample": instantiate(texts["float32"], target),
        "encode": instantiate(encode, target),
    }
    draw = draw_stochastic if by_chance else draw_encoded
    return instantiate(draw, target, bindings, kernel.label)


def make_loop(name: str, kernel: Kernel, target: Target) -> Any:
    """Loop of the text for a kernel on a target.

    Parameters
    ----------
    name : str
        Name of the loop.
    kernel : Kernel
        Sampler and stored type.
    target : Target
        Where it is to run.

    Returns
    -------
    loop : callable
        Not yet compiled, if the target compiles.
    """
    draw = bind_sampler(kernel, target)
    element = instantiate(draw_element, target, {"draw": draw}, label=kernel.label)
    bindings = {
        "draw": draw,
        "draw_element": element,
        "STORED": kernel.stored.type,
        "ITEMSIZE": kernel.stored.itemsize,
        "LANES": target.lanes,
        "VECTOR_BYTES": 4 * target.lanes * kernel.stored.itemsize,
        "SHORT_BYTES": 4 * loops.SHORT * kernel.stored.itemsize,
    }
    for called in CALLS.get(name, ()):
        bindings[called] = make_loop(called, kernel, target)
    return instantiate(_TEXTS[name], target, bindings, label=kernel.label)
