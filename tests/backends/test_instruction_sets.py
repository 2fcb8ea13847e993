"""The same bytes from the code of every instruction set that this machine runs."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import kernel_bytes
import pytest
from llvmlite import binding

import fastinit

ROOT = Path(fastinit.__file__).parent.parent
BLOCKS = 4099

#: Every kind of arithmetic: 32 and 64 bits, roots, logarithms, polynomials, encoders.
SAMPLE = (
    *(("normal", name) for name in ("float64", "float32", "bfloat16", "float8_e5m2")),
    ("uniform_symmetric_clamped", "float16"),
    ("truncated_wide", "float32"),
    ("truncated_tail", "float32"),
    ("constant", "uint8"),
)

pytestmark = pytest.mark.skipif(
    platform.machine() not in {"x86_64", "AMD64"},
    reason="instruction sets of x86-64; tests/long/instruction_sets.py has AArch64",
)


@dataclass(frozen=True)
class InstructionSet:
    """A level of x86-64: what it needs, how it is asked for, its registers in bits."""

    cpu: str
    needs: tuple[str, ...]
    width: int
    environment: dict[str, str] = field(default_factory=dict)


SETS = {
    "baseline": InstructionSet(
        "x86-64",
        (),
        128,
        # The C library, too, must do without: its fma is then the one in software.
        {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX512F"},
    ),
    "AVX2": InstructionSet("x86-64-v3", ("avx2", "fma", "bmi2", "f16c"), 256),
    "AVX-512": InstructionSet(
        "x86-64-v4",
        ("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"),
        512,
        # The level prefers 256 bits; a feature of tuning, not of the processor.
        {"NUMBA_CPU_FEATURES": "-prefer-256-bit"},
    ),
}


def missing(level: InstructionSet) -> list[str]:
    """Features of a level that this processor lacks."""
    features = binding.get_host_cpu_features()
    return [name for name in level.needs if not features.get(name)]


def report_of(
    level: InstructionSet,
    asked: list[list[str]],
    folder: Path,
    what: tuple[str, ...] = (str(BLOCKS), "fill_blocks"),
) -> dict:
    """Report of a process in which Numba compiles for a level."""
    run = subprocess.run(
        [sys.executable, kernel_bytes.__file__, *what],
        input=json.dumps(asked),
        # Code out of a cache has no assembly to look at.
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "NUMBA_CPU_NAME": level.cpu,
            "NUMBA_CPU_FEATURES": "",
            "NUMBA_CACHE_DIR": str(folder),
            **level.environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.fixture
def level_cases(some_cases, request):
    """Cases that are compiled once more for every level, without a cache to share."""
    if request.config.getoption("--every-kernel"):
        return some_cases
    found = {(case.sampler, case.dtype): case for case in some_cases}
    return [found[key] for key in SAMPLE]


@pytest.mark.parametrize("name", SETS)
def test_kernels_write_the_same_bytes(name, level_cases, tmp_path):
    level = SETS[name]
    lacking = missing(level)
    if lacking:
        pytest.skip(f"this processor has no {', '.join(lacking)}")
    asked = [[case.spec, case.dtype] for case in level_cases]
    found = report_of(level, asked, tmp_path)
    assert len(found) == len(asked)
    for case in level_cases:
        digest, width = found[f"fill_blocks {case.spec} {case.dtype}"]
        here = kernel_bytes.written(case.spec, case.dtype, "fill_blocks", BLOCKS)
        assert digest == here, (name, case)
        # Constants may be left to memset, which has no register of ours.
        widths = {level.width} | ({0, 128} if case.sampler == "constant" else set())
        assert width in widths, (name, case)


def test_registers_are_told_from_names():
    assert kernel_bytes.widest_register("vpaddd %zmm1, %ymm2, %xmm3") == 512
    assert kernel_bytes.widest_register("callq fill_uniform_symmetric") == 0
