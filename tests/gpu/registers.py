"""Registers and memory that a kernel takes, and may take."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fastinit.backends.kernels import Kernel
from fastinit_cuda.compilation import Code
from fastinit_cuda.kernels import is_double
from gpu.disassemblers import run_on

#: Registers of a thread, so that a multiprocessor holds 1024 threads, or 768 where a
#: turn of the loop is long, as chance makes it, or a key is no argument.
MOST_REGISTERS, MOST_OF_SLOW_ONES = 64, 80
#: The same for polynomials whose coefficients are arguments or rows of tables: 384
#: threads in float64, 512 in float32.
MOST_OF_LONGEST, MOST_OF_LONG = 160, 104
#: Where chance rounds: 640 threads of a table's kernel, 512 of a polynomial's.
MOST_OF_TABLES_BY_CHANCE, MOST_OF_LONG_BY_CHANCE = 96, 128


@dataclass(frozen=True)
class Usage:
    """What a thread of a kernel takes: registers, and bytes of memory of its own."""

    registers: int
    stack: int
    local: int


def usage_of(code: Code) -> Usage:
    """Registers and memory of a kernel, as its machine code says; milliseconds."""
    text = run_on(code.cubin, "cuobjdump", "-res-usage")
    found = re.search(r"REG:(\d+) STACK:(\d+) SHARED:0 LOCAL:(\d+)", text)
    assert found, text
    return Usage(*(int(number) for number in found.groups()))


def most_registers(loop: str, kernel: Kernel) -> int:
    """Registers that a thread may have."""
    if kernel.sampler.startswith("truncated"):
        if kernel.is_stochastic:
            return MOST_OF_LONG_BY_CHANCE
        return MOST_OF_LONGEST if is_double(kernel) else MOST_OF_LONG
    if kernel.is_stochastic and loop == "fill_table":
        return MOST_OF_TABLES_BY_CHANCE
    is_slow = is_double(kernel) or kernel.is_stochastic or loop == "fill_table"
    return MOST_OF_SLOW_ONES if is_slow else MOST_REGISTERS


def fault_of(code: Code) -> str:
    """What a kernel takes where it spills or takes too many registers, else ''."""
    usage = usage_of(code)
    most = most_registers(code.loop, code.kernel)
    if (usage.stack, usage.local) == (0, 0) and usage.registers <= most:
        return ""
    return f"{code.loop} {code.kernel.label} {code.capability}: {usage}, most {most}"
