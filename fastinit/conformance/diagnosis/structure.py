"""Causes that no law explains: broken elements, copies, grids, order."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from fastinit.conformance.evidence import Cause
from fastinit.conformance.order_sums import order_sums
from fastinit.conformance.reading import Reading
from fastinit.conformance.trials.dependence import copied_runs
from fastinit.conformance.verdict import TestResult

__all__ = ["structural_causes"]

Failed = dict[str, TestResult]
Finder = Callable[[Reading, Failed], Iterator[Cause]]

#: Standard errors from which on what order does is no chance.
SURE = 6.0
#: Last bits of a significand that a cast leaves clear, by dtype: narrower dtypes.
_CASTS = {
    ("float32", 16): "bfloat16",
    ("float32", 13): "float16 or TF32",
    ("float64", 29): "float32",
    ("float64", 42): "float16",
    ("float64", 45): "bfloat16",
    ("float16", 3): "bfloat16",
}


def structural_causes(reading: Reading, failed: Failed) -> Iterator[Cause]:
    """Causes that show in the structure of an array.

    Parameters
    ----------
    reading : Reading
        The array.
    failed : mapping of str to TestResult
        Tests that contradict the law, by name.

    Yields
    ------
    cause : Cause
        In no order.

    Examples
    --------
    >>> from fastinit.conformance.reading import read_elements
    >>> from fastinit.conformance.streaming import open_source
    >>> from fastinit.conformance.trials import run_trials
    >>> from fastinit.distributions import DISTRIBUTIONS
    >>> law = DISTRIBUTIONS["normal"].law((0.0, 1.0))
    >>> reading = read_elements(open_source(np.zeros(500)), law, alpha=1e-6)
    >>> tests, _ = run_trials(reading)
    >>> failed = {test.name: test for test in tests if test.p_value < 1e-6}
    >>> next(structural_causes(reading, failed)).name
    'never_initialised'
    """
    for finder in _FINDERS:
        yield from finder(reading, failed)


def _not_finite(reading: Reading, failed: Failed) -> Iterator[Cause]:
    if "finite" not in failed:
        return
    facts = reading.facts
    if facts.n_nan:
        yield Cause(
            "nan",
            "arithmetic that failed, or memory that was never written",
            f"{facts.n_nan:,} of {reading.source.n:,} elements are NaN",
            1.0,
        )
    if facts.n_inf:
        yield Cause(
            "infinite",
            "an overflow, as of a cast to a narrow dtype",
            f"{facts.n_inf:,} of {reading.source.n:,} elements are infinite",
            1.0,
        )


def _constant(reading: Reading, failed: Failed) -> Iterator[Cause]:
    low, high = reading.state.smallest, reading.state.largest
    if low is None or high is None or low.value != high.value or reading.n < 2:
        return
    if not failed:
        return
    if low.value == 0.0:
        yield Cause(
            "never_initialised",
            "an array that was never initialised",
            "all elements are zero",
            1.0,
        )
    else:
        yield Cause(
            "constant",
            "a constant in the place of random values",
            f"all elements are equal to {low.value:.6g}",
            1.0,
        )


def _partly_zero(reading: Reading, failed: Failed) -> Iterator[Cause]:
    if "zeros" not in failed or failed["zeros"].effect >= 1.0:
        return
    share = failed["zeros"].statistic / reading.n
    yield Cause(
        "partly_zero",
        "a part that was never initialised, or pruned",
        failed["zeros"].detail + f" ({100 * share:.3g} %)",
        0.99,
    )


def _garbage(reading: Reading, failed: Failed) -> Iterator[Cause]:
    largest = max(abs(reading.facts.min), abs(reading.facts.max))
    reach = abs(largest - abs(reading.law.mean)) / reading.law.std
    typical = reading.facts.std / reading.law.std
    if reach > 1e6 and (typical > 1e4 or not math.isfinite(typical)):
        yield Cause(
            "garbage",
            "memory that was never initialised, or read in another dtype or byte order",
            f"an element of {largest:.3g}, {reach:.2g} std from the mean",
            0.995,
        )
        return
    ends = [failed[name] for name in ("minimum", "maximum") if name in failed]
    far = [test for test in ends if _is_too_far(reading, test)]
    if far and "chi_square" not in failed and math.isfinite(reach):
        text = "single elements that are far too large"
        yield Cause("outliers", text, far[0].detail, 0.88)


def _is_too_far(reading: Reading, test: TestResult) -> bool:
    """Whether an extreme is further out than the law reaches, not less far."""
    value = np.array([test.statistic])
    tail = reading.law.cdf(value) if test.name == "minimum" else reading.law.sf(value)
    return float(tail[0]) * reading.n < 0.5


def _tail_cut(reading: Reading, failed: Failed) -> Iterator[Cause]:
    ends = [failed[name] for name in ("minimum", "maximum") if name in failed]
    cut = [test for test in ends if not _is_too_far(reading, test)]
    distance = failed.get("kolmogorov_smirnov")
    if cut and "repeats" not in failed and (distance is None or distance.effect < 2e-3):
        text = "a generator whose tail ends too early"
        yield Cause("tail_cut", text, cut[0].detail, 0.93)
    ratio = reading.facts.std / reading.target.std
    is_alone = not {"mean", "repeats"} & set(failed)
    if "tails" in failed and 0.95 < ratio < 1.05 and is_alone:
        is_heavy = failed["tails"].effect > 0.0
        if is_heavy and "chi_square" not in failed:
            return
        name = "heavy_tails" if is_heavy else "light_tails"
        text = f"a law with {name.replace('_', ' ')}"
        yield Cause(name, text, failed["tails"].detail, 0.47)


def _clamped(reading: Reading, failed: Failed) -> Iterator[Cause]:
    state = reading.state
    if state.smallest is None or state.largest is None:
        return
    low, high = state.smallest.value, state.largest.value
    if low == high:
        return
    cells = reading.cells.cells
    held = 0.0
    for end in (low, high):
        at = int(np.searchsorted(cells.last, end))
        beyond = reading.law.cdf if end == low else reading.law.sf
        if reading.n * float(beyond(np.array([end]))[0]) < 1.0:
            continue
        # The cell of an end holds what lies beyond it under the law, or a spike.
        expected = reading.n * float(reading.cells.probabilities[at])
        excess = float(reading.counts[at]) - expected
        if excess > 8.0 + 6.0 * math.sqrt(expected):
            held += excess
    is_repeated = "repeats" in failed or cells.form.low_bits == 0
    if held and is_repeated and held < 0.5 * reading.n:
        yield Cause(
            "clamped",
            "values that were clamped, not drawn again",
            f"about {held:,.0f} elements too many at the ends {low:.6g} and {high:.6g}",
            0.97,
        )


def _grid(reading: Reading, failed: Failed) -> Iterator[Cause]:
    resolution = failed.get("resolution")
    cast = _cast(reading, resolution)
    levels = _levels(reading, failed)
    if cast is not None:
        yield cast
    elif levels is not None:
        yield levels
    elif resolution is not None:
        yield Cause("coarse_grid", "values on a grid", resolution.detail, 0.94)
    elif "ties" in failed:
        ties = failed["ties"]
        n = float(reading.tied[1].sum())
        bits = -math.log2(2.0 * ties.statistic / (n * n))
        name, text = "coarse_grid", f"values on a grid of about {bits:.1f} bits"
        if float(np.mean(reading.tied[1] == 2.0)) > 0.9:
            name, text = "paired_values", "values that occur twice, as by symmetry"
        yield Cause(name, text, ties.detail, 0.92)


def _cast(reading: Reading, resolution: TestResult | None) -> Cause | None:
    """Values of a narrower dtype."""
    if resolution is None:
        return None
    dtype = reading.source.dtype.name
    unused = int(resolution.detail.split("the last ")[1].split()[0])
    narrow = _CASTS.get((dtype, unused))
    if narrow is None:
        return None
    text = f"values of {narrow} that were stored as {dtype}"
    return Cause("cast", text, resolution.detail, 0.95)


def _levels(reading: Reading, failed: Failed) -> Cause | None:
    """Few distinct values."""
    if "ties" not in failed:
        return None
    n, distinct = float(reading.tied[1].sum()), reading.tied[1].size
    if distinct >= min(5_000.0, n / 20.0):
        return None
    return Cause(
        "few_values",
        "values that were quantised to few levels",
        f"{distinct:,} distinct values among {int(n):,} elements",
        0.992,
    )


def _copies(reading: Reading, failed: Failed) -> Iterator[Cause]:
    if "duplicates" not in failed:
        return
    runs = copied_runs(reading)
    distances, counts = np.unique(runs[:, 1] - runs[:, 0], return_counts=True)
    distance = int(distances[np.argmax(counts)])
    share = float(counts.max()) / max(reading.state.anchors.shape[1], 1)
    n = reading.source.n
    evidence = (
        f"{100 * share:.3g} % of all runs of {reading.plan.run_length} elements occur "
        f"again {distance:,} elements later"
    )
    if distance < reading.plan.run_length and "zeros" in failed:
        # A run of one value is its own copy.
        return
    is_shard = n % distance == 0 and share > 0.8 * (1.0 - distance / n)
    name = "duplicated_shard" if is_shard else "duplicated_chunk"
    text = (
        f"{n // distance} equal shards of {distance:,} elements"
        if is_shard
        else "a chunk that was written twice, or a generator that was restarted"
    )
    yield Cause(name, text, evidence, 0.995 if is_shard else 0.99)


def _order(reading: Reading, failed: Failed) -> Iterator[Cause]:
    mean, variance = _observed_unit(reading)
    if not 0.0 < variance < math.inf:
        return
    sums = order_sums(reading)
    if "lags" in failed:
        # Another mean or std alone makes products; what is left depends on order.
        distances = reading.plan.lags.astype(np.float64)
        products = np.maximum(reading.plan.n_products(reading.plan.lags), 1.0)
        left = (sums.lags / products - mean * mean) / variance
        worst = int(np.argmax(np.abs(left) * np.sqrt(products)))
        z = float(left[worst] * math.sqrt(products[worst]))
        lag, value = int(distances[worst]), float(left[worst])
        evidence = f"correlation of {value:.3g} at lag {lag:,}, z = {z:.3g}"
        if value > 0.9:
            text = "elements that were sorted or smoothed"
            yield Cause("sorted", text, evidence, 0.985)
        elif abs(z) > SURE:
            text = "a generator whose values depend on each other"
            yield Cause("lag_correlation", text, evidence, 0.86)
    lines = (
        ("rows", "row_correlation", "row", sums.rows, sums.row_sizes),
        ("columns", "column_correlation", "column", sums.columns, sums.column_sizes),
    )
    for name, cause, word, totals, sizes in lines:
        if name in failed:
            squares = np.square(totals - mean * sizes) / (sizes * variance)
            excess = float(squares.mean()) - 1.0
            z = excess * math.sqrt(0.5 * totals.size)
            effect = excess / max(float(sizes.mean()) - 1.0, 1.0)
            text = (
                f"elements of one {word} that share something"
                if effect > 0.0
                else f"{word}s that were centred"
            )
            evidence = f"correlation of {effect:.3g} within a {word}, z = {z:.3g}"
            if abs(z) > SURE:
                yield Cause(cause, text, evidence, 0.89)
        elif f"{word}_means" in failed and "mean" not in failed:
            test = failed[f"{word}_means"]
            yield Cause(cause, f"one {word} that is shifted", test.detail, 0.7)
    yield from _neighbours(failed)


def _neighbours(failed: Failed) -> Iterator[Cause]:
    """Dependence without correlation; another law, or correlation, makes it too."""
    if {"variance", "kolmogorov_smirnov", "lags"} & set(failed):
        return
    for name in ("magnitude_lags", "pairs"):
        if name in failed:
            text = "neighbours that depend on each other without being correlated"
            detail, effect = failed[name].detail, abs(failed[name].effect)
            score = 0.6 + 0.35 * min(1.0, 4.0 * effect)
            yield Cause("dependent_neighbours", text, detail, score)


def _observed_unit(reading: Reading) -> tuple[float, float]:
    """Mean and variance of what the sums of order were taken of."""
    if reading.is_scored:
        scores = reading.normal_scores.astype(np.float64)
        return float(scores.mean()), float(scores.var())
    first, second, _, _ = reading.moments
    return first, second - first * first


_FINDERS: tuple[Finder, ...] = (
    _not_finite,
    _constant,
    _partly_zero,
    _garbage,
    _clamped,
    _grid,
    _copies,
    _tail_cut,
    _order,
)
