"""Layouts: the way that is chosen is the one that its memory asks for."""

from __future__ import annotations

import numpy as np
import pytest

from fastinit import View
from fastinit.backends.layouts import choose_layout
from fastinit.windows import reduce_axes, rising


def layout_of(array, view=None):
    """Way of an array that holds a view."""
    window, strides, _ = rising((view or View(array.shape)).window, array.strides)
    return choose_layout(reduce_axes(window, strides), array.itemsize)


def empty(shape, **how):
    return np.empty(shape, np.float32, **how)


@pytest.mark.parametrize(
    ("array", "loop"),
    [
        (empty((300, 400), order="F"), "fill_crosswise"),
        (empty((300, 400)).T, "fill_crosswise"),
        (empty((3, 3, 64, 256)).transpose(3, 2, 0, 1), "fill_crosswise"),
        # Rows that step over parts of blocks.
        (empty((300, 401), order="F"), "fill_tiles"),
        (empty((64, 3, 3, 256)).transpose(0, 3, 1, 2), "fill_tiles"),
        # Too few columns for a vector.
        (empty((3, 400), order="F"), "fill_tiles"),
        (empty(1000)[::-1], "fill_tiles"),
        (empty(1000)[::3], "fill_tiles"),
        (empty((100, 12))[:, :9], "fill_tiles"),
        # Runs that are long enough for themselves.
        (empty((5, 1000))[::-1], None),
        (empty((5, 1000))[:, :900], None),
    ],
)
def test_the_way_of_a_layout(array, loop):
    panels = layout_of(array)
    assert (panels and panels.loop) == loop


@pytest.mark.parametrize(
    ("step", "loop"),
    [
        (2, "fill_tiles"),
        (3, "fill_tiles"),
        (8, "fill_crosswise"),
        (9, None),
        (15, None),
    ],
)
def test_the_way_of_a_view_with_steps(step, loop):
    view = View((5000,), np.s_[::step])
    panels = layout_of(empty(view.held_shape), view)
    assert (panels and panels.loop) == loop


@pytest.mark.parametrize("itemsize", [1, 2, 4, 8])
@pytest.mark.parametrize("columns", [2, 5, 63, 3000])
@pytest.mark.parametrize("jump", [9, 301, 5001])
def test_tiles_have_room_for_whole_blocks(itemsize, columns, jump):
    view = View((columns, jump + 1), np.s_[:, :jump])
    array = np.empty((jump, columns), f"u{itemsize}").T[:, ::-1]
    panels = layout_of(array, view)
    assert panels.loop == "fill_tiles"
    rows, width, pitch = panels.tile
    step = panels.column.index_stride
    assert width <= columns
    reach = (rows - 1) * panels.rows[-1].index_stride + 1
    assert pitch == step or (pitch >= reach + 6 and (pitch - step) % 4 == 0)
    assert (width - 1) * pitch + reach <= 2048 + 16
