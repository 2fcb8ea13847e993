"""Arrays of more than 2^31 and 2^32 elements, really filled.

    python tests/long/hazard_sizes.py     (needs 11 GB of memory)

A constant in uint8 and int8, every byte compared; a bfloat16 normal of 2^32 + 2^20 +
5 elements, 8.6 GB, held against `sample` at a million random places, against the
fills of short windows, and around 2^31, 2^32 and both ends against the oracle, which
knows nothing of fastinit. The array is a file in /dev/shm or memory, as the system
gives it; both engines fill it.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from campaign import ENGINES, ROOT, finish, tell

sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from oracle.stream import Tensor  # noqa: E402

import fastinit  # noqa: E402

LARGE = 2**32 + 2**20 + 5
IDENTITY: dict[str, Any] = {"seed": 5, "name": "w"}
PLACES = (0, 2**31, 2**32, LARGE)
CHUNK = 1 << 26


def available() -> int:
    """Bytes that the system can still give."""
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable"):
            return 1024 * int(line.split()[1])
    return 0


def constants(size: int, dtype: str, value: int) -> None:
    begun = time.monotonic()
    array = np.full(size, 99, dtype)
    fastinit.constant_(array, value)
    wrong = sum(
        int(np.count_nonzero(array[at : at + CHUNK] != value))
        for at in range(0, size, CHUNK)
    )
    took = f"{time.monotonic() - begun:.0f} s"
    tell(f"constant {dtype}, {size} elements", wrong, took)


def around(bits: np.ndarray) -> int:
    """Elements around the powers of two that the oracle has otherwise."""
    tensor = Tensor("normal", (0.0, 0.02), "bfloat16", *IDENTITY.values())
    near = {at + k for at in PLACES for k in range(-40, 40)}
    inside = sorted(index for index in near if 0 <= index < LARGE)
    return sum(int(bits[index]) != tensor.bits(index) for index in inside)


def normals(engine: str) -> None:
    os.environ["FASTINIT_ENGINE"] = engine
    begun = time.monotonic()
    spec, how = "normal(std=0.02)", {"dtype": "bfloat16", **IDENTITY}
    array = fastinit.create(spec, LARGE, threads=2, **how)
    bits = array.view(np.uint16)
    wrong = {"oracle": around(bits)}
    draw = np.random.default_rng(1)
    places = draw.integers(0, LARGE, 1_000_000)
    sampled = fastinit.sample(spec, (LARGE,), places, **how).view(np.uint16)
    wrong["sample"] = int(np.count_nonzero(sampled != bits[places]))
    wrong["windows"] = 0
    for first in (*draw.integers(0, LARGE - 300_000, 200), *PLACES[1:3]):
        window = slice(int(first) - 150_000 if first in PLACES else int(first), None)
        window = slice(window.start, window.start + 300_000)
        view = fastinit.View((LARGE,), window)
        part = fastinit.create(spec, 300_000, view=view, threads=1, **how)
        wrong["windows"] += int(np.count_nonzero(part.view(np.uint16) != bits[window]))
    took = f"1,000,000 samples, 202 windows, {time.monotonic() - begun:.0f} s"
    bad = {what: count for what, count in wrong.items() if count}
    tell(f"{engine}, normal bfloat16, {LARGE} elements", bad, took)


if __name__ == "__main__":
    needed = 2 * LARGE + 2**31
    if available() < needed:
        sys.exit(f"needs {needed} bytes of memory, {available()} are available")
    constants(2**31 + 7, "int8", -93)
    constants(2**32 + 7, "uint8", 201)
    for which in ENGINES:
        normals(which)
    finish()
