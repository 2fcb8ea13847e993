"""Initializers of other libraries, run and judged."""

from __future__ import annotations

import importlib
import sys
import types
from typing import Any

import numpy as np
import pytest

import fastinit
from fastinit.errors import (
    ArgumentError,
    FanError,
    FastinitError,
    MissingPackageError,
    SpecError,
    UnknownSchemeError,
)
from fastinit.libraries import LIBRARIES, conform, draw, library_of

INSTALLED = ("torch", "jax", "keras", "numpy")
#: Arguments that have no default.
REQUIRED = {
    "constant_": "val=0.5",
    "constant": "value=0.5",
    "variance_scaling": "scale=2, mode=fan_out, distribution=normal",
}
#: No bound is a power of two here, on which a grid of 23 bits would be seen at once.
SHAPE = (40, 61)
EVERY = [
    (library, name)
    for library in INSTALLED
    for name in LIBRARIES[library].initializers()
]


def call_of(library: str, name: str) -> str:
    """Call of an initializer with what it needs."""
    given = REQUIRED.get(name, "") if library in {"torch", "jax"} else ""
    return f"{name}({given})" if given else name


@pytest.mark.parametrize(("library", "name"), EVERY, ids=map("-".join, EVERY))
def test_every_name_of_the_tables_can_be_judged(
    library: str, name: str, request: pytest.FixtureRequest
) -> None:
    if library == "keras":
        request.getfixturevalue("keras")
    drawing = draw(library, call_of(library, name), SHAPE, seed=1)
    assert drawing.values.shape == SHAPE
    found = fastinit.check(drawing.values, drawing.spec)
    # So few elements may not be enough to conform.
    assert found.verdict != "violates", str(found)


@pytest.mark.parametrize(
    ("library", "scheme", "how"),
    [
        ("torch", "kaiming_normal_(mode=fan_out, nonlinearity=relu)", {}),
        ("torch", "xavier_uniform_(gain=2)", {"dtype": "float64"}),
        ("torch", "normal_(mean=3, std=0.5)", {"dtype": "bfloat16"}),
        ("torch", "normal_", {"transposed": True}),
        ("torch", "trunc_normal_(mean=0.5, a=-1, b=2)", {}),
        ("torch", "normal_(mean=1)", {"dtype": "complex64"}),
        ("torch", "xavier_uniform_", {"dtype": "complex64"}),
        ("jax", "he_normal", {}),
        ("jax", "he_normal", {"dtype": "complex64"}),
        ("jax", "lecun_uniform(in_axis=1, out_axis=0)", {"dtype": "float64"}),
        ("keras", "VarianceScaling(scale=2, distribution=untruncated_normal)", {}),
        ("keras", "TruncatedNormal(stddev=0.5)", {}),
        ("numpy", "normal(loc=1, scale=2)", {}),
        ("numpy", "uniform(low=-1)", {}),
        ("numpy", "random", {"dtype": "float32"}),
    ],
)
def test_initializers_conform(
    library: str, scheme: str, how: dict[str, Any], keras: Any
) -> None:
    # Beyond some 30,000 elements a grid of 23 bits is found, which JAX has.
    found = conform(library, scheme, (160, 100), seed=3, **how)
    assert found.verdict == "conforms", str(found)


@pytest.mark.parametrize(
    ("library", "scheme", "against"),
    [
        ("torch", "normal_", "normal(std=1.2)"),
        ("torch", "kaiming_normal_", "kaiming_normal(mode=fan_out)"),
        ("jax", "he_normal", "kaiming_normal"),
        ("keras", "GlorotUniform", "xavier_normal(layout=IO)"),
        ("numpy", "random", "uniform(b=1.1)"),
    ],
)
def test_wrong_claims_violate(
    library: str, scheme: str, against: str, keras: Any
) -> None:
    found = conform(library, scheme, (160, 100), against=against)
    assert found.verdict == "violates"
    assert found.alpha == 1e-6


def test_a_claim_takes_the_place_of_the_promise() -> None:
    # torch has no fan_avg: the claim is not about its arguments.
    claim = fastinit.Spec("kaiming_normal", fan_in=100)
    drawing = draw("torch", "kaiming_normal_", (160, 100), against=claim)
    assert drawing.spec is claim
    assert drawing.subject.startswith("kaiming_normal_ of torch ")


def test_seeds_and_defaults_are_the_librarys() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    ours = draw("torch", "uniform_(b=2)", (4, 5), seed=7).values
    theirs = torch.empty(4, 5)
    theirs.uniform_(0.0, 2.0, generator=torch.Generator().manual_seed(7))
    assert bool((ours == theirs).all())
    made = draw("numpy", "standard_normal", 9, seed=7).values
    assert (made == np.random.default_rng(7).standard_normal(9)).all()
    old = draw("numpy", "randn", (2, 3), seed=7).values
    assert (old == np.random.RandomState(7).randn(2, 3)).all()


def test_narrow_uniform_values_of_jax_are_found() -> None:
    """128 values in the place of 256 on [1/2, 1) alone, whatever the version draws."""
    found = conform("numpy", "random", (256, 256), against="uniform")
    assert found.verdict == "conforms"
    values = np.floor(draw("numpy", "random", (256, 256)).values * 128) / 128
    assert fastinit.check(values, "uniform").verdict == "violates"


WRONG: list[tuple[tuple[Any, ...], dict[str, Any], type[FastinitError], str]] = [
    (("trch", "normal_"), {}, ArgumentError, "did you mean 'torch'"),
    ((None, "normal_"), {}, ArgumentError, "torch, jax, keras, numpy, cupy"),
    (("torch", "xavier_uniform"), {}, UnknownSchemeError, "'xavier_uniform_'"),
    (("torch", "orthogonal_"), {}, UnknownSchemeError, "that can be judged are"),
    (("torch", "normal_(sd=1)"), {}, SpecError, "its arguments are mean, std"),
    (("torch", "normal_(seed=1)"), {}, SpecError, "its arguments are mean, std"),
    (("torch", "zeros_(val=1)"), {}, SpecError, "its arguments are none"),
    (("torch", "constant_"), {}, SpecError, "constant_(val=...)"),
    (("torch", "normal_(1)"), {}, SpecError, "name(key=value, ...)"),
    (("torch", "__import__('os')"), {}, SpecError, "name(key=value, ...)"),
    (("torch", 3), {}, fastinit.FastinitError, "spec 3"),
    (("torch", "xavier_uniform_", (5,)), {}, FanError, "no fan"),
    (("torch", "normal_(std=-1)"), {}, ArgumentError, "std"),
    (("torch", "kaiming_normal_(mode=fan_avg)"), {}, ArgumentError, "torch refuses"),
    (("torch", "normal_", (4,)), {"dtype": "int32"}, FastinitError, "int32"),
    (("torch", "normal_", (4,)), {"dtype": "float8_e5m2"}, ArgumentError, "refuses"),
    (("torch", "normal_", (4,)), {"dtype": "f99"}, FastinitError, "fastinit writes"),
    (("torch", "normal_", (4,)), {"seed": -1}, ArgumentError, "seed"),
    (("torch", "normal_", (4,)), {"against": "nrmal"}, FastinitError, "'normal'"),
    (("torch", "normal_", (-4,)), {}, FastinitError, "shape"),
    (
        ("keras", "VarianceScaling(scale=abc)"),
        {},
        FastinitError,
        "scale is a real number",
    ),
    (("jax", "he_normal(in_axis=None)"), {}, FastinitError, "in_axis"),
    (("jax", "he_normal(in_axis=7)"), {}, FastinitError, "axis 7"),
    (("jax", "uniform", (4,)), {"dtype": "complex64"}, ArgumentError, "jax refuses"),
    (("numpy", "normal", (4,)), {"dtype": "float32"}, ArgumentError, "choose dtype"),
    (("numpy", "random", (4,)), {"dtype": "float16"}, ArgumentError, "refuses it"),
    (("numpy", "rand", (4,)), {"seed": 2**40}, ArgumentError, "refuses it"),
    (("numpy", "random", (4,)), {"transposed": True}, ArgumentError, "torch alone"),
]


@pytest.mark.parametrize(
    ("library", "scheme"),
    [("numpy", "normal"), ("numpy", "rand"), ("torch", "normal_"), ("jax", "normal")],
)
def test_what_does_not_fit_into_memory_is_an_error(library: str, scheme: str) -> None:
    """More than an address space; JAX aborts a process that looks at what failed."""
    with pytest.raises(fastinit.FastinitError) as caught:
        draw(library, scheme, (10**8, 10**8))
    assert all((caught.value.given, caught.value.allowed, caught.value.remedy))


def test_a_shape_without_axes_is_one_value() -> None:
    assert draw("numpy", "rand", ()).values.shape == ()


@pytest.mark.parametrize(("what", "how", "kind", "text"), WRONG)
def test_wrong_input_is_told_in_three_parts(
    what: tuple[Any, ...], how: dict[str, Any], kind: type[FastinitError], text: str
) -> None:
    with pytest.raises(kind) as caught:
        conform(*what, **how)
    error = caught.value
    assert text in str(error)
    assert all((error.given, error.allowed, error.remedy))


def test_a_library_that_is_missing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(MissingPackageError, match="pip install cupy"):
        conform("cupy", "random")


def test_a_backend_of_keras_that_is_missing_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(name: str) -> Any:
        raise ModuleNotFoundError(name="tensorflow")

    monkeypatch.setattr(importlib, "import_module", fail)
    with pytest.raises(MissingPackageError, match="set KERAS_BACKEND"):
        library_of("keras").module()


def test_a_backend_of_keras_that_does_not_exist_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(name: str) -> Any:
        raise ValueError("Unable to import backend : nope")

    monkeypatch.setattr(importlib, "import_module", fail)
    with pytest.raises(MissingPackageError, match="set KERAS_BACKEND"):
        library_of("keras").module()
    with pytest.raises(MissingPackageError, match="mend its settings"):
        library_of("jax").module()


class OnDevice:
    """An array that has to be fetched."""

    def __init__(self, values: Any) -> None:
        self.values = values

    def get(self) -> Any:
        return self.values


def test_arrays_of_cupy_are_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    class Generator:
        def __init__(self, seed: int) -> None:
            self.random_state = np.random.default_rng(seed)

        def uniform(self, low: float, high: float, size: Any, dtype: Any) -> Any:
            drawn = self.random_state.uniform(low, high, size).astype(dtype)
            return OnDevice(drawn)

    module = types.ModuleType("cupy")
    module.__version__ = "99"  # type: ignore[attr-defined]
    random = types.ModuleType("cupy.random")
    random.default_rng = Generator  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cupy", module)
    monkeypatch.setitem(sys.modules, "cupy.random", random)
    scheme = "uniform(low=-2, high=1)"
    found = conform("cupy", scheme, (100, 100), dtype="float32")
    assert found.verdict == "conforms"
    assert found.subject.startswith(f"{scheme} of cupy 99: uniform(a=-2.0)")
