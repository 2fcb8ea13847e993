"""The short part of tests/long/gpu_check.py where there is a GPU, else a dry run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fastinit.backends import load_backend

sys.path.append(str(Path(__file__).parents[1] / "long"))
import gpu_check


@pytest.fixture
def options(tmp_path):
    reason = load_backend("cuda").unavailable()
    if reason:
        pytest.skip(f"no GPU can be used here: {reason}")
    return ["--elements", "2e7", "--bytes", "1e8", "--out", str(tmp_path)]


@pytest.mark.gpu
def test_a_gpu_gives_the_bits_of_the_cpu(options):
    assert gpu_check.main([*options, "--only", "bits", "--only", "roots"]) == 0


@pytest.mark.gpu
def test_speeds_are_measured_and_reported(options, tmp_path):
    assert gpu_check.main([*options, "--only", "speed", "--only", "costs"]) == 0
    (report,) = tmp_path.glob("*.md")
    assert "| normal float32 |" in report.read_text(encoding="utf-8")


def test_the_script_runs_on_an_interpreter(tmp_path, run_python):
    code = """
import sys
sys.path.insert(0, sys.argv[1])
import gpu_check
sys.exit(gpu_check.main(["--dry-run", "--only", "costs", "--out", sys.argv[2]]))
"""
    folder = Path(__file__).parents[1] / "long"
    run_python(code, str(folder), str(tmp_path))
    assert "one small fill" in next(tmp_path.glob("*.md")).read_text(encoding="utf-8")
