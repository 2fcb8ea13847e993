"""Fillings: boxes cover an array in order, whatever their size."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fastinit import Sections, View
from fastinit.api import make_plan
from fastinit.filling import Filling, filling_of, whole_filling


def plan_of(section):
    return make_plan("ones", section.view.shape, name=section.name)


def gathered(filling: Filling, most: int) -> list[tuple[str, int]]:
    """Name and stream index of every element, by the boxes in their order."""
    found: list[tuple[str, int]] = []
    for first, box in filling.boxes(most):
        sizes = [one.stop - one.start for one in box]
        count = int(np.prod(sizes, dtype=int))
        assert first == len(found)
        assert 0 < count <= most
        held: list[tuple[str, int]] = [("", -1)] * count
        strides = np.array(np.empty(sizes, np.int8).strides)
        for plan, place, window in filling.within(box):
            for position in np.ndindex(*window.shape):
                at = place + int(np.dot(position, strides))
                index = window.first + int(np.dot(position, window.strides))
                assert held[at] == ("", -1), "two parts for one element"
                held[at] = (plan.name, index)
        found += held
    assert len(found) == filling.elements
    return found


@st.composite
def sections(draw: st.DrawFn):
    """Shape of an array and sections that fill it."""
    shape = draw(st.lists(st.integers(0, 4), min_size=1, max_size=4))
    axis = draw(st.integers(0, len(shape) - 1))
    sizes = draw(st.lists(st.integers(0, 3), min_size=1, max_size=4))
    names = [f"t{number}" for number in range(len(sizes))]
    if draw(st.booleans()):
        shape[axis] = len(names)
        return tuple(shape), Sections.stack(names, axis=axis)
    groups = draw(st.integers(1, 3))
    shape[axis] = groups * sum(sizes)
    return tuple(shape), Sections(axis, sizes, names, groups=groups)


@given(sections(), st.integers(1, 40))
def test_boxes_hold_every_element_once(parts, most):
    shape, view = parts
    filling = filling_of(shape, view, plan_of)
    expected = np.empty(filling.grid, object)
    for one in view.of(shape):
        held = expected[one.box]
        for position in np.ndindex(*held.shape):
            index = one.window.first + int(np.dot(position, one.window.strides))
            held[position] = (one.name, index)
    assert gathered(filling, most) == expected.reshape(-1).tolist()


@given(
    st.lists(st.integers(0, 4), max_size=3).flatmap(
        lambda shape: st.tuples(
            st.just(shape), st.permutations(range(len(shape))), st.integers(1, 30)
        )
    ),
    st.integers(0, 2),
)
def test_views_of_one_tensor(parts, padding):
    shape, axes, most = parts
    reach = [size + padding for size in shape]
    view = View(shape, axes=axes, index_shape=reach)
    filling = filling_of(view.held_shape, view, plan_of)
    whole = np.arange(np.prod(reach, dtype=int)).reshape(reach)
    expected = whole[tuple(slice(size) for size in shape)].transpose(axes)
    indices = [index for _, index in gathered(filling, most)]
    assert indices == expected.reshape(-1).tolist()


def test_whole_tensors_are_one_run():
    for shape in [(), (1,), (3, 4), (2, 1, 5)]:
        filling = whole_filling(make_plan("ones", shape))
        assert filling.grid == (filling.elements,)
        assert filling.shape == shape
    empty = whole_filling(make_plan("ones", (3, 0)))
    assert (list(empty.boxes(1)), empty.elements, empty.shape) == ([], 0, (3, 0))


def test_padding_of_the_first_axis_is_one_run():
    view = View((9, 5), np.s_[:12], index_shape=(12, 5))
    assert filling_of((12, 5), view, plan_of).grid == (60,)
