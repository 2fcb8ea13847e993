"""Fans, gains, stds and bounds: equal to torch, exact, and callable from Cython."""

from __future__ import annotations

import doctest
import importlib
import math
import random
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastinit import fan_gain, gains, model_fans
from fastinit.errors import FanError
from fastinit.fan_gain import (
    NONLINEARITIES,
    calculate_gain,
    fan_of,
    fans,
    kaiming_std,
    uniform_bound,
    xavier_std,
)
from fastinit.model_fans import fans_of_shapes, kaiming_stds, xavier_stds

torch = pytest.importorskip("torch", reason="torch is the oracle of this module")

LARGEST_FAN = 2**63 - 1
ROOT = Path(fan_gain.__file__).parent.parent


class Recorder:
    """Stands in for a tensor, of any size, and records what torch asks it to draw."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self.drawn: tuple[float, float] | None = None

    def dim(self) -> int:
        return len(self.shape)

    def size(self, axis: int) -> int:
        return self.shape[axis]

    def uniform_(self, low: float, high: float, **_: object) -> None:
        self.drawn = (low, high)

    def normal_(self, mean: float, std: float, **_: object) -> None:
        self.drawn = (mean, std)


def asked_of_torch(name: str, shape: tuple[int, ...], *arguments: Any) -> Any:
    """Parameters with which torch.nn.init.<name> would draw."""
    recorder = Recorder(shape)
    getattr(torch.nn.init, name)(recorder, *arguments)
    return recorder.drawn


def random_shapes(count: int, seed: int, bits: int) -> Iterator[tuple[int, ...]]:
    """Shapes of 2 to 6 dimensions, sizes log-uniform, at most 2^bits elements."""
    source = random.Random(seed)
    for _ in range(count):
        dimensions = source.randint(2, 6)
        exponent = source.choice((4, 8, bits)) / dimensions
        yield tuple(int(2 ** source.uniform(0, exponent)) for _ in range(dimensions))


SHAPES = [
    *random_shapes(600, seed=1, bits=62),
    (1, 1),
    (2**62, 1),
    (1, LARGEST_FAN),
    (LARGEST_FAN, LARGEST_FAN),
    (2**53 + 1, 2**53 + 1),
    (3, 2**31, 2**31),
]


# Against torch


def test_fans_equal_torch() -> None:
    calculate = torch.nn.init._calculate_fan_in_and_fan_out
    assert [fans(shape) for shape in SHAPES] == [
        calculate(Recorder(shape)) for shape in SHAPES
    ]


def test_fans_equal_torch_on_tensors() -> None:
    shapes = list(random_shapes(100, seed=2, bits=16))
    tensors = [torch.empty(shape, device="meta") for shape in shapes]
    calculate = torch.nn.init._calculate_fan_in_and_fan_out
    assert [fans(tensor.shape) for tensor in tensors] == [*map(calculate, tensors)]


@pytest.mark.parametrize("gain", [1.0, 0.0, 5.0 / 3, math.sqrt(2.0), 1e-300, 7])
def test_xavier_equals_torch(gain: float) -> None:
    for shape in SHAPES:
        std = xavier_std(*fans(shape), gain)
        bound = uniform_bound(std)
        assert (0.0, std) == asked_of_torch("xavier_normal_", shape, gain)
        assert (-bound, bound) == asked_of_torch("xavier_uniform_", shape, gain)


@pytest.mark.parametrize("mode", ["fan_in", "fan_out", "Fan_Out", "FAN_IN"])
@pytest.mark.parametrize(
    ("nonlinearity", "slope"),
    [("leaky_relu", 0), ("leaky_relu", math.sqrt(5)), ("relu", 0), ("tanh", 0)],
)
def test_kaiming_equals_torch(mode: str, nonlinearity: str, slope: float) -> None:
    gain = calculate_gain(nonlinearity, slope)
    for shape in SHAPES:
        arguments = (slope, mode, nonlinearity)
        std = kaiming_std(fan_of(shape, mode), gain)
        bound = uniform_bound(std)
        assert (0, std) == asked_of_torch("kaiming_normal_", shape, *arguments)
        assert (-bound, bound) == asked_of_torch("kaiming_uniform_", shape, *arguments)


@pytest.mark.parametrize("name", NONLINEARITIES)
def test_gain_equals_torch(name: str) -> None:
    gain = calculate_gain(name)
    assert gain == torch.nn.init.calculate_gain(name)
    assert type(gain) is float


@pytest.mark.parametrize(
    "slope", [0, -0.0, 1, 3, -2, 2**25, 0.01, 0.2, 0.25, -0.1, 1 / 5.5, math.sqrt(5)]
)
def test_gain_of_a_slope_equals_torch(slope: float) -> None:
    expected = torch.nn.init.calculate_gain("leaky_relu", slope)
    assert calculate_gain("leaky_relu", slope) == expected


def test_gain_of_every_two_digit_slope_equals_torch() -> None:
    slopes = [k / 100 for k in range(-300, 301)]
    assert [calculate_gain("leaky_relu", slope) for slope in slopes] == [
        torch.nn.init.calculate_gain("leaky_relu", slope) for slope in slopes
    ]


def test_gain_of_any_slope_is_within_an_ulp_of_torch() -> None:
    # torch squares with pow, which the C library rounds wrongly now and then.
    source = random.Random(3)
    for _ in range(20_000):
        slope = math.exp(source.uniform(-20, 20))
        gain = calculate_gain("leaky_relu", slope)
        assert gain == math.sqrt(2.0 / (1.0 + slope * slope))
        expected = torch.nn.init.calculate_gain("leaky_relu", slope)
        assert abs(gain - expected) <= math.ulp(expected)


def test_a_slope_is_ignored_where_the_nonlinearity_has_none() -> None:
    assert calculate_gain("tanh", math.nan) == calculate_gain("tanh")


# Known values and identities


def test_default_linear_of_torch_is_one_over_root_fan_in() -> None:
    gain = calculate_gain("leaky_relu", math.sqrt(5))
    bound = uniform_bound(kaiming_std(fan_of((10, 784), "fan_in"), gain))
    assert bound == pytest.approx(1 / math.sqrt(784), rel=4e-16)


def test_xavier_variance_is_glorots() -> None:
    # Both roundings of std are relative, so its square is right to a few 2^-53.
    for shape in SHAPES:
        fan_in, fan_out = fans(shape)
        variance = Fraction(xavier_std(fan_in, fan_out)) ** 2
        assert abs(variance * (fan_in + fan_out) / 2 - 1) < Fraction(6, 2**53)


sizes = st.one_of(st.integers(0, 9), st.integers(0, LARGEST_FAN))


@given(st.lists(sizes, min_size=2, max_size=7))
def test_fans_are_exact_or_refused(shape: list[int]) -> None:
    receptive_field = math.prod(shape[2:])
    expected = (shape[1] * receptive_field, shape[0] * receptive_field)
    if max(expected) <= LARGEST_FAN:
        assert fans(shape) == expected
    else:
        with pytest.raises(FanError, match="2\\^63 or more"):
            fans(shape)


@given(st.permutations([2**40, 2**40, 2**40, 0]))
def test_a_zero_anywhere_in_the_receptive_field_makes_both_fans_zero(
    receptive_field: list[int],
) -> None:
    assert fans((3, 5, *receptive_field)) == (0, 0)


@pytest.mark.parametrize(
    "shape",
    [
        (2, 3, 4),
        [2, 3, 4],
        range(2, 5),
        np.array([2, 3, 4]),
        np.array([2, 3, 4], dtype=np.uint8),
        (np.int64(2), np.uint64(3), np.int8(4)),
        torch.Size([2, 3, 4]),
        torch.nn.Conv1d(3, 2, 4).weight.shape,
    ],
)
def test_every_kind_of_shape_gives_python_ints(shape: Any) -> None:
    assert fans(shape) == (12, 8)
    assert {type(fan) for fan in fans(shape)} == {int}


@pytest.mark.parametrize(
    "number", [2, 2.0, np.float32(2), np.float64(2), np.int16(2), Fraction(2)]
)
def test_every_kind_of_real_number_is_taken(number: Any) -> None:
    assert xavier_std(3, 5, number) == 1.0
    assert kaiming_std(np.int64(4), number) == 1.0
    assert uniform_bound(number) == math.sqrt(3.0) * 2
    assert calculate_gain("leaky_relu", number) == math.sqrt(0.4)


@pytest.mark.parametrize("zero", [0, 0.0, -0.0])
def test_a_zero_gain_gives_a_positive_zero(zero: float) -> None:
    results = (xavier_std(3, 5, zero), kaiming_std(3, zero), uniform_bound(zero))
    assert [math.copysign(1.0, result) for result in results] == [1.0, 1.0, 1.0]
    assert results == (0.0, 0.0, 0.0)


def test_the_sum_of_fans_is_rounded_once() -> None:
    # float(fan_in) + float(fan_out) would round twice, to another std.
    shape = (3, 2**53 + 3)
    assert (0.0, xavier_std(*fans(shape))) == asked_of_torch("xavier_normal_", shape)
    assert xavier_std(*fans(shape)) != math.sqrt(2 / (float(shape[1]) + 3.0))


def test_one_empty_side_leaves_xavier_defined() -> None:
    assert xavier_std(*fans((0, 8))) == 0.5


# Whole models


@pytest.mark.parametrize("gain", [1.0, 0, 5.0 / 3, 1e300])
def test_bulk_equals_scalar(gain: float) -> None:
    pairs = fans_of_shapes(SHAPES)
    assert pairs.dtype == np.int64
    assert pairs.tolist() == [list(fans(shape)) for shape in SHAPES]
    rows = pairs.tolist()
    expected = [xavier_std(fan_in, fan_out, gain) for fan_in, fan_out in rows]
    assert xavier_stds(pairs, gain).tolist() == expected
    for column, mode in enumerate(("fan_in", "FAN_OUT")):
        expected = [kaiming_std(row[column], gain) for row in rows]
        assert kaiming_stds(pairs, gain, mode).tolist() == expected


def test_bulk_takes_strided_reversed_and_read_only_fans() -> None:
    pairs = fans_of_shapes(shape for shape in SHAPES)
    view = pairs[::-3]
    view.flags.writeable = False
    fortran = np.asfortranarray(view)
    assert xavier_stds(view).tolist() == xavier_stds(pairs)[::-3].tolist()
    assert xavier_stds(view).tolist() == xavier_stds(fortran).tolist()
    assert kaiming_stds(view, 2).tolist() == kaiming_stds(pairs, 2)[::-3].tolist()


def test_bulk_of_nothing_is_empty() -> None:
    assert fans_of_shapes([]).shape == (0, 2)
    assert xavier_stds(fans_of_shapes([])).shape == (0,)
    assert kaiming_stds(fans_of_shapes([]), 1.0).dtype == np.float64


def test_bulk_ignores_the_fan_it_does_not_use() -> None:
    assert kaiming_stds(np.array([[4, 0]]), 1.0).tolist() == [0.5]


# The compiled module

CONSUMER = """
# cython: language_level=3
from fastinit.fan_gain cimport FanPair, fan_pair, uniform_bound, xavier_std
from fastinit.fan_gain cimport unchecked_kaiming_std, unchecked_xavier_std

def stds(shape, double gain):
    cdef FanPair pair = fan_pair(shape)
    cdef double xavier, kaiming
    with nogil:
        xavier = unchecked_xavier_std(pair.fan_in, pair.fan_out, gain)
        kaiming = unchecked_kaiming_std(pair.fan_in, gain)
    return xavier, kaiming

def checked_bound(fan_in, fan_out):
    return uniform_bound(xavier_std(fan_in, fan_out))
"""

BUILD = """
import sys
from Cython.Build import cythonize
from setuptools import setup
setup(
    ext_modules=cythonize("consumer.pyx", include_path=[sys.argv[1]]),
    script_args=["build_ext", "--inplace"],
)
"""


def test_another_cython_module_can_cimport_the_formulas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "consumer.pyx").write_text(CONSUMER)
    command = [sys.executable, "-c", BUILD, str(ROOT)]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    monkeypatch.syspath_prepend(str(tmp_path))
    consumer: Any = importlib.import_module("consumer")
    monkeypatch.delitem(sys.modules, "consumer")
    expected = (xavier_std(27, 576, 1.5), kaiming_std(27, 1.5))
    assert consumer.stds((64, 3, 3, 3), 1.5) == expected
    assert consumer.checked_bound(27, 576) == uniform_bound(xavier_std(27, 576))
    with pytest.raises(FanError, match="has no fan"):
        consumer.stds((64,), 1.5)


@pytest.mark.parametrize("module", [fan_gain, gains, model_fans])
def test_the_examples_run(module: Any) -> None:
    result = doctest.testmod(module)
    own = [getattr(module, name) for name in module.__all__]
    assert result.failed == 0
    assert result.attempted >= sum(
        getattr(item, "__module__", "") == module.__name__ for item in own
    )
