"""Many arrays as one job: the bits of single fills, and all or nothing."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import fastinit
from fastinit import Generator, Sections, View, fill, fill_many
from fastinit.dtypes import numpy_dtype
from fastinit.errors import ArgumentError, ArgumentTypeError

#: Sizes around what is done at once, in parts, and not at all.
SHAPES = [(), (1,), (0, 3), (7, 5), (64, 64), (513, 1031), (1000, 1300), (3,), (2**19,)]


def items_of(cases, make):
    """One item per shape, of all kernels in turn."""
    return [
        (
            make(shape, numpy_dtype(cases[k % len(cases)].dtype)),
            cases[k % len(cases)].spec,
            f"layer.{k}",
        )
        for k, shape in enumerate(SHAPES * 4)
    ]


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_arrays_get_the_bits_of_single_fills(all_cases, threads):
    done = []
    items = items_of(all_cases, np.empty)
    count = fill_many(items, seed=3, threads=threads, progress=done.append)
    assert count == sum(done) == sum(array.size for array, _, _ in items)
    for array, spec, name in items:
        alone = fill(np.empty_like(array), spec, seed=3, name=name, threads=1)
        assert array.tobytes() == alone.tobytes()


def test_strided_arrays_and_views(assert_same_bits):
    whole = fill(np.empty((600, 800), np.float32), "normal", seed=1, name="w")
    upper = np.empty((300, 800), np.float32)
    lower = np.empty((800, 300), np.float32).T
    items = [
        (upper, "normal", "w", View((600, 800), np.s_[:300])),
        (lower, "normal", "w", View((600, 800), np.s_[300:])),
    ]
    fill_many(items, seed=1)
    assert_same_bits(upper, whole[:300])
    assert_same_bits(lower, whole[300:])


def test_torch_tensors_are_told():
    torch = pytest.importorskip("torch")
    tensor, array = torch.empty(4, 6, dtype=torch.bfloat16), np.empty((4, 6))
    version = tensor._version
    fill_many([(tensor, "xavier_uniform", "a"), (array, "ones", "b")], seed=2)
    assert tensor._version == version + 1
    alone = fastinit.xavier_uniform_(torch.empty_like(tensor), seed=2, name="a")
    assert torch.equal(tensor, alone)
    assert (array == 1).all()


def test_names_come_from_the_generator_in_order():
    first, second = np.empty(5), np.empty(5)
    generator = Generator(8)
    fill_many([(first, "normal", None), (second, "normal", None)], generator=generator)
    for name, array in (("#0", first), ("#1", second)):
        assert (array == fill(np.empty(5), "normal", seed=8, name=name)).all()
    assert generator.next_name() == "#2"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ((np.zeros(3), "normal"), "item 1"),
        (np.zeros(3), "item 1"),
        ((np.zeros(3), "nomal", "b"), "nomal"),
        ((np.zeros(3), "kaiming_normal", "b"), "fan"),
        ((np.zeros(3, np.int8), "normal", "b"), "int8"),
        ((np.zeros(3), "normal", 7), "name 7"),
        ((np.zeros(3), "normal", "b", 5), "view"),
        ((np.zeros(3), "normal", "b", View((4,))), "view"),
        ((np.zeros(3), "normal", "a"), "own name"),
        ((np.zeros(4), "ones", "a", View((8,), np.s_[4:])), "own name"),
        ((np.broadcast_to(np.zeros(1), 3), "normal", "b"), "read-only|share"),
    ],
)
def test_one_wrong_item_and_nothing_is_written(wrong, message):
    good, generator = np.zeros((2, 2)), Generator(4)
    with pytest.raises(fastinit.FastinitError, match=message):
        fill_many([(good, "normal", "a"), wrong], generator=generator)
    assert not good.any()
    assert generator.next_name() == "#0"


@pytest.mark.parametrize("items", [None, 3, np.float32(1)])
def test_what_is_no_list_of_items(items):
    with pytest.raises(fastinit.FastinitError, match="iterable"):
        fill_many(items)


@pytest.mark.parametrize("backend", ["", "gpu", "cuda", 3])
def test_a_backend_is_never_replaced(backend):
    array = np.zeros(3)
    with pytest.raises(fastinit.FastinitError, match="backend"):
        fill_many([(array, "normal", "a")], seed=1, backend=backend)
    assert not array.any()


def test_unnamed_arrays_of_one_seed_would_be_equal():
    arrays = [np.zeros(3), np.zeros(3)]
    with pytest.raises(fastinit.FastinitError, match="own name"):
        fill_many([(array, "normal", None) for array in arrays], seed=1)
    assert not any(array.any() for array in arrays)


def test_nothing_is_fine():
    assert fill_many([]) == 0
    fill_many(iter([(np.empty(0), "normal", "a")]), seed=1)


def test_an_error_in_progress_stops_all():
    def fail(done):
        raise ZeroDivisionError(done)

    items = [(np.empty(2**20), "normal", f"{k}") for k in range(4)]
    with pytest.raises(ZeroDivisionError):
        fill_many(items, seed=0, threads=3, progress=fail)
    with pytest.raises(fastinit.FastinitError, match="progress"):
        fill_many(items, seed=0, progress=4)


def test_sections_are_tensors_of_the_job():
    view = Sections(0, (3, 1), ("q", "k"))
    fused, single = np.empty((4, 5)), np.empty((2, 2))
    items = [(fused, "xavier_normal", None, view), (single, "normal", "w")]
    generator = Generator(8)
    assert fill_many(items, generator=generator) == 24
    assert (fused == fill(np.empty((4, 5)), "xavier_normal", seed=8, view=view)).all()
    assert (single == fill(np.empty((2, 2)), "normal", seed=8, name="w")).all()
    assert generator.next_name() == "#0"


def test_a_section_is_no_second_tensor_of_a_name():
    fused, single = np.zeros((4, 5)), np.zeros((2, 2))
    view = Sections(0, (3, 1), ("q", "k"))
    with pytest.raises(fastinit.FastinitError, match="own name"):
        fill_many([(fused, "ones", None, view), (single, "ones", "k")], seed=1)
    with pytest.raises(fastinit.FastinitError, match="beside sections"):
        fill_many([(fused, "ones", "qk", view)], seed=1)
    assert not fused.any()
    assert not single.any()


def test_padded_parts_of_one_tensor():
    shards = [np.empty((6, 4)) for _ in range(2)]
    reach = {"index_shape": (12, 4)}
    views = [View((9, 4), np.s_[at : at + 6], **reach) for at in (0, 6)]
    items = [(s, "normal", "w", v) for s, v in zip(shards, views, strict=True)]
    fill_many(items, seed=1)
    assert (
        np.concatenate(shards) == fill(np.empty((12, 4)), "normal", seed=1, name="w")
    ).all()


def overlapping():
    """Pairs of arrays that share elements, of which the one comes before the other."""
    a, b = np.zeros(2**18, np.float32), np.zeros((100, 100), np.float32)
    tied = torch.nn.Linear(30, 30).weight
    return {
        "the same": (a, a),
        "one element": (a[:100], a[99:200]),
        "steps": (a[::2], a[::3]),
        "another order": (b, b.T[3:, 5:]),
        "another type": (a, a.view(np.float64)[-3:]),
        "torch": (tied, tied.detach()[5]),
        "torch and NumPy": (tied.detach().numpy()[7], tied),
    }


@pytest.mark.parametrize("pair", overlapping())
def test_arrays_that_share_memory_are_refused(pair):
    first, second = overlapping()[pair]
    held = first.detach().numpy() if hasattr(first, "detach") else first
    before = held.copy()
    for items in ([first, second], [second, first]):
        rows = [(array, "normal", f"layer.{k}") for k, array in enumerate(items)]
        with pytest.raises(ArgumentError, match="share memory"):
            fill_many(rows, seed=0)
    assert before.tobytes() == held.tobytes()


def test_disjoint_parts_of_one_array_are_fine():
    a, b = np.zeros(1000, np.float32), np.zeros((40, 60))
    parts = [a[:500:2], a[1:500:2], a[:499:-1], b[:, :20], b[:, 20:].T, b[:0]]
    fill_many([(part, "normal", f"n{k}") for k, part in enumerate(parts)], seed=0)
    for k, part in enumerate(parts):
        alone = fill(np.empty_like(part), "normal", seed=0, name=f"n{k}")
        assert part.tobytes() == alone.tobytes()


def test_a_whole_and_its_parts_in_any_order():
    whole, part = np.empty((8, 4)), np.empty((4, 4))
    items = [
        (whole, "normal", "x"),
        (part, "normal", "x", View((8, 4), np.s_[:4])),
    ]
    for order in (items, items[::-1]):
        fill_many(order, seed=0)
        assert (whole[:4] == part).all()
    with pytest.raises(ArgumentError, match="two arrays of the name"):
        fill_many([*items[::-1], (np.empty((8, 4)), "normal", "x")], seed=0)


def test_items_may_be_lists():
    array = np.empty((3, 4))
    assert fill_many([[array, "normal", "x"]], seed=0) == 12
    with pytest.raises(ArgumentTypeError, match="a list of 2"):
        fill_many([[array, "normal"]], seed=0)
