"""Layouts: their texts, and fans counted by perturbing the real operation."""

from __future__ import annotations

import functools
import itertools
import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import fastinit
from fastinit import Sections, fans
from fastinit.errors import (
    ArgumentTypeError,
    FanError,
    FastinitError,
    LayoutError,
    ReportedIndexError,
)
from fastinit.layout import DEFAULT_LAYOUT, layout_of_axes, parse_layout
from fastinit.model_fans import fans_of_shapes

functional = torch.nn.functional
Operation = Callable[[Any, Any], Any]


def counted(operation: Operation, weight: tuple[int, ...], inputs: tuple[int, ...]):
    """Fans of an operation: how many inputs move an output, outputs an input moves.

    Each input in turn is perturbed by 1. Weights and inputs are small integers, so
    sums are exact and no change can be rounded away.
    """
    n = math.prod(inputs)
    weights = torch.ones(weight, dtype=torch.float64)
    plain = torch.zeros((1, *inputs), dtype=torch.float64)
    perturbed = torch.eye(n, dtype=torch.float64).reshape(n, *inputs)
    before, after = operation(plain, weights), operation(perturbed, weights)
    moved = (after != before).reshape(n, -1)
    # At the border of a map there are fewer; the fan is that of its middle.
    return int(moved.sum(0).max()), int(moved.sum(1).max())


def einsum(text: str) -> Operation:
    return lambda x, w: torch.einsum(text, x, w)


def depthwise(x: Any, w: Any) -> Any:
    """Keras's depthwise convolution, whose kernel is (h, w, channels, multiplier)."""
    channels = w.shape[2]
    kernel = w.permute(2, 3, 0, 1).reshape(-1, 1, *w.shape[:2])
    return functional.conv2d(x, kernel, groups=channels)


def jax_convolution(x: Any, w: Any, groups: int = 1) -> Any:
    """Convolution of JAX with a kernel (h, w, in per group, out)."""
    from jax import lax

    made = lax.conv_general_dilated(
        x.numpy().astype(np.float32),
        w.numpy().astype(np.float32),
        (1, 1),
        "SAME",
        dimension_numbers=("NCHW", "HWIO", "NCHW"),
        feature_group_count=groups,
    )
    return torch.from_numpy(np.array(made))


def grouped(function: Any, groups: int) -> Operation:
    return functools.partial(function, groups=groups)


#: Operation, shape of its weight, its inputs, layout and groups.
OPERATIONS: dict[str, tuple[Operation, tuple[int, ...], tuple[int, ...], str, int]] = {
    "linear": (functional.linear, (5, 7), (7,), "OI", 1),
    "flax dense": (einsum("bi,io->bo"), (7, 5), (7,), "IO", 1),
    "conv1d": (functional.conv1d, (5, 3, 4), (3, 12), "OIW", 1),
    "conv2d": (functional.conv2d, (5, 3, 3, 2), (3, 9, 8), "OIHW", 1),
    "conv3d": (functional.conv3d, (4, 2, 2, 3, 2), (2, 5, 7, 5), "OIDHW", 1),
    "grouped": (grouped(functional.conv2d, 3), (9, 2, 3, 3), (6, 7, 7), "OIHW", 3),
    "depthwise": (grouped(functional.conv2d, 6), (6, 1, 3, 3), (6, 7, 7), "OIHW", 6),
    "multiplier": (grouped(functional.conv1d, 4), (12, 1, 3), (4, 9), "OIW", 4),
    "keras depthwise": (depthwise, (3, 3, 6, 2), (6, 7, 7), "HWGO", 1),
    "jax conv": (jax_convolution, (3, 2, 3, 5), (3, 7, 6), "HWIO", 1),
    "jax grouped": (
        functools.partial(jax_convolution, groups=2),
        (3, 3, 2, 6),
        (4, 7, 7),
        "HWIO",
        2,
    ),
    "transposed": (functional.conv_transpose2d, (3, 5, 2, 3), (3, 6, 6), "IOHW", 1),
    "transposed 1d": (functional.conv_transpose1d, (3, 4, 3), (3, 9), "IO...", 1),
    "transposed grouped": (
        grouped(functional.conv_transpose2d, 2),
        (6, 5, 3, 3),
        (6, 7, 7),
        "(GI)OHW",
        2,
    ),
    "experts": (einsum("bei,eio->beo"), (3, 5, 4), (3, 5), "EIO", 1),
    "experts of torch": (einsum("bei,eoi->beo"), (3, 4, 5), (3, 5), "EOI", 1),
    "layers and experts": (
        einsum("blei,leio->bleo"),
        (2, 3, 5, 4),
        (2, 3, 5),
        "LEIO",
        1,
    ),
    "heads": (einsum("bd,dhk->bhk"), (6, 3, 4), (6,), "IOO", 1),
    "heads together": (einsum("bhk,hkd->bd"), (3, 4, 6), (3, 4), "IIO", 1),
    "vector": (einsum("bi,i->b"), (7,), (7,), "I", 1),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_fans_are_those_that_perturbations_count(name):
    operation, weight, inputs, layout, groups = OPERATIONS[name]
    expected = counted(operation, weight, inputs)
    assert fans(weight, layout=layout, groups=groups) == expected
    rows = fans_of_shapes([weight, weight], layout, groups)
    assert rows.tolist() == [list(expected)] * 2
    if name == "experts of torch":
        # What taking the stack for a convolution would give.
        assert fans(weight) != expected


@pytest.mark.parametrize("groups", [1, 2, 3, 6])
@pytest.mark.parametrize(("outputs", "inputs"), [*itertools.product((6, 12), (1, 2))])
def test_groups_of_any_number(groups, outputs, inputs):
    operation = grouped(functional.conv1d, groups)
    expected = counted(operation, (outputs, inputs, 3), (inputs * groups, 8))
    assert fans((outputs, inputs, 3), groups=groups) == expected
    transposed = grouped(functional.conv_transpose1d, groups)
    shape = (inputs * groups, outputs, 3)
    expected = counted(transposed, shape, (inputs * groups, 8))
    assert fans(shape, layout="(GI)OW", groups=groups) == expected


def test_a_fused_projection_has_the_fans_of_its_parts():
    qkv = Sections(1, (8, 4, 4), ("q", "k", "v"))
    fused = fastinit.lecun_uniform((16, 16), layout="IO", seed=0, view=qkv)
    k = fastinit.lecun_uniform((16, 4), layout="IO", seed=0, name="k")
    assert (fused[:, 8:12] == k).all()
    assert fans((16, 4), layout="IO") == counted(einsum("bi,io->bo"), (16, 4), (16,))
    spec = "xavier_normal(layout=IO)"
    heads = fastinit.create(spec, (16, 16), seed=0, view=qkv)
    assert (heads[:, :8] == fastinit.create(spec, (16, 8), seed=0, name="q")).all()


def test_stacked_experts_have_the_fans_of_one():
    experts = Sections.stack(["e.0", "e.1", "e.2"])
    stacked = fastinit.kaiming_normal((3, 5, 4), layout="IO", seed=0, view=experts)
    one = fastinit.kaiming_normal((5, 4), layout="IO", seed=0, name="e.2")
    assert (stacked[2] == one).all()
    whole = fastinit.make_plan("kaiming_normal(layout=EIO)", (3, 5, 4))
    single = fastinit.make_plan("kaiming_normal(layout=IO)", (5, 4))
    assert whole.parameters == single.parameters


def test_a_view_has_the_fans_of_the_whole():
    view = fastinit.View((6, 8), np.s_[2:4], axes=(1, 0))
    shard = fastinit.lecun_normal((8, 2), layout="IO", seed=0, name="w", view=view)
    whole = fastinit.lecun_normal((6, 8), layout="IO", seed=0, name="w")
    assert (shard == whole[2:4].T).all()


# Against JAX


def jax_cases(count: int) -> list[tuple[tuple[int, ...], Any, Any, Any]]:
    """Shapes of 2 to 6 axes with disjoint roles, counted from either end."""
    source = random.Random(5)
    cases = []
    for _ in range(count):
        rank = source.randint(2, 6)
        shape = tuple(source.randint(1, 9) for _ in range(rank))
        axes = list(range(rank))
        source.shuffle(axes)
        sizes = sorted(source.sample(range(1, rank + 1), k=2))
        inputs, outputs = axes[: sizes[0]], axes[sizes[0] : sizes[1]]
        batch = axes[sizes[1] :][: source.randint(0, 2)]
        signed = [[a - source.choice((0, rank)) for a in s] for s in (inputs, outputs)]
        cases.append((shape, *map(tuple, signed), tuple(batch)))
    return cases


def test_fans_of_axes_equal_jax():
    from jax._src.nn.initializers import _compute_fans

    for shape, inputs, outputs, batch in jax_cases(600):
        expected = _compute_fans(shape, inputs, outputs, batch)
        made = fans(shape, in_axis=inputs, out_axis=outputs, batch_axis=batch)
        assert made == pytest.approx(expected, rel=1e-15)
    assert fans((3, 4, 5), in_axis=-2) == _compute_fans((3, 4, 5))
    assert fans((3, 4, 5), batch_axis=0) == _compute_fans((3, 4, 5), batch_axis=0)


def test_axes_become_the_layout_that_they_mean():
    for shape, inputs, outputs, batch in jax_cases(200):
        axes = {"in_axis": inputs, "out_axis": outputs, "batch_axis": batch}
        layout = layout_of_axes(**axes, rank=len(shape))
        assert fans(shape, layout=layout) == fans(shape, **axes)
        assert "..." not in layout


@pytest.mark.parametrize(
    ("axes", "layout"),
    [
        ({}, "...IO"),
        ({"in_axis": 1, "out_axis": 0}, DEFAULT_LAYOUT),
        ({"in_axis": 0, "out_axis": -1}, "I...O"),
        ({"in_axis": (0, 1), "out_axis": 2}, "IIO..."),
        ({"in_axis": 2, "out_axis": 0}, "OKI..."),
        ({"in_axis": -1, "out_axis": -3}, "...OKI"),
        ({"batch_axis": 0}, "B...IO"),
        ({"in_axis": 0, "out_axis": ()}, "I..."),
        ({"in_axis": 1, "out_axis": 2, "batch_axis": 0, "rank": 3}, "BIO"),
    ],
)
def test_layouts_of_axes(axes, layout):
    assert layout_of_axes(**axes) == layout


# Texts


@given(st.lists(st.sampled_from("IOKHWDBEL"), min_size=1, max_size=6), st.data())
def test_every_row_of_marks_is_read_as_written(marks, data):
    text = "".join(marks)
    shape = tuple(data.draw(st.integers(1, 5)) for _ in marks)
    if not {"I", "O"} & set(marks):
        with pytest.raises(LayoutError):
            parse_layout(text)
        return
    side = {role: 1 for role in "IOKB"}
    for mark, size in zip(marks, shape, strict=True):
        side[{"H": "K", "W": "K", "D": "K", "E": "B", "L": "B"}.get(mark, mark)] *= size
    expected = (side["I"] * side["K"], side["O"] * side["K"])
    assert fans(shape, layout=text) == fans(shape, layout=text.lower()) == expected


def test_dots_stand_for_any_kernel():
    for kernel in ((), (3,), (3, 2), (2, 2, 2)):
        size = math.prod(kernel)
        assert fans((4, 5, *kernel), layout="OI...") == (5 * size, 4 * size)
        assert fans((*kernel, 5, 4), layout="...IO") == (5 * size, 4 * size)
        assert fans((4, *kernel, 5), layout="O...I") == (5 * size, 4 * size)
    assert fans((4, 5, 3)) == fans((4, 5, 3), layout="OI...", groups=1)


BAD: list[tuple[type[FastinitError], dict[str, Any]]] = [
    (FanError, {"layout": "OIHW"}),
    (FanError, {"layout": "I"}),
    (FanError, {"layout": "OIHWD..."}),
    (FanError, {"groups": 5}),
    (FanError, {"groups": 0}),
    (FanError, {"groups": -1}),
    (FanError, {"layout": "G...IO", "groups": 2}),
    (FanError, {"layout": "(GI)OH", "groups": 4}),
    (ArgumentTypeError, {"groups": 2.0}),
    (ArgumentTypeError, {"groups": True}),
    (ArgumentTypeError, {"groups": None}),
    (ArgumentTypeError, {"layout": 3}),
    (ArgumentTypeError, {"layout": ("O", "I")}),
    *(
        (LayoutError, {"layout": text})
        for text in ("", "HW", "OQ", "O I", "....", "......OI", "OI.", "(OI)", "(GK)I")
    ),
    (LayoutError, {"layout": "(GO)(GI)H"}),
    (LayoutError, {"layout": "GO(GI)"}),
    (LayoutError, {"layout": "OIH", "in_axis": 0}),
    (LayoutError, {"in_axis": -1}),
    (LayoutError, {"in_axis": 1, "batch_axis": (0, 1)}),
    (LayoutError, {"in_axis": (), "out_axis": ()}),
    (LayoutError, {"in_axis": (0, 0)}),
    (ReportedIndexError, {"in_axis": 3}),
    (ReportedIndexError, {"out_axis": -4}),
    (ArgumentTypeError, {"in_axis": "0"}),
    (ArgumentTypeError, {"in_axis": 1.0}),
    (ArgumentTypeError, {"in_axis": True}),
]


@pytest.mark.parametrize(("error", "how"), BAD)
def test_bad_layouts_are_refused_in_three_parts(error, how):
    with pytest.raises(error) as caught:
        fans((6, 4, 3), **how)
    assert type(caught.value) is error
    parts = (caught.value.given, caught.value.allowed, caught.value.remedy)
    assert all(0 < len(part) < 200 for part in parts)


def test_fans_of_any_layout_are_exact_or_refused():
    large = 2**31
    assert fans((large, 3, large), layout="KIO") == (3 * large, large * large)
    with pytest.raises(FanError, match="2\\^63 or more"):
        fans((large, 2 * large, 3), layout="IKO")
    assert fans((large, large, 0), layout="IKO") == (large * large, 0)
    assert fans((large, large, 4), layout="BBI") == (4, 1)
