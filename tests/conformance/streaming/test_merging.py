"""The state of a scan: what it holds, and that parts merge to the whole bit by bit."""

import itertools

import numpy as np
import pytest

from fastinit.conformance.streaming import measure, merge, open_source, plan_scan
from fastinit.conformance.streaming.scan_plan import SPAN
from fastinit.conformance.streaming.state import FIXED_POINT
from fastinit.distributions import DISTRIBUTIONS
from fastinit.dtypes import numpy_dtype

DTYPES = ("float64", "float32", "float16", "bfloat16", "float8_e5m2")
LAW = DISTRIBUTIONS["normal"].law((0.0, 1.0))


def elements(name):
    """Three and a bit spans with everything that is special in them."""
    values = np.random.default_rng(0).standard_normal((803, 1003))
    values[500, 5], values[700, 3], values[2, 2] = np.nan, -np.inf, -0.0
    values[0, 0] = 0.0
    return values.astype(numpy_dtype(name))


@pytest.fixture(scope="module", params=DTYPES)
def scanned(request):
    values = elements(request.param)
    source = open_source(values)
    plan = plan_scan(LAW, source)
    return values, source, plan, measure(source, plan)


def test_parts_merge_to_the_whole(scanned):
    _, source, plan, whole = scanned
    assert plan.n_spans == 4
    for cuts in ((0, 1, 4), (0, 2, 3, 4), (0, 1, 2, 3, 4)):
        parts = [measure(source, plan, pair) for pair in itertools.pairwise(cuts)]
        assert merge(parts) == whole
        assert merge(parts[::-1]) == whole
    assert merge([merge(parts[:2]), merge(parts[2:])]) == whole
    assert merge(parts[1:]) != whole


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_change_nothing(scanned, threads):
    _, source, plan, whole = scanned
    assert measure(source, plan, threads=threads) == whole


def test_counts_are_those_of_a_search(scanned):
    values, _, plan, whole = scanned
    flat = values.reshape(-1).astype(np.float64)
    flat = flat[np.isfinite(flat)]
    at = np.searchsorted(plan.cells.last, flat)
    expected = np.bincount(at, minlength=plan.cells.order.size)
    np.testing.assert_array_equal(whole.counts[plan.cells.order], expected)
    assert whole.n == values.size
    assert whole.counts.sum() == values.size
    assert whole.n_infinite == 1


def test_extremes_have_values_and_first_positions(scanned):
    values, _, _, whole = scanned
    flat = values.reshape(-1).astype(np.float64)
    finite = np.where(np.isfinite(flat), flat, 0.0)
    assert whole.smallest.value == finite.min()
    assert whole.largest.value == finite.max()
    assert whole.smallest.position == np.argmin(finite)
    assert whole.largest.position == np.argmax(finite)


def test_products_are_sums_over_the_whole_array(scanned):
    values, _, plan, whole = scanned
    flat = values.reshape(-1).astype(np.float64)
    y = np.clip(np.nan_to_num(flat, nan=0.0), -32, 32)
    for lag, held in zip(plan.lags, whole.lags, strict=True):
        assert held / FIXED_POINT == pytest.approx(y[:-lag] @ y[lag:], abs=0.03), lag
    mean, std = plan.magnitude
    magnitude = (np.abs(y) - mean) / std
    for lag, held in zip(plan.magnitude_lags, whole.magnitude_lags, strict=True):
        expected = magnitude[:-lag] @ magnitude[lag:]
        assert held / FIXED_POINT == pytest.approx(expected, abs=0.05), lag


def test_rows_and_columns_are_sums(scanned):
    values, _, plan, whole = scanned
    y = np.clip(np.nan_to_num(values.astype(np.float64), nan=0.0), -32, 32)
    assert plan.row_length == plan.n_columns == values.shape[1]
    np.testing.assert_allclose(whole.rows / FIXED_POINT, y.sum(axis=1), atol=1e-2)
    np.testing.assert_allclose(whole.columns / FIXED_POINT, y.sum(axis=0), atol=1e-2)


def test_powers_are_those_of_exact_sums(scanned):
    values, _, plan, whole = scanned
    if plan.cells.form.low_bits == 0:
        assert all(total.value == 0.0 for total in whole.powers)
        return
    flat = values.reshape(-1).astype(np.float64)
    flat = flat[np.isfinite(flat)]
    for power, total in enumerate(whole.powers, 1):
        assert total.value == pytest.approx(np.sum(flat**power), rel=1e-11)


def test_pairs_are_all_neighbours_once(scanned):
    values, _, plan, whole = scanned
    form = plan.cells.form
    patterns = values.reshape(-1).view(form.storage).astype(np.uint64)
    patterns[patterns == form.sign] = 0
    unique, inverse = np.unique(patterns, return_inverse=True)
    group = np.array([plan.group[plan.cells.number_of(int(p))] for p in unique])
    codes = group[inverse].astype(np.int64)
    pairs = 8 * codes[:-1] + codes[1:]
    for parity in (0, 1):
        expected = np.bincount(pairs[parity::2], minlength=64)
        np.testing.assert_array_equal(whole.pairs[parity], expected)


@pytest.mark.parametrize("n", [1, 2, 3, 64, SPAN - 1, SPAN, SPAN + 1])
def test_any_size_can_be_scanned(n):
    values = np.random.default_rng(n).random(n)
    source = open_source(values)
    plan = plan_scan(DISTRIBUTIONS["uniform"].law((0.0, 1.0)), source)
    state = measure(source, plan)
    assert state.n == state.counts.sum() == n
    assert state.pairs.sum() == n - 1
    assert state.largest.value == values.max()


def test_copies_are_found_at_any_distance():
    values = np.random.default_rng(1).standard_normal(700_000).astype(np.float32)
    values[601_234:603_234] = values[1_111:3_111]
    source = open_source(values)
    state = measure(source, plan_scan(LAW, source))
    digests, positions = state.anchors
    _, counts = np.unique(digests, return_counts=True)
    copied = np.isin(digests, np.unique(digests)[counts > 1])
    assert copied.sum() > 100
    at = np.sort(positions[copied].astype(np.int64))
    assert set(np.unique(at[at > 300_000] - at[at < 300_000])) == {600_123}
