"""Holm, families, verdicts, text and JSON."""

import dataclasses
import json
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastinit.conformance import Facts, TestResult, holm, judge, judge_family
from fastinit.dtypes import dtype_of
from fastinit.errors import ArgumentError

P_VALUES = st.lists(st.floats(0.0, 1.0), max_size=12)
FLOAT32 = dtype_of("float32")


def holm_by_definition(p_values):
    """Adjusted p of i: the largest scaled p among those not above it."""
    m = len(p_values)
    order = sorted(range(m), key=lambda i: p_values[i])
    adjusted = [0.0] * m
    for rank, i in enumerate(order):
        adjusted[i] = max(
            min(1.0, (m - k) * p_values[order[k]]) for k in range(rank + 1)
        )
    return tuple(adjusted)


def draws(n, seed=0, scale=1.0):
    generator = np.random.default_rng(seed)
    return generator.standard_normal(n, dtype=np.float32) * np.float32(scale)


def test_holm_of_a_known_family():
    # Example of Wright (1992): .0001 .0058 .0132 .0289 .0498 .0911 .2012 .5718 .8912
    family = [0.0132, 0.0001, 0.8912, 0.0289, 0.0058, 0.0498, 0.0911, 0.2012, 0.5718]
    expected = [0.0924, 0.0009, 1.0, 0.1734, 0.0464, 0.249, 0.3644, 0.6036, 1.0]
    assert holm(family) == pytest.approx(expected)


@given(P_VALUES)
def test_holm_is_its_definition(p_values):
    assert holm(p_values) == pytest.approx(holm_by_definition(p_values))


@given(P_VALUES)
def test_holm_lies_between_the_p_value_and_bonferroni(p_values):
    for p, adjusted in zip(p_values, holm(p_values), strict=True):
        assert p <= adjusted <= min(1.0, len(p_values) * p)


def test_family_of_one_is_the_result_itself(normal):
    result = judge(draws(10_000), normal(), dtype=FLOAT32)
    assert judge_family([result], result.alpha) == (result,)


def test_family_adjusts_over_all_random_tests(normal):
    results = [judge(draws(2_000, k), normal(), dtype=FLOAT32) for k in range(4)]
    family = judge_family(results, 1e-6)
    raw = [t.p_value for r in results for t in r.tests if not t.is_deterministic]
    adjusted = [
        t.adjusted_p_value for r in family for t in r.tests if not t.is_deterministic
    ]
    assert len(raw) > 60
    assert adjusted == pytest.approx(holm_by_definition(raw))
    assert judge_family(family, 1e-6) == family


def test_doubtful_array_is_not_a_violation_among_many(normal):
    # Its smallest p, 4e-6, fails alone at 1e-4 but not among 3 x 200 tests.
    doubtful = judge(draws(5_000, 1, 1.036), normal(), dtype=FLOAT32, alpha=1e-4)
    assert doubtful.verdict == "violates"
    assert min(t.p_value for t in doubtful.tests) > 1e-6
    good = [judge(draws(10, k), normal(), dtype=FLOAT32) for k in range(199)]
    judged = judge_family([doubtful, *good], 1e-4)[0]
    assert judged.verdict in {"conforms", "inconclusive"}


def test_deterministic_failure_stays_one_in_any_family(normal):
    broken = draws(100)
    broken[3] = np.nan
    results = [judge(a, normal(), dtype=FLOAT32) for a in (broken, draws(100))]
    assert [r.verdict for r in judge_family(results, 1e-6)] == [
        "violates",
        "inconclusive",
    ]


def test_deterministic_passes_do_not_enlarge_the_family(constant, normal):
    zeros = judge(np.zeros(9), constant(0.0), dtype=dtype_of("float64"))
    random = judge(draws(10_000), normal(), dtype=FLOAT32)
    assert judge_family([zeros, random, zeros], 1e-6)[1] == random


def test_correct_families_are_rarely_said_to_violate(normal):
    # 60 families at a rate of at most 0.1: more than 18 have probability below 1e-6.
    alarms = 0
    for seed in range(60):
        family = judge_family(
            [
                judge(draws(200, [seed, k]), normal(), dtype=FLOAT32, alpha=0.1)
                for k in range(5)
            ],
            0.1,
        )
        alarms += any(result.verdict == "violates" for result in family)
    assert alarms <= 18


def test_results_are_frozen_and_travel(normal):
    result = judge(draws(100), normal(), dtype=FLOAT32, subject="w")
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.verdict = "conforms"
    assert pickle.loads(pickle.dumps(result)) == result


def test_text_begins_with_the_verdict_and_names_every_test(normal):
    result = judge(draws(100_000, scale=1.4), normal(), dtype=FLOAT32, subject="fc.w")
    lines = str(result).splitlines()
    assert lines[0] == (
        "violates: fc.w, float32, 100,000 elements, against normal(0.0, 1.0)"
    )
    for test in result.tests:
        state = "ok" if test.passed else "FAILED"
        told = [line for line in lines if line.split()[:2] == [test.name, state]]
        is_among_others = any(
            "more passed" in line and test.name in line for line in lines
        )
        assert bool(told) != is_among_others, test.name
    assert any(line.startswith("  hint: the observed std 1.39") for line in lines)


def test_text_says_how_many_elements_are_needed(normal):
    result = judge(draws(300), normal(), dtype=FLOAT32)
    assert result.verdict == "inconclusive"
    assert "about 5,500 are needed" in str(result)
    assert "300 were given" in str(result)


def test_text_names_the_interval_that_reaches_too_far(normal):
    # A shift of 0.06 std at 5,600 elements is 4.5 standard errors: too little to
    # violate, too much for the interval to stay within a margin of 0.1.
    shifted = draws(5_600, 2) + np.float32(0.06)
    result = judge(shifted, normal(), dtype=FLOAT32)
    assert result.verdict == "inconclusive"
    assert result.n >= result.n_needed
    assert "the interval of kolmogorov_smirnov and mean reaches beyond" in str(result)


def test_dict_is_json_with_finite_numbers(normal):
    data = judge(draws(0), normal(), dtype=FLOAT32).to_dict()
    again = json.loads(json.dumps(data, allow_nan=False))
    assert again == data
    assert again["facts"]["min"] is None
    assert again["tests"][2]["half_width"] is None
    assert again["verdict"] == "inconclusive"


def test_verdict_is_asked_by_name(normal):
    result = judge(draws(10_000), normal(), dtype=FLOAT32)
    assert result.conforms
    assert "__bool__" not in type(result).__dict__


def test_equivalence_of_an_unknown_effect_is_refused():
    test = TestResult("mean", 0.0, 1.0, 1.0, float("nan"), 0.0, True, "")
    assert not test.is_equivalent(1.0)


@pytest.mark.parametrize("alpha", [0.0, 1.0, -1.0, float("nan")])
def test_alpha_is_a_probability(alpha):
    with pytest.raises(ArgumentError, match="false-alarm rate"):
        judge_family([], alpha)


def test_facts_keep_their_order():
    assert [field.name for field in dataclasses.fields(Facts)] == [
        "min",
        "max",
        "n_nan",
        "n_inf",
        "mean",
        "std",
    ]
