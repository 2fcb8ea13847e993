"""An interpreter of the PTX that the kernels compile to: one NumPy lane a thread.

It knows the instructions that occur, with PTX's own meaning (PTX ISA 9.0), and
raises on any other. Lanes that take a branch differently wait for each other:
each step runs the lanes with the smallest program counter.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numba import vectorize

from fastinit.backends.cpu_target import cpu_target
from fastinit_cuda.compilation import compile_ptx

#: Each kernel is compiled once for all tests.
ptx_of = functools.cache(compile_ptx)

_FMA = cpu_target().primitives
_fma32, _fma64 = _FMA["fma32"], _FMA["fma64"]


@vectorize(["float32(float32, float32, float32)"])
def fma_single(a, b, c):
    return _fma32(a, b, c)


@vectorize(["float64(float64, float64, float64)"])
def fma_double(a, b, c):
    return _fma64(a, b, c)


#: NumPy type of each type suffix.
TYPES = {
    "pred": np.bool_,
    **{
        f"{kind}{bits}": np.dtype(f"u{bits // 8}")
        for kind in "ub"
        for bits in (8, 16, 32, 64)
    },
    **{f"s{bits}": np.dtype(f"i{bits // 8}") for bits in (8, 16, 32, 64)},
    "f32": np.dtype("f4"),
    "f64": np.dtype("f8"),
}
#: Type that a register holds, by the letters of its name.
REGISTERS = {
    "p": np.dtype(bool),
    "rs": TYPES["u16"],
    "r": TYPES["u32"],
    "rd": TYPES["u64"],
    "f": TYPES["f32"],
    "fd": TYPES["f64"],
}
COMPARISONS = {
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
}
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul.lo": np.multiply,
    "mul": np.multiply,
    "mul.rn": np.multiply,
    "add.rn": np.add,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "min": np.minimum,
    "max": np.maximum,
    "div": np.floor_divide,
    "div.rn": np.divide,
}
UNARY: dict[str, Callable[[Any], Any]] = {
    "neg": np.negative,
    "not": np.invert,
    "abs": np.abs,
    "sqrt.rn": np.sqrt,
}


@dataclass(frozen=True)
class Instruction:
    """One instruction: its predicate, its name and its operands."""

    guard: str
    name: str
    operands: tuple[str, ...]


@dataclass(frozen=True)
class Program:
    """The body of a kernel."""

    instructions: tuple[Instruction, ...]
    labels: dict[str, int] = field(default_factory=dict)


def parse(ptx: str) -> Program:
    """Program of the one kernel in a PTX text."""
    body = ptx[ptx.index("\n{") :]
    instructions: list[Instruction] = []
    labels: dict[str, int] = {}
    for line in body.splitlines():
        text = line.split("//")[0].strip()
        label = re.fullmatch(r"(\$\w+):", text)
        if label:
            labels[label[1]] = len(instructions)
        found = re.fullmatch(r"(@!?%p\d+)?\s*([a-z][\w.]*)\s*(.*);", text)
        if found and not text.startswith("."):
            vector = re.sub(r"\s*,\s*", " ", found[3]) if "{" in found[3] else None
            operands = re.findall(r"[^\s,\[\]{}]+", vector or found[3])
            instructions.append(Instruction(found[1] or "", found[2], tuple(operands)))
    return Program(tuple(instructions), labels)


class Machine:
    """A grid of threads, one lane each, and the memory that they store to."""

    def __init__(self, grid: int, block: int, memory: np.ndarray, base: int) -> None:
        lanes = np.arange(grid * block)
        self.lanes = lanes.size
        self.special = {
            "%ctaid.x": (lanes // block).astype("u4"),
            "%tid.x": (lanes % block).astype("u4"),
            "%ntid.x": np.full(self.lanes, block, "u4"),
            "%nctaid.x": np.full(self.lanes, grid, "u4"),
        }
        self.registers: dict[str, np.ndarray] = {}
        self.memory, self.base = memory, base

    def run(self, program: Program, parameters: Sequence[Any]) -> None:
        """Run until every lane has returned."""
        self.parameters = parameters
        self.end = len(program.instructions)
        counter = np.zeros(self.lanes, np.int64)
        with np.errstate(all="ignore"):
            while (at := int(counter.min())) < self.end:
                active = counter == at
                counter[active] = at + 1
                self.step(program, program.instructions[at], active, counter)

    def step(self, program, one: Instruction, active, counter) -> None:
        """One instruction on the active lanes."""
        if one.guard:
            taken = self.read(one.guard.strip("@!"), np.dtype(bool))
            active = active & (~taken if "!" in one.guard else taken)
        if one.name == "ret":
            counter[active] = self.end
        elif one.name in {"bra", "bra.uni"}:
            counter[active] = program.labels[one.operands[0]]
        elif one.name.startswith("st.global"):
            self.store(one, active)
        else:
            self.write(one.operands[0], self.value(one), active)

    def read(self, operand: str, kind: np.dtype) -> np.ndarray:
        """Operand as lanes of a type: register bits, special register or literal."""
        if operand in self.special:
            return self.special[operand]
        if operand.startswith("%"):
            held = self.registers[operand]
            return held if held.dtype == kind else _reinterpret(held, kind)
        if operand.startswith(("0f", "0d")):
            bits = int(operand[2:], 16)
            raw = np.array([bits], "u4" if operand[1] == "f" else "u8")
            return np.broadcast_to(raw.view(kind), self.lanes)
        mask = (1 << (8 * kind.itemsize)) - 1
        raw = np.array([int(operand, 0) & mask], f"u{kind.itemsize}")
        return np.broadcast_to(raw.view(kind), self.lanes)

    def write(self, register: str, value: np.ndarray, active) -> None:
        letters = re.match(r"%([a-z]+)", register)
        kind = REGISTERS[letters[1]]
        bits = value if value.dtype == kind else _reinterpret(value, kind)
        held = self.registers.get(register)
        if held is None:
            held = self.registers[register] = np.zeros(self.lanes, kind)
        held[active] = np.broadcast_to(bits, self.lanes)[active]

    def store(self, one: Instruction, active) -> None:
        """st.global.vN.T [address + offset], {values}."""
        kind = TYPES[one.name.rsplit(".", 1)[1]]
        place, _, offset = one.operands[0].partition("+")
        at = self.read(place, TYPES["u64"]) - np.uint64(self.base)
        at = at + np.uint64(int(offset or 0))
        width = kind.itemsize * (len(one.operands) - 1)
        if (at[active] % np.uint64(width)).any():
            raise ValueError(f"misaligned {one}")
        for lane, operand in enumerate(one.operands[1:]):
            raw = np.ascontiguousarray(_narrow(self.read_raw(operand), kind)[active])
            target = at[active].astype(np.int64) + lane * kind.itemsize
            span = target[:, None] + np.arange(kind.itemsize)
            self.memory[span] = raw.view("u1").reshape(-1, kind.itemsize)

    def read_raw(self, operand: str) -> np.ndarray:
        letters = re.match(r"%([a-z]+)", operand)
        return self.read(operand, REGISTERS[letters[1]])

    def value(self, one: Instruction) -> np.ndarray:
        """Result of an arithmetic instruction."""
        name, _, suffix = one.name.rpartition(".")
        if name.startswith("cvt"):
            return self.convert(one)
        kind = TYPES[suffix]
        sources = one.operands[1:]
        if name == "ld.param":
            number = int(re.search(r"_param_(\d+)$", sources[0])[1])
            return np.full(self.lanes, self.parameters[number]).astype(kind)
        if name == "mov":
            return self.read(sources[0], kind)
        if name.startswith("setp."):
            a, b = (self.read(operand, kind) for operand in sources)
            return COMPARISONS[name.split(".")[1]](a, b)
        if name == "selp":
            a, b = (self.read(operand, kind) for operand in sources[:2])
            return np.where(self.read(sources[2], np.dtype(bool)), a, b)
        if name == "mul.wide":
            wide = np.dtype(f"{kind.kind}{2 * kind.itemsize}")
            a, b = (self.read(operand, kind).astype(wide) for operand in sources)
            return a * b
        if name in {"shl", "shr"}:
            amount = self.read(sources[1], TYPES["u32"]).astype(kind)
            value = self.read(sources[0], kind)
            return value << amount if name == "shl" else value >> amount
        if name == "fma.rn":
            fused = fma_single if kind == TYPES["f32"] else fma_double
            return fused(*(self.read(operand, kind) for operand in sources))
        if name == "bfi":
            return self.insert(sources, kind)
        operands = [self.read(operand, kind) for operand in sources]
        if name in UNARY:
            return UNARY[name](*operands)
        return BINARY[name](*operands)

    def insert(self, sources: Sequence[str], kind: np.dtype) -> np.ndarray:
        """bfi: bits of the first operand put into the second."""
        a, b = (self.read(operand, kind) for operand in sources[:2])
        position, length = (int(literal) for literal in sources[2:])
        mask = kind.type(((1 << length) - 1) << position)
        return (b & ~mask) | ((a << kind.type(position)) & mask)

    def convert(self, one: Instruction) -> np.ndarray:
        """Result of cvt[.rn].to.from."""
        _, *modes, to, source = one.name.split(".")
        if modes not in ([], ["rn"]):
            raise KeyError(one.name)
        value = _narrow(self.read_raw(one.operands[1]), TYPES[source])
        return value.astype(TYPES[to])


def _reinterpret(value: np.ndarray, kind: np.dtype) -> np.ndarray:
    """Bits of a value as another type; integers are cut or extended with zeros."""
    if value.dtype.itemsize == kind.itemsize:
        return value.view(kind)
    return value.view(f"u{value.dtype.itemsize}").astype(f"u{kind.itemsize}").view(kind)


def _narrow(value: np.ndarray, kind: np.dtype) -> np.ndarray:
    """Low bits of a register as an instruction's narrower type."""
    return value if value.dtype == kind else _reinterpret(value, kind)
