"""Kept by the right scheme, lost by the wrong one, both as far as predicted.

The seeds are fixed. Had they been drawn, the checks against an interval, all
together, would fail for correct weights with a probability of 1e-6: each of the
`CHECKS` gets an equal part. docs/schemes.md derives the laws.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import pytest
from scipy.special import gammainccinv, gammaincinv

import fastinit

from .signal import (
    Interval,
    Network,
    cumulant,
    fold,
    log_expectations,
    log_interval,
    mean_squares,
    unfold,
)

DEPTH = 50
NETWORKS = 4
LAWS = ("normal", "uniform")
DIRECTIONS = ("forward", "backward")
#: 32 of square layers, 8 of tapered ones, 4 of one layer, 8 of narrow networks.
CHECKS = 52
ALPHA = 1e-6 / CHECKS
#: Standard errors of a mean of so many values, nearly normal, that their third
#: moment cannot bring the false alarms above ALPHA.
SIGMA = 6.0

#: Spec of a weight, whether ReLUs follow, rule of its variance, octaves per layer.
SQUARE_SCHEMES = {
    "xavier without activation": ("xavier_{}", False, "xavier", 0),
    "kaiming with relu": ("kaiming_{}(nonlinearity=relu)", True, "fan_in", 0),
    "xavier with relu": ("xavier_{}", True, "xavier", -1),
    "kaiming without activation": ("kaiming_{}", False, "fan_in", 1),
}
TAPERED_SCHEMES = {
    "fan_in": "kaiming_{}(mode=fan_in, nonlinearity=relu)",
    "fan_out": "kaiming_{}(mode=fan_out, nonlinearity=relu)",
}
#: From 4096 to 1024, each layer narrower than the one before it.
TAPER = tuple(round(4096 * 0.25 ** (i / DEPTH)) for i in range(DEPTH + 1))


def square_network(kind: str, spec: str, relu: bool) -> Network:
    if kind == "dense":
        return Network(spec, (1024,) * (DEPTH + 1), relu)
    return Network(spec, (96,) * (DEPTH + 1), relu, kernel=3, side=8)


@lru_cache(maxsize=4)
def mean_logs(network: Network, networks: int) -> np.ndarray:
    """Mean over networks of the logarithms of their mean squares."""
    squares = [mean_squares(network, seed) for seed in range(networks)]
    return np.log(squares).mean(axis=0)


def end_of(logs: np.ndarray, direction: str) -> float:
    """Value where the signal, or the gradient, leaves the network."""
    return float(logs[0, -1] if direction == "forward" else logs[1, 0])


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("scheme", SQUARE_SCHEMES)
@pytest.mark.parametrize("kind", ["dense", "convolution"])
def test_square_layers(kind: str, scheme: str, law: str, direction: str) -> None:
    spec, relu, rule, octaves = SQUARE_SCHEMES[scheme]
    network = square_network(kind, spec.format(law), relu)
    measured = end_of(mean_logs(network, NETWORKS), direction)
    predicted = end_of(log_expectations(network, rule), direction)
    interval = log_interval(network, slice(None), NETWORKS, ALPHA)
    assert predicted == pytest.approx(octaves * DEPTH * math.log(2.0), abs=1e-9)
    assert interval.holds(measured - predicted)
    assert interval.holds(measured) == (octaves == 0)


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("mode", TAPERED_SCHEMES)
def test_tapered_layers(mode: str, law: str, direction: str) -> None:
    # The mode that is wrong for the direction is off by the ratio of the ends, 4.
    due = {"forward": "fan_in", "backward": "fan_out"}[direction]
    network = Network(TAPERED_SCHEMES[mode].format(law), TAPER, relu=True)
    ratio = TAPER[0] / TAPER[-1] if due == "fan_in" else TAPER[-1] / TAPER[0]
    measured = end_of(mean_logs(network, NETWORKS), direction)
    predicted = end_of(log_expectations(network, mode), direction)
    interval = log_interval(network, slice(None), NETWORKS, ALPHA)
    assert predicted == pytest.approx(0.0 if mode == due else math.log(ratio))
    assert interval.holds(measured - predicted)
    assert interval.holds(measured) == (mode == due)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("relu", [False, True])
def test_kurtosis_of_weights_sets_variance_of_squares(law: str, relu: bool) -> None:
    # With four inputs the kurtosis moves the variance by up to a quarter.
    kurtosis = {"normal": 3.0, "uniform": 1.8}[law]
    x = np.array([1.0, 2.0, 3.0, 4.0], np.float32)
    spec = f"kaiming_{law}(nonlinearity=linear)"
    weight = fastinit.create(spec, (2**20, 4), seed=0, name="one layer")
    y = (weight @ x) / np.sqrt(x @ x / 4)
    squares = np.square(np.maximum(y, 0) if relu else y, dtype=np.float64)
    excess = (kurtosis - 3.0) * float((x**4).sum() / (x**2).sum() ** 2)
    mean, variance = (0.5, (5.0 + 2.0 * excess) / 4) if relu else (1.0, 2.0 + excess)
    measured = np.square(squares - mean)
    error = SIGMA * measured.std() / math.sqrt(measured.size)
    assert Interval(-error, error).holds(float(measured.mean()) - variance)


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("relu", [False, True])
def test_narrow_networks_follow_exact_law(relu: bool, direction: str) -> None:
    # 64 units are few enough for one degree of freedom per layer to be seen.
    network = Network("kaiming_normal", (64,) * (DEPTH + 1), relu)
    step = 1e-3
    near = [
        cumulant(64, False, s) + DEPTH * cumulant(64, relu, s) for s in (-step, step)
    ]
    mean, variance = (near[1] - near[0]) / (2 * step), sum(near) / step**2
    predicted = end_of(log_expectations(network, "fan_in"), direction)
    squares = narrow_squares(network)
    logs = np.array([math.log(end_of(square, direction)) for square in squares])
    error = logs.mean() - predicted - mean
    assert abs(error) < SIGMA * math.sqrt(variance / len(logs))
    half = (len(logs) - 1) / 2
    chi_square = Interval(gammaincinv(half, ALPHA / 2), gammainccinv(half, ALPHA / 2))
    assert chi_square.holds(half * logs.var(ddof=1) / variance)


@lru_cache(maxsize=1)
def narrow_squares(network: Network) -> list[np.ndarray]:
    return [mean_squares(network, seed) for seed in range(128)]


def test_convolution_equals_product_of_spectra() -> None:
    rng = np.random.default_rng(0)
    maps, weight = rng.normal(size=(3, 6, 6)), rng.normal(size=(2, 3, 3, 3))
    kernels = np.zeros((2, 3, 6, 6))
    kernels[:, :, :3, :3] = weight
    centred = np.roll(kernels, (-1, -1), (2, 3))
    spectrum = np.einsum(
        "oihw,ihw->ohw", np.fft.fft2(centred).conj(), np.fft.fft2(maps)
    )
    direct = (weight.reshape(2, -1) @ unfold(maps, 3)).reshape(2, 6, 6)
    np.testing.assert_allclose(direct, np.fft.ifft2(spectrum).real, atol=1e-12)


@pytest.mark.parametrize(("kernel", "side"), [(1, 1), (3, 8), (5, 6)])
def test_fold_is_the_adjoint_of_unfold(kernel: int, side: int) -> None:
    rng = np.random.default_rng(1)
    maps = rng.normal(size=(4, side, side))
    patches = rng.normal(size=(4 * kernel**2, side**2))
    forward = float(np.vdot(unfold(maps, kernel), patches))
    assert forward == pytest.approx(float(np.vdot(maps, fold(patches, kernel, side))))


@pytest.mark.parametrize(("kernel", "side"), [(1, 1), (3, 4)])
@pytest.mark.parametrize("relu", [False, True])
def test_mean_squares_equal_those_of_torch(relu: bool, kernel: int, side: int) -> None:
    torch = pytest.importorskip("torch")
    network = Network("kaiming_normal", (8, 12, 6), relu, kernel, side)
    maps = [torch.from_numpy(network.noise(5, "input", 8)[None]).requires_grad_()]
    for layer in (1, 2):
        memory = np.empty(12 * 8 * kernel**2, np.float32)
        shape = (*network.shape(layer)[:2], kernel, kernel)
        weight = torch.from_numpy(network.weight(5, layer, memory).reshape(shape))
        ring = torch.nn.functional.pad(maps[-1], (kernel // 2,) * 4, mode="circular")
        y = torch.nn.functional.conv2d(ring, weight)
        maps.append(torch.relu(y) if relu else y)
    gradient = torch.from_numpy(network.noise(5, "gradient", 6)[None])
    gradients = torch.autograd.grad(maps[-1], maps, gradient)
    expected = [
        [float(m.detach().square().mean()) for m in row] for row in (maps, gradients)
    ]
    np.testing.assert_allclose(mean_squares(network, 5), expected, rtol=1e-5)


@pytest.mark.parametrize("relu", [False, True])
def test_factor_of_one_layer_has_mean_one_and_stated_variance(relu: bool) -> None:
    assert cumulant(1024, relu, 1.0) == pytest.approx(0.0, abs=1e-12)
    square = math.exp(cumulant(1024, relu, 2.0))
    assert square - 1.0 == pytest.approx((5.0 if relu else 2.0) / 1024, rel=1e-9)
