"""Exact distances of large arrays: SciPy's, without sorting more than a few cells."""

import numpy as np
import pytest
from scipy import special, stats

from fastinit.conformance import judge, refinement
from fastinit.conformance.reading import read_elements
from fastinit.conformance.streaming import open_source
from fastinit.distributions import DISTRIBUTIONS

LAWS = {
    "normal": (DISTRIBUTIONS["normal"].law((0.0, 1.0)), stats.norm()),
    "uniform": (DISTRIBUTIONS["uniform"].law((-1.0, 1.0)), stats.uniform(-1, 2)),
}


def draws(name, n, dtype):
    generator = np.random.default_rng(5)
    if name == "normal":
        return generator.standard_normal(n).astype(dtype)
    return generator.uniform(-1, 1, n).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("ranked", [1 << 22, 1 << 12, 40])
def test_further_passes_give_the_distance_of_scipy(name, dtype, ranked, monkeypatch):
    monkeypatch.setattr(refinement, "RANKED", ranked)
    law, frozen = LAWS[name]
    values = draws(name, 700_000, dtype)
    reading = read_elements(open_source(values), law, alpha=1e-6)
    found = refinement.exact_distance(
        reading.source, law, reading.plan.cells, reading.counts
    )
    expected = stats.ks_1samp(values.astype(np.float64), frozen.cdf).statistic
    assert found == pytest.approx(expected, abs=1e-13)


def test_wrong_scale_is_refined_too(monkeypatch):
    monkeypatch.setattr(refinement, "RANKED", 1000)
    law, _ = LAWS["normal"]
    values = draws("normal", 400_000, np.float32) * np.float32(1e-4)
    reading = read_elements(open_source(values), law, alpha=1e-6)
    found = refinement.exact_distance(
        reading.source, law, reading.plan.cells, reading.counts
    )
    expected = stats.ks_1samp(values.astype(np.float64), special.ndtr).statistic
    assert found == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 2, 17, 1000, 30_000, 1_000_000])
def test_statistics_and_p_values_are_those_of_scipy(n, dtype):
    law, _ = LAWS["normal"]
    values = draws("normal", n, dtype)
    result = judge(values, law, exact=True)
    tests = {test.name: test for test in result.tests}
    wide = values.astype(np.float64)
    ks = stats.ks_1samp(wide, special.ndtr)
    assert tests["kolmogorov_smirnov"].statistic == pytest.approx(
        ks.statistic, abs=1e-12
    )
    assert tests["kolmogorov_smirnov"].p_value == pytest.approx(ks.pvalue, abs=1e-6)
    if n > 1:
        cvm = stats.cramervonmises(wide, special.ndtr)
        assert tests["cramer_von_mises"].statistic == pytest.approx(
            cvm.statistic, abs=1e-12 * max(1.0, n / 1e4)
        )
        if n >= 17:
            assert tests["cramer_von_mises"].p_value == pytest.approx(
                cvm.pvalue, abs=1e-6
            )
    ordered, rank = np.sort(wide), np.arange(1, n + 1)
    logs = special.log_ndtr(ordered) + special.log_ndtr(-ordered[::-1])
    squared = -n - np.sum((2 * rank - 1) * logs) / n
    assert tests["anderson_darling"].statistic == pytest.approx(squared, rel=1e-9)


@pytest.mark.parametrize("name", LAWS)
def test_distances_of_cells_are_near_the_exact_ones(name):
    law, _ = LAWS[name]
    values = draws(name, 1_200_000, np.float32)
    by_cells, exact = (
        {test.name: test for test in judge(values, law, exact=exact).tests}
        for exact in (False, True)
    )
    for test in ("cramer_von_mises", "anderson_darling"):
        assert by_cells[test].statistic == pytest.approx(
            exact[test].statistic, abs=2e-3
        )
    difference = (
        exact["kolmogorov_smirnov"].statistic - by_cells["kolmogorov_smirnov"].statistic
    )
    assert 0.0 <= difference < 2.0**-14
