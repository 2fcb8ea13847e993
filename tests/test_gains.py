"""Gains: the table derived anew, torch's own activations, and any function."""

from __future__ import annotations

import importlib.util
import itertools
import math
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special

from fastinit import activation_gain, calculate_gain
from fastinit.errors import ArgumentError, ArgumentTypeError
from fastinit.gain_table import ALIASES, GAINS, SENSES
from fastinit.gains import ACTIVATIONS, NONLINEARITIES
from fastinit.quadrature import normal_moments

ROOT = Path(__file__).resolve().parents[1]
functional = torch.nn.functional


def script() -> ModuleType:
    """The script that derives the table."""
    path = ROOT / "docs" / "gains" / "derive_gains.py"
    spec = importlib.util.spec_from_file_location("derive_gains", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_is_what_its_script_derives():
    derived = script().derived(digits=16)
    assert list(derived) == list(GAINS)
    for name, row in derived.items():
        assert row == pytest.approx(GAINS[name], rel=1e-13), name


def test_there_are_enough_names():
    assert len(GAINS) >= 24
    assert len(set(ACTIVATIONS)) == len(ACTIVATIONS)
    assert set(ALIASES.values()) <= set(GAINS)
    assert set(NONLINEARITIES) <= set(ACTIVATIONS)


#: Values that have a closed form, with a table of its own for each sense.
CLOSED = {
    ("linear", "forward"): 1.0,
    ("relu", "forward"): math.sqrt(2),
    ("relu", "centred"): 1 / math.sqrt(0.5 - 0.5 / math.pi),
    ("relu", "backward"): math.sqrt(2),
    ("relu_squared", "forward"): math.sqrt(2 / 3),
    ("relu_squared", "centred"): math.sqrt(0.8),
    ("relu_squared", "backward"): math.sqrt(0.5),
    ("exponential", "forward"): math.exp(-1),
    ("exponential", "centred"): 1 / math.sqrt(math.e**2 - math.e),
    ("sin", "forward"): 1 / math.sqrt((1 - math.exp(-2)) / 2),
    ("sin", "backward"): 1 / math.sqrt((1 + math.exp(-2)) / 2),
    ("gaussian", "forward"): 5**0.25,
    ("erf", "forward"): 1 / math.sqrt(2 / math.pi * math.asin(2 / 3)),
    ("erf", "backward"): math.sqrt(math.pi * math.sqrt(5) / 4),
    ("abs", "centred"): 1 / math.sqrt(1 - 2 / math.pi),
    ("selu", "forward"): 1.0,
}


@pytest.mark.parametrize(("name", "sense"), CLOSED)
def test_closed_forms(name, sense):
    assert activation_gain(name, sense) == pytest.approx(CLOSED[name, sense], rel=4e-16)


#: torch's own functions of the names; with autograd they give the slopes too.
OF_TORCH = {
    "linear": lambda z: z,
    "relu": functional.relu,
    "relu6": functional.relu6,
    "relu_squared": lambda z: functional.relu(z) ** 2,
    "elu": functional.elu,
    "celu": functional.celu,
    "selu": functional.selu,
    "gelu": functional.gelu,
    "gelu_tanh": lambda z: functional.gelu(z, approximate="tanh"),
    "gelu_quick": lambda z: z * torch.sigmoid(1.702 * z),
    "silu": functional.silu,
    "mish": functional.mish,
    "hardswish": functional.hardswish,
    "softplus": functional.softplus,
    "sigmoid": torch.sigmoid,
    "hardsigmoid": functional.hardsigmoid,
    "logsigmoid": functional.logsigmoid,
    "tanh": torch.tanh,
    "hardtanh": functional.hardtanh,
    "tanhshrink": functional.tanhshrink,
    "softshrink": functional.softshrink,
    "softsign": functional.softsign,
    "leaky_relu": functional.leaky_relu,
    "atan": torch.atan,
    "erf": torch.erf,
    "sin": torch.sin,
    "cos": torch.cos,
    "exponential": torch.exp,
    "abs": torch.abs,
}


def of_numpy(name: str) -> Any:
    """Function of torch as one of NumPy arrays."""
    return lambda z: OF_TORCH[name](torch.from_numpy(z)).numpy()


@pytest.mark.parametrize("name", OF_TORCH)
def test_names_mean_what_they_mean_in_torch(name):
    for sense in SENSES:
        assert activation_gain(of_numpy(name), sense) == pytest.approx(
            activation_gain(name, sense), rel=1e-12
        )


@pytest.mark.parametrize("name", ["gelu", "mish", "hardswish", "softshrink", "tanh"])
def test_slopes_are_those_of_autograd(name):
    def density(z: float) -> float:
        point = torch.tensor(z, dtype=torch.float64, requires_grad=True)
        OF_TORCH[name](point).backward()
        assert point.grad is not None
        return float(point.grad) ** 2 * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    edges = [-9.0, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 9.0]
    moment = sum(
        integrate.quad(density, a, b, epsabs=1e-12, epsrel=1e-11)[0]
        for a, b in itertools.pairwise(edges)
    )
    backward = activation_gain(name, "backward")
    assert 1 / math.sqrt(moment) == pytest.approx(backward, rel=1e-9)


def test_jax_means_the_same_by_its_names():
    import jax

    functions = {
        name: getattr(jax.nn, name)
        for name in (
            *("relu6", "elu", "selu", "celu", "silu", "swish", "mish", "softplus"),
            *("squareplus", "sparse_plus", "sparse_sigmoid", "hard_sigmoid"),
            *("hard_silu", "hard_swish", "hard_tanh", "log_sigmoid", "soft_sign"),
            "gelu",
        )
    }
    # float32 unless jax_enable_x64, whose rounding costs 1e-7 of smooth functions; a
    # trapezoid of steps of 1/512 has errors of 1e-6 at kinks, names differ by more.
    z = np.linspace(-9, 9, 9217)
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi) / 512
    for name, function in functions.items():
        values = np.asarray(function(z.astype(np.float32)), np.float64)
        ours = "gelu_tanh" if name == "gelu" else name
        forward = 1 / math.sqrt((values**2 * density).sum())
        assert forward == pytest.approx(activation_gain(ours), rel=1e-5), name


# Slopes and torch's values


@pytest.mark.parametrize("slope", [0, 0.01, 0.2, -0.5, 1, 3, math.sqrt(5)])
def test_leaky_relu_of_any_slope(slope):
    def leaky(z: Any) -> Any:
        return np.where(z >= 0, z, slope * z)

    for sense in SENSES:
        expected = activation_gain("leaky_relu", sense, slope)
        assert activation_gain(leaky, sense) == pytest.approx(expected, rel=1e-13)
    forward = activation_gain("leaky_relu", slope=slope)
    assert forward == calculate_gain("leaky_relu", slope)


def test_what_torch_says_by_convention():
    assert (calculate_gain("tanh"), activation_gain("tanh")) == (
        5 / 3,
        1.5925374197228315,
    )
    assert (calculate_gain("selu"), activation_gain("selu")) == (0.75, 1.0)
    assert calculate_gain("sigmoid") == 1.0 < activation_gain("sigmoid")
    for name in ("relu", "linear", "conv2d", "leaky_relu"):
        assert calculate_gain(name) == activation_gain(name)


def test_aliases():
    for alias, name in ALIASES.items():
        for sense in SENSES:
            assert activation_gain(alias, sense) == activation_gain(name, sense)


# Any function


@settings(max_examples=40)
@given(st.lists(st.floats(-4, 4), min_size=1, max_size=3), st.floats(-2, 2))
def test_kinks_anywhere_cost_no_accuracy(kinks, offset):
    # sum max(z - k, 0) + offset z, by the closed moments of its pieces.
    def kinked(z: Any) -> Any:
        return sum(np.maximum(z - k, 0) for k in kinks) + offset * z

    mean = sum(
        math.exp(-k * k / 2) / math.sqrt(2 * math.pi) - k * special.ndtr(-k)
        for k in kinks
    )
    edges = [-math.inf, *sorted(kinks), math.inf]
    slope = sum(
        (offset + sum(k <= a for k in kinks)) ** 2 * (special.ndtr(b) - special.ndtr(a))
        for a, b in itertools.pairwise(edges)
    )
    found = normal_moments(kinked)
    assert found[0] == pytest.approx(mean, abs=1e-12)
    assert found[2] == pytest.approx(slope, rel=1e-11, abs=1e-12)


@pytest.mark.parametrize(
    "function",
    [math.tanh, lambda z: z if z > 0 else 0.1 * z, lambda z: np.maximum(z, 0.1 * z)],
)
def test_functions_of_numbers_are_taken_too(function):
    array = np.frompyfunc(function, 1, 1)
    expected = activation_gain(lambda z: array(z).astype(float))
    assert activation_gain(function) == expected


def test_a_jump_has_a_forward_gain_and_no_backward_one():
    for edge in (0.0, 0.3, 1 / 3, -1.0):
        step = lambda z, edge=edge: np.where(z > edge, 1.0, 0.25 * z)  # noqa: E731
        left = special.ndtr(edge)
        tail = left - edge * math.exp(-edge * edge / 2) / math.sqrt(2 * math.pi)
        square = special.ndtr(-edge) + tail / 16
        forward = activation_gain(step)
        assert forward == pytest.approx(1 / math.sqrt(square), rel=1e-12)
        with pytest.raises(ArgumentError, match="jump"):
            activation_gain(step, "backward")


BAD: list[tuple[type[Exception], tuple[Any, ...]]] = [
    (ArgumentError, ("geluu",)),
    (ArgumentError, ("",)),
    (ArgumentError, ("GELU",)),
    (ArgumentError, ("gelu", "centered")),
    (ArgumentError, ("gelu", "forward", 0.1)),
    (ArgumentError, (np.tanh, "forward", 0.1)),
    (ArgumentError, ("leaky_relu", "forward", math.nan)),
    (ArgumentError, ("leaky_relu", "centred", 1e200)),
    (ArgumentTypeError, ("leaky_relu", "forward", "0.1")),
    (ArgumentTypeError, ("leaky_relu", "centred", True)),
    (ArgumentTypeError, (None,)),
    (ArgumentTypeError, (3,)),
    (ArgumentTypeError, ("gelu", 0)),
    (ArgumentTypeError, (lambda z: z * 1j,)),
    (ArgumentTypeError, (lambda z: z[:3],)),
    (ArgumentTypeError, (lambda _: 1.0,)),
    (ArgumentError, (lambda z: z * np.nan,)),
    (ArgumentError, (np.log,)),
    (ArgumentError, (lambda z: 0 * z,)),
    (ArgumentError, (lambda z: 0 * z + 3, "centred")),
    (ArgumentError, (lambda z: 0 * z + 3, "backward")),
    (ArgumentError, (np.random.default_rng(0).normal, "forward")),
    (ArgumentError, (lambda z: np.random.default_rng().normal(size=z.shape),)),
]


@pytest.mark.parametrize(("error", "arguments"), BAD)
def test_bad_calls_are_refused_in_three_parts(error, arguments):
    with pytest.raises(error) as caught:
        activation_gain(*arguments)
    assert type(caught.value) is error
    parts = (caught.value.given, caught.value.allowed, caught.value.remedy)
    assert all(0 < len(part) < 200 for part in parts)


def test_an_error_of_the_function_is_its_own():
    def broken(z: Any) -> Any:
        raise ZeroDivisionError(z)

    with pytest.raises(ZeroDivisionError):
        activation_gain(broken)
