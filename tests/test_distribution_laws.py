"""The values follow their laws: Kolmogorov-Smirnov, sharp enough to see 1 % of std.

For float32 and float64 the test is SciPy's own, against SciPy's distributions with
parameters from the papers. 16-bit values are compared with the law of the rounded
value, by SciPy's p-value for the largest difference over its steps (conservative for
a law with steps) and by `fastinit.check`.

Each test has 2^21 elements and rejects below p = 1e-4 (`check`: 2^19 and 1e-6). Were
the seeds drawn anew, the 76 tests of correct data would raise a false alarm in 0.5 %
of runs; the seeds are fixed, so they pass always or never. A std wrong by 1 % moves
the normal distribution function by 0.0024 and the uniform one by 0.005; the
threshold is 0.0015, so each is seen with a probability above 99 %.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from scipy import special, stats

from fastinit import Spec, View, check, create
from fastinit.dtypes import DTYPES, numpy_dtype

SHAPE = (512, 1024, 2, 2)
FAN_IN, FAN_OUT = 4096, 2048
LEVEL = 1e-4
CHECK_LEVEL = 1e-6

#: Spec, its variance, and the variance that swapped fans would give.
SCHEMES = {
    "xavier_uniform": (Fraction(2, FAN_IN + FAN_OUT), Fraction(1, FAN_IN)),
    "xavier_normal(gain=2)": (Fraction(8, FAN_IN + FAN_OUT), Fraction(4, FAN_IN)),
    "kaiming_uniform(nonlinearity=relu)": (Fraction(2, FAN_IN), Fraction(2, FAN_OUT)),
    "kaiming_uniform(mode=fan_out)": (Fraction(2, FAN_OUT), Fraction(2, FAN_IN)),
    "kaiming_normal": (Fraction(2, FAN_IN), Fraction(2, FAN_OUT)),
    "kaiming_normal(a=1, mode=fan_out)": (Fraction(1, FAN_OUT), Fraction(1, FAN_IN)),
    "uniform(a=-3, b=3)": (Fraction(3), Fraction(3, 2)),
    "normal(std=0.02)": (Fraction(1, 2500), Fraction(1, 5000)),
}
#: Laws without symmetry, with mean and std.
OTHERS = {
    "uniform": (0.5, math.sqrt(1 / 12)),
    "uniform(a=1, b=3)": (2.0, math.sqrt(1 / 3)),
    "normal(mean=-2, std=3)": (-2.0, 3.0),
}
LOW = ("float16", "bfloat16", "float8_e4m3fn", "float8_e5m2")
DTYPE_NAMES = ["float32", "float64", *LOW]


@dataclass(frozen=True)
class ExpectedLaw:
    """Law of a spec with a std of our own choice."""

    is_normal: bool
    std: float
    mean: float = 0.0
    is_given: bool = False

    def cdf(self, x):
        # scipy.special, as scipy.stats.norm takes four times as long for the same.
        z = (x - self.mean) / self.std
        return special.ndtr(z) if self.is_normal else np.clip(0.5 + z / 12**0.5, 0, 1)

    @property
    def ends(self) -> tuple[float, float]:
        reach = math.inf if self.is_normal else math.sqrt(3) * self.std
        if self.is_given:
            # A given end is a value of float8: an ulp less would take its mass away.
            reach = round(reach, 12)
        return self.mean - reach, self.mean + reach


def law_of(spec: str, std: float, mean: float = 0.0) -> ExpectedLaw:
    is_given = spec.startswith("uniform(")
    return ExpectedLaw("normal" in spec, std, mean, is_given)


def values_of(spec: str, dtype: str) -> np.ndarray:
    return create(spec, SHAPE, dtype=dtype, seed=2024, name=f"{spec}/{dtype}")


def in_order(values: np.ndarray) -> np.ndarray:
    """Sort once for several tests, in float64: SciPy would compute in float32."""
    return np.sort(values.reshape(-1).astype(np.float64))


def smooth_p_value(ordered: np.ndarray, law: ExpectedLaw) -> float:
    """Of SciPy's Kolmogorov-Smirnov test."""
    return float(stats.kstest(ordered, law.cdf).pvalue)


@functools.cache
def grid_of(dtype: str) -> np.ndarray:
    """All finite values of a narrow dtype, ascending."""
    held = numpy_dtype(dtype)
    count = 1 << (8 * held.itemsize)
    patterns = np.arange(count).astype(f"u{held.itemsize}").view(held)
    with np.errstate(invalid="ignore"):
        values = patterns.astype(np.float64)
    return np.unique(values[np.isfinite(values)])


def stepped_p_value(ordered: np.ndarray, law: ExpectedLaw, dtype: str) -> float:
    """Of the largest difference from the rounded law, at the steps of the dtype."""
    grid = grid_of(dtype)
    edges = np.append((grid[1:] + grid[:-1]) / 2, math.inf)
    reached = np.searchsorted(ordered, grid, side="right") / ordered.size
    distribution = law.cdf(edges)
    # Values of [a, b) are clamped to the smallest of the dtype >= a, the largest < b.
    distribution[grid < law.ends[0]] = 0.0
    distribution[np.append(grid[1:], math.inf) >= law.ends[1]] = 1.0
    distance = np.abs(reached - distribution).max()
    return float(special.kolmogorov(distance * math.sqrt(ordered.size)))


def p_value(ordered: np.ndarray, law: ExpectedLaw, dtype: str) -> float:
    """Of the test that fits the dtype."""
    if dtype in LOW:
        return stepped_p_value(ordered, law, dtype)
    return smooth_p_value(ordered, law)


def test_scipy_agrees_with_the_p_value_of_the_steps():
    values = in_order(values_of("normal(std=0.02)", "float32"))
    result = stats.kstest(values, stats.norm(0, 0.02).cdf)
    assert smooth_p_value(values, law_of("normal", 0.02)) == result.pvalue
    theirs = special.kolmogorov(result.statistic * math.sqrt(values.size))
    assert result.pvalue == pytest.approx(theirs, rel=0.01)
    wide = stats.uniform(-2, 5)
    x = np.linspace(-3, 4, 99)
    ours = law_of("uniform", wide.std(), wide.mean()).cdf(x)
    np.testing.assert_allclose(ours, wide.cdf(x), rtol=0, atol=1e-15)


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
@pytest.mark.parametrize("spec", SCHEMES)
def test_values_follow_the_law(spec, dtype):
    values = in_order(values_of(spec, dtype))
    std, swapped = (math.sqrt(v) for v in SCHEMES[spec])
    assert p_value(values, law_of(spec, std), dtype) > LEVEL
    for wrong in (std * 1.01, std / 1.01, swapped):
        assert p_value(values, law_of(spec, wrong), dtype) < LEVEL


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
@pytest.mark.parametrize("spec", OTHERS)
def test_laws_without_symmetry(spec, dtype):
    values, (mean, std) = in_order(values_of(spec, dtype)), OTHERS[spec]
    assert p_value(values, law_of(spec, std, mean), dtype) > LEVEL
    assert p_value(values, law_of(spec, 1.01 * std, mean), dtype) < LEVEL
    assert p_value(values, law_of(spec, std, mean + 0.01 * std), dtype) < LEVEL


def scaled(spec: Spec, factor: float) -> Spec:
    """Spec whose law has another std, by its own formula."""
    first, second = spec.resolve(SHAPE)
    if spec.distribution == "normal":
        return Spec("normal", mean=first, std=second * factor)
    return Spec("uniform", a=first * factor, b=second * factor)


SWAPPED = {
    "kaiming_normal": "kaiming_normal(mode=fan_out)",
    "kaiming_normal(a=1, mode=fan_out)": "kaiming_normal(a=1)",
    "kaiming_uniform(mode=fan_out)": "kaiming_uniform",
    "kaiming_uniform(nonlinearity=relu)": "kaiming_uniform(mode=fan_out)",
    "xavier_uniform": "kaiming_uniform(nonlinearity=linear)",
    "xavier_normal(gain=2)": "xavier_normal",
}


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
@pytest.mark.parametrize("spec", SCHEMES)
def test_the_check_of_the_package_sees_the_same(spec, dtype):
    # A quarter of the tensor is enough for its sharpest test, that of the variance.
    view = View(SHAPE, slice(128))
    values = create(spec, view.held_shape, dtype=dtype, seed=7, view=view)
    how = {"alpha": CHECK_LEVEL, "view": view}
    assert check(values, spec, **how).verdict == "conforms"
    for factor in (1.01, 1 / 1.01):
        wrong = scaled(Spec.parse(spec), factor)
        assert check(values, wrong, **how).verdict == "violates"
    if spec in SWAPPED:
        assert check(values, SWAPPED[spec], **how).verdict == "violates"


@pytest.mark.parametrize("dtype", DTYPES)
def test_constants_have_no_law_but_themselves(dtype):
    values = create("constant(val=1)", (64, 64), dtype=dtype)
    assert check(values, "ones").conforms
    values[3, 3] = 0
    assert check(values, "ones").verdict == "violates"


def test_neighbours_of_a_pair_are_independent():
    """Box-Muller makes two values of one radius; their squares must not show it."""
    values = values_of("normal(std=0.02)", "float64").reshape(-1, 2) / 0.02
    n = len(values)
    for left, right in (
        values.T,
        values.T**2 - 1,
        np.abs(values.T) - math.sqrt(2 / math.pi),
    ):
        z = (left * right).mean() / math.sqrt((left**2).mean() * (right**2).mean() / n)
        # Two-sided level 1e-4 for each of three tests.
        assert abs(z) < 3.9
