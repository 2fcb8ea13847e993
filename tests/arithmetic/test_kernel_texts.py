"""Every kernel: the plain text and its compiled instance write the same bytes.

The kernels come from the tables of samplers and dtypes, so that a new row of either
is tested here without new test code.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from oracle.stream import stream_key

from fastinit.arithmetic.targets import PYTHON
from fastinit.backends.cpu import _compiled
from fastinit.backends.kernels import Kernel, make_loop
from fastinit.distributions import DISTRIBUTIONS, SAMPLERS
from fastinit.dtypes import DTYPES

KEY = stream_key(2**64 - 1, "layers.0.weight")
#: First element and count: heads and tails of every length, far indices, whole
#: vectors of 16 blocks and what is left of them.
WINDOWS = (
    (0, 8),
    (1, 2),
    (1, 9),
    (2, 1),
    (2, 12),
    (3, 5),
    (3, 16),
    (5, 6),
    (2**32 - 3, 11),
    (2**33 + 7, 13),
    (2**34 - 6, 17),
    (0, 64),
    (2**34 - 70, 137),
    (2**58 - 9, 9),
)


def kernels() -> Iterator[Kernel]:
    """Every sampler with everything that it can be stored as."""
    for name, sampler in SAMPLERS.items():
        for stored in sampler.texts:
            if not stored.startswith("float"):
                yield Kernel(name, stored, stored)
                continue
            for row in DTYPES.values():
                if sampler.is_complex and row.is_low_precision:
                    continue
                if row.is_float and f"float{row.precision}" == stored:
                    yield Kernel(name, row.name, row.storage)


#: A law for each sampler of truncated normals: mean, std, bounds.
TRUNCATIONS = {
    "truncated_symmetric": (0.125, 0.75, -1.375, 1.625),
    "truncated_central": (0.125, 0.75, -0.5, 1.625),
    "truncated_wide": (0.125, 0.75, -0.5, math.inf),
    "truncated_tail": (0.125, 0.75, 0.5, math.inf),
}


def parameters_of(kernel: Kernel) -> tuple[float, ...]:
    """Parameters under which a clamp has work to do at both ends."""
    if kernel.sampler in TRUNCATIONS:
        law = TRUNCATIONS[kernel.sampler]
        row = DISTRIBUTIONS["truncated_normal"]
        sampling = row.prepare(law, DTYPES[kernel.dtype])
        assert sampling.sampler == kernel.sampler
        return sampling.parameters
    if kernel.sampler == "normal":
        return 1.5, 0.25, 0.0, 0.0
    bits = 53 if kernel.storage == "float64" else 24
    return 0.75 * 2.0**-bits, -0.5, 0.25, -0.625


KERNELS = tuple(kernels())


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.label)
def test_plain_text_equals_compiled(kernel):
    plain = make_loop("fill_run", kernel, PYTHON)
    compiled = _compiled("fill_run", kernel)
    parameters = parameters_of(kernel)
    for first, count in WINDOWS:
        # One element more at each end, which nobody may touch.
        left, right = (np.full(count + 2, 77, kernel.storage) for _ in range(2))
        for loop, out in ((plain, left), (compiled, right)):
            loop(out[1:].ctypes.data, count, first, KEY, parameters)
        assert left.tobytes() == right.tobytes()
        assert left[0] == left[-1] == 77


def test_clamps_of_the_parameters_above_have_work():
    kernel = Kernel("uniform_half_open_clamped", "float32", "float32")
    out = np.empty(1000, np.float32)
    run = (out.ctypes.data, 1000, 0, KEY, parameters_of(kernel))
    _compiled("fill_run", kernel)(*run)
    assert (out == -0.5).sum() > 100
    assert out.max() < 0.25
    free = Kernel("uniform_half_open", "float32", "float32")
    _compiled("fill_run", free)(*run)
    assert out.min() < -0.6


@pytest.mark.parametrize("name", ["normal", "uniform_half_open"])
def test_other_loops_write_what_a_run_writes(name):
    """Gathered, scattered and row-wise elements of the plain text are the same."""
    kernel = Kernel(name, "float32", "float32")
    tail = (KEY, parameters_of(kernel))
    whole = np.empty(60, np.float32)
    make_loop("fill_run", kernel, PYTHON)(whole.ctypes.data, 60, 2**40 + 1, *tail)

    indices = np.array([0, 59, 17, 17, 3], np.int64) + 2**40 + 1
    out = np.empty(5, np.float32)
    gathered = make_loop("fill_gathered", kernel, PYTHON)
    gathered(out.ctypes.data, 5, indices.ctypes.data, *tail)
    np.testing.assert_array_equal(out, whole[[0, 59, 17, 17, 3]])

    out = np.zeros(12, np.float32)
    scattered = make_loop("fill_scattered", kernel, PYTHON)
    scattered(out.ctypes.data, (6, 8, -5), 2**40 + 1 + 58, *tail)
    np.testing.assert_array_equal(out[::2], whole[58::-5][:6])
    assert not out[1::2].any()

    out = np.empty((10, 6), np.float32)
    table = np.array([(10, 24, 6)], np.int64)
    rows = make_loop("fill_rows", kernel, PYTHON)
    place = (out.ctypes.data, (table.ctypes.data, 1), (6, 4, 1), (0, 10), 2**40 + 1)
    rows(*place, *tail)
    np.testing.assert_array_equal(out.reshape(-1), whole)
