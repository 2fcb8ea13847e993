"""Without a GPU everything imports, and what is missing is said."""

from __future__ import annotations

from importlib import metadata

import numpy as np
import pytest

import fastinit
from fastinit.backends import load_backend
from fastinit.errors import BackendUnavailableError
from fastinit_cuda import requirements


@pytest.fixture
def installed(monkeypatch):
    """Versions of packages, to be changed."""
    versions = {
        "numba-cuda": "0.30.4",
        "cuda-bindings": "13.5.0",
        "nvidia-nvvm": "13.0.88",
        "nvidia-cuda-nvrtc": "13.0.88",
        "nvidia-nvjitlink": "13.0.88",
    }

    def version(package):
        if package not in versions:
            raise metadata.PackageNotFoundError
        return versions[package]

    monkeypatch.setattr(requirements.metadata, "version", version)
    requirements.missing.cache_clear()
    yield versions
    requirements.missing.cache_clear()


def test_nothing_is_missing(installed):
    assert requirements.missing() == ""


@pytest.mark.parametrize(
    ("package", "version", "reason"),
    [
        ("numba-cuda", None, "numba-cuda>=0.30,<0.31 is not installed"),
        ("numba-cuda", "0.29.1", "numba-cuda is 0.29.1"),
        ("numba-cuda", "0.31.0rc1", "numba-cuda is 0.31.0rc1"),
        ("nvidia-nvvm", "13.5.12", "nvidia-nvvm is 13.5.12, not >=13.0,<13.1"),
        ("nvidia-nvjitlink", None, "pip install 'fastinit-weights[cuda]'"),
    ],
)
def test_what_is_missing_is_said(installed, package, version, reason, monkeypatch):
    monkeypatch.setattr(requirements, "_is_there_otherwise", lambda package: False)
    del installed[package]
    if version is not None:
        installed[package] = version
    assert reason in requirements.missing()
    assert reason in load_backend("cuda").unavailable()


def test_libraries_may_come_from_elsewhere(installed):
    # This environment has them, whatever the list of packages says.
    del installed["nvidia-nvvm"], installed["nvidia-nvjitlink"]
    assert requirements.missing() == ""
    del installed["cuda-bindings"]
    requirements.missing.cache_clear()
    assert "cuda-bindings" in requirements.missing()


def test_asking_for_cuda_raises_with_the_reason():
    reason = load_backend("cuda").unavailable()
    if not reason:
        pytest.skip("this machine has a CUDA device, so nothing is unavailable")
    array = np.zeros(4, np.float32)
    with pytest.raises(BackendUnavailableError) as caught:
        fastinit.normal_(array, seed=0, backend="cuda")
    assert caught.value.allowed == reason
    assert not array.any()
    with pytest.raises(BackendUnavailableError):
        fastinit.normal(4, device="cuda")


def test_importing_needs_no_gpu_and_loads_no_compiler(run_python):
    code = """
import sys
import fastinit_cuda, fastinit_cuda.backend
print("numba.cuda" in sys.modules, "cuda" in sys.modules, "torch" in sys.modules)
"""
    assert run_python(code) == "False False False"
