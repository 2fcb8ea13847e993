"""Sections: fused, grouped and stacked tensors equal those filled one by one."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import fastinit
from fastinit import Generator, Sections, View
from fastinit.errors import ArgumentError, ArgumentTypeError, ViewError

SPECS = (
    "xavier_normal",
    "kaiming_uniform(mode=fan_out)",
    "uniform(a=0.1, b=0.9)",
    "constant(val=3)",
)
DTYPES = ("float32", "float64", "float16", "bfloat16", "float8_e4m3fn")


def alone(spec: str, shape: tuple[int, ...], name: str, dtype: str = "float32"):
    """Tensor filled by itself."""
    return fastinit.create(spec, shape, seed=5, name=name, dtype=dtype)


def fused(spec: str, shape: tuple[int, ...], view: Sections, dtype: str = "float32"):
    return fastinit.create(spec, shape, seed=5, view=view, dtype=dtype)


def equal(left, right) -> bool:
    """Equal shapes and bits."""
    return left.shape == right.shape and left.tobytes() == right.tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("spec", SPECS)
def test_a_fused_array_is_its_tensors_side_by_side(spec, dtype):
    whole = fused(spec, (13, 7), Sections(0, (8, 5), ("q", "k")), dtype)
    parts = [alone(spec, (8, 7), "q", dtype), alone(spec, (5, 7), "k", dtype)]
    assert equal(whole, np.concatenate(parts))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("spec", SPECS)
def test_a_stack_is_its_tensors(spec, dtype):
    whole = fused(spec, (3, 4, 5), Sections.stack(["a", "b", "c"]), dtype)
    parts = [alone(spec, (4, 5), name, dtype) for name in "abc"]
    assert equal(whole, np.stack(parts))


@pytest.mark.parametrize("dtype", ["int32", "bool", "uint8"])
def test_constants_of_integers(dtype):
    whole = fused("ones", (4, 2), Sections(0, (1, 3), ("a", "b")), dtype)
    assert whole.dtype == np.dtype(dtype)
    assert whole.all()


def test_groups_are_heads_of_query_key_and_value():
    heads, size, width = 3, 4, 6
    view = Sections(0, (2 * size, size, size), ("q", "k", "v"), groups=heads)
    whole = fused("xavier_normal", (heads * 4 * size, width), view)
    by_head = whole.reshape(heads, 4, size, width)
    query = alone("xavier_normal", (heads * 2 * size, width), "q")
    assert equal(by_head[:, :2].reshape(-1, width), query)
    for place, name in [(2, "k"), (3, "v")]:
        expected = alone("xavier_normal", (heads * size, width), name)
        assert equal(by_head[:, place].reshape(-1, width), expected)


def test_groups_of_one_interleave():
    view = Sections(-1, (1, 1), ("gate", "up"), groups=5)
    whole = fused("normal", (3, 10), view)
    assert equal(whole[:, ::2].copy(), alone("normal", (3, 5), "gate"))
    assert equal(whole[:, 1::2].copy(), alone("normal", (3, 5), "up"))


def test_fans_come_from_the_section():
    view = Sections(0, (400, 400, 400), ("q", "k", "v"))
    whole = fused("xavier_normal", (1200, 400), view)
    assert float(whole.std()) == pytest.approx((2 / 800) ** 0.5, rel=0.01)


def test_layers_of_a_scan_stored_transposed():
    names = [f"layers.{i}.weight" for i in range(4)]
    view = Sections.stack(names, views=[View((6, 3), axes=(1, 0))] * 4)
    whole = fused("kaiming_normal", (4, 3, 6), view)
    for held, name in zip(whole, names, strict=True):
        assert equal(held.T.copy(), alone("kaiming_normal", (6, 3), name))


def test_a_shard_of_a_fused_array_takes_views():
    rows = [View((8, 5), np.s_[2:4]), View((4, 5), np.s_[1:2])]
    shard = fused("xavier_normal", (3, 5), Sections(0, rows, ("q", "k")))
    assert equal(shard[:2].copy(), alone("xavier_normal", (8, 5), "q")[2:4])
    assert equal(shard[2:].copy(), alone("xavier_normal", (4, 5), "k")[1:2])


def test_strided_destinations_and_other_frameworks():
    view = Sections(1, (2, 3), ("a", "b"))
    expected = fused("normal", (4, 5), view)
    strided = np.zeros((8, 5), np.float32)
    fastinit.fill(strided[::-2], "normal", seed=5, view=view)
    assert equal(strided[::-2].copy(), expected)
    assert not strided[::2].any()
    tensor = torch.empty(5, 4).T
    fastinit.normal_(tensor, seed=5, view=view)
    assert equal(tensor.numpy().copy(), expected)


@st.composite
def cuts(draw: st.DrawFn):
    """Shape of an array, an axis of it, sizes of sections and groups."""
    shape = draw(st.lists(st.integers(0, 6), min_size=1, max_size=4))
    axis = draw(st.integers(0, len(shape) - 1))
    sizes = draw(st.lists(st.integers(0, 5), min_size=1, max_size=4))
    groups = draw(st.integers(1, 3))
    shape[axis] = sum(sizes) * groups
    return tuple(shape), axis, tuple(sizes), groups


@settings(max_examples=60)
@given(cuts(), st.sampled_from(["normal", "uniform"]), st.booleans())
def test_any_cut_gives_the_tensors_and_covers_the_array(cut, spec, from_the_end):
    shape, axis, sizes, groups = cut
    names = [f"t{i}" for i in range(len(sizes))]
    given_axis = axis - len(shape) if from_the_end else axis
    view = Sections(given_axis, sizes, names, groups=groups)
    whole = fused(spec, shape, view)
    blocks = whole.reshape(*shape[:axis], groups, sum(sizes), *shape[axis + 1 :])
    at, covered = 0, 0
    for one, size, name in zip(view.of(shape), sizes, names, strict=True):
        tensor = (*shape[:axis], groups * size, *shape[axis + 1 :])
        part = np.take(blocks, range(at, at + size), axis + 1).reshape(tensor)
        assert one.view.shape == tensor
        assert equal(part, alone(spec, tensor, name))
        assert blocks.shape == view.grid(shape) or groups == 1
        at, covered = at + size, covered + part.size
    assert covered == whole.size


def test_sections_are_values():
    view = Sections(0, [np.int64(2), 3], ["a", "b"])
    assert view == Sections(0, (2, 3), ("a", "b"))
    assert hash(view) == hash(Sections(np.int8(0), (2, 3), ("a", "b"), groups=1))
    assert view != Sections(0, (2, 3), ("a", "c"))
    assert Sections(0, (1, 1), ("a", "b")) != Sections.stack(("a", "b"))


def test_a_generator_gives_its_seed_and_counts_no_name():
    generator, view = Generator(5), Sections.stack(["a"])
    out = fastinit.fill(
        np.empty((1, 3), np.float32), "normal", generator=generator, view=view
    )
    assert equal(out, fused("normal", (1, 3), view))
    assert generator.next_name() == "#0"


def test_progress_counts_every_element_once():
    done: list[int] = []
    view = Sections(0, (4, 2), ("a", "b"))
    fastinit.create("normal", (6, 5), seed=5, view=view, progress=done.append)
    assert sum(done) == 30


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: Sections(0, (1, 2), ("a",)), ViewError, "2 sizes for 1 names"),
        (lambda: Sections(0, (), ()), ViewError, "no sections"),
        (lambda: Sections(0, (1, 1), ("a", "a")), ViewError, "'a' twice"),
        (lambda: Sections(0, (-1,), ("a",)), ViewError, "size -1"),
        (lambda: Sections(0, (1,), ("a",), groups=0), ViewError, "groups=0"),
        (lambda: Sections(0.0, (1,), ("a",)), ArgumentTypeError, "axis 0.0"),
        (lambda: Sections(True, (1,), ("a",)), ArgumentTypeError, "axis True"),
        (lambda: Sections(0, (1.5,), ("a",)), ArgumentTypeError, "size 1.5"),
        (lambda: Sections(0, 3, ("a",)), ArgumentTypeError, "sizes 3"),
        (lambda: Sections(0, (1,), "a"), ArgumentTypeError, "names 'a'"),
        (lambda: Sections(0, (1,), (1,)), ArgumentTypeError, "name 1"),
        (lambda: Sections(0, (1,), ("\ud800",)), ArgumentError, "UTF-8"),
        (lambda: Sections(0, (1,), ("a",), groups="2"), ArgumentTypeError, "groups"),
        (lambda: Sections.stack([]), ViewError, "no sections"),
        (lambda: Sections.stack(["a"], views=[2]), ArgumentTypeError, "view 2"),
        (lambda: Sections.stack(["a"], views=[]), ViewError, "0 views for 1 names"),
    ],
)
def test_sections_that_cannot_be_say_why(make, error, words):
    with pytest.raises(error, match=words) as caught:
        make()
    assert caught.value.allowed
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (Sections(0, (2, 1), ("a", "b")), "sections of 3 for axis 0"),
        (Sections(0, (1, 1), ("a", "b"), groups=3), "3 times 2 for axis 0"),
        (Sections(2, (4,), ("a",)), "along axis 2"),
        (Sections(-3, (4,), ("a",)), "along axis -3"),
        (Sections.stack(["a", "b", "c"]), "sections of 3 for axis 0"),
        (Sections(0, [View((4, 4))], ("a",)), r"view of shape \(4, 4\)"),
        (Sections(1, [View((3,))], ("a",)), r"view of shape \(3,\)"),
        (Sections(0, [View((4, 3))], ("a",), groups=3), "multiple of the 3 groups"),
        (Sections.stack(list("abcd"), views=[View((4,))] * 4), "view of shape"),
    ],
)
def test_sections_that_do_not_fit_write_nothing(view, words):
    array = np.full((4, 3), 7, np.float32)
    with pytest.raises(ViewError, match=words):
        fastinit.fill(array, "normal", seed=0, view=view)
    assert (array == 7).all()
    with pytest.raises(ViewError, match=words):
        fastinit.create("normal", (4, 3), seed=0, view=view)


def test_a_name_beside_sections_is_refused():
    with pytest.raises(ArgumentError, match="beside sections"):
        fastinit.create("normal", (2, 2), name="w", view=Sections.stack(["a", "b"]))


def test_the_scheme_must_suit_every_section():
    view = Sections.stack(["a", "b"])
    with pytest.raises(ArgumentError, match="2 dim"):
        fastinit.create("xavier_normal", (2, 3), seed=0, view=view)
