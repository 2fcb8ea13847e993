"""The root of float32 is the one of sqrt.rn, without ptxas's test for extreme numbers.

ptxas makes five instructions of sqrt.rn.f32 for numbers of [2^-101, 2^128) and calls a
slow function for others. The kernels spell out these five: shown to be the same here,
operand by operand. So hardware for which sqrt.rn is right gives the right root.
"""

from __future__ import annotations

import functools
import re

import numpy as np
import pytest
from llvmlite import ir
from numba import types
from numba.cuda import compile as compile_cuda
from numba.cuda.extending import intrinsic

from fastinit_cuda.compilation import CAPABILITIES, Code
from fastinit_cuda.kernels import KERNELS
from fastinit_cuda.target import cuda_target
from gpu.ptx_instructions import SQRT_FLOOR, fma_single
from gpu.sass import disassemble

F32 = ir.FloatType()


@intrinsic
def exact_root(typing_context, value):
    """sqrt.rn.f32 as it is."""

    def generate(context, builder, signature, arguments):
        kind = ir.FunctionType(F32, [F32])
        return builder.call(
            ir.InlineAsm(kind, "sqrt.rn.f32 $0, $1;", "=f,f"), arguments
        )

    return types.float32(types.float32), generate


@functools.cache
def _ltoir(is_exact):
    root = exact_root if is_exact else cuda_target().primitives["sqrt32"]

    def kernel(values):
        values[0] = root(values[1])

    signature = types.void(types.float32[::1])
    made, _ = compile_cuda(
        kernel, signature, device=False, abi="numba", cc=(8, 0), output="ltoir"
    )
    return bytes(made)


def root_of(capability, *, is_exact):
    """The root that a small kernel takes of a number x, as an expression.

    Only the steps in question are followed: copies and the call of the slow function,
    which gives the other way to the same registers, are passed over.
    """
    code = Code("root", KERNELS[0], capability, _ltoir(is_exact))
    values: dict[str, str] = {}

    def read(operand):
        sign, name = re.fullmatch(
            r"(-?)([^.]+(?:\.\d+)?)(?:\.reuse)?", operand
        ).groups()
        return sign + (values.get(name, "x") if name.startswith("R") else name)

    for line in disassemble(code).instructions:
        name, *operands = re.split(r"[\s,]+", line)
        if name == "STG.E":
            return values[operands[-1]]
        if name == "FMNMX":
            values[operands[0]] = read(operands[1])
        elif name in {"MUFU.RSQ", "FMUL.FTZ", "FFMA"}:
            factors = sorted(read(one) for one in operands[1:3])
            rest = [read(one) for one in operands[3:]]
            values[operands[0]] = f"{name}({', '.join([*factors, *rest])})"
    raise AssertionError("nothing is stored")


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_the_steps_are_those_of_sqrt_rn(capability):
    ours = root_of(capability, is_exact=False)
    assert ours == root_of(capability, is_exact=True)
    assert ours.count("MUFU.RSQ(x)") >= 2
    assert ours.startswith("FFMA(")


def steps(x):
    """The same in NumPy, from the float32 nearest to 1 / sqrt(x)."""
    r = (1 / np.sqrt(np.maximum(x, SQRT_FLOOR).astype("f8"))).astype("f4")
    s, h = x * r, r * np.float32(0.5)
    return fma_single(fma_single(-s, s, x), h, s)


@pytest.mark.parametrize("exponent", [-40, 3])
def test_the_root_is_right_from_the_nearest_approximation(exponent):
    # Every third number of two binades, of which one has an odd exponent.
    mantissas = np.arange(0, 1 << 24, 3, dtype="u4")
    x = (mantissas + np.uint32((127 + exponent) << 23)).view("f4")
    np.testing.assert_array_equal(steps(x), np.sqrt(x))


def test_the_root_of_zero_is_zero():
    assert steps(np.zeros(1, "f4")).tobytes() == bytes(4)
