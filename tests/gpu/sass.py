"""Machine code of kernels, disassembled: what it holds, and what its hot loop costs."""

from __future__ import annotations

import functools
import re
from collections import Counter
from dataclasses import dataclass

from fastinit_cuda.compilation import Code
from fastinit_cuda.kernels import unit_size
from gpu.disassemblers import run_on

#: Execution units by the first letters of an instruction; the longest match counts.
UNITS = {
    "FFMA": "fp32",
    "FMUL": "fp32",
    "FADD": "fp32",
    "HFMA2": "fp32",
    "IMAD": "imad",
    "DFMA": "fp64",
    "DMUL": "fp64",
    "DADD": "fp64",
    "DSETP": "fp64",
    "I2F": "special",
    "F2F": "special",
    "MUFU": "special",
    "POPC": "special",
    "STG": "memory",
    "LDG": "memory",
    "LDC": "memory",
    "U": "uniform",
    "R2UR": "uniform",
    "BRA": "control",
    "BSSY": "control",
    "BSYNC": "control",
    "CALL": "control",
    "EXIT": "control",
    "NOP": "control",
    "WARPSYNC": "control",
    "I2FP": "alu",
    "F2FP": "alu",
    "FCHK": "special",
    "FMNMX": "alu",
    "FSEL": "alu",
    "FSETP": "alu",
    "IABS": "alu",
    "IADD": "alu",
    "ISETP": "alu",
    "LEA": "alu",
    "LOP3": "alu",
    "MOV": "alu",
    "PLOP3": "alu",
    "PRMT": "alu",
    "SEL": "alu",
    "SHF": "alu",
    "VIADD": "alu",
    "VIMNMX": "alu",
    "CS2R": "alu",
    "IMNMX": "alu",
    "P2R": "alu",
    "R2P": "alu",
    "VOTE": "alu",
    "S2R": "memory",
}


@dataclass(frozen=True)
class Loop:
    """The hot loop of a kernel.

    Attributes
    ----------
    elements : int
        Values that a thread makes in one turn.
    slots : int
        Instructions of a turn, each of which takes an issue slot.
    units : dict of str to int
        The same by execution unit, and 'wide' for the products of 64 bits.
    calls: int
        Calls of functions.
    """

    elements: int
    slots: int
    units: dict[str, int]
    calls: int


@dataclass(frozen=True)
class MachineCode:
    """One disassembled kernel."""

    instructions: tuple[str, ...]
    labels: dict[str, int]

    @property
    def names(self) -> Counter[str]:
        """How often each instruction occurs, with its modifiers."""
        return Counter(name_of(line) for line in self.instructions)


def name_of(line: str) -> str:
    """Instruction of a line, without its predicate and its operands."""
    return re.sub(r"^@!?U?P\w+\s+", "", line).split()[0]


@functools.cache
def disassemble(code: Code) -> MachineCode:
    """Machine code of a kernel as ptxas leaves it."""
    # Its analysis of data flow, a third of the time, changes no line of the text.
    text = run_on(code.cubin, "nvdisasm", "-c", "-ndf")
    lines: list[str] = []
    labels: dict[str, int] = {}
    for line in text.splitlines():
        label = re.match(r"(\.L_x_\d+):", line)
        instruction = re.match(r"\s+/\*[0-9a-f]+\*/\s+(.*?)\s*;", line)
        if label:
            labels[label[1]] = len(lines)
        elif instruction:
            lines.append(instruction[1])
    return MachineCode(tuple(lines), labels)


def unit_of(name: str) -> str:
    """Execution unit of an instruction; one that nobody has thought of raises."""
    base = name.partition(".")[0]
    fits = [known for known in UNITS if base.startswith(known)]
    if not fits:
        raise KeyError(f"execution unit of {name}")
    return UNITS[max(fits, key=len)]


def hot_loop(code: Code) -> Loop:
    """Loop that stores whole units, at the fewest slots for an element."""
    found = disassemble(code)
    itemsize = code.kernel.stored.itemsize
    bodies = []
    for at, line in enumerate(found.instructions):
        target = re.search(r"BRA\S* .*`\((\.L_x_\d+)\)", line)
        if not target or found.labels[target[1]] > at:
            continue
        body = found.instructions[found.labels[target[1]] : at + 1]
        names = [name_of(one) for one in body]
        stores = sum(name.startswith("STG.E.128") for name in names)
        if stores:
            bodies.append((len(names) / stores, stores * 16 // itemsize, body))
    assert bodies, f"no loop of whole units in {code.loop} {code.kernel.label}"
    _, elements, body = min(bodies)
    assert elements % unit_size(code.kernel) == 0
    names = [name_of(one) for one in body]
    units = Counter(unit_of(name) for name in names)
    units["wide"] = sum(name.startswith("IMAD.WIDE") for name in names)
    calls = sum(_is_call(one, found) for one in body)
    return Loop(elements, len(body), dict(units), calls)


def _is_call(line: str, found: MachineCode) -> bool:
    """Whether a line calls a function, which returns.

    ptxas also leaves a loop by way of CALL, where lanes are to meet again: nothing
    returns from there.
    """
    target = re.search(r"CALL\S* `\((\.L_x_\d+)\)", line)
    if target is None:
        return name_of(line).startswith("CALL")
    for one in found.instructions[found.labels[target[1]] :]:
        name = name_of(one)
        if name.startswith(("RET", "EXIT")):
            return name.startswith("RET")
    return True
