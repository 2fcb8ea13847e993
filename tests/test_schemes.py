"""Schemes: rows that are complete, and the formulas of the papers in exact terms."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from fastinit import Spec, activation_gain
from fastinit.distributions.normal_tails import truncated_std
from fastinit.errors import ArgumentTypeError, FanError, UnknownSchemeError
from fastinit.fan_gain import kaiming_std
from fastinit.schemes import REQUIRED, SCHEMES, find_scheme


def test_rows_are_complete():
    names = [name for row in SCHEMES.values() for name in (row.name, *row.aliases)]
    assert len(set(names)) == len(names)
    for name, row in SCHEMES.items():
        assert row.name == name
        assert row.reference
        families = ("xavier", "kaiming", "lecun", "variance_scaling")
        assert row.needs_fans == name.startswith(families)
        assert bool(row.options) == row.needs_fans
        for parameter in row.all_parameters:
            kinds = (complex, float) if parameter.kind is complex else parameter.kind
            assert parameter.default in {REQUIRED, None} or isinstance(
                parameter.default, kinds
            )


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("glorot_uniform", "xavier_uniform"),
        ("glorot_normal", "xavier_normal"),
        ("he_uniform", "kaiming_uniform"),
        ("he_normal", "kaiming_normal"),
        ("zeros", "zeros"),
    ],
)
def test_aliases(alias, name):
    assert find_scheme(alias) is SCHEMES[name]


def test_unknown_names_raise():
    with pytest.raises(UnknownSchemeError, match="did you mean 'he_normal'"):
        find_scheme("he_norml")
    with pytest.raises(ArgumentTypeError):
        find_scheme(["normal"])


SHAPE = (64, 3, 7, 5)
FAN_IN, FAN_OUT = 3 * 35, 64 * 35


@pytest.mark.parametrize(
    ("text", "variance"),
    [
        ("xavier_normal", Fraction(2, FAN_IN + FAN_OUT)),
        ("xavier_normal(gain=3)", Fraction(18, FAN_IN + FAN_OUT)),
        ("xavier_uniform", Fraction(2, FAN_IN + FAN_OUT)),
        ("kaiming_normal", Fraction(2, FAN_IN)),
        ("kaiming_normal(nonlinearity=relu, mode=fan_out)", Fraction(2, FAN_OUT)),
        ("kaiming_uniform(a=2)", Fraction(2, 5 * FAN_IN)),
        ("kaiming_uniform(nonlinearity=linear)", Fraction(1, FAN_IN)),
        ("kaiming_uniform(nonlinearity=tanh)", Fraction(25, 9 * FAN_IN)),
        ("kaiming_normal(nonlinearity=selu, mode=fan_out)", Fraction(9, 16 * FAN_OUT)),
        ("kaiming_normal(mode=fan_avg)", Fraction(4, FAN_IN + FAN_OUT)),
        ("lecun_uniform", Fraction(1, FAN_IN)),
        ("lecun_uniform(fan_in=7)", Fraction(1, 7)),
        ("xavier_normal(fan_in=7)", Fraction(2, 7 + FAN_OUT)),
        ("xavier_normal(fan_in=7, fan_out=5)", Fraction(1, 6)),
        ("lecun_uniform(layout=HWIO)", Fraction(1, 7 * 64 * 3)),
        ("kaiming_uniform(groups=4, mode=fan_out)", Fraction(2, 16 * 35)),
        (
            "variance_scaling(scale=3, mode=fan_out, distribution=normal)",
            Fraction(3, FAN_OUT),
        ),
        (
            "variance_scaling(mode=fan_avg, distribution=uniform)",
            Fraction(2, FAN_IN + FAN_OUT),
        ),
        ("uniform(a=-3, b=3)", Fraction(3)),
        ("normal(std=0.5)", Fraction(1, 4)),
    ],
)
def test_variances_of_the_papers(text, variance):
    spec = Spec.parse(text)
    first, second = spec.resolve(SHAPE)
    std = second if spec.distribution == "normal" else (second - first) / math.sqrt(12)
    assert std == pytest.approx(math.sqrt(variance), rel=6e-16)
    if spec.distribution == "uniform":
        assert first == -second
    else:
        assert first == 0


@pytest.mark.parametrize(("text", "value"), [("zeros", 0), ("ones", 1)])
def test_constants_need_no_shape(text, value):
    assert Spec.parse(text).resolve(()) == (value,)
    assert Spec("constant", val=-2.5).resolve((3,)) == (-2.5,)


@pytest.mark.parametrize("text", ["lecun_normal", "variance_scaling(scale=3)"])
def test_truncated_laws_have_the_std_of_the_formula(text):
    scale = 3 if "scale" in text else 1
    mean, std, low, high = Spec.parse(text).resolve(SHAPE)
    kept = std * truncated_std(-2.0, 2.0)
    assert (mean, low, high) == (0.0, -2 * std, 2 * std)
    assert kept == pytest.approx(math.sqrt(Fraction(scale, FAN_IN)), rel=6e-16)


def test_a_geometric_mean_of_fans_lies_between():
    text = "variance_scaling(mode=fan_geo_avg, distribution=normal)"
    _, std = Spec.parse(text).resolve(SHAPE)
    assert std == pytest.approx((FAN_IN * FAN_OUT) ** -0.25, rel=6e-16)


def test_given_fans_need_no_shape_to_have_them():
    assert Spec("lecun_uniform", fan_in=3).resolve((7,)) == (-1.0, 1.0)
    assert Spec("xavier_normal", fan_in=3, fan_out=5).resolve(()) == (0.0, 0.5)
    with pytest.raises(FanError, match="no fan"):
        Spec("kaiming_normal", mode="fan_out", fan_in=3).resolve((7,))


def test_senses_of_a_gain():
    for sense in ("forward", "centred", "backward"):
        spec = Spec("kaiming_normal", nonlinearity="gelu", sense=sense)
        expected = kaiming_std(FAN_IN, activation_gain("gelu", sense))
        assert spec.resolve(SHAPE) == (0.0, expected)
    torch_gain = Spec("kaiming_normal", nonlinearity="tanh").resolve(SHAPE)
    assert torch_gain == (0.0, kaiming_std(FAN_IN, 5 / 3))
