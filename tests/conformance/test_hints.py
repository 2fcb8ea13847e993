"""Words for a wrong std."""

import itertools
import math

import pytest

from fastinit.conformance.hints import (
    KNOWN_RATIOS,
    TRUNCATION_RATIOS,
    explain_scale,
)

ALL_RATIOS = (*KNOWN_RATIOS, *TRUNCATION_RATIOS)


@pytest.mark.parametrize(("ratio", "words"), ALL_RATIOS)
def test_known_ratio_is_named(ratio, words):
    assert words in explain_scale(0.037 * ratio * 1.005, 0.037, {})


def test_known_ratios_cannot_be_confused():
    ratios = sorted(math.log(ratio) for ratio, _ in ALL_RATIOS)
    assert min(b - a for a, b in itertools.pairwise(ratios)) > 0.04


def test_alternative_of_the_caller_comes_first():
    hint = explain_scale(math.sqrt(0.5), 1.0, {"fans swapped": math.sqrt(0.5)})
    assert hint.endswith("which fits fans swapped")


@pytest.mark.parametrize("observed", [0.0201, 0.0242, math.inf, math.nan])
def test_nothing_known_gives_no_hint(observed):
    assert explain_scale(observed, 0.02, {"never": 0.0}) == ""


@pytest.mark.parametrize(("ratio", "words"), TRUNCATION_RATIOS)
def test_a_uniform_law_is_not_truncated(ratio, words):
    assert words not in explain_scale(0.037 * ratio, 0.037, {}, is_normal=False)


def test_variance_and_root_are_recognised():
    assert "variance was used" in explain_scale(0.02**2, 0.02, {})
    assert "used as a variance" in explain_scale(0.02**0.5, 0.02, {})
