"""Ten billion elements, filled in every way, against one serial fill.

    python tests/long/identity.py [ELEMENTS [SEED]]     (10^10; minutes on two cores)

The tensor is 2^20 x 4096, so indices reach 2^32. For each sampler and dtype a band of
4096 rows is filled once by one thread, and of that the oracle (exact integers, no
Numba) confirms elements. Then bands are filled again and again: whole with 1, 2, 3, 7
and 16 threads; windows with steps of either sign; windows in memory of any order of
axes, with gaps, from odd addresses on, in either byte order; and as casts of the
float32 fill. Every element is compared, bit by bit, and what lies between the elements
must keep its canary. FASTINIT_ENGINE=prange takes the other engine.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS.parent), str(TESTS)]

from kernel_cases import Case, cases  # noqa: E402
from oracle.stream import Tensor  # noqa: E402

from fastinit import View, fill  # noqa: E402
from fastinit.api import make_plan  # noqa: E402
from fastinit.dtypes import DTYPES, numpy_dtype  # noqa: E402

ROWS, COLUMNS, BAND = 1 << 20, 4096, 4096
IDENTITY: dict[str, Any] = {"seed": 11, "name": "layers.3.weight"}
THREADS = (1, 2, 3, 7, 16)
#: First rows of the bands: the start, around 2^31, the end of 2^32 indices.
BANDS = (0, (1 << 19) - 1024, ROWS - BAND)
CANARY = 0xA5


def unsigned(array: np.ndarray) -> np.ndarray:
    """The same memory as bit patterns."""
    return array.view(f"u{array.itemsize}")


def band_of(case: Case, first: int) -> np.ndarray:
    """Rows of the tensor by one thread, some elements confirmed by the oracle."""
    band = np.empty((BAND, COLUMNS), numpy_dtype(case.dtype))
    view = View((ROWS, COLUMNS), np.s_[first : first + BAND, :])
    fill(band, case.spec, view=view, threads=1, **IDENTITY)
    plan = make_plan(case.spec, (ROWS, COLUMNS), case.dtype)
    if plan.distribution == "constant":
        assert (band == plan.parameters[0]).all(), case
        return band
    tensor = Tensor(plan.distribution, plan.parameters, case.dtype, *IDENTITY.values())
    stored, start = unsigned(band).reshape(-1), first * COLUMNS
    for place in (*range(9), *range(1000, stored.size, 800_009), stored.size - 1):
        assert int(stored[place]) == tensor.bits(start + place), (case, start + place)
    return band


def memory_of(rng: np.random.Generator, shape: tuple[int, ...], dtype: np.dtype) -> Any:
    """Array of a random layout amid canaries, and where its bytes lie."""
    strides, reach = [0] * len(shape), dtype.itemsize
    for axis in rng.permutation(len(shape)):
        gap = int(rng.choice([0, 0, dtype.itemsize, 3 * dtype.itemsize, 1]))
        strides[axis] = reach + gap
        reach += (shape[axis] - 1) * strides[axis]
    raw = np.full(reach + 64, CANARY, np.uint8)
    start = int(rng.choice([0, 16, 8, 1, 3]))
    return raw, np.ndarray(shape, dtype, raw.data, start, tuple(strides))


def part(rng: np.random.Generator, size: int) -> slice:
    """About half of an axis or more, with a step of either sign."""
    first, last = int(rng.integers(0, size // 3)), int(rng.integers(size // 2, size))
    step = int(rng.choice([1, 1, 1, 2, 3, -1, -1, -2]))
    return slice(first, last, step) if step > 0 else slice(last, first, step)


def whole(case: Case, first: int, band: np.ndarray, threads: int) -> int:
    """Number of elements compared in a fill of a whole band."""
    filled = np.full(band.nbytes, CANARY, np.uint8).view(band.dtype)
    filled = filled.reshape(band.shape)
    view = View((ROWS, COLUMNS), np.s_[first : first + BAND, :])
    fill(filled, case.spec, view=view, threads=threads, **IDENTITY)
    assert np.array_equal(unsigned(filled), unsigned(band)), (case, first, threads)
    return band.size


def window(
    case: Case, first: int, band: np.ndarray, rng: np.random.Generator, is_odd: bool
) -> int:
    """Number of elements compared in a window, in plain memory or an odd layout."""
    rows, columns = part(rng, BAND), part(rng, COLUMNS)
    expected = band[rows, columns]
    axes = (1, 0) if is_odd and rng.random() < 0.5 else (0, 1)
    moved = slice(rows.start + first, rows.stop + first, rows.step)
    view = View((ROWS, COLUMNS), (moved, columns), axes)
    held = expected.transpose(axes)
    if not is_odd:
        filled = np.empty(held.shape, band.dtype)
        fill(filled, case.spec, view=view, threads=int(rng.choice(THREADS)), **IDENTITY)
        assert np.array_equal(unsigned(filled), unsigned(held)), (case, view)
        return held.size
    turned = band.dtype.newbyteorder() if rng.random() < 0.2 else band.dtype
    raw, filled = memory_of(rng, held.shape, turned)
    fill(filled, case.spec, view=view, threads=int(rng.choice(THREADS)), **IDENTITY)
    wanted = np.full(raw.size, CANARY, np.uint8)
    start = filled.ctypes.data - raw.ctypes.data
    twin = np.ndarray(filled.shape, turned, wanted.data, start, filled.strides)
    twin[...] = held
    assert np.array_equal(raw, wanted), (case, view, filled.strides, turned)
    return held.size


def casts(case: Case, first: int, band: np.ndarray) -> int:
    """Number of elements of a 16-bit fill compared with the float32 fill, cast."""
    row = DTYPES[case.dtype]
    if not row.is_low_precision or case.sampler == "constant":
        return 0
    single = np.empty(band.shape, np.float32)
    view = View((ROWS, COLUMNS), np.s_[first : first + BAND, :])
    fill(single, case.spec, view=view, **IDENTITY)
    cast = single.astype(band.dtype)
    # Uniform laws are clamped to the dtype's own ends: two values at most may differ.
    differs = band[unsigned(cast) != unsigned(band)]
    assert len(np.unique(unsigned(differs))) <= (0 if case.sampler == "normal" else 2)
    return band.size


def one_round(case: Case, number: int, seed: int) -> Counter[str]:
    """Elements compared for a case in one round, by the way they were filled."""
    rng = np.random.default_rng([seed, number, *case.sampler.encode()])
    first = BANDS[number % len(BANDS)]
    band, done = band_of(case, first), Counter[str]()
    for threads in THREADS:
        done[f"whole, {threads} threads"] += whole(case, first, band, threads)
    for _ in range(4):
        done["windows"] += window(case, first, band, rng, is_odd=False)
        done["layouts"] += window(case, first, band, rng, is_odd=True)
    done["casts"] += casts(case, first, band)
    return done


def main(elements: str = "1e10", seed: str = "0") -> None:
    """Compare until so many elements are done in whole rounds over all kernels."""
    began, total = time.perf_counter(), Counter[str]()
    kernels = cases()
    for number in itertools.count():
        for case in kernels:
            total += one_round(case, number, int(seed))
        seconds = time.perf_counter() - began
        sys.stdout.write(f"round {number}: {total.total():.3e}, {seconds:.0f} s\n")
        sys.stdout.flush()
        if total.total() >= float(elements):
            break
    for way, count in total.items():
        sys.stdout.write(f"{way}: {count:,}\n")
    sys.stdout.write(
        f"{total.total():,} elements of {len(kernels)} kernels: no bit differs\n"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
