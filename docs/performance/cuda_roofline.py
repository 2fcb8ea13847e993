"""Print a static roofline of the CUDA kernels on an H200, in Markdown.

    python docs/performance/cuda_roofline.py [sm_90]

reads the counts that the tests hold the machine code against; after a change of a
kernel, `python tests/long/make_sass_counts.py` makes them anew. No GPU takes part: a
bound says what a processor would reach if it always issued what it can.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

COUNTS = Path(__file__).parents[2] / "tests" / "gpu" / "sass_counts.json"

#: H200: multiprocessors, clock in Hz, and bytes that its memory takes a second.
MULTIPROCESSORS, CLOCK, MEMORY = 132, 1.98e9, 4.0e12
#: Lanes that a multiprocessor serves in a clock, by execution unit (CUDA C++
#: Programming Guide, arithmetic throughput, compute capability 9.0).
LANES = {"slots": 128, "alu": 64, "imad": 64, "fp": 128, "fp64": 64, "special": 16}


def used(row: dict[str, Any]) -> dict[str, float]:
    """Instructions an element, by execution unit."""
    units = row["units"]
    counts = {
        "slots": row["slots"],
        "alu": units.get("alu", 0),
        "imad": units.get("imad", 0),
        # One pipe takes both; products of integers keep half of it busy.
        "fp": units.get("imad", 0) + units.get("fp32", 0),
        "fp64": units.get("fp64", 0),
        "special": units.get("special", 0),
    }
    return {name: count / row["elements"] for name, count in counts.items()}


def bound(row: dict[str, Any]) -> tuple[float, str]:
    """Bytes a second that the busiest unit allows, and its name."""
    rates = {
        name: MULTIPROCESSORS * CLOCK * LANES[name] / count * row["itemsize"]
        for name, count in used(row).items()
        if count
    }
    name = min(rates, key=lambda unit: rates[unit])
    return rates[name], name


def rows_of(kernels: dict[str, Any]) -> Iterator[Sequence[str]]:
    """Header, rule and one row a kernel."""
    yield (
        *("kernel", "issue", "ALU", "IMAD (wide)", "float", "special", "registers"),
        *("static bound", "of 4.0 TB/s", "limit"),
    )
    yield ("---", *["---:"] * 8, "---")
    for label, row in kernels.items():
        count, units = used(row), row["units"]
        wide = units["wide"] / row["elements"]
        rate, limit = bound(row)
        floats = units.get("fp32", 0) + units.get("fp64", 0)
        yield (
            *(label, f"{count['slots']:.1f}", f"{count['alu']:.1f}"),
            f"{count['imad']:.1f} ({wide:.2f})",
            *(f"{floats / row['elements']:.1f}", f"{count['special']:.1f}"),
            *(str(row["registers"]), f"{rate / 1e12:.2f} TB/s"),
            f"{min(rate / MEMORY, 99):.2f}",
            "memory" if rate > MEMORY else {"slots": "issue"}.get(limit, limit),
        )


def main() -> None:
    """Print the table."""
    table = json.loads(COUNTS.read_text(encoding="utf-8"))
    target = sys.argv[1] if len(sys.argv) > 1 else "sm_90"
    packages = ", ".join(" ".join(pair) for pair in table["versions"].items())
    print(f"Instructions an element, hot loop of `fill_run`, {target}, {packages}.\n")
    for row in rows_of(table["targets"][target]):
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
