"""Random layouts of memory against contiguous arrays, byte by byte.

    python tests/long/layouts.py [COUNT [SEED [CASE]]]     (2,400 layouts by default)

Each is a part of a tensor of 1 to 5 axes, whole or sliced with steps of either sign,
its axes in any order, in memory of any order with gaps, negative strides, odd
addresses and either byte order, filled on 1 to 3 threads. All bytes of the memory,
canaries between and around the elements included, are compared with those of the
contiguous array put in the same places by NumPy. Spans of tasks and the size from
which on threads are used are cut down, so that small arrays go all ways. CASE chooses
samplers and dtypes that contain it, as in "normal-float32"; each of the others costs
a minute of compilation, the layouts themselves few seconds.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS.parent), str(TESTS), str(TESTS / "backends")]

from kernel_cases import few_cases  # noqa: E402
from random_layouts import check_random_layout  # noqa: E402

from fastinit.backends import cpu, jobs  # noqa: E402


def main(count: str = "2400", seed: str = "0", chosen: str = "") -> None:
    """Check layouts of every sampler and dtype in turn, and say how many."""
    cases = [c for c in few_cases() if chosen in f"{c.sampler}-{c.dtype}"]
    began, share = time.perf_counter(), -(-int(count) // len(cases))
    cpu.PARALLEL_MINIMUM, spans = 1000, (1 << 19, 4096, 96)
    for case in cases:
        for number in range(share):
            jobs.SPAN = spans[number % len(spans)]
            rng = np.random.default_rng([int(seed), number, *case.sampler.encode()])
            check_random_layout(rng, case, swaps=True, limit=20000)
        seconds = time.perf_counter() - began
        sys.stdout.write(
            f"{case.sampler} {case.dtype}: {share} layouts, {seconds:.0f} s so far\n"
        )
    sys.stdout.write(
        f"{share * len(cases)} layouts of {len(cases)} kernels: no byte differs\n"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
