"""JAX's dialect: names, signatures, formulas, errors, keys and kinds of arrays."""

from __future__ import annotations

import inspect
import json
import random
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from agreement import JaxRandom, outcome, shapes
from jax._src.nn import initializers as source
from scipy import stats

import fastinit
from fastinit.dialects import jax as dialect
from fastinit.dialects._jax_keys import seed_of_words
from fastinit.errors import (
    ArgumentTypeError,
    FastinitError,
    ReportedValueError,
)

init = jax.nn.initializers
NOT_HERE = {"orthogonal", "delta_orthogonal", "Initializer"}


def test_names_are_jaxs() -> None:
    theirs = {name for name in vars(init) if name[0] != "_"} - NOT_HERE
    assert set(dialect.__all__) - {"Initializer"} == theirs
    assert dialect.xavier_normal is dialect.glorot_normal
    assert dialect.kaiming_uniform is dialect.he_uniform


@pytest.mark.parametrize("name", sorted(set(dialect.__all__) - {"Initializer"}))
def test_signatures_are_jaxs(name: str) -> None:
    theirs, ours = (
        [
            (p.name, p.default, p.kind)
            for p in inspect.signature(getattr(module, name)).parameters.values()
        ]
        for module in (init, dialect)
    )
    assert ours == theirs


def test_initializers_are_called_as_jaxs() -> None:
    called = inspect.signature(init.normal()).parameters.values()
    ours = list(inspect.signature(dialect.normal()).parameters.values())
    assert [p.name for p in ours[:4]] == [p.name for p in called]
    assert [p.kind for p in ours[4:]] == [inspect.Parameter.KEYWORD_ONLY]
    assert isinstance(dialect.normal(), init.Initializer)


# Formulas

SCALED = [
    *("glorot_uniform", "glorot_normal", "lecun_uniform", "lecun_normal"),
    *("he_uniform", "he_normal"),
]


@pytest.fixture
def scales(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Scale of what an initializer of JAX would draw, computed in a dtype."""
    monkeypatch.setattr(source, "random", JaxRandom)

    def scale(initializer: Any, shape: tuple[int, ...], dtype: Any) -> float:
        return float(initializer(None, shape, dtype))

    return scale


def our_scale(initializer: Any, shape: tuple[int, ...]) -> float:
    """Bound of a uniform law, std of a normal one before its truncation."""
    return initializer.spec(shape).resolve(shape)[1]


def axes_for(source: random.Random, rank: int) -> dict[str, Any]:
    """Axes of all roles, or the default ones."""
    if source.random() < 0.3:
        return {}
    axes = source.sample(range(rank), k=rank)
    cut = source.randint(1, rank - 1)
    stop = source.randint(cut + 1, rank)
    sign = source.choice((0, rank))
    return {
        "in_axis": tuple(a - sign for a in axes[:cut]),
        "out_axis": tuple(a - sign for a in axes[cut:stop]),
        "batch_axis": tuple(axes[stop : stop + 1]),
    }


@pytest.mark.parametrize("name", SCALED)
def test_formulas_are_jaxs_where_it_computes_in_float64(name, scales):
    chooser = random.Random(3)
    worst = 0.0
    with jax.enable_x64(True):
        for shape in shapes(500, seed=21):
            axes = axes_for(chooser, len(shape))
            theirs = scales(getattr(init, name)(**axes), shape, jnp.float64)
            ours = our_scale(getattr(dialect, name)(**axes), shape)
            worst = max(worst, abs(ours / theirs - 1))
    assert worst < 1e-15


@pytest.mark.parametrize("law", ["truncated_normal", "normal", "uniform"])
@pytest.mark.parametrize("mode", ["fan_in", "fan_out", "fan_avg", "fan_geo_avg"])
def test_variance_scaling_is_jaxs_in_every_mode(mode, law, scales):
    with jax.enable_x64(True):
        for shape in shapes(500, seed=22):
            arguments = (1.7, mode, law)
            theirs = scales(init.variance_scaling(*arguments), shape, jnp.float64)
            ours = our_scale(dialect.variance_scaling(*arguments), shape)
            assert ours == pytest.approx(theirs, rel=1e-15)


@pytest.mark.parametrize(
    ("dtype", "least", "most"),
    [("float32", 0, 3e-7), ("bfloat16", 2e-3, 1.2e-2), ("float16", 2e-4, 2e-3)],
)
def test_jax_rounds_the_scale_to_the_dtype(dtype, least, most, scales):
    # docs/dialects.md states these: ours is rounded with the value, once.
    cases = [shape for shape in shapes(400, seed=23) if np.prod(shape[:-1]) < 2**12]
    errors = [
        abs(scales(init.he_normal(), s, dtype) / our_scale(dialect.he_normal(), s) - 1)
        for s in cases
    ]
    assert least <= max(errors) <= most


def test_jax_loses_small_variances_in_float16(scales):
    # 2 / fan_in is below the least float16; ours is a float64 until the value.
    shape = (2**27, 4)
    assert scales(init.he_normal(), shape, "float16") == 0.0
    assert our_scale(dialect.he_normal(), shape) > 1e-4


def test_bounds_are_in_units_of_stddev() -> None:
    spec = dialect.truncated_normal(0.5, None, -1.0, 3.0).spec((2,))
    assert spec.resolve((2,)) == (0.0, 0.5, -0.5, 1.5)
    assert str(dialect.uniform().spec((2,))) == "uniform(b=0.01)"


LAWS: list[tuple[str, tuple[Any, ...]]] = [
    ("uniform", ()),
    ("normal", ()),
    ("truncated_normal", ()),
    ("truncated_normal", (1.0, None, -0.5, 2.5)),
    ("variance_scaling", (2.0, "fan_geo_avg", "normal")),
    ("variance_scaling", (2.0, "fan_out", "uniform")),
    *((name, ()) for name in SCALED),
]


@pytest.mark.parametrize(("name", "arguments"), LAWS)
def test_values_follow_jaxs_law(name, arguments):
    # Two samples, fixed seeds; a right law fails with a probability of 1e-6.
    key, shape = jax.random.key(1), (250, 400)
    theirs = getattr(init, name)(*arguments)(key, shape)
    ours = getattr(dialect, name)(*arguments)(key, shape)
    assert type(ours) is type(theirs)
    p = stats.ks_2samp(np.ravel(theirs), np.ravel(ours)).pvalue
    assert p > 1e-6


def test_constants_are_jaxs() -> None:
    key = jax.random.key(0)
    for value in (2.5, np.arange(3), jnp.arange(3), [[1.0], [2.0]]):
        theirs = init.constant(jnp.asarray(value))(key, (2, 3))
        ours = dialect.constant(value)(key, (2, 3))
        assert (ours == theirs).all()
        assert ours.dtype == theirs.dtype
    assert (dialect.zeros(key, (2,)) == init.zeros(key, (2,))).all()
    assert (dialect.ones(key, 3, jnp.int8) == init.ones(key, 3, jnp.int8)).all()
    assert dialect.zeros(None, (2,)).dtype == np.float32


@pytest.mark.parametrize("array", [jnp.float32, jnp.bfloat16, np.array])
def test_arrays_without_axes_are_numbers(array) -> None:
    for name, arguments in [
        ("normal", (0.5,)),
        ("uniform", (0.5,)),
        ("truncated_normal", (0.5, None, -1.0, 2.0)),
        ("variance_scaling", (0.5, "fan_in", "normal")),
        ("constant", (0.5,)),
    ]:
        arrays = [array(a) if isinstance(a, float) else a for a in arguments]
        made, plain = (getattr(dialect, name)(*a) for a in (arrays, arguments))
        assert made.spec((4, 3)) == plain.spec((4, 3))
        assert (made(0, (4, 3)) == plain(0, (4, 3))).all()
        getattr(init, name)(*arrays)(jax.random.key(0), (4, 3))


def test_traced_numbers_are_refused() -> None:
    for make in (dialect.normal, dialect.constant):
        with pytest.raises(ArgumentTypeError, match="inside a transformation"):
            jax.jit(lambda number, make=make: make(number)(0, (3,)))(0.5)


@pytest.mark.parametrize("axis", [0, -1, (0,)])
def test_the_axis_of_a_vector_may_have_both_roles_as_in_jax(axis, scales) -> None:
    with jax.enable_x64(True):
        for name in SCALED:
            for shape in [(3,), (1,), 5]:
                theirs = scales(getattr(init, name)(in_axis=axis), shape, jnp.float64)
                ours = our_scale(getattr(dialect, name)(in_axis=axis), shape)
                assert ours == pytest.approx(theirs, rel=1e-15)
        alone = {"in_axis": 0, "out_axis": ()}
        theirs = scales(init.he_normal(**alone), (3,), jnp.float64)
        assert our_scale(dialect.he_normal(**alone), (3,)) == pytest.approx(theirs)


@pytest.mark.parametrize(
    ("axes", "shape"),
    [
        ({"in_axis": -1}, (3, 4)),
        ({"in_axis": 0, "batch_axis": 0}, (3,)),
        ({"in_axis": True}, (3,)),
        ({"in_axis": 0.0}, (3,)),
    ],
)
def test_other_axes_have_one_role(axes, shape) -> None:
    with pytest.raises(FastinitError, match=r"two roles|is an integer"):
        dialect.he_normal(**axes)(0, shape)


# Errors

BAD = [
    "normal()(key, (3,), jnp.int32)",
    "uniform()(key, (3,), jnp.int32)",
    "truncated_normal()(key, (3,), bool)",
    "lecun_normal()(key, (3, 4), jnp.int32)",
    "normal()(key, (3,), 'float31')",
    "lecun_normal()(key, (3,))",
    "lecun_normal()(key, ())",
    "lecun_normal()(key, 3)",
    "he_normal(in_axis=5)(key, (3, 4))",
    "he_normal(out_axis=-3)(key, (3, 4))",
    "he_normal(in_axis='a')(key, (3, 4))",
    "he_normal(in_axis=1.0)(key, (3, 4))",
    "he_normal(mode='fan_in')",
    "variance_scaling(1.0)",
    "variance_scaling(1.0, 'fan', 'normal')(key, (3, 4))",
    "variance_scaling(1.0, 'FAN_IN', 'normal')(key, (3, 4))",
    "variance_scaling(1.0, 'fan_in', 'cauchy')(key, (3, 4))",
    "variance_scaling('1', 'fan_in', 'normal')(key, (3, 4))",
    "normal()(key, (3.0,))",
    "normal()(key, 'ab')",
    "normal()(None, (3,))",
    "normal()('a', (3,))",
    "normal()(jax.random.split(key, 3), (2,))",
    "normal()(jnp.array([1, 2]), (3,))",
    "normal()(jnp.array([1.0, 2.0]), (3,))",
    "normal()(jnp.float32(1.0), (3,))",
    "normal()(jnp.zeros((2, 2), jnp.float32), (3,))",
    "normal()(jnp.zeros((2, 2), jnp.uint32), (3,))",
    "normal()(jnp.zeros(1, jnp.uint32), (3,))",
    "constant(jnp.arange(3))(key, (2, 4))",
    "constant(None)(key, (2, 4))",
]


@pytest.mark.parametrize("call", BAD)
def test_bad_calls_raise_what_jax_raises(call):
    names = {"key": jax.random.key(0), "jnp": jnp, "jax": jax}
    theirs, ours = (
        outcome(lambda m=module: eval(f"m.{call}", {**names, "m": m}))
        for module in (init, dialect)
    )
    builtin = next(b for b in type(theirs).__mro__ if b.__module__ == "builtins")
    assert builtin in {ValueError, TypeError, IndexError}
    assert isinstance(ours, builtin), f"{ours!r} in the place of {theirs!r}"
    missing = "argument" in str(theirs) and isinstance(theirs, TypeError)
    assert isinstance(ours, FastinitError) or missing


def test_modes_are_checked_in_the_call_as_in_jax() -> None:
    for module in (init, dialect):
        made = module.variance_scaling(1.0, "nonsense", "normal")
        with pytest.raises(ValueError, match="invalid mode"):
            made(jax.random.key(0), (3, 4))


# Keys and kinds of arrays


def test_keys_become_seeds() -> None:
    assert seed_of_words((0, 7)) == 7
    assert seed_of_words((1, 2)) == 2**32 + 2
    shape = (5, 4)
    plain = fastinit.create(dialect.he_normal().spec(shape), shape, seed=7)
    made = dialect.he_normal()
    for key in (
        jax.random.key(7),
        jax.random.PRNGKey(7),
        np.array([0, 7], np.uint32),
        7,
        np.int64(7),
    ):
        assert (np.asarray(made(key, shape)) == plain).all()
    split = jax.random.split(jax.random.key(7), 2)
    words = [tuple(map(int, row)) for row in np.asarray(jax.random.key_data(split))]
    for key, pair in zip(split, words, strict=True):
        expected = fastinit.create(
            made.spec(shape), shape, seed=pair[0] << 32 | pair[1]
        )
        assert (np.asarray(made(key, shape)) == expected).all()


def test_keys_of_other_generators_are_hashed() -> None:
    key = jax.random.key(7, impl="rbg")
    words = tuple(map(int, np.asarray(jax.random.key_data(key)).ravel()))
    assert len(words) == 4
    seed = seed_of_words(words)
    assert seed != seed_of_words((*words[:3], words[3] + 1))
    made = np.asarray(dialect.normal()(key, (4,)))
    assert (made == np.asarray(dialect.normal()(seed, (4,)))).all()


def test_arrays_of_jax_for_keys_of_jax() -> None:
    made = dialect.normal()
    assert isinstance(made(jax.random.key(0), (3,)), jax.Array)
    assert isinstance(made(jax.random.PRNGKey(0), (3,)), jax.Array)
    for key in (0, fastinit.Generator(0), np.zeros(2, np.uint32)):
        assert type(made(key, (3,))) is np.ndarray


def test_dtypes_are_narrowed_as_jax_narrows() -> None:
    key = jax.random.key(3)
    assert dialect.normal()(key, (3,)).dtype == jnp.float32
    assert dialect.normal()(key, (3,), jnp.bfloat16).dtype == jnp.bfloat16
    assert dialect.normal(dtype=jnp.float16)(key, (3,)).dtype == jnp.float16
    narrow = dialect.normal()(key, (3,), "float64")
    assert narrow.dtype == jnp.float32
    assert (np.asarray(narrow) == dialect.normal()(3, (3,), "float32")).all()
    with jax.enable_x64(True):
        wide = dialect.normal()(key, (3,))
        assert wide.dtype == jnp.float64
        assert (np.asarray(wide) == dialect.normal()(3, (3,), "float64")).all()


def test_names_and_generators_tell_tensors_apart() -> None:
    made = dialect.normal()
    first, second = (made(0, (5,), name=name) for name in ("a", "b"))
    assert (first != second).all()
    assert (first == fastinit.create("normal(std=0.01)", 5, seed=0, name="a")).all()
    generator = fastinit.Generator(0)
    again = fastinit.create("normal(std=0.01)", 5, seed=0, name="#0")
    assert (made(generator, (5,)) == again).all()
    assert (made(generator, (5,)) != again).all()


def test_shardings_are_of_jax() -> None:
    sharding = jax.sharding.SingleDeviceSharding(jax.devices()[0])
    made = dialect.normal()(jax.random.key(0), (3,), None, sharding)
    assert made.sharding == sharding
    assert isinstance(dialect.normal()(0, (3,), None, sharding), jax.Array)


def test_traced_keys_are_refused() -> None:
    with pytest.raises(ArgumentTypeError, match="inside a transformation"):
        jax.jit(lambda key: dialect.normal()(key, (3,)))(jax.random.key(0))
    with pytest.raises(ArgumentTypeError, match="inside a transformation"):
        jax.vmap(lambda key: dialect.normal()(key, (3,)))(
            jax.random.split(jax.random.key(0), 2)
        )


@pytest.mark.parametrize(
    "key", [np.zeros(1, np.uint32), np.zeros((2, 2), np.uint32), np.zeros(2), -1, 2**64]
)
def test_keys_that_are_none(key):
    with pytest.raises(ValueError, match=r"key|seed") as caught:
        dialect.normal()(key, (3,))
    assert isinstance(caught.value, FastinitError)


@pytest.mark.parametrize("dtype", [np.int64, np.float64, np.uint64, "U1"])
def test_keys_of_other_dtypes_are_of_the_wrong_type(dtype):
    with pytest.raises(ReportedValueError, match="a key array of shape"):
        dialect.normal()(np.array([1, 2]).astype(dtype), (3,))


def test_the_dialect_loads_no_jax(run_python) -> None:
    code = """
import json, sys
import fastinit
array = fastinit.dialects.jax.he_normal()(0, (3, 4))
fastinit.dialects.keras.HeNormal(seed=0)((3, 4))
fastinit.dialects.timm.lecun_normal_(array)
fastinit.dialects.torch.normal_(array)
print(json.dumps([n for n in ("jax", "keras", "torch", "timm") if n in sys.modules]))
"""
    assert json.loads(run_python(code)) == []
