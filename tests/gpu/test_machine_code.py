"""What ptxas makes of every kernel: no spills, no surprises, few instructions."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from fastinit.backends.kernels import Kernel
from fastinit_cuda.compilation import CAPABILITIES
from fastinit_cuda.kernels import KERNELS, is_double
from gpu.interpreted import compiled
from gpu.registers import fault_of
from gpu.sass import disassemble, hot_loop, name_of

#: Loops that store whole units, 16 bytes with one instruction.
WHOLE = {"fill_run", "fill_rows", "fill_table"}
#: Samplers with a root or a quotient in the loop.
TAILED = {"truncated_wide", "truncated_tail"}
#: Issue slots an element that the goals of speed leave on an H200 (docs/cuda.md).
MOST_SLOTS = {
    "constant_uint32": 8,
    "constant_uint16": 4,
    "uniform_symmetric_float32": 17.5,
    "uniform_half_open_float32": 17.5,
    "normal_float32": 46,
    "uniform_symmetric_bfloat16": 16.7,
    "normal_bfloat16": 46,
    "normal_float16": 46,
}
TABLE = json.loads(
    Path(__file__).with_name("sass_counts.json").read_text(encoding="utf-8")
)
REMEDY = "if that is meant, run python tests/long/make_sass_counts.py"


def code_of(case):
    return compiled(*case)


def contractible(ptx: str) -> list[str]:
    """Additions without rounding mode that take a product without rounding mode.

    ptxas may fuse such a pair into one fma, which rounds once instead of twice.
    """
    products: set[str] = set()
    found = []
    for line in re.findall(r"^\s+([a-z][\w.]*\s[^;]*);", ptx, re.MULTILINE):
        name, *operands = re.split(r"[\s,]+", line)
        if re.fullmatch(r"mul\.f(32|64)", name):
            products.add(operands[0])
        elif re.fullmatch(r"(add|sub)\.f(32|64)", name) and products & {*operands[1:]}:
            found.append(line)
    return found


def test_nothing_is_spilled_called_or_contracted(kernel_case):
    loop, kernel, capability = kernel_case
    code = code_of(kernel_case)
    found = disassemble(code)
    assert f".target sm_{capability[0]}{capability[1]}" in code.ptx
    assert fault_of(code) == ""
    names = {name.partition(".")[0] for name in found.names}
    assert not names & {"LDL", "STL", "LDS", "STS", "BAR", "ATOM", "RED"}
    assert contractible(code.ptx) == []
    if not is_double(kernel):
        assert not {name for name in found.names if "F64" in name}
        assert not {name for name in names if re.match("D(ADD|FMA|MUL|SETP)", name)}
    if loop in WHOLE:
        assert any(name.startswith("STG.E.128") for name in found.names)
    if loop in {"fill_run", "fill_rows"} and not is_double(kernel):
        # Calls elsewhere divide 64-bit numbers, once for each thread; in the loop are
        # those of roots and quotients that are not of the usual size, which only
        # samplers with a tail have.
        assert hot_loop(code).calls == 0 or kernel.sampler in TAILED


#: Instructions on floats in PTX and in machine code.
FLOATS = {
    "FFMA": r"fma\.rn\.f32",
    "FMUL": r"mul(\.rn\.ftz)?\.f32",
    "FADD": r"(add|sub)\.f32",
    "DFMA": r"fma\.rn\.f64",
    "DMUL": r"mul\.f64",
    "DADD": r"(add|sub)\.f64",
}


def test_ptxas_keeps_every_float_instruction_as_it_is_written(kernel_case):
    code = code_of(kernel_case)
    if re.search(r"sqrt\.rn\.f64|div\.rn\.f(32|64)", code.ptx):
        pytest.skip("such roots and quotients are made of instructions of their own")
    # A change of sign may become an addition to -0, which is exact.
    plain = [one for one in disassemble(code).instructions if ", -RZ, -" not in one]
    found = Counter(name_of(one) for one in plain)
    for name, text in FLOATS.items():
        made = sum(n for line, n in found.items() if line.startswith(name))
        assert made == len(re.findall(rf"\b{text}\s", code.ptx)), name


def test_the_lint_sees_a_contractible_pair():
    sick = "{\n\tmul.f32 %f3, %f1, %f2;\n\tadd.f32 %f4, %f3, %f1;\n}"
    sound = "{\n\tmul.rn.f32 %f3, %f1, %f2;\n\tadd.f32 %f4, %f3, %f1;\n}"
    assert len(contractible(sick)) == 1
    assert contractible(sound) == []


@pytest.mark.parametrize("label", MOST_SLOTS)
@pytest.mark.parametrize("loop", ["fill_run", "fill_rows"])
def test_hot_loops_stay_within_the_goals_of_speed(loop, label):
    loop_found = hot_loop(code_of((loop, kernel_named(label), (9, 0))))
    assert loop_found.slots / loop_found.elements <= MOST_SLOTS[label]


def kernel_named(label: str) -> Kernel:
    (kernel,) = (one for one in KERNELS if one.label == label)
    return kernel


@pytest.mark.parametrize("target", ["sm_80", "sm_90", "sm_100", "sm_120"])
@pytest.mark.parametrize("label", ["uniform_symmetric_float32", "normal_float32"])
def test_slots_are_those_of_the_committed_table(label, target):
    row = TABLE["targets"][target][label]
    capability = int(target[3:-1]), int(target[-1])
    found = hot_loop(code_of(("fill_run", kernel_named(label), capability)))
    assert found.elements == row["elements"]
    assert abs(found.slots - row["slots"]) <= 0.05 * row["slots"], REMEDY


def test_the_committed_table_holds_every_kernel():
    labels = {kernel.label for kernel in KERNELS}
    assert {target: set(rows) for target, rows in TABLE["targets"].items()} == {
        f"sm_{major}{minor}": labels for major, minor in CAPABILITIES
    }, REMEDY
