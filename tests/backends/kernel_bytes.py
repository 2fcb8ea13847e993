"""What kernels write, and with which registers: a program for processes of its own.

    python tests/backends/kernel_bytes.py COUNT LOOP... < CASES

reads a JSON list of [spec, dtype] and writes, for each, a digest of what the loops
write and the widest vector register in their code. The environment decides for
which processor Numba compiles.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from fastinit.api import make_plan
from fastinit.backends.cpu import _compiled, _dispatcher
from fastinit.backends.kernels import kernel_of

SEED, NAME = 2**64 - 59, "layers.3.weight"
#: First blocks: the start, a carry into the high word, the end of the stream.
STARTS = (0, (1 << 32) - 77, (1 << 56) - (1 << 24))
#: Odd lengths end in the loop that follows the vector loop.
LENGTHS = (1, 5, 91)
_WIDTHS = {"zmm": 512, "ymm": 256, "xmm": 128}


def widest_register(code: str) -> int:
    """Bits of the widest vector register that assembly names, 0 without any."""
    # With the sign of a register: 'uniform_symmetric' holds ymm too.
    found = set(re.findall(r"%([xyz]mm)\d", code))
    return max((_WIDTHS[name] for name in found), default=0)


def _spans(blocks: int) -> list[tuple[int, int]]:
    """First block and number of blocks of each call."""
    return [(s, n) for s in STARTS for n in (*LENGTHS, blocks)]


def _arguments(loop: str, memory: np.ndarray, span: tuple[int, int]) -> tuple[Any, ...]:
    """What precedes key and parameters in a call of a loop."""
    address, (first, blocks) = memory.ctypes.data, span
    count, itemsize = 4 * blocks, memory.itemsize
    if loop == "fill_blocks":
        return address, blocks, first
    if loop == "fill_run":
        return address, count - 2, 4 * first + 1
    if loop == "fill_scattered":
        # Backwards in the stream.
        return address, (count, itemsize, -1), 4 * first + count
    assert loop == "fill_gathered", loop
    indices = 4 * first + np.arange(count, dtype=np.int64) * 7919 % count
    return address, count, indices.ctypes.data, indices


def written(spec: str, dtype: str, loop: str, blocks: int) -> str:
    """SHA-256 of what a loop writes at all starts and lengths, in hexadecimal."""
    plan = make_plan(spec, (1 << 58,), dtype, seed=SEED, name=NAME)
    kernel = kernel_of(plan)
    call, digest = _compiled(loop, kernel), hashlib.sha256()
    for span in _spans(blocks):
        memory = np.zeros(4 * span[1], kernel.storage)
        given = _arguments(loop, memory, span)
        # A fourth one is there to stay alive during the call.
        call(*given[:3], plan.key, plan.sampling.parameters)
        digest.update(memory.tobytes())
    return digest.hexdigest()


def report(
    cases: Sequence[Sequence[str]], loops: Sequence[str], blocks: int
) -> dict[str, Any]:
    """Digest and widest register of each loop of each case, by its name."""
    found = {}
    for spec, dtype in cases:
        for loop in loops:
            digest = written(spec, dtype, loop, blocks)
            kernel = kernel_of(make_plan(spec, (4,), dtype))
            code = "".join(_dispatcher(loop, kernel).inspect_asm().values())
            found[f"{loop} {spec} {dtype}"] = [digest, widest_register(code)]
    return found


def main() -> None:
    """Write the report as JSON."""
    blocks, *loops = sys.argv[1:]
    json.dump(report(json.load(sys.stdin), loops, int(blocks)), sys.stdout)


if __name__ == "__main__":
    main()
