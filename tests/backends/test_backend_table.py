"""The table of backends: names on every machine, reasons where one cannot run."""

from __future__ import annotations

import importlib.metadata
from importlib.metadata import EntryPoint

import numpy as np
import pytest

import fastinit
from fastinit import backends
from fastinit.backends import BACKENDS, backend_names, get_backend, load_backend
from fastinit.backends.cpu import CpuBackend
from fastinit.errors import (
    ArgumentError,
    ArgumentTypeError,
    BackendUnavailableError,
    FastinitError,
)


def test_names_are_the_same_on_every_machine():
    assert list(BACKENDS) == ["cpu", "cuda"]
    assert backend_names()[:2] == ("cpu", "cuda")
    assert {target.partition(":")[0] for target in BACKENDS.values()} == {
        "fastinit.backends.cpu",
        "fastinit_cuda.backend",
    }


def test_a_backend_is_made_once():
    assert get_backend(None) is get_backend("cpu") is load_backend("cpu")
    assert isinstance(get_backend("cpu"), CpuBackend)
    assert get_backend("cpu").unavailable() == ""


def test_an_unavailable_backend_is_not_replaced():
    array = np.zeros(3)
    backend = load_backend("cuda")
    if not backend.unavailable():
        pytest.skip("this machine has a CUDA device, so nothing is unavailable")
    with pytest.raises(BackendUnavailableError) as caught:
        fastinit.ones_(array, backend="cuda")
    assert caught.value.allowed == backend.unavailable()
    assert isinstance(caught.value, RuntimeError)
    assert not array.any()


@pytest.mark.parametrize("name", ["", "gpu", "CPU", "cpu ", "no.such:thing"])
def test_unknown_names_raise(name):
    with pytest.raises(ArgumentError, match="backends are cpu, cuda"):
        fastinit.zeros(3, backend=name)


@pytest.mark.parametrize("name", [3, True, b"cpu", ["cpu"], CpuBackend])
def test_names_are_text(name):
    with pytest.raises(ArgumentTypeError, match="as text"):
        fastinit.zeros(3, backend=name)


class Loud(CpuBackend):
    """A backend of another package."""

    filled = 0

    def fill(self, *arguments):
        Loud.filled += 1
        super().fill(*arguments)


def offer(monkeypatch, entry: EntryPoint) -> None:
    """Add an entry point to those of the group of backends."""
    found = importlib.metadata.entry_points

    def entry_points(**selection):
        # Numba asks for entry points too, in its own way.
        return (
            [entry] if selection.get("group") == backends._GROUP else found(**selection)
        )

    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)


@pytest.fixture
def loud(monkeypatch):
    """Install a backend through the entry points."""
    entry = EntryPoint("loud", f"{__name__}:Loud", backends._GROUP)
    offer(monkeypatch, entry)
    yield "loud"
    load_backend.cache_clear()


def test_other_packages_bring_backends(loud):
    assert backend_names() == ("cpu", "cuda", "loud")
    array = fastinit.normal(9, seed=1, backend=loud)
    assert Loud.filled == 1
    assert (array == fastinit.normal(9, seed=1)).all()


def test_a_plug_in_does_not_take_a_name_of_ours(monkeypatch):
    entry = EntryPoint("cpu", "elsewhere:Thing", backends._GROUP)
    offer(monkeypatch, entry)
    assert backend_names() == ("cpu", "cuda")
    assert isinstance(load_backend.__wrapped__("cpu"), CpuBackend)


def test_every_refusal_has_three_parts():
    with pytest.raises(FastinitError) as caught:
        get_backend("tpu")
    assert all((caught.value.given, caught.value.allowed, caught.value.remedy))
