"""Schemes of arrays of unknown origin."""

import json

import jax
import numpy as np
import pytest
import torch

import fastinit
from fastinit.conformance import identify
from fastinit.conformance.diagnosis.fit import share_outside
from fastinit.conformance.reading import read_elements
from fastinit.conformance.streaming import open_source
from fastinit.distributions import DISTRIBUTIONS
from fastinit.errors import ArgumentError, DtypeError


def best(array, **how):
    return identify(array, **how)[0]


@pytest.mark.parametrize(
    ("scheme", "shape", "arguments", "words"),
    [
        ("kaiming_normal", (300, 500), {}, "kaiming_normal of torch, fan_in = 500"),
        ("kaiming_normal", (300, 500), {"mode": "fan_out"}, "fan_out = 300"),
        (
            "xavier_uniform",
            (64, 32, 3, 3),
            {},
            "xavier_uniform of torch, fan_avg = 432",
        ),
        ("xavier_normal", (400, 300), {"gain": 5 / 3}, "gain 5/3"),
        ("normal", (200, 900), {"std": 0.02}, "normal of torch, std 0.02"),
        ("uniform", (200, 900), {"a": -0.05, "b": 0.05}, "uniform on (-0.05, 0.05)"),
    ],
)
def test_own_schemes_are_recognised(scheme, shape, arguments, words):
    array = getattr(fastinit, scheme)(shape, seed=0, name="w", **arguments)
    found = best(array)
    assert found.fits
    assert words in found.scheme
    assert found.std_ratio == pytest.approx(1.0, abs=0.02)


def test_default_of_torch_is_recognised():
    torch.manual_seed(0)
    weight = torch.nn.Linear(700, 300).weight.detach()
    assert "torch's default a = sqrt 5" in best(weight).scheme
    assert "fan_in = 700" in best(weight).scheme


def test_dialect_of_jax_is_recognised_by_its_layout_and_truncation():
    make = jax.nn.initializers.he_normal()
    kernel = np.asarray(make(jax.random.key(0), (3, 3, 64, 128)))
    scheme = best(kernel).scheme
    assert "Keras and JAX (truncated, corrected)" in scheme
    assert "fan_in = 576 in the layout of Keras" in scheme


def test_shape_of_the_whole_tensor_is_taken_where_it_is_told():
    whole = fastinit.kaiming_normal((512, 512), seed=0, name="w")
    assert "fan_in = 512" in best(whole[:, :100], shape=(512, 512)).scheme


def test_nothing_fits_what_nobody_draws():
    draws = np.random.default_rng(0).exponential(size=(300, 300))
    assert not any(found.fits for found in identify(draws))


def test_ranking_is_plain_data_and_readable():
    found = identify(fastinit.normal((100, 100), std=0.02, seed=0, name="w"), top=3)
    assert len(found) == 3
    assert json.loads(json.dumps(found[0].to_dict()))["fits"] is True
    assert "fits: normal(0, 0.02), D = " in str(found[0])


def test_arrays_without_a_spread_are_refused():
    with pytest.raises(ArgumentError, match="two different finite elements"):
        identify(np.zeros(50))
    with pytest.raises(DtypeError, match="identify looks at"):
        identify(np.zeros(50, np.int32))


def test_laws_that_cannot_give_an_element_do_not_fit():
    source = np.random.default_rng(0)
    array = source.uniform(-(512**-0.5), 512**-0.5, (256, 512)).astype(np.float32)
    assert best(array).fits
    array[3, 3] = 0.06
    found = identify(array, top=1000)
    assert not any(one.fits for one in found if one.law.startswith("uniform(-0.0441"))


def test_three_elements_lie_inside_the_laws_that_fit_them():
    array = np.array([0.637, 0.27, 0.041], dtype=np.float32)
    fitting = [one for one in identify(array, top=1000) if one.fits]
    assert fitting
    assert all(one.distance < 1.0 for one in fitting)
    for one in fitting:
        if one.law.startswith("truncated_normal"):
            assert float(one.law.rstrip(")").rpartition(" ")[2]) >= array.max()


def test_part_larger_than_its_whole_is_refused():
    with pytest.raises(ArgumentError, match="at least the elements of the array"):
        identify(np.arange(100.0), shape=(3,))


@pytest.mark.parametrize("dtype", ["float8_e4m3fn", "float8_e5m2", "bfloat16"])
def test_elements_outside_a_law_are_counted_in_every_dtype(dtype):
    array = np.array(fastinit.uniform((256, 256), a=-0.1, b=0.1, seed=1, dtype=dtype))
    array[3, 3] = 0.25
    law = DISTRIBUTIONS["uniform"].law((-0.1, 0.1))
    reading = read_elements(open_source(array), law, alpha=1e-6)
    assert share_outside(law, reading) == 1 / array.size
    assert share_outside(DISTRIBUTIONS["normal"].law((0.0, 0.05)), reading) == 0.0
