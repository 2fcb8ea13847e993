"""Every value of a narrow dtype as often as it should be: a short campaign.

Level 1e-6 for each comparison; seeds are fixed, so none is unlucky.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from fastinit import create
from fastinit.dtypes import DTYPES, numpy_dtype

PATH = Path(__file__).parent / "long" / "discrete_laws.py"
spec = importlib.util.spec_from_file_location("discrete_laws", PATH)
campaign = importlib.util.module_from_spec(spec)
spec.loader.exec_module(campaign)

LEVEL, SAMPLES = 1e-6, 1 << 20
#: Laws of three distributions, each of other samplers.
CASES = campaign.LAWS[::2] + campaign.LAWS[5:]


def test_every_narrow_dtype_is_in_the_campaign():
    assert {*campaign.NAMES} == {n for n, row in DTYPES.items() if row.is_low_precision}


@pytest.mark.parametrize("dtype", campaign.NAMES)
@pytest.mark.parametrize("law", CASES, ids=lambda law: law[0])
def test_values_occur_as_often_as_the_rounded_law_says(law, dtype):
    text, passes = campaign.row(law, dtype, SAMPLES, LEVEL)
    assert passes, text


@pytest.mark.parametrize("dtype", campaign.NAMES)
def test_probabilities_are_those_of_rounded_values(dtype):
    values, place = campaign.values_of(dtype)
    law = stats.norm(0.0, 0.02)
    chances = campaign.probabilities(values, law, (-np.inf, np.inf), closed=True)
    assert chances.sum() == pytest.approx(1.0, abs=1e-12)
    # An interval of probability p holds n p of n equal quantiles, give or take one,
    # and those that ml_dtypes moves by rounding to float32 first.
    n = 1 << 18
    rounded = law.ppf((np.arange(n) + 0.5) / n).astype(numpy_dtype(dtype))
    counts = np.bincount(
        place[rounded.view(DTYPES[dtype].storage)], minlength=values.size
    )
    assert np.abs(counts - n * chances).max() <= 3.0


def cut(values: np.ndarray, dtype: str) -> np.ndarray:
    """Values of a dtype with the bits that it has no room for dropped."""
    nearest = values.astype(numpy_dtype(dtype)).view(DTYPES[dtype].storage)
    is_beyond = np.abs(nearest.view(numpy_dtype(dtype)).astype(np.float32)) > abs(
        values
    )
    return (nearest - is_beyond).view(numpy_dtype(dtype))


@pytest.mark.parametrize("dtype", ["float8_e4m3fn", "float8_e5m2"])
def test_other_roundings_and_laws_are_told_apart(dtype, monkeypatch):
    case, n = campaign.LAWS[3], SAMPLES
    single = create(case[0], n, seed=1)
    for wrong in (cut(single, dtype), (1.01 * single).astype(numpy_dtype(dtype))):
        counts = np.bincount(wrong.view(DTYPES[dtype].storage), minlength=256)
        monkeypatch.setattr(campaign, "counts_of", lambda *_, c=counts: c)
        text, passes = campaign.row(case, dtype, n, LEVEL)
        assert not passes, text


def test_bins_hold_everything():
    expected = np.array([0.5, 3.0, 20.0, 100.0, 9.0, 4.0, 2.0])
    counts = np.arange(7.0)
    observed, merged = campaign.merged(counts, expected)
    assert merged.tolist() == [23.5, 15.0, 100.0]
    assert observed.tolist() == [3.0, 15.0, 3.0]
    assert merged.sum() == expected.sum()
