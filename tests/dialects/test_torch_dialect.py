"""torch's dialect: its names, signatures, formulas, errors and warnings."""

from __future__ import annotations

import inspect
import math
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from agreement import drawn_by_torch, outcome, recorded_fills, shapes
from scipy import stats

import fastinit
from fastinit.dialects import timm
from fastinit.dialects import torch as dialect
from fastinit.errors import ArgumentTypeError, FastinitError

init = torch.nn.init
#: What draws no single elements, and names that torch itself has deprecated.
NOT_HERE = {"eye_", "dirac_", "orthogonal_", "sparse_"}
DEPRECATED = {name for name in init.__all__ if name[-1] != "_"} - {"calculate_gain"}


def test_names_are_torchs() -> None:
    assert set(dialect.__all__) == set(init.__all__) - NOT_HERE - DEPRECATED


@pytest.mark.parametrize("name", dialect.__all__)
def test_signatures_are_torchs_and_ours_by_keyword(name: str) -> None:
    theirs = list(inspect.signature(getattr(init, name)).parameters.values())
    ours = list(inspect.signature(getattr(dialect, name)).parameters.values())
    head, tail = ours[: len(theirs)], ours[len(theirs) :]
    assert [(p.name, p.default, p.kind) for p in head] == [
        (p.name, p.default, p.kind) for p in theirs
    ]
    assert {p.kind for p in tail} <= {
        inspect.Parameter.KEYWORD_ONLY,
        inspect.Parameter.VAR_KEYWORD,
    }


CALLS: list[tuple[str, dict[str, Any]]] = [
    ("xavier_uniform_", {}),
    ("xavier_normal_", {}),
    ("xavier_uniform_", {"gain": 5 / 3}),
    ("xavier_normal_", {"gain": 0.1}),
    ("kaiming_uniform_", {}),
    ("kaiming_normal_", {}),
    ("kaiming_uniform_", {"a": math.sqrt(5)}),
    ("kaiming_normal_", {"mode": "FAN_OUT", "nonlinearity": "relu"}),
    *(
        ("kaiming_normal_", {"mode": mode, "nonlinearity": name})
        for mode in ("fan_in", "fan_out")
        for name in ("linear", "conv_transpose2d", "sigmoid", "tanh", "selu")
    ),
]


@pytest.mark.parametrize(("name", "arguments"), CALLS)
def test_formulas_are_torchs_to_the_last_bit(name, arguments, monkeypatch):
    cases = shapes(600, seed=11)
    with recorded_fills(monkeypatch) as seen:
        for shape in cases:
            # A stand-in: any object with a shape.
            getattr(dialect, name)(np.broadcast_to(0.0, shape), **arguments)
    expected = [drawn_by_torch(name, shape, **arguments) for shape in cases]
    assert seen == expected


def test_gains_are_torchs() -> None:
    for name in ("linear", "conv3d", "sigmoid", "tanh", "relu", "selu", "leaky_relu"):
        assert dialect.calculate_gain(name) == init.calculate_gain(name)
    assert dialect.calculate_gain("leaky_relu", 0.2) == init.calculate_gain(
        "leaky_relu", 0.2
    )


#: What torch refuses; t is a float tensor of shape (4, 3), c a complex one.
BAD = [
    "uniform_(t, 1.0, 0.0)",
    "uniform_(t, math.nan, 1.0)",
    "uniform_(t, 0.0, math.inf)",
    "uniform_(t, 'a', 1.0)",
    "uniform_(t, 0.0, None)",
    "normal_(t, 0.0, -1.0)",
    "normal_(t, 0.0, math.nan)",
    "normal_(t, 'x')",
    "normal_(t, 0.0, 1.0, 3)",
    "normal_(t, sd=1.0)",
    "trunc_normal_(t, 0.0, 1.0, 2.0, -2.0)",
    "trunc_normal_(t, '0')",
    "constant_(t)",
    "constant_(t, 'x')",
    "constant_(t, None)",
    "constant_(t, 1e39)",
    "constant_(t, 1j)",
    "constant_(t.half(), 70000)",
    "constant_(t.byte(), 300)",
    "constant_(t.int(), math.nan)",
    "normal_(t, 1j)",
    "normal_(t, t[0])",
    "normal_(c, 'a')",
    "normal_(c, [1])",
    "normal_(c, None)",
    "normal_(c, t)",
    "normal_(c, 1j)",
    "trunc_normal_(t, 10.0, 1.0, 2.0, -2.0)",
    "trunc_normal_(t, 1j)",
    "trunc_normal_(t, 9.0, '1')",
    "xavier_uniform_(t[0])",
    "xavier_normal_(t[0, 0])",
    "xavier_uniform_(t, -1.0)",
    "xavier_normal_(t, -1.0)",
    "xavier_uniform_(t, math.nan)",
    "xavier_normal_(t, math.nan)",
    "xavier_normal_(t, '1')",
    "xavier_normal_(t, None)",
    "kaiming_normal_(t[0])",
    "kaiming_uniform_(t[0, 0])",
    "kaiming_normal_(t, mode='fan_avg')",
    "kaiming_uniform_(t, mode='')",
    "kaiming_normal_(t, nonlinearity='gelu')",
    "kaiming_normal_(t, nonlinearity='ReLU')",
    "kaiming_normal_(t, nonlinearity=None)",
    "kaiming_uniform_(t, nonlinearity=3)",
    "kaiming_normal_(t, a='x')",
    "kaiming_uniform_(t, a=True)",
    "kaiming_normal_(t, a=math.nan)",
    "kaiming_uniform_(t, a=math.nan)",
    "kaiming_uniform_(t, b=0)",
    "calculate_gain('gelu')",
    "calculate_gain(None)",
    "calculate_gain(3)",
    "calculate_gain('leaky_relu', '0.1')",
    "calculate_gain('leaky_relu', True)",
    "calculate_gain('leaky_relu', [1])",
    "calculate_gain()",
]


@pytest.mark.parametrize("call", BAD)
def test_bad_calls_raise_what_torch_raises(call):
    def of(module: Any) -> Any:
        t = torch.zeros(4, 3)
        c = torch.zeros(4, 3, dtype=torch.complex64)
        names = {"t": t, "c": c, "math": math, "module": module}
        return outcome(lambda: eval(f"module.{call}", names)), t

    with warnings.catch_warnings():
        # torch warns of a mean beyond bounds that it then refuses; ours does not.
        warnings.simplefilter("ignore")
        theirs, _ = of(init)
    ours, untouched = of(dialect)
    assert type(theirs) in {ValueError, TypeError, RuntimeError}
    assert isinstance(ours, type(theirs)), f"{ours!r} in the place of {theirs!r}"
    # An argument too many or too few is Python's own error.
    missing = any(x in str(theirs) for x in ("required positional", "unexpected key"))
    assert isinstance(ours, FastinitError) or missing
    assert (untouched == 0).all()


@pytest.mark.parametrize("name", ["kaiming_uniform_", "kaiming_normal_"])
def test_no_elements_warn_and_change_nothing(name):
    for module in (init, dialect):
        empty = torch.empty(0, 3)
        with pytest.warns(UserWarning, match="zero-element tensors is a no-op"):
            assert getattr(module, name)(empty, mode="nonsense") is empty


def test_bounds_far_from_the_mean_warn():
    texts = []
    for module in (init, dialect):
        with pytest.warns(UserWarning, match="mean is more than 2 std") as seen:
            module.trunc_normal_(torch.empty(9), mean=3.5, std=0.5, a=-2.0, b=2.0)
        texts.append(str(seen[0].message))
    assert texts[0] == texts[1]
    assert seen[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dialect.trunc_normal_(torch.empty(9), mean=2.5, std=0.5)


def test_a_warning_that_is_an_error_leaves_the_tensor():
    w = torch.full((9,), 7.0)
    with pytest.raises(UserWarning, match="mean is more than 2 std"):
        dialect.trunc_normal_(w, 10.0, 1.0, -2, 2)
    assert (w == 7).all()


SCALARS: list[tuple[str, dict[str, float]]] = [
    ("uniform_", {"a": 0.25, "b": 0.5}),
    ("normal_", {"mean": 0.5, "std": 0.25}),
    ("trunc_normal_", {"mean": 0.5, "std": 0.25, "a": 0.0, "b": 1.0}),
    ("constant_", {"val": 0.5}),
    ("xavier_uniform_", {"gain": 0.5}),
    ("xavier_normal_", {"gain": 0.5}),
]


@pytest.mark.parametrize(
    ("name", "numbers", "dtype"),
    [
        (name, numbers, dtype)
        for name, numbers in SCALARS
        for dtype in (torch.float32, torch.complex64)
        # No such law in complex numbers.
        if not (name == "trunc_normal_" and dtype.is_complex)
    ],
)
def test_tensors_without_axes_are_numbers(name, numbers, dtype):
    ours = getattr(dialect, name)
    plain, positional, named = (torch.empty(4, 3, dtype=dtype) for _ in range(3))
    ours(plain, **numbers, seed=1)
    tensors = {key: torch.tensor(value) for key, value in numbers.items()}
    ours(positional, *tensors.values(), seed=1)
    ours(named, **tensors, seed=1)
    assert (plain == positional).all()
    assert (plain == named).all()
    with warnings.catch_warnings():
        # torch takes them too, and warns of a copy of its own.
        warnings.simplefilter("ignore")
        getattr(init, name)(torch.empty(4, 3), **tensors)


def test_tensors_without_a_value_are_refused():
    with pytest.raises(ArgumentTypeError, match="without a value"):
        dialect.normal_(torch.empty(3), torch.empty((), device="meta"))


@pytest.mark.parametrize("name", ["kaiming_uniform_", "kaiming_normal_"])
def test_gains_of_ours_go_by_sense(name):
    how = {"nonlinearity": "gelu", "sense": "forward", "seed": 1}
    ours = getattr(dialect, name)(np.empty((4, 3)), **how)
    assert (ours == getattr(fastinit, name)(np.empty((4, 3)), **how)).all()
    with pytest.raises(ValueError, match="sense=forward"):
        getattr(dialect, name)(np.empty((4, 3)), nonlinearity="gelu")
    with pytest.raises(ValueError, match="sense is one of"):
        getattr(dialect, name)(np.empty((4, 3)), sense="sideways")


@pytest.mark.parametrize("activation", ["gelu", "GELU"])
def test_calculate_gain_names_the_function_that_knows_more(activation):
    with pytest.raises(ValueError, match=r"activation_gain\('gelu'\)") as caught:
        dialect.calculate_gain(activation)
    assert "sense" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("uniform_", {}),
        ("normal_", {"mean": 1.0, "std": 0.5}),
        ("trunc_normal_", {"std": 0.02}),
        ("trunc_normal_", {"std": 2.0, "b": 1.0}),
        ("xavier_uniform_", {}),
        ("xavier_normal_", {}),
        ("kaiming_uniform_", {"a": math.sqrt(5)}),
        ("kaiming_normal_", {"mode": "fan_out"}),
    ],
)
def test_values_follow_torchs_law(name, arguments):
    # Two samples, fixed seeds; a right law fails with a probability of 1e-6.
    theirs, ours = torch.empty(300, 400), torch.empty(300, 400)
    getattr(init, name)(theirs, generator=torch.Generator().manual_seed(1), **arguments)
    assert getattr(dialect, name)(ours, seed=1, **arguments) is ours
    p = stats.ks_2samp(theirs.numpy().ravel(), ours.numpy().ravel()).pvalue
    assert p > 1e-6


def test_what_torch_does_not_have_goes_by_keyword():
    w = np.empty((3, 3, 4, 8), np.float32)
    dialect.kaiming_normal_(w, layout="HWIO", seed=0, name="w")
    expected = fastinit.kaiming_normal((3, 3, 4, 8), layout="HWIO", seed=0, name="w")
    assert (w == expected).all()


#: What docs/dialects.md says that torch takes and ours refuses.
REFUSED_HERE = [
    "kaiming_uniform_(t, None)",
    "kaiming_normal_(t, True, nonlinearity='relu')",
    "normal_(t, True)",
    "uniform_(t, False, True)",
    "trunc_normal_(t, 0.0, -1.0)",
    "trunc_normal_(t, math.nan)",
    "constant_(t.bool(), 2)",
    "constant_(t.int(), 1.5)",
    "constant_(t.byte(), -1)",
]
#: What it says that torch refuses and ours takes.
TAKEN_HERE = [
    "kaiming_uniform_(t, np.float32(0.5))",
    "calculate_gain('leaky_relu', np.float32(0.5))",
    "uniform_(t, -3e38, 3e38)",
    "uniform_(t.half(), -60000, 60000)",
    "constant_(t, 2**70)",
    "normal_(t, np.array(0.5))",
]


@pytest.mark.parametrize(
    ("call", "refuses", "takes"),
    [
        *((call, dialect, init) for call in REFUSED_HERE),
        *((call, init, dialect) for call in TAKEN_HERE),
    ],
)
def test_what_differs_on_purpose(call, refuses, takes):
    def of(module: Any) -> Any:
        names = {"t": torch.zeros(4, 3), "math": math, "np": np, "module": module}
        return outcome(lambda: eval(f"module.{call}", names))

    assert of(refuses) is not None
    assert of(takes) is None


# timm


def test_signatures_are_timms() -> None:
    # Of timm 1.0.31, which takes no generator.
    trunc = "mean=0.0, std=1.0, a=-2.0, b=2.0"
    expected = {
        "trunc_normal_": trunc,
        "trunc_normal_tf_": trunc,
        "variance_scaling_": "scale=1.0, mode='fan_in', distribution='normal'",
        "lecun_normal_": "",
    }
    assert set(timm.__all__) == set(expected)
    for name, text in expected.items():
        parameters = inspect.signature(getattr(timm, name)).parameters.values()
        kept = [p for p in parameters if p.name not in {"tensor", "how"}]
        assert ", ".join(f"{p.name}={p.default!r}" for p in kept) == text


def timm_parameters(shape, scale, mode, distribution):
    """What timm.layers.weight_init.variance_scaling_ draws, in its own terms."""
    fan_in, fan_out = init._calculate_fan_in_and_fan_out(
        torch.empty(shape, device="meta")
    )
    fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
    variance = scale / fan[mode]
    if distribution == "truncated_normal":
        std = math.sqrt(variance) / 0.87962566103423978
        return 0.0, std, -2.0 * std, 2.0 * std
    if distribution == "normal":
        return 0.0, math.sqrt(variance)
    bound = math.sqrt(3 * variance)
    return -bound, bound


@pytest.mark.parametrize("mode", ["fan_in", "fan_out", "fan_avg"])
@pytest.mark.parametrize("law", ["truncated_normal", "normal", "uniform"])
def test_formulas_are_timms(mode, law, monkeypatch):
    cases = shapes(500, seed=12)
    with recorded_fills(monkeypatch, timm) as seen:
        for shape in cases:
            timm.variance_scaling_(np.broadcast_to(0.0, shape), 3.0, mode, law)
    for shape, found in zip(cases, seen, strict=True):
        assert found == pytest.approx(timm_parameters(shape, 3.0, mode, law), rel=1e-15)


def test_bounds_of_timm_are_of_two_kinds(monkeypatch):
    with recorded_fills(monkeypatch, timm) as seen:
        timm.trunc_normal_(np.zeros(3), 0.5, 0.02, -1.0, 2.0)
        timm.trunc_normal_tf_(np.zeros(3), 0.5, 0.02, -1.0, 2.0)
        timm.lecun_normal_(np.zeros((3, 4)))
    assert seen[0] == (0.5, 0.02, -1.0, 2.0)
    assert seen[1] == (0.5, 0.02, 0.5 - 0.02, 0.5 + 2.0 * 0.02)
    assert seen[2] == timm_parameters((3, 4), 1.0, "fan_in", "truncated_normal")


@pytest.mark.parametrize(
    "arguments", [{"mode": "fan_geo_avg"}, {"distribution": "cauchy"}, {"scale": -1.0}]
)
def test_bad_calls_of_timm(arguments):
    with pytest.raises(ValueError, match=r"one of|modes|finite"):
        timm.variance_scaling_(np.zeros((3, 4)), **arguments)


def test_numbers_of_timm_may_be_tensors(monkeypatch):
    half = torch.tensor(0.5)
    with recorded_fills(monkeypatch, timm) as seen:
        timm.trunc_normal_(np.zeros(3), half, half)
        timm.trunc_normal_tf_(np.zeros(3), half, half)
        timm.variance_scaling_(np.zeros((3, 4)), half)
    assert seen[0] == (0.5, 0.5, -2.0, 2.0)
    assert seen[1] == (0.5, 0.5, -0.5, 1.5)
    assert seen[2] == timm_parameters((3, 4), 0.5, "fan_in", "normal")
