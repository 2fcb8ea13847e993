"""Tables: many contiguous runs of one kernel, filled by one launch.

A launch costs as much as some megabytes of values, so a model's small tensors share
one. A row holds a run in words of 64 bits, what a launch of its own would be given
as arguments.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fastinit.backends.kernels import Kernel
from fastinit.plan import FillPlan
from fastinit_cuda.kernels import entry_size, is_double, unit_size
from fastinit_cuda.launches import THREADS, Launch, MostBlocks, Run

__all__ = ["LARGE", "Table"]

#: Elements from which on a run gets a launch of its own: then the launch is short
#: against the stores, and a kernel with its key as an argument is faster.
LARGE = 1 << 22
#: Fewest and most units of a chunk: one for each thread, and as many as make the
#: search for a chunk's row short against the chunk.
_CHUNKS = (THREADS, 1 << 14)


class Table:
    """Many runs of one kernel.

    Parameters
    ----------
    kernel : Kernel
        Sampler and stored type.
    runs : sequence of (FillPlan, Run)
        At least one; all of the kernel.
    most_blocks : callable
        As `fastinit_cuda.launches.launches_of` takes it.

    Attributes
    ----------
    rows : bytes
        `fastinit_cuda.kernels.entry_size` a run, for device memory.
    """

    def __init__(
        self,
        kernel: Kernel,
        runs: Sequence[tuple[FillPlan, Run]],
        most_blocks: MostBlocks,
    ) -> None:
        rows = np.zeros((len(runs), entry_size(kernel) // 8), np.int64)
        for row, (plan, run) in zip(rows, runs, strict=True):
            row[1:7] = _place_and_units(run, unit_size(kernel))
            row[7:11] = plan.key
            words = _parameter_words(plan.sampling.parameters, kernel)
            row[11 : 11 + len(words)] = words
        most = most_blocks("fill_table", kernel)
        # Three chunks for each block even out what chunks differ in.
        fair = int(rows[:, 3].sum()) // (3 * most)
        chunk = min(max(fair, _CHUNKS[0]), _CHUNKS[1])
        chunks = np.cumsum(-(-rows[:, 3] // chunk))
        rows[1:, 0] = chunks[:-1]
        self.rows = rows.tobytes()
        self._kernel = kernel
        self._grid = min(int(chunks[-1]), most), 1
        self._sizes = len(runs), int(chunks[-1]), chunk

    def launch(self, address: int) -> Launch:
        """Launch that fills the runs.

        Parameters
        ----------
        address : int
            Where the rows are in device memory, a multiple of 8.

        Returns
        -------
        launch : Launch
            With a block of threads per chunk, as far as the device holds them.
        """
        integers = address, *self._sizes
        return Launch(
            "fill_table", self._kernel, self._grid, (THREADS, 1), integers, ()
        )


def _place_and_units(run: Run, unit: int) -> tuple[int, ...]:
    """Address, elements, units, elements before the first unit, alignment, block."""
    is_aligned = run.head >= 0
    # Elements of the first unit that lie before the run.
    before = -run.head % unit if is_aligned else run.first % 4
    units = -(-(before + run.size) // unit)
    first_block = (run.first - before) // 4
    return run.address, run.size, units, before, is_aligned, first_block


def _parameter_words(parameters: Sequence[float], kernel: Kernel) -> list[int]:
    """Bits of parameters, in the low half of a word where they are float32."""
    if is_double(kernel):
        words: list[int] = np.array(parameters, np.float64).view(np.int64).tolist()
    else:
        words = np.array(parameters, np.float32).view(np.uint32).tolist()
    return words
