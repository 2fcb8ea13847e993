"""sample: elements of padded tensors are those of the arrays that hold them."""

from __future__ import annotations

import numpy as np
import pytest

import fastinit
from fastinit import View, create, sample
from fastinit.errors import OutOfMemoryError, StreamIndexError

SHAPE, REACH = (5, 7), (6, 9)


@pytest.fixture(scope="module")
def padded() -> np.ndarray:
    view = View(SHAPE, np.s_[:6, :9], index_shape=REACH)
    return create("xavier_normal", REACH, seed=1, name="w", view=view)


def of(index):
    """Elements of the tensor at an index."""
    how = {"seed": 1, "name": "w", "index_shape": REACH}
    return sample("xavier_normal", SHAPE, index, **how)


def test_basic_indices(padded):
    assert np.array_equal(of(...), padded[:5, :7])
    assert np.array_equal(of(np.s_[:6, 8]), padded[:, 8])
    assert of((-1, -1)) == padded[4, 6]
    assert of((5, 8)) == padded[5, 8]


def test_flat_indices_are_those_of_the_stream(padded):
    flat = [0, 7, 9, 53]
    assert np.array_equal(of(flat), padded.reshape(-1)[flat])
    with pytest.raises(StreamIndexError, match="54 elements"):
        of([54])


def test_padding_of_the_first_axis_changes_no_sample():
    how = {"seed": 1, "name": "w"}
    plain = sample("xavier_normal", SHAPE, [34, 3], **how)
    padded_rows = sample("xavier_normal", SHAPE, [34, 3], index_shape=(9, 7), **how)
    assert np.array_equal(plain, padded_rows)


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16"])
@pytest.mark.parametrize("spec", ["xavier_normal", "kaiming_uniform", "uniform"])
def test_values_and_std_do_not_change_with_padding(spec, dtype):
    how = {"seed": 1, "name": "w", "dtype": dtype}
    plain = create(spec, SHAPE, view=View(SHAPE, index_shape=REACH), **how)
    held = View(SHAPE, np.s_[:6, :9], index_shape=REACH)
    padded = create(spec, REACH, view=held, **how)
    assert plain.tobytes() == padded[:5, :7].tobytes()
    rows = View(SHAPE, np.s_[:8], index_shape=(8, 7))
    padded_rows = create(spec, (8, 7), view=rows, **how)
    assert padded_rows[:5].tobytes() == create(spec, SHAPE, **how).tobytes()
    transposed = View(SHAPE, np.s_[:6, :9], (1, 0), index_shape=REACH)
    assert create(spec, (9, 6), view=transposed, **how).T.tobytes() == padded.tobytes()


def test_what_no_memory_holds_is_refused_in_words():
    with pytest.raises(OutOfMemoryError, match="GiB"):
        fastinit.words(0, "", 0, 2**45)
    with pytest.raises(StreamIndexError):
        sample("normal", (2**44,), range(2**41))


def test_a_mask_is_not_ignored():
    with pytest.raises(StreamIndexError, match="mask"):
        sample("normal", (9,), np.ma.array([1, 2], mask=[0, 1]))
