"""The law of truncated normals against mpmath, far out in the tails too."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

from fastinit import check, make_plan, trunc_normal
from fastinit.distributions.truncated_normal_law import truncated_normal_law
from fastinit.spec import Spec

MP = mpmath.mp.clone()
MP.dps = 60
INF = math.inf
LAWS = [
    (0.0, 1.0, -2.0, 2.0),
    (0.1, 1.0, -INF, 2.0),
    (0.0, 1.0, -1.0, INF),
    (0.0, 1.0, 0.0, INF),
    (1.0, 0.5, 1.2, 1.2000001),
    (0.0, 1.0, 37.0, INF),
    (0.0, 1.0, -38.0, -37.0),
    (0.0, 1.0, 20.0, 20.0000001),
    (-30.0, 1.0, 0.0, 1.0),
    (0.0, 1.0, 3.0, 5.0),
]


def true_tails(law, x):
    """P(X <= x) and P(X > x)."""
    mean, std, a, b = law
    if a + b < 2 * mean:
        above, below = true_tails((-mean, std, -b, -a), -x)
        return below, above
    tail = [MP.erfc((MP.mpf(y) - mean) / std / MP.sqrt(2)) for y in (a, x, b)]
    whole = tail[0] - tail[2]
    return (tail[0] - tail[1]) / whole, (tail[1] - tail[2]) / whole


@pytest.mark.parametrize("parameters", LAWS, ids=str)
def test_both_tails_are_relatively_accurate(parameters):
    law = truncated_normal_law(parameters)
    low = max(parameters[2], law.mean - 5 * law.std)
    high = min(parameters[3], law.mean + 5 * law.std)
    x = np.linspace(low, high, 11)[1:-1]
    below, above = law.cdf(x), law.sf(x)
    for k, point in enumerate(x.tolist()):
        expected = true_tails(parameters, point)
        assert below[k] == pytest.approx(float(expected[0]), rel=1e-11, abs=1e-15)
        assert above[k] == pytest.approx(float(expected[1]), rel=1e-11, abs=1e-15)
    ends = np.array([parameters[2], parameters[3]])
    assert law.cdf(ends).tolist() == [0.0, 1.0]
    assert law.sf(ends).tolist() == [1.0, 0.0]


@pytest.mark.parametrize("parameters", LAWS, ids=str)
def test_mean_and_std_are_those_of_the_distribution_function(parameters):
    law = truncated_normal_law(parameters)
    low = max(parameters[2], law.mean - 40 * law.std)
    high = min(parameters[3], law.mean + 40 * law.std)
    edges = np.linspace(low, high, 40_001)
    mass, middle = np.diff(law.cdf(edges)), 0.5 * (edges[1:] + edges[:-1]) - law.mean
    assert mass @ middle == pytest.approx(0.0, abs=1e-4 * law.std)
    assert mass @ middle**2 == pytest.approx(law.std**2, rel=1e-4)
    assert mass @ middle**4 == pytest.approx(law.kurtosis * law.std**4, rel=1e-3)
    assert law.support == parameters[2:]


def test_laws_without_spread_or_bounds():
    assert truncated_normal_law((0.3, 0.0, 0.0, 1.0)).std == 0.0
    assert truncated_normal_law((0.0, 1.0, 0.5, 0.5)).mean == 0.5
    free = truncated_normal_law((1.0, 2.0, -INF, INF))
    plain = make_plan("normal(mean=1, std=2)", (2,)).law()
    x = np.linspace(-9, 9, 50)
    np.testing.assert_allclose(free.cdf(x), plain.cdf(x), rtol=1e-14)
    assert (free.mean, free.std, free.kurtosis) == (1.0, 2.0, 3.0)


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16"])
@pytest.mark.parametrize(
    "law", [(0, 1, -2, 2), (0, 1, 0, INF), (0, 1, 37, INF), (0, 0.02, -0.0401, 0.06)]
)
def test_a_check_knows_the_law(law, dtype):
    """False alarms at 1e-6 for each of 8 cases; the seed is fixed."""
    spec = Spec(
        "trunc_normal", **dict(zip(("mean", "std", "a", "b"), law, strict=True))
    )
    values = trunc_normal(2**18, *law, dtype=dtype, seed=1, name="law")
    assert check(values, spec).verdict == "conforms"
    # The same values under a law whose std or bounds differ.
    wider = Spec("trunc_normal", mean=law[0], std=1.05 * law[1], a=law[2], b=law[3])
    assert check(values, wider).verdict == "violates"
    plain = Spec("normal", mean=law[0], std=law[1])
    assert check(values, plain).verdict == "violates"
