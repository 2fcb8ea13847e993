"""What the battery must find, at stated sizes, and what it must not."""

import ml_dtypes
import numpy as np
import pytest

from fastinit.conformance import judge
from fastinit.conformance.streaming import scan_plan
from fastinit.distributions import DISTRIBUTIONS

NORMAL = DISTRIBUTIONS["normal"].law((0.0, 1.0))
UNIFORM = DISTRIBUTIONS["uniform"].law((0.0, 1.0))


def normal(n, seed=0):
    return np.random.default_rng(seed).standard_normal(n, dtype=np.float32)


def failed(result):
    return {test.name for test in result.tests if not test.passed}


def test_power_is_told_in_words_and_numbers():
    result = judge(normal(400_000), NORMAL)
    told = [text for text in result.power if text.startswith("variance detects a std")]
    assert told == ["variance detects a std error of 0.87 % with 99 %"]
    assert result.to_dict()["power"] == list(result.power)


@pytest.mark.parametrize("name", ["variance", "mean"])
def test_power_is_what_it_says(name):
    # 60 arrays with the effect that is found with 99 %: 8 misses would have a
    # probability below 1e-6.
    n, found = 20_000, 0
    for seed in range(60):
        draws = np.random.default_rng([seed, 7]).standard_normal(n)
        test = next(t for t in judge(draws[:n], NORMAL).tests if t.name == name)
        if name == "variance":
            draws *= 1.0 + test.detectable
        else:
            draws += test.detectable
        found += name in failed(judge(draws, NORMAL))
    assert found > 52


def test_one_percent_of_std_at_400_000_elements_is_found():
    # Found with 99.9 % each: two misses of ten have a probability of 5e-5.
    misses = sum(
        "variance"
        not in failed(judge(normal(400_000, seed) * np.float32(1.01), NORMAL))
        for seed in range(10)
    )
    assert misses <= 1


@pytest.mark.parametrize("at", [0, 123_456, 2_999_999])
def test_one_nan_is_found_anywhere(at):
    draws = normal(3_000_000)
    draws[at] = np.nan
    assert failed(judge(draws, NORMAL)) == {"finite"}


def test_law_of_the_extremes_sees_a_short_tail():
    # Nothing beyond 3.9 std among a million: 96 elements are missing.
    draws = normal(1_100_000)
    draws = draws[np.abs(draws) < 3.9][:1_000_000]
    assert {"minimum", "maximum"} <= failed(judge(draws, NORMAL))


def test_zeros_are_no_normal_elements_but_points_of_a_grid():
    draws = normal(100_000)
    draws[:5] = 0.0
    assert "zeros" in failed(judge(draws, NORMAL))
    grid = np.random.default_rng(1).integers(0, 2**24, 3_000_000)
    uniform = (grid * 2.0**-24).astype(np.float32)
    assert np.count_nonzero(uniform == 0) <= 3
    assert failed(judge(uniform, UNIFORM)) == set()


@pytest.mark.parametrize("bound", [0.125, np.nextafter(0.125, 0)])
def test_a_grid_as_coarse_as_a_bound_asks_is_right(bound):
    """Also where float64 has the bound a rounding below a power of two."""
    grid = np.random.default_rng(1).integers(0, 2**24, 100_000)
    draws = (grid * 2.0**-26 - 0.125).astype(np.float32)
    law = DISTRIBUTIONS["uniform"].law((-bound, bound))
    assert failed(judge(draws, law)) == set()
    coarse = (grid // 4 * 2.0**-24 - 0.125).astype(np.float32)
    assert "resolution" in failed(judge(coarse, law))


def test_order_is_seen_where_the_law_is_right():
    ordered = np.sort(normal(50_000))
    result = failed(judge(ordered, NORMAL))
    assert "lags" in result
    assert "kolmogorov_smirnov" not in result


def test_thinned_scan_still_sees_neighbours(monkeypatch):
    monkeypatch.setattr(scan_plan, "THINNED", 1 << 20)
    draws = normal(5_000_000)
    assert failed(judge(draws, NORMAL)) == set()
    draws[1:] = np.sqrt(1 - 0.01**2) * draws[1:] + 0.01 * draws[:-1]
    assert "lags" in failed(judge(draws, NORMAL))


def test_single_row_that_is_shifted_is_found():
    draws = normal(400_000).reshape(400, 1000)
    draws[17] += np.float32(0.3)
    result = judge(draws, NORMAL)
    row = next(test for test in result.tests if test.name == "row_means")
    assert not row.passed
    assert "row 17 of 400" in row.detail


def test_bfloat16_data_pass_at_sizes_where_ties_rule():
    p_values = []
    for seed in range(4):
        draws = normal(4_000_000, [seed, 3]).astype(ml_dtypes.bfloat16)
        result = judge(draws, NORMAL)
        assert result.conforms
        p_values += [t.p_value for t in result.tests if t.name == "kolmogorov_smirnov"]
    assert min(p_values) > 1e-4


def test_tiny_effects_do_not_violate_however_sure():
    result = judge(normal(10_000), NORMAL)
    mean = next(test for test in result.tests if test.name == "mean")
    assert mean.effect_name
    assert 0.0 < mean.detectable < 0.1


def test_pictures_hold_all_elements():
    result = judge(normal(30_000), NORMAL)
    picture = result.picture
    assert sum(picture.histogram.observed) == 30_000
    assert sum(picture.histogram.expected) == pytest.approx(30_000)
    assert len(picture.histogram.edges) == len(picture.histogram.observed) + 1
    levels = np.array(picture.quantiles.levels)
    from scipy import special

    np.testing.assert_allclose(
        picture.quantiles.expected, special.ndtri(levels), rtol=0.01, atol=1e-3
    )
    draws = np.sort(normal(30_000))
    found = draws[(levels * draws.size).astype(int)]
    bulk = (levels > 0.01) & (levels < 0.99)
    np.testing.assert_allclose(
        np.array(picture.quantiles.observed)[bulk], found[bulk], atol=0.01
    )
    for tail in picture.tails:
        beyond = (
            draws < tail.threshold if tail.side == "lower" else draws > tail.threshold
        )
        assert tail.observed == np.count_nonzero(beyond)
