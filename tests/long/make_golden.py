"""Write the golden vectors, and the results of the test vectors of docs/stream.md.

    python tests/long/make_golden.py

takes four minutes. Everything comes from the oracle (tests/oracle), nothing from
fastinit: fastinit/golden.json is what the library is held against. Once the stream
is frozen, running this must change neither file.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from oracle import document, vectors  # noqa: E402
from oracle.philox import philox4x32  # noqa: E402
from oracle.stream import Tensor, stream_key, word  # noqa: E402

PATH = ROOT / "fastinit" / "golden.json"
LARGEST_SEED = 2**64 - 1
END = 2**58

IDENTITIES = (
    (0, ""),
    (0, "#0"),
    (1, "fc.weight"),
    (LARGEST_SEED, "transformer.h.0.attn.c_attn.weight"),
    (2**63, "層.0.重み"),
    (42, "é \U0001f9ea"),
)
#: (counter, key) of Random123's known answers: zeros, ones, digits of pi.
KNOWN = (
    ((0,) * 4, (0,) * 2),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2),
    ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0)),
)
DTYPES = ("float32", "float64", "float16", "bfloat16")
LAWS: tuple[tuple[str, tuple[float, ...]], ...] = (
    ("uniform", (-0.05, 0.05)),
    ("uniform", (0.0, 1.0)),
    ("uniform", (-0.1, 0.3)),
    ("normal", (0.0, 1.0)),
    ("normal", (0.5, 0.02)),
    ("truncated_normal", (0.0, 1.0, -2.0, 2.0)),
    ("truncated_normal", (0.1, 0.02, 0.06, 0.16)),
    ("truncated_normal", (0.0, 1.0, -math.inf, 3.5)),
    ("truncated_normal", (0.0, 1.0, 0.0, math.inf)),
)
#: Dtypes that differ from bfloat16 in their encoders alone, and their laws: each
#: kernel takes a second where it is not compiled yet.
BYTES = ("float8_e4m3fn", "float8_e5m2")
BYTE_LAWS = (LAWS[0], LAWS[3], LAWS[5])
COMPLEX_DTYPES = ("complex64", "complex128")
COMPLEX_LAWS: tuple[tuple[str, tuple[float, ...]], ...] = (
    ("complex_normal", (0.0, 1.0)),
    ("complex_normal", (0.5, 0.02)),
    ("square", (-0.5, 1.0)),
    ("disc", (0.1,)),
    ("truncated_disc", (1.0,)),
)
#: What is rounded by chance, and of which law.
BY_CHANCE = ("float16", "bfloat16", *BYTES)
CHANCE_LAW = LAWS[3]
#: Laws of large fills.
FILLED_LAWS = (*LAWS[:4], LAWS[5])
#: First elements: aligned, with a head, across 2^34 (a block index of 33 bits),
#: beyond 2^53, at the end.
FIRSTS = (0, 3, 2**34 - 5, 2**53 + 6, END - 11)
COUNT = 11
FILLED = 1 << 16


def _hex(values: Any, digits: int = 8) -> str:
    return " ".join(f"{value:0{digits}x}" for value in values)


def _philox() -> list[dict[str, Any]]:
    return [
        {
            "rounds": rounds,
            "counter": _hex(counter),
            "key": _hex(key),
            "words": _hex(philox4x32(counter, key, rounds)),
        }
        for rounds in (7, 10)
        for counter, key in KNOWN
    ]


def _keys() -> list[dict[str, Any]]:
    return [
        {"seed": str(seed), "name": name, "key": _hex(stream_key(seed, name))}
        for seed, name in IDENTITIES
    ]


def _words() -> list[dict[str, Any]]:
    rows = []
    for seed, name in IDENTITIES[::3]:
        key = stream_key(seed, name)
        for first in (0, 2**32 - 3, 2**34 - 3, END - COUNT):
            patterns = _hex(word(key, first + k) for k in range(COUNT))
            identity = {"seed": str(seed), "name": name, "first": str(first)}
            rows.append({**identity, "words": patterns})
    return rows


def _dtypes(law: tuple[str, tuple[float, ...]]) -> tuple[str, ...]:
    """Dtypes whose values of a law are kept."""
    return (*DTYPES, *BYTES) if law in BYTE_LAWS else DTYPES


def _row(tensor: Tensor, first: int) -> dict[str, Any]:
    return {
        "distribution": tensor.distribution,
        "parameters": [value.hex() for value in tensor.parameters],
        "dtype": tensor.dtype,
        "seed": str(tensor.seed),
        "name": tensor.name,
        "first": str(first),
    }


def _values() -> list[dict[str, Any]]:
    rows = []
    for law, parameters in LAWS:
        for dtype in _dtypes((law, parameters)):
            for at, first in enumerate(FIRSTS):
                tensor = Tensor(law, parameters, dtype, *IDENTITIES[at])
                patterns = [tensor.bits(first + k) for k in range(COUNT)]
                digits = vectors.digits_of(dtype)
                rows.append({**_row(tensor, first), "bits": _hex(patterns, digits)})
    return rows


def complex_values() -> list[dict[str, Any]]:
    """Vectors of complex laws: first elements as they count, patterns of the parts."""
    rows = []
    for law, parameters in COMPLEX_LAWS:
        for dtype in COMPLEX_DTYPES:
            for at, start in enumerate(FIRSTS):
                first = min(start, END // 2 - COUNT)
                tensor = Tensor(law, parameters, dtype, *IDENTITIES[at])
                patterns = [tensor.bits(2 * first + k) for k in range(2 * COUNT)]
                digits = vectors.digits_of(dtype)
                rows.append({**_row(tensor, first), "bits": _hex(patterns, digits)})
    return rows


def _values_by_chance() -> list[dict[str, Any]]:
    rows = []
    for dtype in BY_CHANCE:
        for at, first in enumerate(FIRSTS):
            tensor = Tensor(*CHANCE_LAW, dtype, *IDENTITIES[at], is_stochastic=True)
            patterns = [tensor.bits(first + k) for k in range(COUNT)]
            row = {**_row(tensor, first), "rounding": "stochastic"}
            rows.append({**row, "bits": _hex(patterns, vectors.digits_of(dtype))})
    return rows


def _fills() -> list[dict[str, Any]]:
    rows = []
    for (law, parameters), start in zip(FILLED_LAWS, FIRSTS, strict=True):
        # A fill ends where the stream ends.
        first = min(start, END - FILLED)
        for dtype in _dtypes((law, parameters)):
            tensor = Tensor(law, parameters, dtype, *IDENTITIES[2])
            digest, size = hashlib.sha256(), vectors.digits_of(dtype) // 2
            for k in range(FILLED):
                digest.update(tensor.bits(first + k).to_bytes(size, "little"))
            row = {**_row(tensor, first), "count": FILLED}
            rows.append({**row, "sha256": digest.hexdigest()})
    return rows


def golden() -> dict[str, Any]:
    """All golden vectors but the large fills, which take the time."""
    return {
        "stream": 1,
        "philox": _philox(),
        "keys": _keys(),
        "words": _words(),
        "values": [*_values(), *complex_values(), *_values_by_chance()],
    }


def _as_text(groups: dict[str, Any]) -> str:
    """JSON with one vector per line, so that a change shows in a diff."""
    parts = []
    for name, group in groups.items():
        body = json.dumps(group)
        if isinstance(group, list):
            lines = (json.dumps(row, ensure_ascii=True) for row in group)
            body = "[\n  " + ",\n  ".join(lines) + "\n ]"
        parts.append(f" {json.dumps(name)}: {body}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _recomputed(match: re.Match[str]) -> str:
    """A block of test vectors with its results as the oracle has them."""
    name, head = match[1], [column.strip() for column in match[2].split("|")]
    rows = []
    for row in document.blocks("vectors")[name]:
        results = vectors.ORACLE[name](row)
        given = [row[column] for column in head[: len(head) - len(results)]]
        rows.append([*given, *results])
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    if name == "identity":
        widths = [0] * len(head)
    lines = (
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    body = "".join(line.rstrip() + "\n" for line in lines)
    return f"# vectors {name}: {match[2]}\n{body}```"


def main() -> None:
    """Write both files."""
    text = document.PATH.read_text(encoding="utf-8")
    pattern = re.compile(r"# vectors ([\w-]+): (.*)\n(?:.*\n)*?```")
    document.PATH.write_text(pattern.sub(_recomputed, text), encoding="utf-8")
    PATH.write_text(_as_text({**golden(), "fills": _fills()}), encoding="utf-8")


if __name__ == "__main__":
    main()
