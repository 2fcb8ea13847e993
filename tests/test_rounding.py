"""rounding="stochastic": bits, windows, laws, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from oracle.stream import Tensor

import fastinit
from fastinit import View, check, create, fill, fill_many, make_plan, sample
from fastinit.api import make_plan as plan_of
from fastinit.dtypes import DTYPES, rounded_dtype
from fastinit.errors import ArgumentError, FastinitError
from fastinit.models import parse_plan
from fastinit.models.build import fill_plans

LOW = [row.name for row in DTYPES.values() if row.is_low_precision]
HOW = {"seed": 5, "name": "w", "rounding": "stochastic"}
LAWS = {
    "normal(std=0.02)": ("normal", (0.0, 0.02)),
    "uniform(a=1.0, b=1.3)": ("uniform", (1.0, 1.3)),
    "uniform(a=-0.1, b=0.1)": ("uniform", (-0.1, 0.1)),
    "trunc_normal": ("truncated_normal", (0.0, 1.0, -2.0, 2.0)),
}
CASES = [
    *(("normal(std=0.02)", dtype) for dtype in LOW),
    *((spec, "float8_e4m3fn") for spec in list(LAWS)[1:]),
]


def bits(array):
    return array.view(f"u{array.itemsize}")


@pytest.mark.parametrize(("spec", "dtype"), CASES)
def test_bits_are_those_of_the_oracle(spec, dtype):
    law, parameters = LAWS[spec]
    tensor = Tensor(law, parameters, dtype, 5, "w", is_stochastic=True)
    for first in (0, 2**34 - 9):
        view = View((2**40,), slice(first, first + 70))
        found = bits(create(spec, (70,), dtype=dtype, view=view, **HOW))
        assert found.tolist() == [tensor.bits(first + k) for k in range(70)]


@pytest.mark.parametrize("dtype", ["float8_e4m3fn"])
def test_windows_and_threads_change_nothing(dtype, assert_same_bits):
    shape = (300, 2000)
    whole = create("normal", shape, dtype=dtype, threads=1, **HOW)
    assert_same_bits(create("normal", shape, dtype=dtype, threads=2, **HOW), whole)
    part = View(shape, np.s_[7:90:3, 1:-2])
    held = create("normal", part.held_shape, dtype=dtype, view=part, **HOW)
    assert_same_bits(held, whole[7:90:3, 1:-2].copy())
    turned = View(shape, np.s_[:41, :77], (1, 0))
    held = create("normal", (77, 41), dtype=dtype, view=turned, **HOW)
    assert_same_bits(held, whole[:41, :77].T.copy())
    indices = [5, 599_999, 0]
    found = sample("normal", shape, indices, dtype=dtype, **HOW)
    assert_same_bits(found, whole.reshape(-1)[indices])


def test_every_way_in_gives_the_same(assert_same_bits):
    expected = create("normal", (40,), dtype="bfloat16", **HOW)
    assert_same_bits(fastinit.normal((40,), dtype="bfloat16", **HOW), expected)
    assert_same_bits(fill(np.zeros_like(expected), "normal", **HOW), expected)
    assert_same_bits(fastinit.normal_(np.zeros_like(expected), **HOW), expected)
    array = np.zeros_like(expected)
    fill_many([(array, "normal", "w")], seed=5, rounding="stochastic")
    assert_same_bits(array, expected)
    nearest = create("normal", (40,), dtype="bfloat16", seed=5, name="w")
    assert nearest.tobytes() != expected.tobytes()
    # Neither way keeps the other's kernel, whichever was first.
    assert_same_bits(create("normal", (40,), dtype="bfloat16", **HOW), expected)


def test_the_other_byte_order_holds_the_same_numbers():
    dtype = np.dtype(np.float16).newbyteorder()
    swapped = create("normal", (99,), dtype=dtype, **HOW)
    native = create("normal", (99,), dtype="float16", **HOW)
    assert (swapped == native).all()


@pytest.mark.parametrize("dtype", LOW)
@pytest.mark.parametrize("ends", [(1.0, 1.3), (-0.1, 0.1), (-1e-3, 0.7)])
def test_values_lie_between_the_ends(dtype, ends):
    a, b = ends
    spec = f"uniform(a={a}, b={b})"
    values = create(spec, (100_000,), dtype=dtype, **HOW).astype(np.float64)
    assert a <= values.min() < values.max() < b


@pytest.mark.parametrize("dtype", LOW)
def test_values_are_neighbours_of_the_float32_value_and_right_on_average(dtype):
    single = create("normal", (1 << 20,), seed=5, name="w").astype(np.float64)
    values = create("normal", (1 << 20,), dtype=dtype, **HOW).astype(np.float64)
    error = values - single
    spacing = np.abs(single) * {"float16": 2.0**-10, "bfloat16": 2.0**-7}.get(
        dtype, 2.0**-3 if dtype == "float8_e4m3fn" else 2.0**-2
    )
    assert (np.abs(error) <= np.maximum(spacing, 2.0**-9)).all()
    # The mean of n errors, and that weighted by the values, within 6 standard errors.
    n = error.size
    for weight in (np.ones(n), single):
        products = error * weight
        assert abs(products.mean()) < 6 * products.std() / n**0.5
    nearest = create("normal", (1 << 20,), dtype=dtype, seed=5, name="w")
    assert (
        np.square(error).mean() > 1.8 * np.square(nearest.astype("f8") - single).mean()
    )


#: Laws that bend between two neighbours of the dtype: elsewhere the values that both
#: ways of rounding give have nearly the same frequencies.
CONFORMITY = [
    ("normal(std=0.004)", "float8_e4m3fn"),
    ("trunc_normal(std=0.003, a=-0.006, b=0.006)", "float8_e4m3fn"),
    ("normal(mean=1.0, std=0.1)", "float8_e5m2"),
    ("normal(std=2e-5)", "float8_e5m2"),
    ("normal(mean=1.0, std=0.004)", "bfloat16"),
]


@pytest.mark.parametrize(("spec", "dtype"), CONFORMITY)
def test_check_tells_the_two_roundings_apart(spec, dtype):
    for seed in range(3):
        how = {"seed": seed, "dtype": dtype}
        values = create(spec, (500, 600), rounding="stochastic", **how)
        assert check(values, spec, rounding="stochastic").verdict == "conforms"
        assert check(values, spec).verdict == "violates"
        nearest = create(spec, (500, 600), **how)
        assert check(nearest, spec).verdict == "conforms"
        found = check(nearest, spec, rounding="stochastic")
        assert found.verdict == "violates"


@pytest.mark.parametrize(
    ("dtype", "spec", "rounding", "match"),
    [
        ("float32", "normal", "stochastic", "only values of float16"),
        ("int8", "ones", "stochastic", "only values of float16"),
        ("bfloat16", "normal", "up", "'nearest' or 'stochastic'"),
        ("bfloat16", "normal", None, "'nearest' or 'stochastic'"),
        ("bfloat16", "normal", ["nearest"], "'nearest' or 'stochastic'"),
        ("bfloat16", "constant(val=0.1)", "stochastic", "two values"),
        ("float8_e5m2", "normal(mean=0.1, std=0)", "stochastic", "two values"),
        ("float16", "uniform(a=0.1, b=0.1)", "stochastic", "two values"),
        ("float16", "trunc_normal(mean=0.1, std=0)", "stochastic", "two values"),
    ],
)
def test_what_is_refused(dtype, spec, rounding, match):
    array = create("zeros", (3,), dtype=dtype)
    before = array.copy()
    for call in (
        lambda: create(spec, (3,), dtype=dtype, rounding=rounding),
        lambda: fill(array, spec, rounding=rounding),
        lambda: plan_of(spec, (3,), dtype, rounding=rounding),
        lambda: fill_many([(array, spec, "w")], rounding=rounding),
    ):
        with pytest.raises(ArgumentError, match=match):
            call()
    assert (array == before).all()


@pytest.mark.parametrize("dtype", LOW)
def test_constants_of_the_dtype_are_constants(dtype, assert_same_bits):
    for spec in ("zeros", "ones", "constant(val=-0.5)", "normal(mean=2.0, std=0)"):
        by_chance = create(spec, (9,), dtype=dtype, rounding="stochastic")
        assert_same_bits(by_chance, create(spec, (9,), dtype=dtype))
        assert check(by_chance, spec, rounding="stochastic").conforms


def test_a_plan_is_another_with_another_rounding():
    plans = {
        make_plan("normal", (3,), "bfloat16", rounding=rounding)
        for rounding in ("nearest", "stochastic", "nearest")
    }
    assert len(plans) == 2
    assert rounded_dtype("bfloat16") is DTYPES["bfloat16"]


PLAN = """
stream = 1
seed = 5
[defaults]
dtype = "bfloat16"
rounding = "stochastic"
[[tensor]]
name = "w"
shape = [40]
scheme = "normal"
[[tensor]]
name = "b"
shape = [40]
scheme = "normal"
rounding = "nearest"
"""


def test_plan_files_say_how_to_round(assert_same_bits):
    plans = fill_plans(parse_plan(PLAN))
    assert [one.dtype.rounding for one in plans.values()] == ["stochastic", "nearest"]
    for text, match in (
        ('dtype = "float32"', "rounding"),
        ('rounding = "up"', "rounding"),
    ):
        wrong = PLAN.replace('rounding = "nearest"', text)
        with pytest.raises(FastinitError, match=match):
            parse_plan(wrong)
