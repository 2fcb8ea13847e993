"""Keras's dialect: names, signatures, configs, formulas, errors and seeds."""

from __future__ import annotations

import inspect
import pickle
from typing import Any

import numpy as np
import pytest
from agreement import KerasRandom, outcome, shapes
from scipy import stats

import fastinit
from fastinit.dialects import keras as dialect
from fastinit.dialects._keras_scaled import compute_fans
from fastinit.errors import ArgumentError, ArgumentTypeError, FastinitError

#: What draws no single elements, and what only Keras's own serialisation needs.
NOT_HERE = {
    *("Identity", "IdentityInitializer", "Orthogonal", "OrthogonalInitializer"),
    *("STFT", "STFTInitializer", "identity", "orthogonal", "stft"),
    *("deserialize", "serialize"),
}
CLASSES = [
    name
    for name in dialect.__all__
    if name[0].isupper() and name not in {"Initializer", "RandomInitializer"}
]
RANDOM = [name for name in CLASSES if name not in {"Zeros", "Ones", "Constant"}]
SCALED = [name for name in RANDOM if not name.startswith(("Random", "Truncated"))]


def test_names_are_keras(keras):
    theirs = {name for name in dir(keras.initializers) if name[0] != "_"} - NOT_HERE
    assert set(dialect.__all__) - {"RandomInitializer"} == theirs
    for name in theirs - {"get"}:
        assert (
            getattr(dialect, name).__name__
            == getattr(keras.initializers, name).__name__
        )


@pytest.mark.parametrize("name", CLASSES)
def test_signatures_and_configs_are_keras(name, keras):
    theirs, ours = getattr(keras.initializers, name), getattr(dialect, name)

    def signature(function: Any) -> list[tuple[str, Any]]:
        parameters = inspect.signature(function).parameters.values()
        return [(p.name, p.default) for p in parameters]

    assert signature(ours) == signature(theirs)
    call = signature(ours.__call__)
    assert call[:3] == signature(theirs.__call__)
    assert call[3:] in ([], [("name", "")])
    assert ours().get_config() == theirs().get_config()


@pytest.mark.parametrize("name", RANDOM)
def test_configs_make_the_same_initializer(name, keras):
    made = getattr(dialect, name)(seed=5)
    config = made.get_config()
    assert config == getattr(keras.initializers, name)(seed=5).get_config()
    for again in (
        type(made).from_config(config),
        made.clone(),
        dialect.get({"class_name": name, "config": config}),
        pickle.loads(pickle.dumps(made)),
        dialect.get(made),
    ):
        assert (again((3, 4)) == made((3, 4))).all()
        assert repr(again) == repr(made)
    assert made.__module__ == "fastinit.dialects.keras"


@pytest.fixture
def drawn(keras, monkeypatch):
    """Parameters with which a class of Keras draws."""
    from keras.src.initializers import random_initializers

    monkeypatch.setattr(random_initializers, "random", KerasRandom)

    def parameters(name: str, shape: tuple[int, ...], **arguments: Any) -> Any:
        return getattr(keras.initializers, name)(seed=0, **arguments)(shape)

    return parameters


def our_parameters(name: str, shape: tuple[int, ...], **arguments: Any) -> Any:
    return getattr(dialect, name)(seed=0, **arguments).spec(shape).resolve(shape)


@pytest.mark.parametrize("name", SCALED)
def test_formulas_are_keras_to_the_last_bit(name, drawn):
    for shape in [*shapes(500, seed=31), (5,), (1,), ()]:
        assert our_parameters(name, shape) == drawn(name, shape)


@pytest.mark.parametrize("mode", ["fan_in", "fan_out", "fan_avg"])
@pytest.mark.parametrize(
    "law", ["normal", "Truncated_Normal", "untruncated_normal", "UNIFORM"]
)
def test_variance_scaling_is_keras_in_every_mode(mode, law, drawn):
    for shape in shapes(500, seed=32):
        arguments = {"scale": 1.7, "mode": mode, "distribution": law}
        for axes in ({}, {"input_axes": (0,), "output_axes": (-1, 0)}):
            found = our_parameters("VarianceScaling", shape, **arguments, **axes)
            assert found == drawn("VarianceScaling", shape, **arguments, **axes)


def test_plain_laws_are_keras(drawn):
    for name, arguments in [
        ("RandomNormal", {}),
        ("RandomNormal", {"mean": 1, "stddev": 0.5}),
        ("RandomUniform", {}),
        ("RandomUniform", {"minval": 0.25, "maxval": 3}),
        ("TruncatedNormal", {}),
        ("TruncatedNormal", {"mean": 3.0, "stddev": 0.3}),
    ]:
        assert our_parameters(name, (3,), **arguments) == drawn(name, (3,), **arguments)


@pytest.mark.parametrize("name", RANDOM)
def test_values_follow_keras_law(name, keras):
    # Two samples, fixed seeds; a right law fails with a probability of 1e-6.
    theirs = np.asarray(getattr(keras.initializers, name)(seed=1)((250, 400)))
    ours = getattr(dialect, name)(seed=1)((250, 400))
    assert ours.dtype == theirs.dtype == np.float32
    assert stats.ks_2samp(theirs.ravel(), ours.ravel()).pvalue > 1e-6


BAD = [
    "VarianceScaling(0)",
    "VarianceScaling(-1.0)",
    "VarianceScaling('1')",
    "VarianceScaling(None)",
    "VarianceScaling(1j)",
    "VarianceScaling([1])",
    "VarianceScaling(np.ones(2))",
    "VarianceScaling(mode='fan_geo_avg')",
    "VarianceScaling(mode='FAN_IN')",
    "VarianceScaling(mode=None)",
    "VarianceScaling(distribution='cauchy')",
    "HeNormal(seed='a')",
    "HeNormal(seed=1.5)",
    "HeNormal(sed=3)",
    "HeNormal()((3, 2), 'int32')",
    "RandomUniform()((3, 2), 'int32')",
    "RandomNormal()((3, 2), 'int32')",
    "RandomNormal()((3, 2), 'float31')",
    "HeNormal()((3.0, 2))",
    "HeNormal()((None, 2))",
    "HeNormal(input_axes=(7,), output_axes=(1,))((3, 4))",
    "HeNormal(input_axes=0, output_axes=1)((3, 4))",
    "HeNormal(input_axes=('a',), output_axes=(1,))((3, 4))",
    "HeNormal(input_axes=(1.5,), output_axes=(1,))((3, 4))",
    "HeNormal(input_axes=(None,), output_axes=(1,))((3, 4))",
    "HeNormal.from_config({'foo': 3})",
    "HeNormal.from_config(None)",
    "Zeros.from_config({'foo': 3})",
    "Constant('a')((3, 2))",
    "Constant([1, 'a'])((2,))",
    "Constant([[1], [1, 2]])((2,))",
    "Constant([float('nan'), 1])((2,), 'int8')",
    "get('foo')",
    "get(3)",
    "get({'class_name': 'Foo', 'config': {}})",
    "get({'class_name': 'HeNormal', 'config': {'foo': 3}})",
    "get({'class_name': 'HeNormal', 'config': {1: 3}})",
    "get({'class_name': 'HeNormal', 'config': 3})",
]


@pytest.mark.parametrize("call", BAD)
def test_bad_calls_raise_what_keras_raises(call, keras):
    theirs, ours = (
        outcome(lambda m=module: eval(f"m.{call}", {"m": m, "np": np}))
        for module in (keras.initializers, dialect)
    )
    assert type(theirs) in {ValueError, TypeError, IndexError}
    assert isinstance(ours, type(theirs)), f"{ours!r} in the place of {theirs!r}"
    # An argument that a function lacks is Python's own error.
    pythons = "unexpected keyword" in str(theirs) and "sed=3" in call
    assert isinstance(ours, FastinitError) or pythons


@pytest.mark.parametrize("scale", [True, np.nan, np.inf, 10**400, np.array([2.0])])
def test_scales_that_keras_takes_and_makes_no_sense_of(scale):
    with pytest.raises(ValueError, match=r"scale|number beyond"):
        dialect.VarianceScaling(scale)


def test_axes_are_integers_in_any_iterable():
    shape, expected = (3, 4), (3, 4)
    for one in ((0,), [0], {0}, range(1), np.array([0]), (np.int64(0),)):
        assert compute_fans(shape, one, [1]) == expected
    assert compute_fans(shape, iter((0,)), iter((1,))) == expected
    for one in (0, (True,)):
        with pytest.raises(ArgumentTypeError, match="sequences of integers"):
            dialect.HeNormal(input_axes=one, output_axes=(1,))(shape)


@pytest.mark.parametrize("seed", [{}, {"config": {}}, {"config": None}])
def test_configs_that_are_no_seeds(seed):
    with pytest.raises(ArgumentError, match="a dict as a seed"):
        dialect.RandomNormal(seed=seed)


def test_no_config_is_an_empty_one(keras):
    for module in (keras.initializers, dialect):
        made = module.get({"class_name": "HeNormal", "config": None})
        assert made.get_config() == module.HeNormal().get_config()


def test_arrays_without_axes_are_numbers():
    half = np.array(0.5)
    for name in ("RandomNormal", "RandomUniform", "TruncatedNormal"):
        made = getattr(dialect, name)(half * 0, half, seed=1)
        assert (made((4, 3)) == getattr(dialect, name)(0.0, 0.5, seed=1)((4, 3))).all()
    config = dialect.VarianceScaling(half, seed=1).get_config()
    assert config == dialect.VarianceScaling(0.5, seed=1).get_config()


def test_get_knows_what_keras_knows(keras):
    for name in ("normal", "uniform", "zero", "one", "he_normal", "GlorotUniform"):
        assert (
            type(dialect.get(name)).__name__
            == type(keras.initializers.get(name)).__name__
        )
    assert dialect.get(None) is None
    assert type(dialect.get(dialect.HeNormal)) is dialect.HeNormal
    function = np.zeros
    assert dialect.get(function) is function


# Seeds


def test_a_seed_gives_the_same_values_in_each_call():
    made = dialect.HeNormal(seed=3)
    assert (made((3, 4)) == made((3, 4))).all()
    expected = fastinit.create(made.spec((3, 4)), (3, 4), seed=3, name="")
    assert (made((3, 4)) == expected).all()
    named = fastinit.create(made.spec((3, 4)), (3, 4), seed=3, name="dense/kernel")
    assert (made((3, 4), name="dense/kernel") == named).all()


def test_without_a_seed_each_initializer_draws_its_own():
    first, second = dialect.HeNormal(), dialect.HeNormal()
    assert (first((3, 4)) == first((3, 4))).all()
    assert (first((3, 4)) != second((3, 4))).all()
    values = []
    for _ in range(2):
        fastinit.manual_seed(11)
        values.append(dialect.HeNormal()((3, 4)))
    assert (values[0] == values[1]).all()


def test_a_generator_gives_other_values_in_each_call():
    made = dialect.RandomNormal(seed=fastinit.Generator(3))
    first, second = made((5,)), made((5,))
    assert (first != second).all()
    assert (first == fastinit.create("normal(std=0.05)", 5, seed=3, name="#0")).all()
    again = dialect.RandomNormal.from_config(made.get_config())
    assert (again((5,)) == first).all()


@pytest.mark.parametrize("seed", [-1, 2**64, True, np.int64(3), 1.0])
def test_seeds_that_are_none(seed):
    with pytest.raises(ValueError, match="seed"):
        dialect.HeNormal(seed=seed)


# In Keras


def test_layers_take_them(keras):
    made = dialect.GlorotUniform(seed=0)
    layer = keras.layers.Dense(
        4, kernel_initializer=made, bias_initializer=dialect.Constant(0.5)
    )
    layer.build((None, 8))
    kernel = np.asarray(layer.kernel.value)
    assert (kernel == made((8, 4))).all()
    assert (np.asarray(layer.bias.value) == 0.5).all()


def test_a_config_of_a_layer_names_the_class_and_its_arguments(keras):
    layer = keras.layers.Dense(4, kernel_initializer=dialect.HeNormal(seed=7))
    config = layer.get_config()["kernel_initializer"]
    assert config["module"] == "fastinit.dialects.keras"
    assert dialect.get(config).get_config() == dialect.HeNormal(seed=7).get_config()
    # Keras looks a class up by its name first: the same law and seed, its own values.
    again = keras.layers.Dense.from_config(layer.get_config()).kernel_initializer
    assert isinstance(again, keras.initializers.HeNormal)
    assert again.get_config() == dialect.HeNormal(seed=7).get_config()


def test_constants_are_keras(keras):
    for name, arguments in [("Zeros", ()), ("Ones", ()), ("Constant", (2.5,))]:
        theirs = getattr(keras.initializers, name)(*arguments)((2, 3), "float16")
        ours = getattr(dialect, name)(*arguments)((2, 3), "float16")
        assert ours.dtype == np.float16
        assert (ours == np.asarray(theirs)).all()
    broadcast = dialect.Constant([1.0, 2.0])((3, 2))
    assert (broadcast == [[1.0, 2.0]] * 3).all()
