"""The memory of the comparison: shared, aligned, and never mistaken for a result."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fastinit.compare.cases import DTYPE_NAMES, LAYOUTS, SIZES, Case
from fastinit.compare.contenders.torch import tensor_on
from fastinit.compare.memory import Memory


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_arrays_have_shape_dtype_and_layout(dtype, layout):
    case = Case("normal", dtype, SIZES["64Ki"], layout=layout)
    memory = Memory(case.reach)
    array = memory.array(case)
    assert (array.shape, array.dtype.name) == (case.size.shape, dtype)
    assert array.ctypes.data == memory.bytes.ctypes.data
    assert array.ctypes.data % 4096 == 0
    assert array.flags.c_contiguous == (layout == "contiguous")
    assert array.T.flags.c_contiguous == (layout == "transposed")


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
def test_torch_sees_the_same_memory(dtype):
    case = Case("normal", dtype, SIZES["4Ki"], layout="stepped")
    memory = Memory(case.reach)
    tensor, array = tensor_on(case, memory), memory.array(case)
    assert tensor.data_ptr() == array.ctypes.data
    assert tensor.shape == array.shape
    steps = [step // array.itemsize for step in array.strides]
    assert list(tensor.stride()) == steps


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
def test_memory_that_nobody_filled_is_nan(dtype):
    case = Case("normal", dtype, SIZES["4Ki"])
    memory = Memory(case.reach)
    memory.array(case)[...] = 1
    memory.poison()
    assert np.isnan(memory.array(case).astype(np.float64)).all()


@pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="the kernel's counts are Linux's"
)
def test_fresh_memory_has_no_pages_yet():
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    for _ in range(3):
        before = resident()
        memory = Memory(1 << 26, is_fresh=True)
        assert resident() - before < 1 << 22
        memory.poison()
        assert resident() - before > 1 << 25
        del memory
