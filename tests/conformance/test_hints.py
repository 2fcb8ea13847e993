"""Words for a wrong std."""

import itertools
import math

import pytest

from fastinit.conformance.hints import KNOWN_RATIOS, explain_scale


@pytest.mark.parametrize(("ratio", "words"), KNOWN_RATIOS)
def test_known_ratio_is_named(ratio, words):
    assert words in explain_scale(0.037 * ratio * 1.005, 0.037, {})


def test_known_ratios_cannot_be_confused():
    ratios = sorted(math.log(ratio) for ratio, _ in KNOWN_RATIOS)
    assert min(b - a for a, b in itertools.pairwise(ratios)) > 0.04


def test_alternative_of_the_caller_comes_first():
    hint = explain_scale(math.sqrt(0.5), 1.0, {"fans swapped": math.sqrt(0.5)})
    assert hint.endswith("which fits fans swapped")


@pytest.mark.parametrize("observed", [0.0201, 0.0242, math.inf, math.nan])
def test_nothing_known_gives_no_hint(observed):
    assert explain_scale(observed, 0.02, {"never": 0.0}) == ""


def test_variance_and_root_are_recognised():
    assert "variance was used" in explain_scale(0.02**2, 0.02, {})
    assert "used as a variance" in explain_scale(0.02**0.5, 0.02, {})
