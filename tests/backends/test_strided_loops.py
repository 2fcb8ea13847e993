"""Memory of any order holds the same bits, and nothing beside it is touched."""

from __future__ import annotations

import numpy as np
import pytest
from random_layouts import check_random_layout

from fastinit import View, create, fill
from fastinit.backends import cpu, jobs

#: With some 18 kernels and two spans about three hundred layouts.
LAYOUTS = 9
IDENTITY = {"seed": 2, "name": "w"}


@pytest.mark.parametrize("span", [1 << 19, 96])
def test_random_layouts(span, few_case, monkeypatch):
    """Spans of either kind: the whole array in a task, and tasks of few elements."""
    monkeypatch.setattr(jobs, "SPAN", span)
    monkeypatch.setattr(cpu, "PARALLEL_MINIMUM", 1000)
    seed = [span, *f"{few_case.sampler} {few_case.dtype}".encode()]
    rng = np.random.default_rng(seed)
    for _ in range(LAYOUTS):
        check_random_layout(rng, few_case, swaps=few_case.sampler == "constant")


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 8, 11])
@pytest.mark.parametrize("start", [0, 1, 2, 3])
@pytest.mark.parametrize("columns", [16, 17, 600, 1031])
def test_rows_of_every_number_from_every_lane(rows, start, columns, assert_same_bits):
    whole = create("normal", (columns, 16), **IDENTITY)
    part = np.s_[:, start : start + rows]
    memory = np.full((rows + 2, columns + 2), 7, np.float32)
    array = memory[1:-1, 1:-1].T[:, : 16 - start]
    view = View((columns, 16), part)
    fill(array[:, : view.held_shape[1]], "normal", view=view, **IDENTITY)
    assert_same_bits(array[:, : view.held_shape[1]], whole[part])
    assert (memory[[0, -1]] == 7).all()
    assert (memory[:, [0, -1]] == 7).all()


@pytest.mark.parametrize("step", [2, 3, 4, 5, 8])
def test_rows_with_steps_between_them(step, assert_same_bits):
    whole = create("normal", (300, 40), **IDENTITY)
    view = View((300, 40), np.s_[:, 1::step])
    array = np.empty(view.held_shape, np.float32, order="F")
    fill(array, "normal", view=view, **IDENTITY)
    assert_same_bits(array, whole[:, 1::step])


@pytest.mark.parametrize("width", [1 << 15, (1 << 15) + 1, 1 << 35])
def test_columns_across_the_end_of_a_word(width, assert_same_bits):
    """The low word of the block index starts anew at element 2^34."""
    middle = 2**34 // width
    lines = slice(max(middle - 70, 0), middle + 70)
    view = View((2 * middle + 80, width), (lines, slice(0, 22)))
    array = np.empty(view.held_shape, np.float32, order="F")
    fill(array, "normal", view=view, **IDENTITY)
    plain = np.empty(view.held_shape, np.float32)
    fill(plain, "normal", view=view, **IDENTITY)
    assert_same_bits(array, plain)
    assert np.unique(array).size > 0.99 * array.size
