"""Audits of what is no model, or none that anybody wanted."""

from __future__ import annotations

import numpy as np
import pytest

from fastinit import audit
from fastinit.errors import ArgumentTypeError


@pytest.mark.parametrize("thing", [None, 3, 2.5, [], object()])
def test_what_is_no_checkpoint_is_refused(thing):
    with pytest.raises(ArgumentTypeError, match="a path, or a mapping"):
        audit(thing)


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_no_initializer_fills_with_what_is_not_finite(value):
    array = np.full((64, 64), value, np.float32)
    assert audit({"weight": array}).verdict == "violates"


def test_nothing_does_not_conform():
    assert audit({}).verdict == "inconclusive"


def test_names_that_are_no_text_are_looked_at():
    (row,) = audit({1: np.ones(40, np.float32)}).tensors
    assert (row.name, row.verdict) == ("1", "conforms")


@pytest.mark.parametrize("value", [0, 1 - 2j])
def test_complex_constants_have_no_law_without_a_plan(value):
    assert audit({"a": np.full((8, 8), value, np.complex64)}).verdict == "inconclusive"
