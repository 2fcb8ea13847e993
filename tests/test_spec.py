"""Specs: text and object say the same; what is wrong raises when it is written."""

from __future__ import annotations

import copy
import dataclasses
import math
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fastinit import Spec
from fastinit.errors import (
    ArgumentError,
    ArgumentTypeError,
    FanError,
    SpecError,
    UnknownSchemeError,
)
from fastinit.fan_gain import NONLINEARITIES
from fastinit.schemes import SCHEMES
from fastinit.spec import as_spec, spec_of

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def specs(draw):
    """Any valid Spec, some of its arguments given."""
    row = SCHEMES[draw(st.sampled_from(sorted(SCHEMES)))]
    values = {
        "val": st.floats() | st.booleans() | st.integers(-(2**63), 2**64 - 1),
        "mean": st.floats(),
        "std": st.floats(),
        "a": FINITE.filter(lambda slope: abs(slope) < 1e150),
        "b": st.floats(),
        "gain": st.floats(0, allow_nan=False, allow_infinity=False),
        "scale": st.floats(0, allow_nan=False, allow_infinity=False),
        "mode": st.sampled_from(["fan_in", "fan_out", "FAN_OUT", "Fan_Avg"]),
        "nonlinearity": st.sampled_from(NONLINEARITIES),
        "sense": st.sampled_from(["torch", "forward", "centred", "backward"]),
        "distribution": st.sampled_from(["uniform", "normal", "truncated_normal"]),
        "layout": st.sampled_from(["OI", "hwio", "...IO", "O...I", "(GI)OHW", "EIO"]),
        "groups": st.integers(1, 2**63 - 1),
        "fan_in": st.none() | st.integers(1, 2**63 - 1),
        "fan_out": st.none() | st.integers(1, 2**63 - 1),
    }
    given_ones = {
        parameter.name: draw(values[parameter.name])
        for parameter in row.all_parameters
        if parameter.name == "val" or draw(st.booleans())
    }
    name = draw(st.sampled_from([row.name, *row.aliases]))
    return Spec(name, **given_ones)


@given(specs())
def test_text_and_object_are_one(spec):
    parsed = Spec.parse(str(spec))
    assert parsed == spec
    assert hash(parsed) == hash(spec)
    assert str(parsed) == str(spec)
    again = Spec(spec.scheme, **spec.arguments)
    assert again == spec
    kept = [(v, math.copysign(1, v)) for v in spec.arguments.values() if v == 0]
    same = [(v, math.copysign(1, v)) for v in parsed.arguments.values() if v == 0]
    assert kept == same


@given(specs())
def test_specs_are_values(spec):
    for other in (copy.deepcopy(spec), pickle.loads(pickle.dumps(spec)), as_spec(spec)):
        assert other == spec
        assert hash(other) == hash(spec)
    assert eval(repr(spec), {"Spec": Spec.parse}) == spec
    with pytest.raises(dataclasses.FrozenInstanceError):
        spec.scheme = "ones"
    with pytest.raises(TypeError):
        spec.arguments["a"] = 1


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("normal", "normal"),
        (" normal ( ) ", "normal"),
        ("normal(mean=0.0,std=1)", "normal"),
        ("normal(std = 2e-2)", "normal(std=0.02)"),
        ("normal(std=0.5, mean=-1)", "normal(mean=-1.0, std=0.5)"),
        ("normal(mean=-0.0)", "normal(mean=-0.0)"),
        ("he_normal", "kaiming_normal"),
        ("he_uniform(mode=FAN_OUT)", "kaiming_uniform(mode=fan_out)"),
        ("kaiming_uniform(mode=FAN_IN)", "kaiming_uniform"),
        ("glorot_uniform(gain=1.0)", "xavier_uniform"),
        ("glorot_normal(gain=2)", "xavier_normal(gain=2.0)"),
        (
            "kaiming_normal(mode=fan_out, nonlinearity=relu)",
            "kaiming_normal(mode=fan_out, nonlinearity=relu)",
        ),
        ("kaiming_normal(a=0)", "kaiming_normal"),
        ("constant(val=3)", "constant(val=3)"),
        ("constant(val=3.0)", "constant(val=3.0)"),
        ("constant(val=True)", "constant(val=True)"),
        ("constant(val=-inf)", "constant(val=-inf)"),
        ("constant(val=NaN)", "constant(val=nan)"),
        ("constant(\n  val=1e400\n)", "constant(val=inf)"),
        ("uniform(a=-0.1, b=0.1)", "uniform(a=-0.1, b=0.1)"),
        ("lecun_normal(layout=...io)", "lecun_normal(layout=...IO)"),
        ("lecun_normal(layout = OI...)", "lecun_normal"),
        ("he_normal(in_axis=-2, out_axis=-1)", "kaiming_normal(layout=...IO)"),
        ("he_normal(in_axis=1, out_axis=0)", "kaiming_normal"),
        ("xavier_normal(groups=1, fan_in=9)", "xavier_normal(fan_in=9)"),
        (
            "he_uniform(layout=(gi)ohw, groups=4)",
            "kaiming_uniform(layout=(GI)OHW, groups=4)",
        ),
        (
            "variance_scaling(distribution=uniform, mode=FAN_AVG, scale=2)",
            "variance_scaling(scale=2.0, mode=fan_avg, distribution=uniform)",
        ),
    ],
)
def test_canonical_texts(text, canonical):
    assert str(Spec.parse(text)) == canonical
    assert Spec.parse(canonical) == Spec.parse(text)
    assert as_spec(text) == Spec.parse(canonical)


def test_what_differs_in_a_bit_is_not_equal():
    assert Spec("constant", val=0.0) != Spec("constant", val=-0.0)
    assert Spec("normal", mean=0.0) != Spec("normal", mean=-0.0)
    assert Spec("constant", val=math.nan) == Spec("constant", val=-math.nan)
    assert Spec("normal") != "normal"
    assert len({Spec("normal"), Spec("normal", std=1), Spec("normal", std=1.5)}) == 2


@given(st.sampled_from([0.0, -0.0, 1, 1.0, True, math.nan, 2**60]))
def test_specs_made_once_are_the_specs_that_were_asked_for(value):
    for other in (0.0, -0.0, value, 1, 1.0, True):
        assert str(spec_of("constant", val=other)) == str(Spec("constant", val=other))
    assert spec_of("constant", val=np.float32(0.5)) == Spec("constant", val=0.5)


@pytest.mark.parametrize("value", [np.float32(0.5), np.float16(0.5), 0.5])
def test_numbers_of_numpy_are_numbers(value):
    assert Spec("normal", std=value) == Spec("normal", std=0.5)
    assert type(Spec("normal", std=value).arguments["std"]) is float
    assert type(Spec("constant", val=np.int8(3)).arguments["val"]) is int
    assert Spec("constant", val=np.True_).arguments["val"] is True


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "()",
        "normal(",
        "normal)",
        "normal(std)",
        "normal(std=)",
        "normal(=1)",
        "normal(std=1,)",
        "normal(,)",
        "normal(std=1 mean=2)",
        "normal(std=1, std=1)",
        "normal(std==1)",
        "normal(0.02)",
        "normal(std='a')",
        "normal(std=1)(mean=2)",
        "normal std=1",
        "1normal",
        "normal(std=1+1)",
        "normal(std=__import__)",
        "normal(std=(1))",
        "normal(std=0x10)",
        "normal(std=1e)",
        "normal; ones",
        "constant(val=" + "9" * 5000 + ")",
        "constant(val=1" + "0" * 400 + ")",
        "constant(val=abc)",
        "constant",
        "constant()",
        "ones(val=1)",
        "normal(gain=1)",
        "kaiming_normal(mode=3)",
        "kaiming_normal(nonlinearity=2.5)",
        "xavier_normal(gain=relu)",
        "normal(std=True)",
        "normal(layout=OI)",
        "lecun_normal(gain=1)",
        "lecun_normal(groups=0)",
        "lecun_normal(groups=2.0)",
        "lecun_normal(groups=True)",
        "lecun_normal(fan_in=None)",
        "lecun_normal(layout=OI, in_axis=0)",
        "normal(in_axis=0)",
    ],
    ids=lambda text: text[:30],
)
def test_texts_that_are_no_specs(text):
    with pytest.raises(SpecError) as caught:
        Spec.parse(text)
    assert all((caught.value.given, caught.value.allowed, caught.value.remedy))


@pytest.mark.parametrize("text", ["Normal", "norml", "kaiming", "orthogonal", "fill_"])
def test_schemes_that_do_not_exist(text):
    with pytest.raises(UnknownSchemeError, match="schemes are"):
        Spec.parse(text)


def test_near_misses_are_named():
    with pytest.raises(UnknownSchemeError, match="did you mean 'kaiming_normal'"):
        Spec("kaimng_normal")
    with pytest.raises(UnknownSchemeError, match="choose one"):
        Spec("zzz")


@pytest.mark.parametrize("scheme", [None, 3, [], {}, b"normal", object()])
def test_schemes_are_text(scheme):
    with pytest.raises(ArgumentTypeError, match="scheme"):
        Spec(scheme)
    with pytest.raises(ArgumentTypeError, match="spec"):
        as_spec(scheme)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "1",
        b"1",
        1j,
        np.complex64(1j),
        np.array(0.5),
        np.array([0.5]),
        torch.tensor(0.5),
        np.datetime64("2020"),
        [0.5],
        True,
        np.True_,
    ],
    ids=repr,
)
def test_numbers_are_real_scalars(value):
    with pytest.raises(ArgumentTypeError, match="std is a real number"):
        Spec("normal", std=value)
    if not isinstance(value, (bool, np.bool_)):
        if isinstance(value, (complex, np.complexfloating)):
            assert Spec("constant", val=value).arguments["val"] == 1j
            return
        with pytest.raises(ArgumentTypeError, match="val is a number"):
            Spec("constant", val=value)


@pytest.mark.parametrize("mode", [None, 3, b"fan_in", ["fan_in"]])
def test_names_are_text(mode):
    with pytest.raises(ArgumentTypeError, match="mode is a name"):
        Spec("kaiming_normal", mode=mode)


@pytest.mark.parametrize(
    ("scheme", "arguments"),
    [
        ("kaiming_normal", {"mode": "fan_mean"}),
        ("kaiming_normal", {"nonlinearity": "gelu"}),
        ("kaiming_normal", {"nonlinearity": "RELU"}),
        ("kaiming_normal", {"a": math.inf}),
        ("kaiming_uniform", {"a": math.nan}),
        ("kaiming_uniform", {"a": 1e200}),
        ("xavier_normal", {"gain": -1}),
        ("xavier_normal", {"gain": math.nan}),
        ("xavier_uniform", {"gain": math.inf}),
        ("normal", {"std": 10**400}),
    ],
)
def test_values_that_are_wrong_for_every_shape(scheme, arguments):
    with pytest.raises(ArgumentError):
        Spec(scheme, **arguments)


def test_resolving_needs_fans_only_where_the_scheme_does():
    for scheme, row in SCHEMES.items():
        spec = Spec(scheme, val=1) if scheme == "constant" else Spec(scheme)
        assert spec.distribution in row.distributions
        assert len(spec.resolve((3, 5))) == len(spec.resolve((7, 5, 3)))
        if row.needs_fans:
            with pytest.raises(FanError):
                spec.resolve((3,))
        else:
            assert spec.resolve((3,)) == spec.resolve((3, 5))
