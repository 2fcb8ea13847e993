"""PTX that runs in the interpreter gives the bits of the CPU kernels."""

from __future__ import annotations

import numpy as np
import pytest

from fastinit.backends.cpu import _compiled
from fastinit_cuda.compilation import KERNELS
from gpu.ptx import Machine, parse, ptx_of

KEY = (0x71D84E5D, 0xAE4B97FB, 0x13E06B52, 0x47D0B7D3)
#: What the samplers take: scale or std, lowest or mean, highest, origin.
PARAMETERS = {
    "uniform": (0.5 * 2.0**-24, -0.25, 0.3125, -0.125),
    "normal": (0.75, 0.125, 0.0, 0.0),
}
#: Block numbers that cross 2^32, where the second counter word takes over.
FIRST_BLOCK = (1 << 32) - 1000
THREADS, BLOCKS = 512, 4096


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.label)
def test_interpreted_ptx_equals_the_cpu_kernel(kernel):
    parameters = PARAMETERS.get(kernel.sampler.split("_")[0], (0.0,) * 4)
    if kernel.storage == "float64" and kernel.sampler.startswith("uniform"):
        parameters = (0.5 * 2.0**-53, *parameters[1:])
    expected = np.zeros(4 * BLOCKS, kernel.storage)
    loop = _compiled("fill_blocks", kernel)
    loop(expected.ctypes.data, BLOCKS, FIRST_BLOCK, KEY, parameters)

    base = 1 << 40
    memory = np.zeros(expected.nbytes, np.uint8)
    machine = Machine(THREADS // 128, 128, memory, base)
    program = parse(ptx_of(kernel, (9, 0)))
    machine.run(program, (base, BLOCKS, FIRST_BLOCK, *KEY, *parameters))
    np.testing.assert_array_equal(memory, expected.view(np.uint8))
    # Constants apart, a broken store or loop would repeat values or leave zeros.
    if kernel.sampler != "constant":
        assert np.unique(expected).size > 100
