"""Write tests/gpu/sass_counts.json: what hot loops cost on each target.

    python tests/long/make_sass_counts.py

compiles `fill_run` of every kernel that rounds to nearest, a minute;
docs/performance/cuda_roofline.py makes the table of the documentation from it.
"""

from __future__ import annotations

import json
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS))

from gpu.registers import usage_of  # noqa: E402
from gpu.sass import hot_loop  # noqa: E402

from fastinit_cuda.compilation import CAPABILITIES, compile_kernel  # noqa: E402
from fastinit_cuda.kernels import KERNELS  # noqa: E402

TABLE = TESTS / "gpu" / "sass_counts.json"


def row_of(kernel: Any, capability: tuple[int, int]) -> dict[str, Any]:
    """Counts of one kernel on one target."""
    code = compile_kernel("fill_run", kernel, capability)
    loop = hot_loop(code)
    return {
        "elements": loop.elements,
        "itemsize": kernel.stored.itemsize,
        "registers": usage_of(code).registers,
        "slots": loop.slots,
        "units": dict(sorted(loop.units.items())),
    }


def main() -> None:
    """Write the table."""
    packages = ("numba-cuda", "nvidia-nvvm", "nvidia-nvjitlink")
    table = {
        "versions": {name: metadata.version(name) for name in packages},
        "targets": {
            f"sm_{major}{minor}": {
                kernel.label: row_of(kernel, (major, minor)) for kernel in KERNELS
            }
            for major, minor in CAPABILITIES
        },
    }
    TABLE.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
