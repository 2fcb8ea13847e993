"""Kernels compiled to PTX: no GPU and no driver needed."""

from __future__ import annotations

from typing import Any

from fastinit.backends.kernels import Kernel

__all__ = ["KERNELS", "compile_ptx"]


def _kernels() -> tuple[Kernel, ...]:
    """Every kernel that a plan can ask for: samplers by what they store."""
    from fastinit.arithmetic.low_precision import ENCODERS
    from fastinit.distributions import SAMPLERS
    from fastinit.dtypes import DTYPES

    made = []
    for name, sampler in SAMPLERS.items():
        made += [Kernel(name, storage, storage) for storage in sampler.texts]
        if "float32" in sampler.texts:
            made += [Kernel(name, dtype, DTYPES[dtype].storage) for dtype in ENCODERS]
    return tuple(made)


#: Every kernel that a `FillPlan` can ask for.
KERNELS: tuple[Kernel, ...] = _kernels()


def compile_ptx(kernel: Kernel, capability: tuple[int, int]) -> str:
    """PTX of the grid loop of a kernel.

    Parameters
    ----------
    kernel : Kernel
        One of `KERNELS`.
    capability : tuple of 2 ints
        Compute capability, e.g. (9, 0).

    Returns
    -------
    ptx : str
        What NVVM makes of it.

    Raises
    ------
    ImportError
        If numba-cuda is not installed.
    """
    import numba.cuda
    from numba import types

    from fastinit_cuda.kernels import make_grid_kernel
    from fastinit_cuda.target import cuda_target

    loop = make_grid_kernel(kernel, cuda_target())
    ints = types.UniTuple(types.int64, 4)  # type: ignore[no-untyped-call]
    floats = types.UniTuple(types.float64, 4)  # type: ignore[no-untyped-call]
    signature = types.void(types.int64, types.int64, types.int64, ints, floats)
    # numba-cuda is not typed.
    cuda: Any = numba.cuda
    ptx, _ = cuda.compile(
        loop, signature, device=False, abi="numba", cc=capability, output="ptx"
    )
    return str(ptx)
