"""The table of distributions, and the raw words as one of them."""

from __future__ import annotations

import numpy as np
import pytest

from fastinit.distributions import DISTRIBUTIONS, SAMPLERS
from fastinit.distributions.words import WORDS
from fastinit.dtypes import DTYPES
from fastinit.identity import stream_key
from fastinit.plan import FillPlan
from fastinit.scheme_formulas import COMPLEX_LAWS
from fastinit.schemes import SCHEMES


def test_rows_are_complete():
    for name, row in DISTRIBUTIONS.items():
        assert row.name == name
        assert row.kinds
        assert row.samplers
        assert set(row.samplers) <= set(SAMPLERS)
    sampled = {name for scheme in SCHEMES.values() for name in scheme.distributions}
    sampled |= set(COMPLEX_LAWS.values())
    assert sampled == set(DISTRIBUTIONS) - {"words"}


def test_each_sampler_has_a_text_for_each_storage():
    for name, sampler in SAMPLERS.items():
        if name == "constant":
            sizes = {f"uint{8 * row.part.itemsize}" for row in DTYPES.values()}
            assert set(sampler.texts) == sizes
        elif name == "constant_pair":
            assert set(sampler.texts) == {"uint32", "uint64"}
        elif name != "words":
            assert set(sampler.texts) == {"float32", "float64"}


def test_words_are_uniform():
    law = WORDS.law(())
    assert law.support == (0.0, 2.0**32)
    assert law.mean == 2.0**31


def test_plans_know_their_key():
    plan = FillPlan("normal", (0.0, 1.0), (3,), DTYPES["float32"], 7, "w")
    assert plan.key == stream_key(7, "w")
    constant = FillPlan("constant", (-1,), (3,), DTYPES["int64"])
    assert constant.key == (2**32 - 1, 2**32 - 1, 0, 0)


@pytest.mark.parametrize("name", ["uniform", "normal"])
def test_laws_are_distribution_functions(name):
    law = DISTRIBUTIONS[name].law((-0.5, 2.0))
    x = np.linspace(-9, 9, 400)
    assert (np.diff(law.cdf(x)) >= 0).all()
    np.testing.assert_allclose(law.cdf(x) + law.sf(x), 1, rtol=0, atol=1e-15)
    # Mean as an integral of the two tails.
    x = np.linspace(-60, 60, 240_001)
    tails = np.where(x < 0, -law.cdf(x), law.sf(x))
    assert np.trapezoid(tails, x) == pytest.approx(law.mean, abs=1e-3)
