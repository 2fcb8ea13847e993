"""Whole judgements: what must pass, what must not, in any layout and dtype."""

import math
import subprocess
import sys
import tracemalloc

import ml_dtypes
import numpy as np
import pytest
from scipy import special

from fastinit.conformance import judge
from fastinit.conformance.distances import distances_of_scores
from fastinit.conformance.kolmogorov import distance_p_value
from fastinit.conformance.scores import Scores
from fastinit.dtypes import dtype_of, numpy_dtype
from fastinit.errors import ArgumentError, DtypeError

RANDOM_DTYPES = (
    *("float64", "float32", "float16", "bfloat16"),
    *("float8_e4m3fn", "float8_e5m2"),
)


def check(array, law, **options):
    return judge(array, law, dtype=dtype_of(array.dtype), **options)


def standard_normal(n, seed=0):
    return np.random.default_rng(seed).standard_normal(n, dtype=np.float32)


def drawn(n, name, seed=0):
    """Standard normal elements with all digits of their dtype."""
    draws = np.random.default_rng(seed).standard_normal(n)
    return draws.astype(numpy_dtype(name))


def failed(result):
    return {test.name for test in result.tests if not test.passed}


@pytest.mark.parametrize("name", RANDOM_DTYPES)
@pytest.mark.parametrize("make", ["normal", "uniform", "truncated"])
def test_correct_data_conform(name, make, request):
    law = request.getfixturevalue(make)()
    u = np.random.default_rng(1).random(60_000)
    if make == "normal":
        draws = special.ndtri(u)
    elif make == "uniform":
        draws = 2 * u - 1
    else:
        low = special.ndtr(-2.0)
        draws = special.ndtri(low + u * (1 - 2 * low))
    assert check(draws.astype(numpy_dtype(name)), law).verdict == "conforms"


@pytest.mark.parametrize("name", RANDOM_DTYPES)
def test_one_percent_of_std_is_seen_at_400_000_elements(name, normal):
    # The test sees it with probability above 0.999; the seed is fixed.
    draws = 0.02 * 1.01 * np.random.default_rng(2).standard_normal(400_000)
    result = check(draws.astype(numpy_dtype(name)), normal(0.0, 0.02))
    assert result.verdict == "violates"
    assert "variance" in failed(result)


FAN_IN, FAN_OUT = 256, 512
KAIMING = math.sqrt(2.0 / FAN_IN)

#: Standard deviation that a mistake gives, and what the hint must say.
MISTAKES = {
    "gain missing": (math.sqrt(1.0 / FAN_IN), "gain of sqrt 2 (ReLU) is missing"),
    "variance for std": (KAIMING**2, "variance was used as the std"),
    "std for variance": (math.sqrt(KAIMING), "std was used as a variance"),
    "bound for std": (math.sqrt(3.0) * KAIMING, "bound of a uniform law was used"),
    "std for bound": (KAIMING / math.sqrt(3.0), "used as the bound"),
    "torch default": (math.sqrt(1.0 / (3 * FAN_IN)), "a = sqrt 5"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_known_mistakes_violate_and_are_named(mistake, normal):
    std, words = MISTAKES[mistake]
    draws = standard_normal(FAN_IN * FAN_OUT, 3) * np.float32(std)
    result = check(draws, normal(0.0, KAIMING))
    assert result.verdict == "violates"
    assert words in result.hint
    assert result.hint in str(result)


def test_swapped_fans_violate_and_are_named_by_the_caller(normal):
    std = math.sqrt(2.0 / FAN_OUT)
    draws = standard_normal(FAN_IN * FAN_OUT, 3) * np.float32(std)
    alternatives = {"fan_out instead of fan_in": std, "no gain": KAIMING / 3}
    result = check(draws, normal(0.0, KAIMING), alternatives=alternatives)
    assert result.verdict == "violates"
    assert result.hint.endswith("which fits fan_out instead of fan_in")


def test_standard_deviation_used_as_bound_violates(uniform):
    # The law asks for bound sqrt(3) * std; the mistake draws in (-std, std).
    draws = np.random.default_rng(5).uniform(-KAIMING, KAIMING, 30_000)
    bound = math.sqrt(3) * KAIMING
    result = check(draws.astype(np.float32), uniform(-bound, bound))
    assert {"kolmogorov_smirnov", "variance"} <= failed(result)
    assert "used as the bound" in result.hint


def test_uniform_for_normal_violates_by_its_shape(normal):
    draws = np.random.default_rng(4).uniform(-math.sqrt(3), math.sqrt(3), 20_000)
    result = check(draws, normal())
    assert "kolmogorov_smirnov" in failed(result)
    assert not {"mean", "variance", "lags", "rows"} & failed(result)
    assert "shape" in result.hint


def test_normal_for_uniform_leaves_the_support(uniform):
    result = check(standard_normal(20_000) / np.float32(3**0.5), uniform())
    assert {"support", "kolmogorov_smirnov"} <= failed(result)


def test_shifted_mean_violates(normal):
    result = check(standard_normal(100_000) + np.float32(0.03), normal())
    assert "mean" in failed(result)


def test_never_initialised_memory_is_named(normal):
    result = check(np.zeros((64, 64), np.float32), normal())
    assert result.verdict == "violates"
    assert "never initialised" in result.hint


def test_garbage_that_overflows_violates(normal):
    with np.errstate(all="raise"):
        result = check(np.array([1e308, -1e300, 1e307]), normal(0.0, 1e-3))
    assert {"mean", "variance"} <= failed(result)
    assert result.to_dict()["facts"]["std"] is None


def test_correct_bfloat16_passes_where_a_continuous_test_rejects(normal):
    draws = standard_normal(8_000_000, 7).astype(ml_dtypes.bfloat16)
    assert check(draws, normal()).verdict == "conforms"
    wide = draws.astype(np.float64)
    naive = distances_of_scores(Scores(special.ndtr(wide), special.ndtr(-wide)))
    assert distance_p_value(naive.kolmogorov_smirnov, wide.size) < 1e-6


def test_law_of_few_rounded_values_is_compared_with_its_own_moments(normal):
    # bfloat16 steps by 0.004 and 0.008 around 1, about one std: rounding adds a
    # quarter to the variance, so the moments of the smooth law would be rejected.
    draws = 1 + np.float32(0.005) * standard_normal(60_000)
    result = check(draws.astype(ml_dtypes.bfloat16), normal(1.0, 0.005))
    assert result.verdict == "conforms"
    assert result.facts.std > 1.05 * 0.005


@pytest.mark.parametrize("clamped", [False, True])
def test_both_conventions_at_the_open_end_pass(clamped, uniform):
    u = np.random.default_rng(8).uniform(-1, 1, 8_000_000).astype(ml_dtypes.bfloat16)
    if clamped:
        u[u == 1] = 1 - 2**-8
    assert check(u, uniform()).verdict == "conforms"


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", RANDOM_DTYPES)
def test_one_element_that_is_not_finite_violates(name, value, normal):
    draws = drawn(30_000, name)
    draws[17] = value
    # float8_e4m3fn has no infinity, and NaN in its place.
    is_nan = math.isnan(value) or name == "float8_e4m3fn"
    result = check(draws, normal())
    assert result.verdict == "violates"
    assert failed(result) == {"finite"}
    assert (result.facts.n_nan, result.facts.n_inf) == ((1, 0) if is_nan else (0, 1))


@pytest.mark.parametrize("name", RANDOM_DTYPES)
def test_nothing_but_nan_violates(name, normal):
    result = check(np.full(10, np.nan, numpy_dtype(name)), normal())
    assert failed(result) == {"finite"}
    assert math.isnan(result.facts.mean)


@pytest.mark.parametrize("name", RANDOM_DTYPES)
@pytest.mark.parametrize("sign", [1, -1])
def test_one_element_outside_the_support_violates(name, sign, uniform):
    draws = np.random.default_rng(9).uniform(-1, 1, 30_000)
    draws = np.clip(draws, -0.99, 0.99).astype(numpy_dtype(name))
    # The next value beyond 1 is 1.125 or 1.25 in a byte.
    beyond = 0.25 if dtype_of(name).itemsize == 1 else 0.02
    draws[100] = sign * (1 + beyond)
    result = check(draws, uniform())
    assert "support" in failed(result)
    excess = next(t for t in result.tests if t.name == "support").statistic
    assert excess == pytest.approx(beyond, abs=0.004)


def test_rounded_end_of_the_support_is_inside(uniform):
    # float32(0.1) exceeds 0.1, and a correct array may hold it.
    draws = np.random.default_rng(1).uniform(0, 0.1, 20_000).astype(np.float32)
    draws[0] = np.float32(0.1)
    assert float(draws[0]) > 0.1
    assert check(draws, uniform(0.0, 0.1)).conforms


def layouts(array):
    """Same elements in other layouts."""
    wide = np.zeros((array.shape[0], 2 * array.shape[1]), array.dtype)
    wide[:, ::2] = array
    yield "strided", wide[:, ::2]
    yield "negative strides", array[::-1, ::-1].copy()[::-1, ::-1]
    yield "Fortran order", np.asfortranarray(array)
    read_only = array.copy()
    read_only.setflags(write=False)
    yield "read only", read_only
    if hasattr(np, array.dtype.name):
        yield "byte-swapped", array.astype(array.dtype.newbyteorder())


@pytest.mark.parametrize("name", RANDOM_DTYPES)
def test_layout_changes_nothing(name, normal):
    array = drawn((100, 120), name)
    expected = check(array, normal())
    before = array.copy()
    for label, other in layouts(array):
        assert check(other, normal()) == expected, label
    np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize("name", RANDOM_DTYPES)
def test_scalar_array_is_one_element(name, normal):
    result = check(np.array(0.3, numpy_dtype(name)), normal())
    assert (result.verdict, result.n) == ("inconclusive", 1)
    assert check(np.array(30.0, numpy_dtype(name)), normal()).verdict == "violates"


@pytest.mark.parametrize("name", RANDOM_DTYPES)
def test_empty_array_is_inconclusive(name, normal):
    result = check(np.zeros((3, 0), numpy_dtype(name)), normal())
    assert (result.verdict, result.n) == ("inconclusive", 0)
    assert all(test.passed for test in result.tests)


def test_law_that_rounds_to_one_value_is_a_constant(normal):
    law = normal(0.0, 1e-9)
    assert check(np.zeros(50, np.float16), law).conforms
    wrong = np.zeros(50, np.float16)
    wrong[7] = 2.0**-24
    assert "flat index 7" in str(check(wrong, law))


def test_margin_decides_how_much_is_enough(normal):
    draws = standard_normal(8_000, 3)
    assert check(draws, normal()).verdict == "conforms"
    assert check(draws, normal(), margin=0.01).verdict == "inconclusive"


def test_needed_elements_are_enough(normal):
    # Each trial may miss with a probability of a few percent; 15 misses of 40 would
    # mean that the stated size is wrong.
    n = check(standard_normal(10), normal()).n_needed
    verdicts = [check(standard_normal(n, [9, k]), normal()).verdict for k in range(40)]
    assert verdicts.count("violates") == 0
    assert verdicts.count("conforms") >= 26


@pytest.mark.parametrize("margin", [0.0, -1.0, math.inf, math.nan])
def test_margin_is_above_zero(margin, normal):
    with pytest.raises(ArgumentError, match="margin"):
        check(standard_normal(5), normal(), margin=margin)


def test_alpha_is_checked_first(normal):
    with pytest.raises(ArgumentError, match="alpha"):
        check(standard_normal(5), normal(), alpha=0.0)


def test_dtype_must_be_that_of_the_array(normal):
    with pytest.raises(DtypeError, match="given as float64"):
        judge(standard_normal(5), normal(), dtype=dtype_of("float64"))


def test_integers_cannot_be_random(normal):
    with pytest.raises(DtypeError, match="constant"):
        check(np.zeros(5, np.int32), normal())


@pytest.mark.parametrize("name", RANDOM_DTYPES)
def test_memory_does_not_grow_with_the_array(name, normal):
    array = drawn(6_000_000, name)
    check(array[:300_000], normal())
    peaks = []
    for size in (1_500_000, 6_000_000):
        tracemalloc.start()
        check(array[:size], normal())
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0] < 60e6


def test_importing_loads_no_scipy_and_no_compiler():
    code = (
        "import sys, fastinit.conformance; "
        "print([m for m in ('scipy', 'numba', 'torch', 'jax') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert run.stdout.strip() == "[]"
