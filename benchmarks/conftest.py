"""Options, the machine's record and the memory of the benchmarks."""

from __future__ import annotations

from typing import Any

import pytest

from fastinit.backends.threads import available_threads
from fastinit.compare.cases import Case
from fastinit.compare.contenders import CONTENDERS
from fastinit.compare.machine import machine, versions
from fastinit.compare.memory import Memory
from fastinit.compare.workload import default_cases, quick_cases


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--quick",
        action="store_true",
        help="small arrays and one repetition: a test that everything runs",
    )


def warm_cases(config: pytest.Config) -> tuple[Case, ...]:
    """Cases of `fastinit bench`, but for those of a first touch.

    pytest-benchmark calls one action again and again, so that no touch is the first.
    """
    choose = quick_cases if config.getoption("--quick") else default_cases
    return tuple(one for one in choose(available_threads()) if one.touch == "warm")


def pytest_benchmark_update_machine_info(machine_info: dict[str, Any]) -> None:
    """Record what the numbers depend on."""
    machine_info["fastinit"] = {**machine(), "versions": versions()}


def pytest_benchmark_update_json(
    config: pytest.Config, output_json: dict[str, Any]
) -> None:
    """Record why a contender has no number."""
    output_json["missing"] = {
        f"{case.id}/{name}": reason
        for case in warm_cases(config)
        for name, row in CONTENDERS.items()
        if (reason := row.lacks(case, available_threads()))
    }


@pytest.fixture(scope="session")
def memory(request: pytest.FixtureRequest) -> Memory:
    """Memory of the largest case of this run."""
    return Memory(max(case.reach for case in warm_cases(request.config)))
