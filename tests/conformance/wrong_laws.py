"""Wrong gains, fans, dialects and shapes: initializers that follow another law."""

from __future__ import annotations

import math

import numpy as np
from wrong_draws import (
    CONV,
    FI,
    FO,
    RELU,
    SHAPE,
    TRUNCATED,
    UNIFORM,
    XAVIER,
    Wrong,
    changed,
    drawn,
    fixed,
    normal,
    truncated,
    uniform,
)

WRONG_LAWS: tuple[Wrong, ...] = (
    # Gains and scales.
    Wrong("gain missing", RELU, SHAPE, normal(math.sqrt(0.5)), "gain_missing"),
    Wrong("gain twice", XAVIER, SHAPE, normal(math.sqrt(2.0)), "gain_extra"),
    Wrong("uniform gain missing", UNIFORM, SHAPE, uniform(0.5**0.5), "gain_missing"),
    Wrong("torch default Linear", RELU, SHAPE, normal(6**-0.5), "torch_default"),
    Wrong("torch default uniform", UNIFORM, SHAPE, uniform(6**-0.5), "torch_default"),
    Wrong(
        "no initializer ran",
        "xavier_uniform",
        SHAPE,
        lambda rng, shape, _: (rng.uniform(-1, 1, shape) / FI**0.5).astype(np.float32),
        "torch_default",
    ),
    Wrong("gain of tanh", XAVIER, SHAPE, normal(5 / 3), "other_gain"),
    Wrong("gain of selu", XAVIER, SHAPE, normal(0.75), "other_gain"),
    Wrong("bound as std", RELU, SHAPE, normal(3**0.5), "bound_as_std"),
    Wrong("std as bound", UNIFORM, SHAPE, uniform(3**-0.5), "std_as_bound"),
    Wrong("std as bound, normal", RELU, SHAPE, normal(3**-0.5), "std_as_bound"),
    Wrong(
        "variance as std", "normal(std=0.03)", SHAPE, fixed(0.0009), "variance_as_std"
    ),
    Wrong(
        "std as variance",
        "normal(std=0.03)",
        SHAPE,
        fixed(0.03**0.5),
        "std_as_variance",
    ),
    Wrong("std 1", RELU, SHAPE, fixed(1.0), "fixed_std"),
    Wrong("std 0.02", RELU, SHAPE, fixed(0.02), "fixed_std"),
    Wrong("std 0.01 for 0.02", "normal(std=0.02)", SHAPE, fixed(0.01), "fixed_std"),
    Wrong("std off by 1 %", RELU, (640, 640), normal(1.01), "scale"),
    Wrong("std off by 2 %", UNIFORM, SHAPE, uniform(1.02), "scale"),
    # Fans.
    Wrong("fans swapped", RELU, SHAPE, normal((FI / FO) ** 0.5), "fans_swapped"),
    Wrong(
        "fans swapped, uniform",
        UNIFORM,
        SHAPE,
        uniform((FI / FO) ** 0.5),
        "fans_swapped",
    ),
    Wrong(
        "fan_in for fan_out",
        "kaiming_normal(mode=fan_out)",
        SHAPE,
        normal((FO / FI) ** 0.5),
        "fans_swapped",
    ),
    Wrong(
        "average of fans",
        RELU,
        SHAPE,
        normal((FI / (0.5 * (FI + FO))) ** 0.5),
        "fan_average",
    ),
    Wrong(
        "one fan for the average",
        XAVIER,
        SHAPE,
        normal((0.5 * (FI + FO) / FI) ** 0.5),
        "fan_single",
    ),
    Wrong("sum of fans", "xavier_uniform", SHAPE, uniform(0.5**0.5), "fan_sum"),
    Wrong("shard of 4", RELU, SHAPE, normal(2.0), "shard_fan"),
    Wrong("shard of 8", RELU, SHAPE, normal(8**0.5), "shard_fan"),
    Wrong("shard of 8, uniform", UNIFORM, SHAPE, uniform(8**0.5), "shard_fan"),
    Wrong("stack of 8 experts", RELU, SHAPE, normal(8**-0.5), "stacked_fan"),
    Wrong("no receptive field", RELU, CONV, normal(3.0), "receptive_field"),
    Wrong(
        "layout of Keras", RELU, CONV, normal((80 * 9 / (3 * 96 * 80)) ** 0.5), "layout"
    ),
    Wrong(
        "depth scaling",
        "normal(std=0.02)",
        SHAPE,
        fixed(0.02 / 24**0.5),
        "depth_scaling",
    ),
    # Dialects and shapes.
    Wrong("uniform for normal", RELU, SHAPE, uniform(1.0), "uniform_for_normal"),
    Wrong("normal for uniform", UNIFORM, SHAPE, normal(1.0), "normal_for_uniform"),
    Wrong(
        "truncation uncorrected",
        RELU,
        SHAPE,
        drawn(lambda rng, shape: truncated(rng, shape, 2.0)),
        "truncation_uncorrected",
    ),
    Wrong(
        "truncation at 3 std",
        RELU,
        SHAPE,
        drawn(lambda rng, shape: truncated(rng, shape, 3.0)),
        "tail_cut",
    ),
    Wrong(
        "dialect of Keras",
        XAVIER,
        SHAPE,
        drawn(lambda rng, shape: truncated(rng, shape, 2.0) / TRUNCATED),
        "dialect",
    ),
    Wrong(
        "corrected, not truncated",
        RELU,
        SHAPE,
        normal(1 / TRUNCATED),
        "truncation_overcorrected",
    ),
    Wrong(
        "half range of JAX",
        UNIFORM,
        SHAPE,
        drawn(lambda rng, shape: rng.random(shape) * 3**0.5),
        "half_range",
    ),
    Wrong(
        "absolute values",
        RELU,
        SHAPE,
        changed(lambda x, _, __: np.abs(x)),
        "absolute_values",
    ),
    Wrong(
        "Laplace",
        RELU,
        SHAPE,
        drawn(lambda rng, shape: rng.laplace(size=shape) / 2**0.5),
        "other_shape",
    ),
    Wrong(
        "logistic",
        RELU,
        SHAPE,
        drawn(lambda rng, shape: rng.logistic(size=shape) * 3**0.5 / math.pi),
        "other_shape",
    ),
    Wrong(
        "sum of two uniforms",
        RELU,
        SHAPE,
        drawn(lambda rng, shape: (rng.random(shape) - rng.random(shape)) * 6**0.5),
        "other_shape",
    ),
    Wrong(
        "shifted",
        RELU,
        SHAPE,
        changed(lambda x, _, std: x + np.float32(0.05 * std)),
        "shifted",
    ),
    Wrong(
        "shifted uniform",
        "uniform(a=-0.1, b=0.1)",
        SHAPE,
        lambda rng, shape, _: rng.uniform(-0.09, 0.11, shape).astype(np.float32),
        "shifted",
    ),
)
