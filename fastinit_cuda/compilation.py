"""Kernels compiled to machine code: no GPU and no driver needed.

Numba makes LTO-IR of a kernel with all that it calls, nvJitLink machine code of that,
or the PTX that this machine code is made from, which tests run in an interpreter.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from fastinit.backends.kernels import Kernel
from fastinit_cuda.kernels import LOOPS, is_double, make_grid_kernel, parameter_count
from fastinit_cuda.requirements import LEAST_CAPABILITY

__all__ = ["CAPABILITIES", "Code", "compile_kernel"]

#: Compute capabilities that the tests compile for: A100, H100 and H200, B200, RTX 50.
CAPABILITIES = ((8, 0), (9, 0), (10, 0), (12, 0))

Capability = tuple[int, int]


@dataclass(frozen=True)
class Code:
    """A compiled kernel.

    Attributes
    ----------
    loop : str
        Name of its loop.
    kernel : Kernel
        Sampler and stored type.
    capability : tuple of 2 ints
        Compute capability that it is for.
    ltoir : bytes
        What nvJitLink takes.
    """

    loop: str
    kernel: Kernel
    capability: Capability
    ltoir: bytes

    @functools.cached_property
    def cubin(self) -> bytes:
        """Machine code."""
        return _link(self, to="cubin")

    @functools.cached_property
    def ptx(self) -> str:
        """What the machine code is made from, after all optimisation but ptxas's."""
        return _link(self, to="ptx").decode().rstrip("\0")


def _signature(loop: str, kernel: Kernel) -> Any:
    """Types of a loop's arguments."""
    from numba import types

    def tuple_of(kind: Any, size: int) -> Any:
        return types.UniTuple(kind, size)  # type: ignore[no-untyped-call]

    integers = [
        types.int64 if size == () else tuple_of(types.int64, size)
        for size in LOOPS[loop]
    ]
    if loop == "fill_table":
        return types.void(*integers)
    kind = types.float64 if is_double(kernel) else types.float32
    floats = tuple_of(kind, parameter_count(kernel))
    return types.void(*integers, tuple_of(types.int64, 4), floats)


def compile_kernel(loop: str, kernel: Kernel, capability: Capability) -> Code:
    """Compile a loop of a kernel.

    Parameters
    ----------
    loop : str
        One of `fastinit_cuda.kernels.LOOPS`.
    kernel : Kernel
        One of `fastinit_cuda.kernels.KERNELS`.
    capability : tuple of 2 ints
        Compute capability, e.g. (9, 0), at least `LEAST_CAPABILITY`.

    Returns
    -------
    code : Code
        Linked when its machine code is asked for.

    Raises
    ------
    ImportError
        If numba-cuda is not installed.
    """
    return Code(loop, kernel, capability, _ltoir(loop, kernel))


@functools.cache
def _ltoir(loop: str, kernel: Kernel) -> bytes:
    """LTO-IR of a kernel, which is linked for any later capability too."""
    import numba.cuda

    from fastinit_cuda.numba_private import compiling_for
    from fastinit_cuda.target import cuda_target

    # numba-cuda is not typed.
    cuda: Any = numba.cuda
    with compiling_for(LEAST_CAPABILITY):
        ltoir, _ = cuda.compile(
            make_grid_kernel(loop, kernel, cuda_target()),
            _signature(loop, kernel),
            device=False,
            abi="numba",
            cc=LEAST_CAPABILITY,
            output="ltoir",
        )
    return bytes(ltoir)


def _link(code: Code, to: str) -> bytes:
    """Output of nvJitLink: 'cubin' or 'ptx'."""
    from cuda.bindings import nvjitlink

    # cuda-bindings is not typed.
    linker: Any = nvjitlink
    major, minor = code.capability
    options = [f"-arch=sm_{major}{minor}", "-lto", *(["-ptx"] if to == "ptx" else [])]
    handle = linker.create(len(options), options)
    try:
        kind, size = linker.InputType.LTOIR, len(code.ltoir)
        linker.add_data(handle, kind, code.ltoir, size, code.kernel.label)
        linker.complete(handle)
        made = bytearray(getattr(linker, f"get_linked_{to}_size")(handle))
        getattr(linker, f"get_linked_{to}")(handle, made)
    finally:
        linker.destroy(handle)
    return bytes(made)
