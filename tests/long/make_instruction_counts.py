"""Write tests/backends/instruction_counts.json, which the kernels are held against.

    python tests/long/make_instruction_counts.py     (about a minute, any x86-64)

Compiles every random kernel for one fixed processor and runs none. To be run after
a kernel, Numba or LLVM has changed, with a look at the difference.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import llvmlite
import numba

BACKENDS = Path(__file__).parents[1] / "backends"
sys.path.insert(0, str(BACKENDS))

import assembly  # noqa: E402


def main() -> None:
    """Write the table, one kernel a line, so that a change shows in a diff."""
    head = {
        "processor": assembly.PROCESSOR,
        "numba": numba.__version__,
        "llvmlite": llvmlite.__version__,
    }
    groups = []
    for dtype in assembly.DTYPES:
        rows = [
            f"   {json.dumps(label)}: {json.dumps(loop)}"
            for label, loop in assembly.counts_of(dtype, every=True).items()
        ]
        groups.append(f"  {json.dumps(dtype)}: {{\n" + ",\n".join(rows) + "\n  }")
    lines = [f" {json.dumps(name)}: {json.dumps(text)}" for name, text in head.items()]
    lines.append(' "kernels": {\n' + ",\n".join(groups) + "\n }")
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    (BACKENDS / "instruction_counts.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
