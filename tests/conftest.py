"""Cases and tools that the tests of the public surface share."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from kernel_cases import Case, cases, few_cases

import fastinit

ROOT = Path(fastinit.__file__).parent.parent

# Fixed examples: a run that fails can be repeated, and no run is unlucky.
settings.register_profile("fastinit", deadline=None, derandomize=True, database=None)
settings.load_profile("fastinit")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the flag for what takes too long for each run of the suite."""
    parser.addoption(
        "--every-kernel",
        action="store_true",
        help="compile, run and count every kernel for every target, not a sample",
    )


#: Cases of a test, by the name that it asks for.
CHOICES: dict[str, Callable[[], list[Case]]] = {
    "case": cases,
    "random_case": lambda: [c for c in cases() if c.sampler != "constant"],
    "few_case": few_cases,
    "few_random_case": lambda: [c for c in few_cases() if c.sampler != "constant"],
}
#: What stands for them where the flag asks for every kernel: each loop beside that of
#: contiguous runs costs a kernel some seconds of compilation.
COMPLETE = {"few_case": "case", "few_random_case": "random_case"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each of the cases that it asks for."""
    is_complete = metafunc.config.getoption("--every-kernel")
    for name in set(CHOICES) & set(metafunc.fixturenames):
        chosen = CHOICES[COMPLETE.get(name, name) if is_complete else name]()
        ids = [f"{case.sampler}-{case.dtype}" for case in chosen]
        metafunc.parametrize(name, chosen, ids=ids)


def _assert_same_bits(left: np.ndarray, right: np.ndarray) -> None:
    assert left.dtype == right.dtype
    assert left.shape == right.shape
    if left.tobytes() != right.tobytes():
        # Only where it failed, for its text.
        np.testing.assert_array_equal(left, right)
        pytest.fail("equal values of different bits, such as 0.0 and -0.0")


@pytest.fixture(scope="session")
def assert_same_bits() -> Callable[[np.ndarray, np.ndarray], None]:
    """Raise unless two arrays have the same dtype, shape and bits."""
    return _assert_same_bits


def _run_python(code: str, *arguments: str, **environment: str) -> str:
    """Standard output of a fresh interpreter; its failure fails the test."""
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


@pytest.fixture(scope="session")
def run_python() -> Callable[..., str]:
    """Run code in a fresh interpreter in which warnings are errors."""
    return _run_python


@pytest.fixture(scope="session")
def all_cases() -> list[Case]:
    """Return one case for each kernel."""
    return cases()


@pytest.fixture(scope="session")
def some_cases() -> list[Case]:
    """Return cases of every sampler and every dtype."""
    return few_cases()


#: The second line keeps Chromium from asking hosts that a page never names.
CHROMIUM = (
    "--headless --no-sandbox --disable-gpu --hide-scrollbars --no-first-run "
    "--disable-quic --disable-background-networking --disable-component-update "
    "--disable-sync"
)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return a driver of Chromium, in which every message of a page can be read."""
    paths = [shutil.which(name) for name in ("chromium", "chromedriver")]
    if not all(paths):
        pytest.skip("Chromium is not installed (Debian: chromium, chromium-driver)")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = str(paths[0])
    profile = tmp_path_factory.mktemp("chromium")
    for flag in (*CHROMIUM.split(), f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(executable_path=str(paths[1]))
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def keras() -> Any:
    """Keras on JAX; its import takes seconds and warns of what it does not find."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("keras", reason="keras is not installed")
