"""Kernels compiled for AArch64, run under QEMU, against those of this machine.

    apt-get install qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross
    python tests/long/aarch64.py     (some 10 minutes)

LLVM gets Numba's code as it is before any optimisation, with the target and the data
layout of AArch64 in the place of this machine's, optimises it as Numba does and
writes an object; a few lines of C call it. Every sampler in every dtype; exit status
1 where a byte differs. Last result: all 49 kernels equal (Numba 0.68.1, QEMU 7.2).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from kernel_cases import cases  # noqa: E402
from llvmlite import binding  # noqa: E402

from fastinit.api import make_plan  # noqa: E402
from fastinit.backends.cpu import _compiled, _dispatcher  # noqa: E402
from fastinit.backends.kernels import Kernel, kernel_of  # noqa: E402
from fastinit.plan import FillPlan  # noqa: E402

TRIPLE = "aarch64-unknown-linux-gnu"
COMPILER, EMULATOR = "aarch64-linux-gnu-gcc", "qemu-aarch64"
#: First block and number of blocks: across a carry into the high word, and a few.
SPANS = (((1 << 32) - 40_001, 65_543), (0, 3))
#: Calls a kernel with the words of its arguments, and writes what it wrote.
DRIVER = """
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int FILL(void **, void **, int64_t address, int64_t blocks, int64_t first,
         int64_t, int64_t, int64_t, int64_t, TYPES);

/* Of Numba's run time, for arrays of its own: these kernels have none. */
void NRT_MemInfo_call_dtor(void *unused) { abort(); }

int main(int count, char **texts) {
    int64_t w[7 + COUNT];
    double p[COUNT];
    void *result = 0, *raised = 0;
    if (count != 8 + COUNT) return 2;
    for (int i = 0; i < 7 + COUNT; i++) w[i] = (int64_t)strtoull(texts[i + 1], 0, 10);
    memcpy(p, w + 6, sizeof p);
    size_t size = (size_t)(4 * w[0] * w[6 + COUNT]);
    char *memory = calloc(size, 1);
    if (FILL(&result, &raised, (int64_t)memory, w[0], w[1], w[2], w[3], w[4], w[5],
             VALUES)) return 3;
    return fwrite(memory, 1, size, stdout) == size ? 0 : 4;
}
"""


def _plans() -> Iterator[tuple[Kernel, FillPlan]]:
    """Every kernel with a plan that it serves."""
    found = {}
    for case in cases():
        plan = make_plan(case.spec, (1 << 58,), case.dtype, seed=2**63 + 1, name="w")
        found.setdefault(kernel_of(plan), plan)
    yield from found.items()


def _target() -> Any:
    """LLVM's model of a plain AArch64 processor."""
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    target = binding.Target.from_triple(TRIPLE)
    return target.create_target_machine(cpu="generic", opt=3, reloc="pic")


def _translated(code: str, machine: Any) -> tuple[Any, str]:
    """Module for AArch64, optimised, and the name of its one function."""
    head = f'target datalayout = "{machine.target_data}"'
    code = re.sub(r'target datalayout = ".*"', head, code)
    code = re.sub(r'target triple = ".*"', f'target triple = "{TRIPLE}"', code)
    module = binding.parse_assembly(code)
    (name,) = [
        one.name
        for one in module.functions
        if not one.is_declaration and re.match(r"_ZN8fastinit.*fill_blocks", one.name)
    ]
    for one in module.functions:
        # What wraps the kernel for Python goes, and with it the names of Python.
        if not one.is_declaration and one.name != name:
            one.linkage = "internal"
    for level in (0, 3):
        # Numba's two passes: a cheap one with these three, then all of -O3.
        options = binding.create_pipeline_tuning_options(speed_level=level)
        options.loop_vectorization = options.slp_vectorization = level == 3
        builder = binding.create_pass_builder(machine, options)
        manager = builder.getModulePassManager()
        if level == 0:
            manager.add_loop_rotate_pass()
            manager.add_instruction_combine_pass()
            manager.add_jump_threading_pass()
        manager.run(module, builder)
    return module, name


def emit(folder: Path) -> None:
    """Write an object, its assembly and the name of its function per kernel."""
    machine = _target()
    for kernel, _ in _plans():
        (code,) = _dispatcher("fill_blocks", kernel).inspect_llvm().values()
        module, name = _translated(code, machine)
        (folder / f"{kernel.label}.o").write_bytes(machine.emit_object(module))
        (folder / f"{kernel.label}.s").write_text(machine.emit_assembly(module))
        (folder / f"{kernel.label}.name").write_text(name)


def _expected(kernel: Kernel, plan: FillPlan, span: tuple[int, int]) -> bytes:
    """What this machine writes."""
    memory = np.zeros(4 * span[1], kernel.storage)
    call = _compiled("fill_blocks", kernel)
    call(memory.ctypes.data, span[1], span[0], plan.key, plan.sampling.parameters)
    return memory.tobytes()


def _emulated(program: Path, plan: FillPlan, span: tuple[int, int], size: int) -> bytes:
    """What the emulated machine writes."""
    parameters = np.array(plan.sampling.parameters, np.float64).view(np.uint64)
    words = [span[1], span[0], *plan.key, *map(int, parameters), size]
    run = [EMULATOR, str(program), *(str(word % (1 << 64)) for word in words)]
    return subprocess.run(run, check=True, capture_output=True).stdout


def _linked(folder: Path, label: str, count: int) -> Path:
    """Program that calls a kernel with so many parameters."""
    source, program = folder / "driver.c", folder / label
    values = ", ".join(f"p[{place}]" for place in range(count))
    text = DRIVER.replace("COUNT", str(count)).replace("VALUES", values)
    source.write_text(text.replace("TYPES", ", ".join(["double"] * count)))
    name = (folder / f"{label}.name").read_text()
    command = [COMPILER, "-O1", "-static", f"-DFILL={name}", str(source)]
    command += [str(folder / f"{label}.o"), "-lm", "-o", str(program)]
    subprocess.run(command, check=True)
    return program


def main() -> int:
    """Compare all kernels; 1 where one differs."""
    wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        # Numba reads both once, on import; code from a cache was optimised for here.
        setting = {"NUMBA_OPT": "0", "NUMBA_CACHE_DIR": str(folder / "cache")}
        # Numba warns that it will not cache such code, once a kernel.
        command = [sys.executable, "-W", "ignore", __file__, str(folder)]
        subprocess.run(command, env={**os.environ, **setting}, check=True)
        for kernel, plan in _plans():
            program = _linked(folder, kernel.label, len(plan.sampling.parameters))
            size = np.dtype(kernel.storage).itemsize
            is_equal = all(
                _emulated(program, plan, span, size) == _expected(kernel, plan, span)
                for span in SPANS
            )
            wrong += not is_equal
            said = "equal" if is_equal else "DIFFERENT"
            code = (folder / f"{kernel.label}.s").read_text()
            vectors = len(re.findall(r"\bv\d+\.(?:4s|2d)\b", code))
            print(f"{kernel.label}: {said}, {vectors} vector operands")  # noqa: T201
    return int(wrong > 0)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        emit(Path(sys.argv[1]))
    else:
        sys.exit(main())
