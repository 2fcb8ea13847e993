"""64 processes at once on one cold cache, then 64 on the warm one.

    python tests/long/cold_processes.py [PROCESSES]     (some minutes, 8 GiB)

Exit status 1 unless all fill the right bits and the cache holds one whole file a
loop.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

BACKENDS = Path(__file__).parents[1] / "backends"
sys.path[:0] = [str(BACKENDS.parents[1]), str(BACKENDS)]

from cold_start import expected, run_cold  # noqa: E402


def main(processes: int) -> int:
    """Run both rounds; 1 where anything is wrong."""
    right = expected()
    is_wrong = False
    with tempfile.TemporaryDirectory() as folder:
        for state in ("cold", "warm"):
            found = run_cold(processes, Path(folder))
            is_wrong |= found != {right: processes}
            print(f"{state}: {found[right]} of {processes} right")  # noqa: T201
            for message in found.keys() - {right}:
                print(message)  # noqa: T201
        kept = [path.name for path in Path(folder).rglob("*") if path.is_file()]
        print("\n".join(kept))  # noqa: T201
        is_wrong |= sorted(name.split("_uniform")[0] for name in kept) != [
            "fill_blocks",
            "fill_run",
        ]
    return int(is_wrong)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 64))
