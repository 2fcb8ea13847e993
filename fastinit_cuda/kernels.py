"""The loop that a grid of threads runs over the blocks of a contiguous run.

Loops only, no maths: values come from the sampler that is bound to `draw`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinit.arithmetic.philox import split_block
from fastinit.arithmetic.targets import Target, instantiate
from fastinit.backends.kernels import Kernel, bind_sampler

__all__ = ["fill_grid", "make_grid_kernel"]

#: Bound to the bytes of a block at instantiation.
BLOCK_BYTES = 16


def thread_index() -> int:
    """Index of this thread in the grid; bound to a primitive of the target."""
    raise NotImplementedError


def thread_count() -> int:
    """Number of threads of the grid; bound to a primitive of the target."""
    raise NotImplementedError


def store_block(address: int, v0: Any, v1: Any, v2: Any, v3: Any) -> None:
    """Store four values at an aligned address; bound to a primitive of the target."""
    raise NotImplementedError


def draw(
    block: tuple[int, int], key: Any, parameters: Any
) -> tuple[Any, Any, Any, Any]:
    """Four values of a block; bound to a sampler of a distribution and dtype."""
    raise NotImplementedError


def fill_grid(
    address: int, blocks: int, first_block: int, key: Any, parameters: Any
) -> None:
    """Fill whole blocks of four contiguous elements, each thread every nth block.

    Parameters
    ----------
    address : int
        Device address of the first element, aligned to a block.
    blocks : int
        Number of blocks, >= 0.
    first_block : int
        Index of the first block, in [0, 2^56).
    key : tuple of 4 ints
        Key and stream words of the tensor.
    parameters : tuple of 4 floats
        What the sampler takes.
    """
    block = thread_index()
    step = thread_count()
    # A while loop: range() with a run-time step costs a 64-bit division.
    while block < blocks:
        v0, v1, v2, v3 = draw(split_block(first_block + block), key, parameters)
        store_block(address + block * BLOCK_BYTES, v0, v1, v2, v3)
        block += step


def make_grid_kernel(kernel: Kernel, target: Target) -> Any:
    """Grid loop of a kernel on a target.

    Parameters
    ----------
    kernel : Kernel
        Sampler and stored type.
    target : Target
        The CUDA target.

    Returns
    -------
    loop : callable
        A plain function for ``cuda.jit`` or ``cuda.compile``.
    """
    itemsize = np.dtype(kernel.storage).itemsize
    bindings = {
        "draw": bind_sampler(kernel, target),
        "BLOCK_BYTES": 4 * itemsize,
        **{
            name: target.primitives[name]
            for name in ("thread_index", "thread_count", "store_block")
        },
    }
    return instantiate(fill_grid, target, bindings, label=kernel.label)
