"""Broken elements, grids and order: initializers whose law alone may be right."""

from __future__ import annotations

import ml_dtypes
import numpy as np
from scipy import stats
from wrong_draws import (
    RELU,
    SHAPE,
    Wrong,
    changed,
    correlated,
    doubled,
    drawn,
    grid_normal,
    put,
    same_magnitudes,
    smoothed,
    toward_zero,
    truncated,
)

WRONG_STRUCTURES: tuple[Wrong, ...] = (
    # Broken elements.
    Wrong(
        "zeros",
        RELU,
        SHAPE,
        lambda _, shape, __: np.zeros(shape, np.float32),
        "never_initialised",
    ),
    Wrong(
        "ones", RELU, SHAPE, lambda _, shape, __: np.ones(shape, np.float32), "constant"
    ),
    Wrong("one NaN", RELU, SHAPE, changed(lambda x, _, __: put(x, 777, np.nan)), "nan"),
    Wrong(
        "one infinity",
        RELU,
        SHAPE,
        changed(lambda x, _, __: put(x, 777, np.inf)),
        "infinite",
    ),
    Wrong(
        "half never written",
        RELU,
        SHAPE,
        changed(lambda x, _, __: put(x, slice(x.size // 2, None), 0.0)),
        "partly_zero",
    ),
    Wrong(
        "pruned 1 %",
        RELU,
        SHAPE,
        changed(lambda x, rng, _: put(x, rng.random(x.size) < 0.01, 0.0)),
        "partly_zero",
    ),
    Wrong(
        "bytes read as float32",
        RELU,
        SHAPE,
        lambda rng, shape, _: np.nan_to_num(
            rng.integers(0, 2**32, shape, dtype=np.uint32).view(np.float32),
            nan=1.0,
            posinf=1.0,
            neginf=1.0,
        ),
        "garbage",
    ),
    Wrong(
        "wrong byte order",
        RELU,
        SHAPE,
        changed(lambda x, _, __: np.nan_to_num(x.byteswap(), nan=0.5)),
        "garbage",
    ),
    Wrong(
        "outliers",
        RELU,
        SHAPE,
        changed(lambda x, rng, std: put(x, rng.integers(0, x.size, 9), 30 * std)),
        "outliers",
    ),
    Wrong(
        "clamped at 2 std",
        RELU,
        SHAPE,
        changed(lambda x, _, std: np.clip(x, -2 * std, 2 * std)),
        "clamped",
    ),
    Wrong(
        "clamped at 3 std",
        RELU,
        SHAPE,
        changed(lambda x, _, std: np.clip(x, -3 * std, 3 * std)),
        "clamped",
    ),
    Wrong(
        "tail cut at 3.7 std",
        RELU,
        (1024, 1024),
        drawn(lambda rng, shape: truncated(rng, shape, 3.7)),
        "tail_cut",
    ),
    Wrong(
        "sum of twelve uniforms",
        RELU,
        (1024, 1024),
        drawn(lambda rng, shape: sum(rng.random(shape) for _ in range(12)) - 6.0),
        "light_tails",
    ),
    # Resolution.
    Wrong(
        "23-bit grid",
        RELU,
        (1024, 1024),
        drawn(lambda rng, shape: grid_normal(rng, shape, 22)),
        "coarse_grid",
    ),
    Wrong(
        "16-bit grid",
        RELU,
        SHAPE,
        drawn(lambda rng, shape: grid_normal(rng, shape, 16)),
        "coarse_grid",
    ),
    Wrong(
        "uniform of 23 bits",
        "uniform",
        SHAPE,
        lambda rng, shape, _: (rng.integers(0, 2**23, shape) * 2.0**-23).astype(
            np.float32
        ),
        "coarse_grid",
    ),
    Wrong(
        "quantised to 256 levels",
        RELU,
        SHAPE,
        changed(
            lambda x, _, std: (np.round(x / std * 32) / 32 * std).astype(np.float32)
        ),
        "few_values",
    ),
    Wrong(
        "signs",
        "normal",
        SHAPE,
        changed(lambda x, _, __: np.sign(x)),
        "few_values",
    ),
    Wrong(
        "columns written twice",
        RELU,
        SHAPE,
        changed(lambda x, _, __: np.repeat(x[:, : x.shape[1] // 2], 2, axis=1)),
        "paired_values",
    ),
    Wrong(
        "symmetric matrix",
        RELU,
        (640, 640),
        changed(lambda x, _, __: np.triu(x) + np.triu(x, 1).T),
        "paired_values",
    ),
    Wrong(
        "bfloat16 stored as float32",
        RELU,
        SHAPE,
        changed(lambda x, _, __: x.astype(ml_dtypes.bfloat16).astype(np.float32)),
        "cast",
    ),
    Wrong(
        "float16 stored as float32",
        RELU,
        SHAPE,
        changed(lambda x, _, __: x.astype(np.float16).astype(np.float32)),
        "cast",
    ),
    Wrong(
        "float32 stored as float64",
        RELU,
        SHAPE,
        changed(lambda x, _, __: x.astype(np.float64)),
        "cast",
    ),
    Wrong(
        "bfloat16 truncated",
        RELU,
        (1024, 1024),
        changed(lambda x, _, __: toward_zero(x)),
        "rounding",
    ),
    # Order.
    Wrong(
        "repeated chunk",
        RELU,
        SHAPE,
        changed(
            lambda x, _, __: put(x, slice(100_000, 108_192), x.ravel()[5_000:13_192])
        ),
        "duplicated_chunk",
    ),
    Wrong(
        "two equal shards",
        RELU,
        SHAPE,
        changed(lambda x, _, __: doubled(x)),
        "duplicated_shard",
    ),
    Wrong(
        "eight equal shards",
        RELU,
        SHAPE,
        changed(lambda x, _, __: np.tile(x[:48], (8, 1))),
        "duplicated_shard",
    ),
    Wrong(
        "one row for all",
        RELU,
        SHAPE,
        changed(lambda x, _, __: np.broadcast_to(x[:1], x.shape).copy()),
        "duplicated_shard",
    ),
    Wrong(
        "row correlation of 1e-3",
        RELU,
        (1024, 1024),
        drawn(lambda rng, shape: correlated(rng, shape, 1, 1e-3)),
        "row_correlation",
    ),
    Wrong(
        "column correlation of 1e-2",
        RELU,
        SHAPE,
        drawn(lambda rng, shape: correlated(rng, shape, 0, 1e-2)),
        "column_correlation",
    ),
    Wrong(
        "centred rows",
        RELU,
        SHAPE,
        changed(lambda x, _, __: x - x.mean(axis=1, keepdims=True)),
        "row_correlation",
    ),
    Wrong(
        "neighbours correlated by 2 %",
        RELU,
        SHAPE,
        drawn(lambda rng, shape: smoothed(rng, shape, 0.02)),
        "lag_correlation",
    ),
    Wrong(
        "sorted",
        RELU,
        SHAPE,
        changed(lambda x, _, __: np.sort(x, axis=None).reshape(x.shape)),
        "sorted",
    ),
    Wrong(
        "pairs of one magnitude",
        RELU,
        SHAPE,
        drawn(same_magnitudes),
        "dependent_neighbours",
    ),
    Wrong(
        "Student t of 10 degrees",
        RELU,
        SHAPE,
        drawn(
            lambda rng, shape: stats.t.rvs(10, size=shape, random_state=rng) * 0.8**0.5
        ),
        "heavy_tails",
    ),
)
