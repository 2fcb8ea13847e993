"""Every kernel and loop under baseline x86-64, AVX2 and AVX-512: the same bytes.

    python tests/long/instruction_sets.py [BLOCKS [DTYPE...]]     (about 15 minutes)

As tests/backends/test_instruction_sets.py, with all pairs of samplers and dtypes, the
loops for strides and samples too, and 2^18 blocks a call. Exit status 1 where a byte
differs or a kernel has registers of another set.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS.parent), str(TESTS), str(TESTS / "backends")]

from kernel_cases import cases  # noqa: E402
from test_instruction_sets import SETS, missing, report_of  # noqa: E402

LOOPS = ("fill_blocks", "fill_run", "fill_scattered", "fill_gathered")


def main(blocks: int, dtypes: list[str]) -> int:
    """Compare what each set writes with the first; 1 where any differs."""
    asked = [[c.spec, c.dtype] for c in cases() if not dtypes or c.dtype in dtypes]
    first: dict[str, str] = {}
    wrong = 0
    for name, level in SETS.items():
        if missing(level):
            print(f"{name}: not on this processor")  # noqa: T201
            continue
        with tempfile.TemporaryDirectory() as cache:
            found = report_of(level, asked, Path(cache), (str(blocks), *LOOPS))
        for what, (digest, width) in found.items():
            differs = first.setdefault(what, digest) != digest
            if differs or width > level.width:
                wrong += 1
                print(f"{name}: {what}: DIFFERENT, {width} bits")  # noqa: T201
        print(f"{name}: {len(found)} loops")  # noqa: T201
    return int(wrong > 0 or not first)


if __name__ == "__main__":
    sys.exit(main(int((sys.argv[1:] or [1 << 18])[0]), sys.argv[2:]))
