"""Tools to run the command line in this process and in one of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import fastinit
from fastinit.cli import main

ROOT = Path(fastinit.__file__).parent.parent

#: A model of 17 tensors that has every kind of row, in the style of GPT-2.
PLAN = """
stream = 1
seed = 3

[constants]
width = 64

[defaults]
dtype = "float32"

[[tensor]]
name = "wte.weight"
shape = [311, "width"]

[[tensor]]
name = "h.{0..2}.{q,k}.weight"
shape = ["width", "width"]
dtype = "bfloat16"

[[tensor]]
name = "h.{0..2}.{q,k}.bias"
shape = ["width"]

[[tensor]]
name = "h.{0..2}.ln.weight"
shape = ["width"]
dtype = "float16"

[[tensor]]
name = "steps"
shape = []
dtype = "int64"
scheme = "constant(val=7)"

[[tensor]]
name = "head.weight"
alias_of = "wte.weight"

[[rule]]
match = "*.bias"
scheme = "zeros"

[[rule]]
match = "*.ln.weight"
scheme = "ones"

[[rule]]
match = "*.weight"
scheme = "normal(std=0.02)"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def plan(folder: Path) -> Path:
    """Write the small plan, and return its path."""
    path = folder / "model.toml"
    path.write_text(PLAN)
    return path


@pytest.fixture
def run(folder: Path) -> Callable[..., Result]:
    """Run the program in this process, and expect an exit status."""

    def run_program(*arguments: str, status: int = 0) -> Result:
        result = CliRunner().invoke(main, list(arguments))
        assert result.exit_code == status, result.output
        return result

    return run_program


@pytest.fixture
def run_json(run: Callable[..., Result]) -> Callable[..., Any]:
    """Run the program with --json, and return the one document."""

    def run_program(*arguments: str, status: int = 0) -> Any:
        result = run(*arguments, "--json", status=status)
        return json.loads(result.stdout)

    return run_program


@pytest.fixture
def spawn(folder: Path) -> Callable[..., subprocess.Popen[str]]:
    """Start the program in a process of its own."""

    def start(*arguments: str, **how: Any) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **how.pop("env", {})}
        return subprocess.Popen(
            [sys.executable, "-m", "fastinit", *arguments],
            env=environment,
            stdout=how.pop("stdout", subprocess.PIPE),
            stderr=subprocess.PIPE,
            text=True,
            **how,
        )

    return start
