"""A machine with devices, which every test of fastinit_cuda has."""

from __future__ import annotations

import pytest

from fastinit import backends
from fastinit_cuda.backend import CudaBackend
from gpu.every_kernel import groups, parameters
from gpu.interpreted import InterpretedDriver, compiled


@pytest.fixture
def new_driver(monkeypatch):
    """Make two devices that are interpreters, and what ``backend='cuda'`` is."""
    real = backends.load_backend

    def make():
        made = InterpretedDriver()
        backend = CudaBackend(made, compiled)

        def load_backend(name):
            return backend if name == "cuda" else real(name)

        monkeypatch.setattr(backends, "load_backend", load_backend)
        return made

    return make


@pytest.fixture
def driver(new_driver):
    """Two devices that are interpreters, behind ``backend='cuda'``."""
    return new_driver()


def pytest_generate_tests(metafunc):
    """Run a test once for each kernel, loop and target of this run."""
    if "kernel_case" in metafunc.fixturenames:
        metafunc.parametrize("kernel_case", parameters(metafunc.config))
    if "kernel_group" in metafunc.fixturenames:
        metafunc.parametrize("kernel_group", groups(metafunc.config))
