"""The root of float32 on a device, for every number that the kernels may take it of."""

from __future__ import annotations

from typing import Any

import numpy as np
from gpu_machine import Machine

from fastinit import backends
from fastinit.backends.kernels import Kernel
from fastinit_cuda.compilation import Code
from fastinit_cuda.launches import THREADS, Launch
from fastinit_cuda.numba_private import compiling_for
from fastinit_cuda.requirements import LEAST_CAPABILITY

#: Patterns of 2^-100 and of infinity.
LOWEST, END = 0x0D800000, 0x7F800000
CHUNK = 1 << 26


def _ltoir() -> bytes:
    """Kernel that stores the roots of neighbouring bit patterns."""
    from numba import types
    from numba.cuda import compile as compile_cuda

    from fastinit_cuda.stores import STORES
    from fastinit_cuda.target import cuda_target

    primitives: Any = cuda_target().primitives
    root, from_bits = primitives["sqrt32"], primitives["single_from_bits"]
    index, count = primitives["column_index"], primitives["column_count"]
    word, store = primitives["u32"], STORES["float32"].store_value

    def roots(address, first, number):  # type: ignore[no-untyped-def]
        k = index()
        while k < number:
            store(address + 4 * k, root(from_bits(word(first + k))))
            k += count()

    with compiling_for(LEAST_CAPABILITY):
        made, _ = compile_cuda(
            roots,
            types.void(types.int64, types.int64, types.int64),
            device=False,
            abi="numba",
            cc=LEAST_CAPABILITY,
            output="ltoir",
        )
    return bytes(made)


def wrong_roots(machine: Machine, step: int) -> tuple[int, int]:
    """Roots that differ from NumPy's, and how many were taken.

    Parameters
    ----------
    machine : Machine
        A device.
    step : int
        Chunks from one that is tried to the next: 1 for all numbers.

    Returns
    -------
    wrong, tried : int
        Numbers of roots.
    """
    backend: Any = backends.load_backend("cuda")
    driver = backend._driver
    kernel = Kernel("words", "uint32", "uint32")
    code = Code("roots", kernel, driver.capability(0), _ltoir())
    loaded = driver.load(code, 0)
    chunk = CHUNK if machine.is_real else 1 << 14
    buffer = machine.allocate(4 * chunk)
    grid = min(driver.most_blocks(loaded, 0, THREADS), chunk // THREADS), 1
    wrong = tried = 0
    for first in [0, *range(LOWEST, END, chunk * step)]:
        count = min(chunk, END - first) if first else 1
        launch = Launch("roots", kernel, grid, (THREADS, 1), (buffer, first, count), ())
        driver.launch(loaded, launch, 0, 0)
        found = machine.bytes_at(buffer, 4 * count).view(np.float32)
        patterns = np.arange(first, first + count, dtype=np.uint32)
        wrong += int(np.count_nonzero(found != np.sqrt(patterns.view(np.float32))))
        tried += count
    machine.free(buffer)
    return wrong, tried
