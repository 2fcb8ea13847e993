"""What the processor that Numba compiles for can do.

The compiler itself is asked, by way of a sum of long vectors: Numba's list of features
is empty where a processor is named (NUMBA_CPU_NAME).
"""

from __future__ import annotations

import functools

from llvmlite import ir
from numba.core import registry
from numba.core.compiler_lock import global_compiler_lock

__all__ = ["converts_long_integers", "vector_bytes"]


@functools.cache
def _probe() -> str:
    """Assembly of a sum of vectors of 512 bits."""
    lanes = ir.VectorType(ir.IntType(32), 16)
    module = ir.Module("vector_sum")
    kind = ir.FunctionType(lanes, [lanes] * 2)
    function = ir.Function(module, kind, "vector_sum")
    builder = ir.IRBuilder(function.append_basic_block())
    builder.ret(builder.add(*function.args))
    library = registry.cpu_target.target_context.codegen().create_library("probe")
    with global_compiler_lock:
        library.add_ir_module(module)
        library.finalize()
        return str(library.get_asm_str())


def vector_bytes() -> int:
    """Size of the processor's vectors in bytes.

    Returns
    -------
    size : int
        64 with AVX-512, 32 with AVX2, else 16.

    Examples
    --------
    >>> vector_bytes() in {16, 32, 64}
    True
    """
    code = _probe()
    return 64 if "%zmm" in code else 32 if "%ymm" in code else 16


def converts_long_integers() -> bool:
    """Whether vectors of 64-bit integers are converted to floats by one instruction.

    Returns
    -------
    converts : bool
        False on x86-64 before AVX-512, where LLVM takes such vectors apart.

    Examples
    --------
    >>> converts_long_integers() in {False, True}
    True
    """
    code = _probe()
    return "%zmm" in code or not ("%ymm" in code or "%xmm" in code)
