"""Initializers in place: each is its Spec, with torch's names, order and defaults."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import fastinit
from fastinit import Generator, Spec, View, create, fan_initializers, initializers
from fastinit.schemes import REQUIRED, SCHEMES

NAMES = [*initializers.__all__, *fan_initializers.__all__, "trunc_normal_"]
#: Positional arguments of each initializer, and the Spec that they mean.
CALLS = [
    ("constant_", (0.25,), Spec("constant", val=0.25)),
    ("ones_", (), Spec("ones")),
    ("zeros_", (), Spec("zeros")),
    ("uniform_", (), Spec("uniform", a=0.0, b=1.0)),
    ("uniform_", (-2, 3), Spec("uniform", a=-2, b=3)),
    ("normal_", (), Spec("normal", mean=0.0, std=1.0)),
    ("normal_", (1, 0.5), Spec("normal", mean=1, std=0.5)),
    ("xavier_uniform_", (), Spec("xavier_uniform", gain=1.0)),
    ("xavier_uniform_", (2.5,), Spec("xavier_uniform", gain=2.5)),
    ("xavier_normal_", (0,), Spec("xavier_normal", gain=0)),
    ("kaiming_uniform_", (), Spec("kaiming_uniform", a=0, mode="fan_in")),
    (
        "kaiming_uniform_",
        (0.1, "fan_out", "leaky_relu"),
        Spec("kaiming_uniform", a=0.1, mode="fan_out", nonlinearity="leaky_relu"),
    ),
    (
        "kaiming_normal_",
        (0, "FAN_OUT", "relu"),
        Spec("kaiming_normal", mode="fan_out", nonlinearity="relu"),
    ),
]


def test_every_scheme_has_both_functions():
    assert sorted(SCHEMES) == sorted(name.rstrip("_") for name in NAMES)
    assert set(NAMES) | set(SCHEMES) <= set(fastinit.__all__)


@pytest.mark.parametrize("name", NAMES)
def test_defaults_are_those_of_the_scheme(name):
    row = SCHEMES[name.rstrip("_")]
    parameters = inspect.signature(getattr(fastinit, name)).parameters
    held = {
        p: item.default
        for p, item in parameters.items()
        if p not in {"tensor", "generator", "how"}
    }
    expected = {
        p.name: inspect.Parameter.empty if p.default is REQUIRED else p.default
        for p in row.parameters
    }
    assert held == expected
    assert list(held) == [p.name for p in row.parameters]


@pytest.mark.parametrize(("name", "arguments", "spec"), CALLS)
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16"])
def test_a_call_means_its_spec(name, arguments, spec, dtype, assert_same_bits):
    identity = {"seed": 3, "name": "w"}
    array = create("zeros", (6, 5), dtype=dtype)
    function = getattr(fastinit, name)
    assert function(array, *arguments, **identity) is array
    assert_same_bits(array, create(spec, (6, 5), dtype=dtype, **identity))
    made = getattr(fastinit, name.rstrip("_"))(
        (6, 5), *arguments, dtype=dtype, **identity
    )
    assert_same_bits(made, array)


@pytest.mark.parametrize(
    "name", [n for n in NAMES if "constant" not in SCHEMES[n.rstrip("_")].distributions]
)
def test_generators_come_last_as_in_torch(name):
    function = getattr(fastinit, name)
    parameters = SCHEMES[name.rstrip("_")].parameters
    # What torch does not have is given by keyword, behind the generator.
    defaults = [p.default for p in parameters if p.name != "sense"]
    array = function(np.empty((4, 3)), *defaults, Generator(9))
    expected = function(np.empty((4, 3)), seed=9, name="#0")
    assert (array == expected).all()


@pytest.mark.parametrize("name", NAMES)
def test_every_keyword_is_passed_on(name, assert_same_bits):
    seen = []
    function = getattr(fastinit, name)
    more = (0.5,) if name == "constant_" else ()
    whole = function(np.empty((8, 4)), *more, seed=1, name="w")
    part = function(
        np.empty((4, 2)),
        *more,
        seed=1,
        name="w",
        view=View((8, 4), np.s_[2:4], (1, 0)),
        backend="cpu",
        threads=2,
        progress=seen.append,
    )
    assert_same_bits(part, whole[2:4].T)
    assert sum(seen) == 8


@pytest.mark.parametrize("name", NAMES)
def test_unknown_keywords_raise_as_python_does(name):
    more = (0.5,) if name == "constant_" else ()
    with pytest.raises(TypeError, match="unexpected keyword"):
        getattr(fastinit, name)(np.empty((2, 2)), *more, sed=0)
