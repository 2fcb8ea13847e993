"""The judge of contenders: a wrong law, untouched memory and other arrays fail."""

from __future__ import annotations

import numpy as np
import pytest

from fastinit.compare.cases import SIZES, Case
from fastinit.compare.conformity import conformity, judged_elements
from fastinit.compare.memory import Memory

CASE = Case("normal", "float32", SIZES["1Mi"])


def draws(case=CASE):
    return np.random.default_rng(0).standard_normal(case.size.shape, np.float32)


def test_right_values_count():
    found = conformity(draws(), CASE)
    assert (found.verdict, found.detail, found.counts) == ("conforms", "", True)


@pytest.mark.parametrize(
    ("change", "test"),
    [
        (lambda x: x * 1.02, "variance"),
        (lambda x: x + 0.02, "mean"),
        (lambda x: np.abs(x), "kolmogorov_smirnov"),
        (lambda x: np.where(x > 3, np.nan, x), "finite"),
    ],
)
def test_wrong_values_do_not(change, test):
    found = conformity(change(draws()).astype(np.float32), CASE)
    assert found.verdict == "violates"
    assert test in found.detail
    assert not found.counts


def test_memory_that_nobody_filled_does_not():
    memory = Memory(CASE.reach)
    assert conformity(memory.array(CASE), CASE).verdict == "violates"
    # Nor the last rows of an array, whatever the rest holds.
    array = memory.array(CASE)
    array[:-8] = draws()[:-8]
    assert "finite" in conformity(array, CASE).detail


def test_another_dtype_or_shape_does_not():
    assert "float64" in conformity(draws().astype(np.float64), CASE).detail
    assert "(512, 2048)" in conformity(draws().reshape(512, 2048), CASE).detail


def test_judged_elements_reach_over_the_whole_array():
    flat = np.arange(1 << 21).reshape(1 << 11, 1 << 10)
    found = judged_elements(flat)
    assert 1 << 17 < found.size <= 1 << 21
    assert found[0] == 0
    assert found[-1] > (1 << 21) - 16
    assert np.unique(np.diff(found)).tolist() == [9]
    assert judged_elements(flat[:4]).size == 4096


def test_a_stride_of_the_generator_cannot_hide():
    # Every eighth element is wrong, and an even stride could miss all of them.
    case = Case("normal", "float32", SIZES["16Mi"])
    values = np.resize(draws(), case.size.shape)
    values.reshape(-1)[1::8] = 0.0
    assert conformity(values, case).verdict == "violates"
