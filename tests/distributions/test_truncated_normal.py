"""Truncated normals: inside their bounds, right to some ulps, nothing piled up."""

from __future__ import annotations

import decimal
import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.quantile import error_bar, true_value, uniform_number

from fastinit import Spec, create, make_plan, normal, trunc_normal
from fastinit.distributions import DISTRIBUTIONS, SAMPLERS
from fastinit.distributions import truncated_normal_doubles as doubles
from fastinit.distributions import truncated_normal_samplers as singles
from fastinit.distributions.truncated_normal import closed_ends
from fastinit.dtypes import DTYPES, numpy_dtype
from fastinit.errors import ArgumentError

INF = math.inf
IDENTITY = {"seed": 3, "name": "t"}
#: float16 differs from bfloat16 in its encoder only, which has tests of its own.
DTYPE_NAMES = ("float32", "float64", "bfloat16")
#: Laws of every sampler, with bounds near, far, half-infinite and narrow.
LAWS = [
    (0.0, 1.0, -2.0, 2.0),
    (0.0, 1.0, -3.0, 3.0),
    (0.0, 0.02, -0.04, 0.04),
    (0.0, 1.0, -2.0, 1.0),
    (0.02, 0.02, -0.03, 0.08),
    (0.0, 1.0, -4.0, 4.0),
    (0.1, 1.0, -INF, 2.0),
    (0.0, 1.0, -7.0, 0.7),
    (0.0, 1.0, 0.0, INF),
    (0.0, 1.0, -0.5, INF),
    (0.0, 1.0, -0.3, 0.2),
    (5.0, 2.0, 4.1, INF),
    (0.5, 2.0, 1.0, 1.5),
    (-3.0, 1.0, 0.0, 1.0),
    (0.0, 1.0, 3.0, 5.0),
    (0.0, 1.0, 37.0, INF),
    (0.0, 1.0, -38.0, -37.0),
    (0.3, 2.0, 1.0, 1.0000001),
]
EXTREME = [k ^ flip for k in (0, 1, 2, 3, 1 << 8, 1 << 16) for flip in (0, 2**32 - 1)]
EXTREME += [2**31 + k for k in (-2, -1, 0, 1)]


def spec_of(law):
    return Spec(
        "trunc_normal", **dict(zip(("mean", "std", "a", "b"), law, strict=True))
    )


def values_of(law, count, dtype):
    return create(spec_of(law), count, dtype=dtype, **IDENTITY)


def drawn(law, words, dtype):
    """Value of an element by the plain text, and the number u that it stands for."""
    sampling = DISTRIBUTIONS["truncated_normal"].prepare(law, DTYPES[dtype])
    kind = sampling.sampler.removeprefix("truncated_")
    if dtype == "float64":
        draw = getattr(doubles, f"_{kind}_double")
        return draw(words, sampling.parameters), uniform_number(words)
    is_short = kind in {"symmetric", "central"}
    draw = getattr(singles, f"_{kind}_single")
    value = draw(*words[: 1 if is_short else 2], sampling.parameters)
    return float(value), uniform_number(words[:2], is_short=is_short)


def test_the_laws_use_every_sampler():
    used = {make_plan(spec_of(law), (2,)).sampling.sampler for law in LAWS}
    assert used == {name for name in SAMPLERS if name.startswith("truncated")}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("law", LAWS, ids=str)
def test_values_are_right_to_four_ulps(law, dtype):
    """4 ulp of the deviation from mean or bound, and a rounding of the value."""
    bits = 24 if dtype == "float32" else 53
    source = random.Random(7)
    words = EXTREME + [source.randrange(2**32) for _ in range(12)]
    ends = closed_ends(law[2], law[3], DTYPES[dtype])
    for word in words:
        rest = (source.randrange(2**32), source.randrange(2**32))
        value, u = drawn(law, (word, *rest), dtype)
        # The nearest number inside the bounds is right, where there is none nearer.
        true = min(max(true_value(u, law), ends[0]), ends[1])
        rounding = math.ldexp(1.0, math.frexp(float(true))[1] - bits - 1)
        error = float(abs(true - value))
        assert (
            error <= max(4 * error_bar(true, law, bits), law[1] * 2.0**-bits) + rounding
        )


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
@pytest.mark.parametrize("law", LAWS, ids=str)
def test_no_value_leaves_the_bounds(law, dtype):
    values = values_of(law, 20_000, dtype).astype(np.float64)
    assert law[2] <= values.min()
    assert values.max() <= law[3]


@settings(max_examples=60)
@given(
    mean=st.floats(-3, 3),
    std=st.floats(1e-3, 3),
    start=st.floats(-8, 8),
    width=st.floats(1e-6, 9),
    dtype=st.sampled_from(DTYPE_NAMES),
)
def test_any_bounds_are_kept(mean, std, start, width, dtype):
    a = mean + start * std
    law = (mean, std, a, a + width * std)
    low, high = closed_ends(law[2], law[3], DTYPES[dtype])
    if low > high:
        with pytest.raises(ArgumentError, match="at least one value"):
            values_of(law, 4, dtype)
        return
    values = values_of(law, 300, dtype).astype(np.float64)
    assert low <= values.min()
    assert values.max() <= high


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_float64_refines_float32(law):
    single = values_of(law, 5000, "float32").astype(np.float64)
    double = values_of(law, 5000, "float64")
    scale = np.maximum(np.abs(double), law[1])
    # 31 or 47 bits of u: near a bound at 3 std one of them is 2^-23 std.
    assert (np.abs(double - single) / scale).max() < 2.0**-21


@pytest.mark.parametrize(
    ("law", "dtype"),
    [*((law, "bfloat16") for law in LAWS), (LAWS[0], "float16"), (LAWS[8], "float16")],
    ids=str,
)
def test_low_precision_is_the_float32_value_clamped_and_rounded_once(law, dtype):
    ends = closed_ends(law[2], law[3], DTYPES[dtype])
    single = np.clip(values_of(law, 5000, "float32"), *np.float32(ends))
    values = values_of(law, 5000, dtype)
    assert values.tobytes() == single.astype(numpy_dtype(dtype)).tobytes()


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
def test_bounds_that_a_normal_never_meets_leave_it_alone(dtype):
    plain = normal(3000, 0, 0.02, dtype=dtype, **IDENTITY)
    for a, b in ((-2, 2), (-INF, INF), (-0.2, INF)):
        values = trunc_normal(3000, 0, 0.02, a, b, dtype=dtype, **IDENTITY)
        assert values.tobytes() == plain.tobytes()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_narrow_laws_need_bounds_that_act_to_be_refused(dtype):
    std = {"float32": 1e-30, "float64": 1e-300}[dtype]
    plain = normal(100, 0, std, dtype=dtype, **IDENTITY)
    values = trunc_normal(100, 0, std, dtype=dtype, **IDENTITY)
    assert values.tobytes() == plain.tobytes()
    with pytest.raises(ArgumentError, match="std must be at least"):
        trunc_normal(100, 0, std, -std, std, dtype=dtype, **IDENTITY)


@pytest.mark.parametrize("law", [law for law in LAWS if -law[2] != law[3]], ids=str)
def test_tails_are_mirrored(law):
    """A law that is reached from a bound is the negative of its mirror image."""
    mean, std, a, b = law
    if make_plan(spec_of(law), (2,)).sampling.sampler == "truncated_tail":
        mirrored = values_of((-mean, std, -b, -a), 3000, "float32")
        np.testing.assert_array_equal(mirrored, -values_of(law, 3000, "float32"))


def test_symmetric_bounds_give_symmetric_values():
    sampling = make_plan("trunc_normal", (2,)).sampling
    for word in (0, 1, 12345, 2**31 - 1, 0xDEADBEEF):
        value = singles._symmetric_single(word, sampling.parameters)
        assert (
            singles._symmetric_single(word ^ 0xFFFFFFFF, sampling.parameters) == -value
        )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_interval_of_one_ulp_has_two_values(dtype):
    for mean in (1.0, 0.0, -30.0, 40.0):
        b = float(np.nextafter(numpy_dtype(dtype).type(1), 2))
        values = values_of((mean, 1.0, 1.0, b), 40_000, dtype)
        low, high = (values == 1).sum(), (values == b).sum()
        assert low + high == values.size
        # Fair coins: 6 standard deviations, false alarm 2e-9.
        assert abs(low - high) < 6 * math.sqrt(values.size)


def test_nothing_piles_up_at_the_bounds():
    """Count the words that give the bound: as many as its half cell holds, twice."""
    for law in ((0.0, 1.0, -2.0, 2.0), (0.0, 1.0, -3.0, 3.0), (0.0, 1.0, 0.0, INF)):
        mean, _, a, _ = law
        values = [drawn(law, (2 * k, 0, 0), "float32")[0] for k in range(120)]
        density = make_plan(spec_of(law), (2,)).law()
        cell = float(np.spacing(np.float32(abs(a)))) / 2
        mass = float(density.cdf(np.array([a + cell]))[0]) * 2**31
        assert sum(value == a for value in values) <= 2 * mass + 3
        assert mean == 0


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
def test_laws_of_one_value(dtype):
    for law, only in (
        ((0.3, 0.0, 0.0, 1.0), 0.3),
        ((1.0, 0.5, 0.25, 0.25), 0.25),
        ((-0.0, 0.0, -0.0, 0.0), 0.0),
    ):
        values = values_of(law, 9, dtype)
        assert (values == values.dtype.type(only)).all()
        assert not np.signbit(values.astype(np.float64)).any()


@pytest.mark.parametrize(
    ("law", "dtype", "match"),
    [
        ((0, -1, -2, 2), "float32", "std"),
        ((0, math.nan, -2, 2), "float32", "std"),
        ((0, INF, -2, 2), "float32", "std"),
        ((math.nan, 1, -2, 2), "float64", "mean"),
        ((INF, 1, -2, 2), "float64", "mean"),
        ((0, 1, 2, -2), "float32", "a <= b"),
        ((0, 1, math.nan, 2), "float32", "a <= b"),
        ((0, 1, -2, math.nan), "float32", "a <= b"),
        ((0, 1, INF, INF), "float32", "a <= b"),
        ((0, 1, -INF, -INF), "float32", "a <= b"),
        ((0, 1, 1001, INF), "float32", "1000 std"),
        ((0, 0, 1, 2), "float32", "1000 std"),
        ((0, 1, 0.1, 0.1), "float32", "at least one value"),
        ((0, 1, 1.0001, 1.0002), "bfloat16", "at least one value"),
        ((0, 1e38, -INF, INF), "float32", "largest"),
        ((0, 65504, 0, INF), "float16", "largest"),
        ((1e39, 1, 0, INF), "bfloat16", "1000 std|largest"),
        ((0, 1e-30, -2e-30, 2e-30), "float32", "at least"),
        ((0, 1, 0, 1e-30), "float32", "at least"),
    ],
)
def test_parameters_that_cannot_be_drawn(law, dtype, match):
    with pytest.raises(ArgumentError, match=match):
        values_of(law, 3, dtype)


def test_plans_do_not_depend_on_a_callers_context():
    prepare = DISTRIBUTIONS["truncated_normal"].prepare
    expected = [prepare(law, DTYPES["float64"]) for law in LAWS]
    with decimal.localcontext(decimal.Context(prec=2, Emax=3, Emin=-3)):
        assert [prepare(law, DTYPES["float64"]) for law in LAWS] == expected
