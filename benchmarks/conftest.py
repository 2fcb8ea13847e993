"""Options, the machine's record and the memory of the benchmarks."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest
from cases import CASES
from contenders import CONTENDERS, Memory

from fastinit.backends.threads import available_threads

PACKAGES = ("numpy", "numba", "llvmlite", "ml_dtypes", "torch", "jax", "jaxlib")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--quick",
        action="store_true",
        help="small arrays and one repetition: a test that everything runs",
    )


def pytest_configure() -> None:
    """Give torch the threads that fastinit uses."""
    if not CONTENDERS["torch"].missing(CASES[0]):
        import torch

        torch.set_num_threads(available_threads())


def _processor() -> str:
    """Model and flags that matter, as Linux tells them."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    lines = dict(
        part.split(":", 1) for part in text.split("\n\n")[0].splitlines() if ":" in part
    )
    found = {key.strip(): value.strip() for key, value in lines.items()}
    wide = [flag for flag in ("avx2", "avx512f") if flag in found.get("flags", "")]
    return (
        f"{found.get('model name', platform.machine())}, family"
        f" {found.get('cpu family', '?')} model {found.get('model', '?')}"
        f" ({' '.join(wide)})"
    )


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "missing"
    return found


def pytest_benchmark_update_machine_info(machine_info: dict[str, Any]) -> None:
    """Record what the numbers depend on; `report.py` prints it."""
    import fastinit

    machine_info["fastinit"] = {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": available_threads(),
        "versions": {"fastinit": fastinit.__version__, **_versions()},
    }


def pytest_benchmark_update_json(output_json: dict[str, Any]) -> None:
    """Record why a contender has no number."""
    output_json["missing"] = {
        f"{case.id}/{name}": reason
        for case in CASES
        for name, row in CONTENDERS.items()
        if (reason := row.missing(case))
    }


@pytest.fixture(scope="session")
def memory(request: pytest.FixtureRequest) -> Memory:
    """Memory of the largest case of this run."""
    quick = request.config.getoption("--quick")
    return Memory(max(c.reach for c in CASES if c.size.is_quick or not quick))
