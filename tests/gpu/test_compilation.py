"""The CUDA target compiles every kernel, and leaves nothing to contract."""

from __future__ import annotations

import re

import numpy as np
import pytest

import fastinit
from fastinit.backends import load_backend
from fastinit.errors import BackendUnavailableError
from fastinit_cuda.compilation import KERNELS
from gpu.ptx import ptx_of

CAPABILITIES = [(8, 0), (9, 0), (10, 0)]

#: Kernels for the full product; every other one is compiled for one target.
ESSENTIAL = {"normal_float32", "uniform_symmetric_float32", "normal_bfloat16"}
CASES = [
    pytest.param(kernel, capability, id=f"{kernel.label}-sm{capability[0]}0")
    for kernel in KERNELS
    for capability in CAPABILITIES
    if kernel.label in ESSENTIAL or capability == (9, 0)
]


def _instructions(ptx: str) -> list[str]:
    """Instructions of a PTX text, one per line, without labels and directives."""
    return re.findall(r"^\s+([a-z][\w.]*\s[^;]*;)", ptx, re.MULTILINE)


def _contractible(ptx: str) -> list[str]:
    """Additions without rounding mode that take a product without rounding mode.

    ptxas may fuse such a pair into one fma, which rounds once instead of twice.
    """
    products: set[str] = set()
    found = []
    for line in _instructions(ptx):
        name, *operands = re.split(r"[\s,;]+", line.rstrip(";"))
        if re.fullmatch(r"mul\.f(32|64)", name):
            products.add(operands[0])
        elif re.fullmatch(r"(add|sub)\.f(32|64)", name) and products & set(
            operands[1:]
        ):
            found.append(line)
    return found


@pytest.mark.parametrize(("kernel", "capability"), CASES)
def test_every_kernel_compiles_to_sound_ptx(kernel, capability):
    ptx = ptx_of(kernel, capability)
    assert f".target sm_{capability[0]}0" in ptx
    names = [line.split()[0] for line in _instructions(ptx)]
    stores = [name for name in names if name.startswith("st.global")]
    width = np.dtype(kernel.storage).itemsize
    if width == 8:
        assert set(stores) <= {"st.global.v2.f64", "st.global.v2.u64"}
    else:
        assert all(name.startswith("st.global.v4.") for name in stores)
    assert stores
    assert not [name for name in names if ".local" in name or ".approx" in name]
    assert not [name for name in names if name.startswith("call")]
    assert _contractible(ptx) == []
    if kernel.storage != "float64":
        # The parameters arrive as float64 and are rounded before the loop.
        doubles = [n for n in names if ".f64" in n and not n.startswith(("ld", "cvt"))]
        assert set(doubles) <= {"mov.f64"}


def test_the_lint_sees_a_contractible_pair():
    sick = "{\n\tmul.f32 %f3, %f1, %f2;\n\tadd.f32 %f4, %f3, %f1;\n}"
    sound = "{\n\tmul.rn.f32 %f3, %f1, %f2;\n\tadd.f32 %f4, %f3, %f1;\n}"
    assert len(_contractible(sick)) == 1
    assert _contractible(sound) == []


def test_asking_for_cuda_raises_with_the_reason():
    assert load_backend("cuda").unavailable()
    array = np.zeros(4, np.float32)
    with pytest.raises(BackendUnavailableError, match="cannot launch"):
        fastinit.normal_(array, seed=0, backend="cuda")
    assert not array.any()
