"""Schemes: rows that are complete, and the formulas of the papers in exact terms."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from fastinit import Spec
from fastinit.errors import ArgumentTypeError, UnknownSchemeError
from fastinit.schemes import REQUIRED, SCHEMES, find_scheme


def test_rows_are_complete():
    names = [name for row in SCHEMES.values() for name in (row.name, *row.aliases)]
    assert len(set(names)) == len(names)
    for name, row in SCHEMES.items():
        assert row.name == name
        assert row.reference
        assert row.needs_fans == ("xavier" in name or "kaiming" in name)
        for parameter in row.parameters:
            assert parameter.default is REQUIRED or isinstance(
                parameter.default, parameter.kind
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
        ("uniform(a=-3, b=3)", Fraction(3)),
        ("normal(std=0.5)", Fraction(1, 4)),
    ],
)
def test_variances_of_the_papers(text, variance):
    spec = Spec.parse(text)
    first, second = spec.resolve(SHAPE)
    std = second if spec.distribution == "normal" else (second - first) / math.sqrt(12)
    assert std == pytest.approx(math.sqrt(variance), rel=4e-16)
    if spec.distribution == "uniform":
        assert first == -second
    else:
        assert first == 0


@pytest.mark.parametrize(("text", "value"), [("zeros", 0), ("ones", 1)])
def test_constants_need_no_shape(text, value):
    assert Spec.parse(text).resolve(()) == (value,)
    assert Spec("constant", val=-2.5).resolve((3,)) == (-2.5,)
