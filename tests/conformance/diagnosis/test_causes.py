"""Wrong initializers: all rejected, and nearly all called by their names."""

import functools

import numpy as np
import pytest
from wrong_initializers import WRONG

from fastinit.conformance import check
from fastinit.distributions import DISTRIBUTIONS
from fastinit.spec import as_spec


@functools.cache
def judged(index):
    wrong = WRONG[index]
    spec = as_spec(wrong.spec)
    std = DISTRIBUTIONS[spec.distribution].law(spec.resolve(wrong.shape)).std
    array = wrong.make(np.random.default_rng(index), wrong.shape, std)
    assert array.shape == wrong.shape
    return check(array, wrong.spec)


@pytest.mark.parametrize("index", range(len(WRONG)), ids=[w.name for w in WRONG])
def test_wrong_initializer_is_rejected_with_a_cause(index):
    result = judged(index)
    assert result.verdict == "violates"
    assert result.causes
    assert result.hint == str(result.causes[0])
    assert f"hint: {result.hint}" in str(result)
    scores = [cause.score for cause in result.causes]
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 < score <= 1.0 for score in scores)


def test_nine_of_ten_are_named_correctly():
    assert len(WRONG) >= 60
    named = [judged(k).causes[0].name == wrong.cause for k, wrong in enumerate(WRONG)]
    assert sum(named) >= 0.9 * len(WRONG)


def test_correct_arrays_have_no_cause():
    draws = np.random.default_rng(0).standard_normal((300, 400), dtype=np.float32)
    result = check(draws, "normal")
    assert (result.causes, result.hint) == ((), "")
