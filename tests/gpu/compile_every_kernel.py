"""Compile every CUDA kernel for every target, without a GPU.

    python tests/gpu/compile_every_kernel.py      (some minutes, all processors)

The tests look at a sample of the kernels; this makes sure that all of them compile to
machine code, without memory of a thread's own and with few enough registers.
"""

from __future__ import annotations

import itertools
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fastinit_cuda.compilation import CAPABILITIES, compile_kernel
from fastinit_cuda.kernels import KERNELS, LOOPS
from gpu.registers import check_usage


def compile_for_all(number: int) -> int:
    """Bytes of machine code of one loop of one kernel, over all targets."""
    loop, kernel = list(itertools.product(LOOPS, KERNELS))[number]
    codes = [compile_kernel(loop, kernel, target) for target in CAPABILITIES]
    for code in codes:
        check_usage(code)
    return sum(len(code.cubin) for code in codes)


def main() -> None:
    """Compile them, and say how many there are."""
    count = len(LOOPS) * len(KERNELS)
    with ProcessPoolExecutor() as workers:
        sizes = list(workers.map(compile_for_all, range(count)))
    sys.stdout.write(
        f"{count} loops of kernels for {len(CAPABILITIES)} targets,"
        f" {sum(sizes):,} bytes of machine code\n"
    )


if __name__ == "__main__":
    main()
