"""Laws built from SciPy alone, so that no test trusts the package's own."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import special, stats

from fastinit.distributions.law import Law

MakeLaw = Callable[..., Law]


def normal_law(mean: float = 0.0, std: float = 1.0) -> Law:
    return Law(
        "normal",
        (mean, std),
        lambda x: special.ndtr((x - mean) / std),
        lambda x: special.ndtr((mean - x) / std),
        mean,
        std,
        3.0,
        (-math.inf, math.inf),
    )


def uniform_law(a: float = -1.0, b: float = 1.0) -> Law:
    return Law(
        "uniform",
        (a, b),
        lambda x: np.clip((x - a) / (b - a), 0.0, 1.0),
        lambda x: np.clip((b - x) / (b - a), 0.0, 1.0),
        (a + b) / 2,
        (b - a) / math.sqrt(12),
        1.8,
        (a, b),
    )


def truncated_law(std: float = 1.0, reach: float = 2.0) -> Law:
    frozen = stats.truncnorm(-reach, reach, scale=std)
    mean, variance, _, excess = (float(m) for m in frozen.stats("mvsk"))
    return Law(
        "truncated_normal",
        (0.0, std, -reach * std, reach * std),
        frozen.cdf,
        frozen.sf,
        mean,
        math.sqrt(variance),
        3.0 + excess,
        (-reach * std, reach * std),
    )


def constant_law(value: float) -> Law:
    return Law(
        "constant",
        (value,),
        lambda x: (x >= value) * 1.0,
        lambda x: (x < value) * 1.0,
        value,
        0.0,
        0.0,
        (value, value),
    )


@pytest.fixture
def normal() -> MakeLaw:
    return normal_law


@pytest.fixture
def uniform() -> MakeLaw:
    return uniform_law


@pytest.fixture
def truncated() -> MakeLaw:
    return truncated_law


@pytest.fixture
def constant() -> MakeLaw:
    return constant_law
