"""Propagated signals are those of a network of torch, and verdicts those of theory."""

from __future__ import annotations

import math
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import torch

import fastinit
from fastinit import propagate
from fastinit.signals import SignalResult

functional = torch.nn.functional

#: Activations by name, as torch has them.
OF_TORCH = {
    "relu": functional.relu,
    "leaky_relu": functional.leaky_relu,
    "tanh": torch.tanh,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "selu": functional.selu,
    "linear": lambda z: z,
}
DENSE = [(12, 8), (20, 12), (6, 20)]
CONVOLUTIONS = [(8, 3, 3, 3), (6, 8, 1, 1), (5, 6, 2, 5)]


def stack(
    shapes: list[tuple[int, ...]], spec: str = "kaiming_normal", seed: int = 0
) -> list[np.ndarray]:
    return [
        fastinit.create(spec, shape, seed=seed, name=f"layer.{at}", dtype="float64")
        for at, shape in enumerate(shapes)
    ]


def square(depth: int, spec: str, width: int = 96, seed: int = 0) -> list[np.ndarray]:
    return stack([(width, width)] * depth, spec, seed)


def torch_layer(weight: torch.Tensor, maps: torch.Tensor) -> torch.Tensor:
    if weight.ndim == 2:
        return functional.linear(maps, weight)
    ring = []
    for size in reversed(weight.shape[2:]):
        # torch's own padding 'same' of even kernels: the larger part is behind.
        ring += [(size - 1) // 2, size // 2]
    padded = functional.pad(maps, ring, mode="circular") if any(ring) else maps
    return functional.conv2d(padded, weight)


def torch_squares(
    weights: list[np.ndarray], name: str, result: SignalResult, dtype: str
) -> list[tuple[float, ...]]:
    """Mean squares and stds of each layer, by autograd."""
    space = (8, 8) if weights[0].ndim > 2 else ()
    how: Any = {"seed": 0, "dtype": "float64"}
    maps = fastinit.normal((8, weights[0].shape[1], *space), name="signal.input", **how)
    maps = maps / fastinit.activation_gain(name)
    tensors = [torch.from_numpy(maps.astype(dtype)).requires_grad_()]
    before = []
    for weight in weights:
        layer = torch.from_numpy(weight.astype(dtype))
        before.append(torch_layer(layer, tensors[-1]))
        tensors.append(OF_TORCH[name](before[-1]))
    end = fastinit.normal(tensors[-1].shape, name="signal.gradient", **how)
    gradients = torch.autograd.grad(
        tensors[-1], tensors[:-1], torch.from_numpy(end.astype(dtype))
    )
    rows = []
    for y, x, g in zip(before, tensors[1:], gradients, strict=True):
        row = []
        for one in (y, x, g):
            wide = one.detach().double()
            row += [float(wide.std(correction=0)), float(wide.square().mean())]
        rows.append(tuple(row))
    return rows


@pytest.mark.parametrize(
    ("dtype", "tolerance"), [("float64", 1e-12), ("float32", 1e-5)]
)
@pytest.mark.parametrize("name", OF_TORCH)
@pytest.mark.parametrize("shapes", [DENSE, CONVOLUTIONS], ids=["dense", "convolution"])
def test_sizes_are_those_of_autograd(
    shapes: list[tuple[int, ...]], name: str, dtype: str, tolerance: float
) -> None:
    weights = stack(shapes)
    result = propagate(weights, name, dtype=dtype)
    found = [
        (
            *(one.preactivation_std, one.preactivation_square),
            *(one.signal_std, one.signal_square),
            *(one.gradient_std, one.gradient_square),
        )
        for one in result.layers
    ]
    expected = torch_squares(weights, name, result, dtype)
    np.testing.assert_allclose(found, expected, rtol=tolerance)


# What theory knows


@pytest.mark.parametrize("law", ["normal", "uniform"])
def test_kaiming_keeps_what_xavier_halves(law: str) -> None:
    kept = propagate(square(30, f"kaiming_{law}(nonlinearity=relu)"))
    assert kept.verdict == kept.forward.verdict == kept.backward.verdict == "kept"
    assert kept.kept
    assert kept.findings == ()
    lost = propagate(square(30, f"xavier_{law}"))
    assert lost.forward.verdict == lost.backward.verdict == "vanishes"
    for one in (lost.forward, lost.backward):
        assert math.log2(one.predicted) == pytest.approx(-15, abs=0.2)
        assert math.log2(one.factor) == pytest.approx(-15, abs=2)
    assert lost.findings[0].endswith("the gain of relu is missing")


def test_without_activation_it_is_the_other_way_round() -> None:
    assert propagate(square(30, "xavier_normal"), "linear").kept
    lost = propagate(square(30, "kaiming_normal(nonlinearity=relu)"), "linear")
    assert lost.verdict == "explodes"
    assert lost.forward.per_layer == pytest.approx(math.sqrt(2), rel=0.03)
    assert "this is the gain of relu" in lost.findings[0]


def test_tanh_keeps_the_signal_by_its_gain_and_loses_the_gradient() -> None:
    # The two gains differ: the gradient grows by their ratio in each layer.
    spec = "kaiming_normal(nonlinearity=tanh, sense=forward)"
    result = propagate(square(40, spec, 192), "tanh")
    assert (result.forward.verdict, result.backward.verdict) == ("kept", "explodes")
    assert result.verdict == "explodes"
    ratio = fastinit.activation_gain("tanh")
    ratio /= fastinit.activation_gain("tanh", "backward")
    assert result.backward.per_layer == pytest.approx(ratio, rel=0.03)
    small = propagate(square(40, "xavier_normal(gain=0.8)"), "tanh")
    assert small.forward.verdict == "vanishes"


@pytest.mark.parametrize("mode", ["fan_in", "fan_out", "fan_avg"])
def test_widths_may_change_as_the_mode_says(mode: str) -> None:
    shapes = [(256, 1024), (256, 256), (32, 256)]
    spec = f"variance_scaling(scale=2, mode={mode}, distribution=normal)"
    weights = stack(shapes, spec)
    right = propagate(weights, mode=mode)
    assert right.kept
    assert right.findings == ()
    change = math.log(right.forward.predicted / right.backward.predicted)
    assert change == pytest.approx(math.log(1024 / 32) / 2, abs=0.01)
    for other in {"fan_in", "fan_out", "fan_avg"} - {mode}:
        wrong = propagate(weights, mode=other)
        assert f"follow {mode}, not {other}" in wrong.findings[0]
    if mode == "fan_out":
        swapped = propagate(weights)
        assert swapped.forward.verdict == swapped.backward.verdict == "explodes"


def test_predictions_and_intervals_are_those_of_finite_width() -> None:
    # Wide maps and batches would fluctuate less; the interval is for one input.
    logs = np.array(
        [
            [
                (math.log(one.factor), math.log(one.ideal), one.low, one.high)
                for one in (result.forward, result.backward)
            ]
            for seed in range(40)
            for result in [
                propagate(
                    square(8, "kaiming_normal", 48, seed),
                    batch=1,
                    seed=seed,
                    alpha=0.2,
                )
            ]
        ]
    )
    inside = (np.exp(logs[..., 0]) > logs[..., 2]) & (
        np.exp(logs[..., 0]) < logs[..., 3]
    )
    # Each direction has half of alpha: 36 of 40 on average; 26 with P < 2e-5.
    assert (inside.sum(axis=0) > 26).all()
    spread = logs[..., 0].std(axis=0)
    expected = math.sqrt(8 * 5 / 48) / 2
    assert spread == pytest.approx([expected, expected], rel=0.45)


@pytest.mark.parametrize("name", ["tanh", "silu"])
def test_curved_activations_follow_prediction_and_spread(name: str) -> None:
    spec = f"kaiming_normal(nonlinearity={name}, sense=forward)"
    z = []
    for seed in range(20):
        result = propagate(square(6, spec, 64, seed), name, batch=1, seed=seed)
        last, first = result.layers[-1], result.layers[0]
        z.append(
            (
                math.log(last.signal_ratio) / last.signal_spread,
                math.log(first.gradient_ratio) / first.gradient_spread,
            )
        )
    mean, deviation = np.mean(z, axis=0), np.std(z, axis=0)
    # Means of 20 within 5 errors, with half of the variance as a shift; deviations of
    # 20 within 1 -+ 0.7, beyond 4 errors.
    assert (abs(mean) < 5 / math.sqrt(20) + 0.3).all()
    assert (abs(deviation - 1) < 0.7).all()


# Wrong weights are named


def test_a_layer_of_another_scale_is_named() -> None:
    weights = square(12, "kaiming_normal")
    weights[4] *= 10
    result = propagate({f"h.{at}": one for at, one in enumerate(weights)})
    assert result.verdict == "explodes"
    assert result.forward.factor > 5
    assert len(result.findings) == 1
    assert result.findings[0].startswith(
        "weight h.4 is 10.1 times as large as the others"
    )


def test_a_dead_layer_is_named() -> None:
    weights = square(8, "kaiming_normal")
    weights[2][:] = 0
    result = propagate(weights)
    assert (result.forward.factor, result.backward.factor) == (0, 0)
    assert result.verdict == "vanishes"
    assert result.findings == ("weight 3 is zero",)
    closed = square(3, "kaiming_normal")
    closed[1] = -abs(closed[1])
    findings = propagate(closed).findings
    assert "nothing is left of the signal behind weight 2" in findings


def test_structure_is_found_where_the_std_is_right() -> None:
    weights = square(6, "kaiming_normal")
    rank_one = np.full((96, 96), math.sqrt(2 / 96))
    weights[3] = rank_one
    result = propagate(weights)
    assert any(
        one.startswith("from weight 4 on the signal is not that of independent")
        for one in result.findings
    )


def test_the_default_of_torch_layers_is_named() -> None:
    result = propagate(square(8, "kaiming_uniform(a=2.23606797749979)"))
    assert result.verdict == "vanishes"
    assert result.findings[0].endswith("the default of torch's own layers")


def test_a_weak_verdict_says_so() -> None:
    result = propagate(square(40, "kaiming_normal", 16))
    assert any(one.endswith("the verdict is weak") for one in result.findings)


# Forms of weights, inputs and activations


@pytest.mark.parametrize("layout", ["IO", "...IO"])
def test_layouts_are_the_same_network(layout: str) -> None:
    weights = stack(DENSE)
    assert propagate([one.T for one in weights], layout=layout) == propagate(weights)


def test_kernels_of_other_layouts_are_the_same_network() -> None:
    weights = stack(CONVOLUTIONS)
    moved = [one.transpose(2, 3, 1, 0) for one in weights]
    assert propagate(moved, layout="HWIO") == propagate(weights)


def test_dense_layers_act_on_maps_as_kernels_of_one_place() -> None:
    weights = stack(CONVOLUTIONS)
    mixed = [weights[0], weights[1][:, :, 0, 0], weights[2]]
    assert propagate(mixed) == propagate(weights)


@pytest.mark.parametrize("dtype", [np.float32, np.float16, ml_dtypes.bfloat16, ">f8"])
def test_dtypes_and_tensors_of_torch(dtype: Any) -> None:
    weights = [one.astype(dtype) for one in stack(DENSE)]
    expected = propagate([one.astype(np.float64) for one in weights])
    assert propagate(weights) == expected
    if dtype == np.float32:
        tensors = [torch.from_numpy(one).requires_grad_() for one in weights]
        assert propagate(tensors) == expected


def test_inputs_are_taken_as_they_are() -> None:
    weights = stack(DENSE)
    inputs = np.linspace(-1, 2, 40).reshape(5, 8)
    maps, result = inputs, propagate(weights, inputs=inputs)
    for weight, row in zip(weights, result.layers, strict=True):
        maps = np.maximum(maps @ weight.T, 0)
        assert row.signal_square == pytest.approx(np.square(maps).mean(), rel=1e-12)


def test_functions_and_their_derivatives() -> None:
    weights = stack(DENSE)
    exact = propagate(weights, "tanh")
    given = propagate(weights, np.tanh, derivative=lambda z: 1 - np.tanh(z) ** 2)
    numeric, scalar = propagate(weights, np.tanh), propagate(weights, math.tanh)
    for one in (given, numeric, scalar):
        for mine, other in zip(one.layers, exact.layers, strict=True):
            assert mine.signal_square == pytest.approx(other.signal_square, rel=1e-12)
            assert mine.gradient_square == pytest.approx(
                other.gradient_square, rel=1e-8
            )
    leaky = propagate(weights, "leaky_relu", slope=0.25)
    same = propagate(weights, lambda z: np.maximum(z, 0.25 * z))
    assert leaky.forward.factor == same.forward.factor


def test_each_weight_may_have_its_activation() -> None:
    weights = stack(DENSE)
    result = propagate(weights, ["relu", np.tanh, "linear"])
    assert [one.activation for one in result.layers] == ["relu", "tanh", "linear"]
    last = result.layers[-1]
    assert last.signal_square == last.preactivation_square


def test_signals_beyond_all_numbers_explode() -> None:
    result = propagate(square(12, "normal(std=1e30)", 8), "relu", alpha=1e-3)
    assert result.forward.verdict == result.backward.verdict == "explodes"
    assert (
        propagate(square(12, "normal(std=3)", 8), "exponential").verdict == "explodes"
    )


def test_results_are_plain_and_the_same_each_time() -> None:
    result = propagate(stack(DENSE))
    assert result == propagate(stack(DENSE))
    assert result != propagate(stack(DENSE), seed=1)
    values = result.to_dict()
    assert values["verdict"] == result.verdict
    assert values["layers"][0]["signal_ratio"] == result.layers[0].signal_ratio
    assert str(result).splitlines()[0].startswith("kept: 3 layers with relu")
