"""Print a table of the instructions per element of each kernel, in Markdown.

    python docs/performance/instructions.py

reads the counts that the tests hold the kernels against; after a change of a kernel,
`python tests/long/make_instruction_counts.py` makes them anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

COUNTS = Path(__file__).parents[2] / "tests" / "backends" / "instruction_counts.json"


def _rows(table: dict[str, Any]) -> Iterator[Sequence[str]]:
    """Header, rule and one row a kernel."""
    kernels = [pair for group in table["kernels"].values() for pair in group.items()]
    classes = list(kernels[0][1]["classes"])
    yield ["kernel", "elements a turn", "all", *classes, "stack"]
    yield ["---", *["---:"] * (len(classes) + 3)]
    for label, loop in kernels:
        counts = [loop["vector"], *(loop["classes"][name] for name in classes)]
        counts.append(loop["stack"])
        per_element = [f"{count / loop['elements']:.2f}" for count in counts]
        yield [label, str(loop["elements"]), *per_element]


def main() -> None:
    """Print the table."""
    table = json.loads(COUNTS.read_text(encoding="utf-8"))
    print(
        f"Vector instructions per element in the hot loop, compiled for "
        f"{table['processor']} by Numba {table['numba']} "
        f"(llvmlite {table['llvmlite']}). Loads and stores are moves; those that an "
        "instruction of another class does by itself are not counted apart, and "
        "'stack' says how many of all references go to spilled registers.\n"
    )
    for row in _rows(table):
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
