"""Windows around powers of two and at the end of the stream, element by element.

Held against the oracle, whose integers have no width: a counter, an index or an offset
of too few bits would show here.
"""

from __future__ import annotations

import numpy as np
import pytest
from oracle.stream import Tensor, stream_key, word

import fastinit
from fastinit import View
from fastinit.api import make_plan

IDENTITY = (6, "far")
HOW = dict(zip(("seed", "name"), IDENTITY, strict=True))
#: Indices of 31 and 32 bits, blocks of 32 bits, floats of 53 bits, the last block.
BORDERS = (2**31, 2**32, 2**34, 2**53, 2**58 - 9)
COUNT = 18
around = pytest.mark.parametrize("border", BORDERS)


@around
@pytest.mark.parametrize("step", [1, -3])
def test_values_around_a_border(border, step, few_random_case):
    index = slice(border - 9, border + 9, step)
    if step < 0:
        index = slice(border + 8, border - 10, step)
    size = COUNT // abs(step)
    view = View((2**58,), index)
    array = few_random_case.make((size,), view=view, **HOW)
    plan = make_plan(few_random_case.spec, (2**58,), few_random_case.dtype)
    tensor = Tensor(
        plan.distribution, plan.parameters, few_random_case.dtype, *IDENTITY
    )
    expected = [tensor.bits(at) for at in range(index.start, index.stop, step)]
    assert array.view(f"u{array.itemsize}").tolist() == expected


@around
def test_long_windows_over_a_border(border, assert_same_bits):
    """Cut into tasks and rows, whose offsets are added in kernels and in Python."""
    first, size = min(border - 100_000, 2**58 - 300_000), 300_000
    view = View((2**58,), slice(first, first + size))
    whole = fastinit.normal(size, view=view, threads=3, **HOW)
    tensor = Tensor("normal", (0.0, 1.0), "float32", *IDENTITY)
    for at in (0, 99_999, 100_000, size - 1):
        assert int(whole.view(np.uint32)[at]) == tensor.bits(first + at)
    backwards = np.zeros((size, 2), np.float32)[::-1, 0]
    fastinit.normal_(backwards, view=view, threads=3, **HOW)
    assert_same_bits(np.ascontiguousarray(backwards), whole)


@around
def test_words_around_a_border(border):
    found = fastinit.words(*IDENTITY, border - 9, COUNT)
    key = stream_key(*IDENTITY)
    assert found.tolist() == [word(key, border - 9 + k) for k in range(COUNT)]


@pytest.mark.parametrize("columns", [2**29, 2**27])
def test_rows_whose_strides_are_huge(columns):
    rows = 2**58 // columns
    view = View((rows, columns), np.s_[:: rows // 4, -3:], axes=(1, 0))
    array = fastinit.normal((3, 4), view=view, **HOW)
    tensor = Tensor("normal", (0.0, 1.0), "float32", *IDENTITY)
    expected = [
        [
            tensor.bits(row * columns + columns - 3 + column)
            for row in range(0, rows, rows // 4)
        ]
        for column in range(3)
    ]
    assert array.view(np.uint32).tolist() == expected
