"""An interpreter of the PTX that the kernels compile to: one NumPy lane a thread.

Each instruction works on all threads of a grid at once. Threads that take a branch
differently wait for each other: the ones with the smallest program counter run.
What an instruction computes is said in `gpu.ptx_instructions`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gpu.device_memory import DeviceMemory
from gpu.ptx_instructions import TYPES, compute, reinterpret

#: Type that a register holds, by the letters of its name.
REGISTERS = {
    "p": np.dtype(bool),
    "rs": TYPES["u16"],
    "r": TYPES["u32"],
    "rd": TYPES["u64"],
    "f": TYPES["f32"],
    "fd": TYPES["f64"],
}


@dataclass(frozen=True)
class Instruction:
    """One instruction: its predicate, its name and its operands."""

    guard: str
    name: str
    operands: tuple[str, ...]


@dataclass(frozen=True)
class Program:
    """The body of a kernel, and the types of what it takes and declares."""

    instructions: tuple[Instruction, ...]
    labels: dict[str, int]
    parameters: tuple[np.dtype, ...]
    declared: dict[str, np.dtype]


_LINE = re.compile(r"(@!?%p\d+)?\s*([a-z][\w.]*)\s*(.*);")


def _statements(body: str) -> Iterator[str]:
    """Statements of a kernel, one at a time; a line in braces holds several."""
    for line in body.splitlines():
        text = line.split("//")[0].strip()
        inner = re.fullmatch(r"\{ (.*;) \}", text)
        if inner:
            yield from (f"{part.strip()};" for part in inner[1].split(";") if part)
        else:
            yield text


def parse(ptx: str) -> Program:
    """Program of the one kernel in a PTX text."""
    head, body = re.split(r"^\{", ptx, maxsplit=1, flags=re.MULTILINE)
    parameters = tuple(TYPES[k] for k in re.findall(r"\.param \.(\w+) ", head))
    instructions: list[Instruction] = []
    labels: dict[str, int] = {}
    declared: dict[str, np.dtype] = {}
    for text in _statements(body):
        label = re.fullmatch(r"(\$\w+):", text)
        scoped = re.fullmatch(r"\.reg \.(\w+)\s+([a-z][\w, ]*);", text)
        if label:
            labels[label[1]] = len(instructions)
        elif scoped:
            names = scoped[2].split(", ")
            declared.update(dict.fromkeys(names, TYPES[scoped[1]]))
        elif (found := _LINE.fullmatch(text)) and not text.startswith("."):
            operands = re.findall(r"[^\s,\[\]{}]+", found[3])
            # A move out of one register into the halves of two.
            name = f"halves.{found[2]}" if found[3].startswith("{") else found[2]
            instructions.append(Instruction(found[1] or "", name, tuple(operands)))
    return Program(tuple(instructions), labels, parameters, declared)


class Machine:
    """A grid of threads, one lane each, over device memory."""

    def __init__(
        self, grid: tuple[int, int], block: tuple[int, int], memory: DeviceMemory
    ) -> None:
        shape = (grid[1], grid[0], block[1], block[0])
        places = np.unravel_index(np.arange(int(np.prod(shape))), shape)
        names = ("%ctaid.y", "%ctaid.x", "%tid.y", "%tid.x")
        self.lanes = places[0].size
        self.special = {
            name: place.astype("u4") for name, place in zip(names, places, strict=True)
        }
        sizes = {
            "%nctaid.x": grid[0],
            "%nctaid.y": grid[1],
            "%ntid.x": block[0],
            "%ntid.y": block[1],
        }
        self.special |= {name: np.array([size], "u4") for name, size in sizes.items()}
        self.registers: dict[str, np.ndarray] = {}
        self.memory = memory

    def run(self, program: Program, arguments: Sequence[Any]) -> None:
        """Run until every lane has returned."""
        assert len(arguments) == len(program.parameters), arguments
        self.program, self.arguments = program, arguments
        end = len(program.instructions)
        stops = {*program.labels.values(), end}
        self.counter = np.zeros(self.lanes, np.int64)
        with np.errstate(all="ignore"):
            while (at := int(self.counter.min())) < end:
                active = self.counter == at
                is_all = bool(active.all())
                # Straight on to where other lanes may wait, or a branch leads away.
                while not self.step(program.instructions[at], at, active, is_all):
                    at += 1
                    if at in stops:
                        self.counter[active] = at
                        break

    def step(self, one: Instruction, at: int, active: Any, is_all: bool) -> bool:
        """One instruction on the active lanes; True where it moves their counters."""
        if one.name in {"ret", "bra", "bra.uni"}:
            target = (
                len(self.program.instructions)
                if one.name == "ret"
                else self.program.labels[one.operands[0]]
            )
            self.counter[active] = at + 1
            self.counter[self.guarded(one, active)] = target
            return True
        if one.guard:
            active, is_all = self.guarded(one, active), False
        if one.name.startswith("st.global"):
            self.store(one, active)
        elif one.name == "halves.mov.b64":
            both = self.read(one.operands[2], TYPES["u64"])
            for place, register in enumerate(one.operands[:2]):
                half = (both >> np.uint64(32 * place)).astype("u4")
                self.write(register, half, active, is_all)
        else:
            self.write(one.operands[0], self.value(one, active), active, is_all)
        return False

    def guarded(self, one: Instruction, active: Any) -> Any:
        """Active lanes whose predicate holds."""
        if not one.guard:
            return active
        taken = self.registers[one.guard.strip("@!")]
        return active & (~taken if "!" in one.guard else taken)

    def kind_of(self, register: str) -> np.dtype:
        declared = self.program.declared.get(register)
        return declared or REGISTERS[re.match(r"%([a-z]+)", register)[1]]

    def read(self, operand: str, kind: np.dtype) -> np.ndarray:
        """Operand as lanes of a type: register bits, special register or literal."""
        if operand in self.special:
            return self.special[operand]
        held = self.registers.get(operand)
        if held is not None:
            return held if held.dtype == kind else reinterpret(held, kind)
        if operand.startswith(("0f", "0d")):
            raw = np.array([int(operand[2:], 16)], "u4" if operand[1] == "f" else "u8")
            return raw.view(kind)
        if kind.kind == "b":
            return np.array([operand != "0"])
        mask = (1 << (8 * kind.itemsize)) - 1
        return np.array([int(operand, 0) & mask], f"u{kind.itemsize}").view(kind)

    def write(self, register: str, value: np.ndarray, active: Any, is_all: bool):
        kind = self.kind_of(register)
        bits = value if value.dtype == kind else reinterpret(value, kind)
        if is_all and bits.shape == (self.lanes,):
            self.registers[register] = bits
            return
        held = self.registers.get(register)
        # A copy: the array of lanes may be that of another register.
        held = np.zeros(self.lanes, kind) if held is None else held.copy()
        np.copyto(held, bits, where=active)
        self.registers[register] = held

    def addresses(self, operand: str, active: Any) -> np.ndarray:
        place, _, offset = operand.partition("+")
        base = np.broadcast_to(self.read(place, TYPES["u64"]), self.lanes)
        # Offsets may be negative; addresses wrap, as those of the machine do.
        return base[active] + np.uint64(int(offset or 0) % 2**64)

    def store(self, one: Instruction, active: Any) -> None:
        """st.global[.vN].T [address + offset], {values}."""
        kind = TYPES[one.name.rsplit(".", 1)[1]]
        values = [
            np.broadcast_to(self.read(operand, kind), self.lanes)[active]
            for operand in one.operands[1:]
        ]
        raw = np.stack(values, axis=-1).view("u1").reshape(len(values[0]), -1)
        self.memory.write(self.addresses(one.operands[0], active), raw)

    def value(self, one: Instruction, active: Any) -> np.ndarray:
        """Result of an instruction that writes a register."""
        if one.name.startswith("ld.param"):
            number = int(re.search(r"_param_(\d+)$", one.operands[1])[1])
            kind = self.program.parameters[number]
            held = np.array([self.arguments[number]])
            if kind.kind == "u":
                held = held.astype("i8").view("u8")
            return held.astype(kind)
        if one.name.startswith("ld.global"):
            kind = TYPES[one.name.rsplit(".", 1)[1]]
            found = self.memory.read(
                self.addresses(one.operands[1], active), kind.itemsize
            )
            lanes = np.zeros(self.lanes, kind)
            lanes[active] = found.view(kind).reshape(-1)
            return lanes
        read: list[Callable[[np.dtype], np.ndarray]] = [
            lambda kind, operand=operand: self.read(operand, kind)
            for operand in one.operands[1:]
        ]
        return compute(one.name, read, active)
