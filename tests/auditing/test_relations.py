"""Copies are found whatever was done to them, and nothing else is."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastinit.auditing.copies import find_copies, fingerprint_of
from fastinit.auditing.relations import confirmed
from fastinit.auditing.shards import PARTS, equal_parts
from fastinit.checkpoints.in_memory import checkpoint_of

SHAPE = (60, 48)


def weights(seed, shape=SHAPE, dtype=np.float32, std=0.05):
    drawn = np.random.default_rng(seed).normal(0.0, std, shape)
    return drawn.astype(dtype)


def copies(arrays, ties=()):
    prints = [
        found
        for one in checkpoint_of(arrays).tensors
        if (found := fingerprint_of(one, one.open())) is not None
    ]
    return find_copies(prints, ties)


def parts(array):
    (one,) = checkpoint_of({"w": array}).tensors
    return equal_parts(one, array)


#: What was done: kind, words, and how.
CHANGES = {
    "exact": ("exact_copy", "bit by bit", lambda w: w.copy()),
    "negated": ("negated_copy", "with the opposite sign", lambda w: -w),
    "rescaled": ("rescaled_copy", "times 0.3", lambda w: w * np.float32(0.3)),
    "transposed": ("transposed_copy", "transposed", lambda w: w.T.copy()),
    "bfloat16": (
        "cast_copy",
        "cast to bfloat16",
        lambda w: w.astype(ml_dtypes.bfloat16),
    ),
    "float16": ("cast_copy", "cast to float16", lambda w: w.astype(np.float16)),
    "float64": ("cast_copy", "cast to float64", lambda w: w.astype(np.float64)),
    "flat": ("exact_copy", "bit by bit", lambda w: w.reshape(-1)),
    "all at once": (
        "rescaled_copy",
        "transposed, times -1.7, cast to bfloat16",
        lambda w: (w.T * np.float32(-1.7)).astype(ml_dtypes.bfloat16),
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_copy_is_found_and_named(change):
    kind, words, make = change
    one = weights(0)
    found = copies({"a": weights(1), "b": one, "c": make(one), "d": weights(2)})
    assert [(copy.original, copy.name) for copy in found] == [("b", "c")]
    assert found[0].relation.kind == kind
    told = str(found[0].relation)
    assert told == words or told.startswith(words[:20])


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_one_element_that_differs_is_enough_to_be_none(change):
    one = weights(0)
    other = np.array(change[2](one), order="C")
    flat = other.reshape(-1)
    flat[1234] = -flat[1234] if abs(flat[1234]) > 0.01 else flat[1234] + 1
    assert copies({"a": one, "b": other}) == []


@settings(max_examples=30)
@given(
    scale=st.floats(1e-3, 1e3).map(lambda x: x if abs(x - 1) > 0.02 else 2.0),
    dtype=st.sampled_from([np.float16, np.float32, np.float64, ml_dtypes.bfloat16]),
    is_turned=st.booleans(),
)
def test_any_scale_and_dtype_is_undone(scale, dtype, is_turned):
    one = weights(5)
    other = (one.T if is_turned else one).astype(np.float64) * scale
    (found,) = copies({"a": one, "b": other.astype(dtype)})
    assert found.relation.scale == pytest.approx(scale, rel=1e-2)
    assert found.relation.is_transposed == is_turned


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32), n=st.integers(32, 300))
def test_independent_tensors_are_no_copies(seed, n):
    rng = np.random.default_rng(seed)
    arrays = {str(k): rng.normal(size=n) for k in range(4)}
    arrays |= {f"u{k}": rng.random(size=n) for k in range(4)}
    assert copies(arrays) == []


def test_constants_tables_and_integers_are_exempt():
    table = 10000.0 ** -np.linspace(0, 1, 64)
    arrays = {}
    for layer in range(3):
        arrays[f"h.{layer}.bias"] = np.zeros(64, np.float32)
        arrays[f"h.{layer}.norm"] = np.ones(64, np.float32)
        arrays[f"h.{layer}.inv_freq"] = table
        arrays[f"h.{layer}.mask"] = np.tri(64)
        arrays[f"h.{layer}.ids"] = np.arange(64)
    assert copies(arrays) == []


def test_ties_are_no_findings_and_the_earliest_is_the_original():
    one = weights(0)
    arrays = {"a": one, "b": -one, "c": one.copy()}
    found = [(copy.original, copy.name) for copy in copies(arrays)]
    assert found == [("a", "b"), ("a", "c")]
    assert copies(arrays, [frozenset("abc")]) == []
    # A tie speaks of its own names: c is also what b was made of.
    found = [(copy.original, copy.name) for copy in copies(arrays, [frozenset("ac")])]
    assert found == [("a", "b"), ("b", "c")]


def test_values_that_are_not_finite_confirm_nothing():
    one = weights(0)
    other = one.copy()
    other[3, 3] = np.nan
    assert confirmed(one, other, (one[0], other[0]), "same") is None
    both = confirmed(other, other.copy(), (one[0], one[0]), "same")
    assert both is not None
    assert both.is_equal


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("count", [2, 3, 4, 8])
def test_equal_shards_are_counted(axis, count):
    shard = weights(0, (48, 24) if axis == 0 else (24, 48))
    told = parts(np.concatenate([shard] * count, axis=axis))
    assert f"of the {count} parts of 48 along axis {axis} all are copies" in told
    assert "bit by bit" in told


def test_a_pair_of_shards_is_named():
    shards = [weights(k, (32, 40)) for k in range(4)]
    shards[3] = -shards[1]
    told = parts(np.concatenate(shards))
    assert told == (
        "of the 4 parts of 32 along axis 0 1, 3 are copies, with the opposite sign"
    )


def test_equal_experts_are_found():
    experts = np.stack([weights(k % 3, (16, 20)) for k in range(6)])
    assert "along axis 0" in parts(experts)


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32), rows=st.sampled_from(PARTS), columns=st.just(48))
def test_independent_parts_are_no_copies(seed, rows, columns):
    assert parts(weights(seed, (rows * 4, columns))) == ""


def test_rows_that_are_all_the_same_are_a_constant_of_an_axis():
    assert parts(np.tile(np.log(np.arange(1.0, 17.0)), (64, 1))) == ""
    angles = np.arange(512)[:, None] / 10000.0 ** np.linspace(0, 1, 32)
    assert parts(np.sin(angles)) == ""
