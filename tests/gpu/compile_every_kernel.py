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
from gpu.registers import fault_of


def compile_for_all(number: int) -> tuple[int, list[str]]:
    """Bytes of machine code of one loop of one kernel over all targets, and faults."""
    loop, kernel = list(itertools.product(LOOPS, KERNELS))[number]
    codes = [compile_kernel(loop, kernel, target) for target in CAPABILITIES]
    faults = [fault_of(code) for code in codes]
    return sum(len(code.cubin) for code in codes), [fault for fault in faults if fault]


def main() -> None:
    """Compile them, and say how many there are; status 1 where one has a fault."""
    count = len(LOOPS) * len(KERNELS)
    with ProcessPoolExecutor() as workers:
        made = list(workers.map(compile_for_all, range(count)))
    sys.stdout.write(
        f"{count} loops of kernels for {len(CAPABILITIES)} targets,"
        f" {sum(size for size, _ in made):,} bytes of machine code\n"
    )
    faults = [fault for _, found in made for fault in found]
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
