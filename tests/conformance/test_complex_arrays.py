"""Complex arrays against their laws: parts, modulus and angle, and wrong arrays."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

import fastinit
from fastinit.api import make_plan
from fastinit.conformance import SectionsResult, check
from fastinit.conformance.complex_arrays import ASPECTS, laws_of, without_aspect

SHAPE = (300, 400)
SPECS = {
    "complex_normal": "normal(mean=1-2j, std=0.5)",
    "disc": "xavier_uniform",
    "truncated_disc": "lecun_normal",
    "square": "uniform(a=-0.5)",
}


def laws(name):
    return laws_of(make_plan(SPECS[name], SHAPE, "complex64"))


@pytest.mark.parametrize("name", SPECS)
def test_moments_are_those_of_the_distribution_function(name):
    for aspect, law in laws(name).items():
        low, high = law.support
        low = max(low, law.mean - 12 * law.std)
        high = min(high, law.mean + 12 * law.std)
        x = np.linspace(low, high, 40_001)
        assert (np.diff(law.cdf(x)) >= 0).all()
        np.testing.assert_allclose(law.cdf(x) + law.sf(x), 1, rtol=0, atol=1e-14)
        middle, mass = 0.5 * (x[1:] + x[:-1]), np.diff(law.cdf(x))
        assert law.cdf(x[:1]) == pytest.approx(0, abs=1e-12), aspect
        for power, expected in (
            (1, 0.0),
            (2, law.std**2),
            (4, law.kurtosis * law.std**4),
        ):
            found = np.sum((middle - law.mean) ** power * mass)
            assert found == pytest.approx(expected, rel=1e-6, abs=1e-8 * law.std**power)


def test_parts_of_discs_against_mpmath():
    """Also next to the rim, where nothing may cancel."""
    places = (-1 + 1e-9, -0.999, -0.7, -0.25, -1e-3, 0.0, 0.4)
    disc, truncated = (laws(name)["real part"] for name in ("disc", "truncated_disc"))
    (radius,), (std,) = disc.parameters, truncated.parameters
    within = 1 - mpmath.exp(-4)
    with mpmath.workdps(40):
        for place in places:
            t = 2 * mpmath.acos(-mpmath.mpf(place))
            exact = (t - mpmath.sin(t)) / (2 * mpmath.pi)
            assert float(disc.cdf(place * radius)) == pytest.approx(
                float(exact), rel=1e-7
            )
            end = mpmath.acos(-mpmath.mpf(place))
            exact = mpmath.quad(
                lambda a: (
                    mpmath.exp(-4 * mpmath.cos(a) ** 2)
                    * mpmath.erf(2 * mpmath.sin(a))
                    * mpmath.sin(a)
                ),
                [0, end / 2, end],
            )
            exact *= 2 / mpmath.sqrt(mpmath.pi) / within
            found = float(truncated.cdf(2 * std * place))
            assert found == pytest.approx(float(exact), rel=1e-7)


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_our_arrays_conform(name, dtype):
    """Fixed seeds: at alpha 1e-6 all of them pass but for one run in 100,000."""
    made = fastinit.create(SPECS[name], SHAPE, dtype=dtype, seed=5, name="w")
    result = check(made, SPECS[name])
    assert isinstance(result, SectionsResult)
    assert result.names == ASPECTS[: 2 if name == "square" else 4]
    assert result.conforms, str(result)


@pytest.mark.parametrize("spec", ["constant(val=1-2j)", "zeros", "ones"])
def test_constants(spec):
    made = fastinit.create(spec, (40, 5), dtype="complex64")
    assert check(made, spec).conforms
    made[3, 2] += 1e-3j
    assert check(made, spec).verdict == "violates"


def wrong_arrays(generator):
    """Mistakes with discs and complex normal laws, as (spec, array)."""
    std = math.sqrt(2 / sum(SHAPE))
    u, v = generator.random((2, *SHAPE))
    turn = np.exp(2j * np.pi * v)
    square = math.sqrt(3 / 2) * std * ((2 * u - 1) + 1j * (2 * v - 1))
    yield "a square of the same std", "xavier_uniform", square
    yield "a radius that is uniform", "xavier_uniform", math.sqrt(3) * std * u * turn
    half = np.sqrt(2) * std * np.sqrt(u) * np.exp(1j * np.pi * v)
    yield "half of the angles", "xavier_uniform", half
    n = generator.standard_normal((2, *SHAPE))
    yield "a std not divided by sqrt(2)", "xavier_normal", std * (n[0] + 1j * n[1])
    once = std / math.sqrt(2) * n[0] * (1 + 1j)
    yield "one number for both parts", "xavier_normal", once
    wide = math.sqrt(1 / SHAPE[1]) / 0.95311164380491208 / math.sqrt(2)
    while (far := np.abs(n) > 2).any():
        n[far] = generator.standard_normal(int(far.sum()))
    yield "truncated by parts", "lecun_normal", wide * (n[0] + 1j * n[1])


@pytest.mark.parametrize("at", range(6))
def test_wrong_arrays_violate(at):
    case, spec, values = list(wrong_arrays(np.random.default_rng(11)))[at]
    result = check(values.astype("complex64"), spec)
    assert result.verdict == "violates", case


def test_a_modulus_beyond_the_bound_violates():
    made = fastinit.create("xavier_uniform", SHAPE, dtype="complex64", seed=0)
    made[7, 7] *= 1.01 * np.float32(math.sqrt(4 / sum(SHAPE))) / abs(made[7, 7])
    result = check(made, "xavier_uniform")
    modulus = dict(zip(result.names, result.results, strict=True))["modulus"]
    failed = [test.name for test in modulus.tests if not test.passed]
    assert failed == ["support", "maximum"]


def test_nothing_and_nan():
    empty = np.empty((0, 4), "complex64")
    assert check(empty, "xavier_uniform").verdict == "inconclusive"
    made = fastinit.create("xavier_uniform", SHAPE, dtype="complex64", seed=0)
    made[0, 0] = complex(math.nan, 0)
    assert check(made, "xavier_uniform").verdict == "violates"


def test_sections_name_their_aspects():
    sections = fastinit.Sections(0, (200, 100), ("q", "k"))
    made = np.empty(SHAPE, "complex64")
    fastinit.fill(made, "xavier_uniform", view=sections, seed=1)
    result = check(made, "xavier_uniform", view=sections)
    assert result.conforms
    assert result.names[:5] == (*(f"q, {one}" for one in ASPECTS), "k, real part")
    assert {without_aspect(name) for name in result.names} == {"q", "k"}
