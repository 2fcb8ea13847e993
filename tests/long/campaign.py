"""What the hazard campaigns share: cases, programs to run, and how results are told.

Not a campaign itself. A campaign prints one line per result and exits with status 1
where a result is wrong.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ENGINES = ("threads", "prange")
#: Cases of the concurrent campaigns: every sampler and dtype has its turn.
CASES = (
    ("normal(std=0.02)", "float32"),
    ("normal", "float64"),
    ("normal(mean=1.0, std=0.5)", "bfloat16"),
    ("uniform(a=-0.05, b=0.05)", "float16"),
    ("uniform", "float32"),
    ("uniform(a=-0.7, b=0.7)", "float64"),
    ("constant(val=3.0)", "int16"),
    ("ones", "bool"),
)
_failed: list[str] = []


def tell(what: str, wrong: Any, figures: str = "") -> None:
    """Print one result; whatever is true of `wrong` fails the campaign."""
    if wrong:
        _failed.append(what)
    verdict = f"WRONG {wrong}" if wrong else "right"
    sys.stdout.write(f"{what}: {verdict}{', ' if figures else ''}{figures}\n")
    sys.stdout.flush()


def finish() -> None:
    """Leave with the status of the campaign."""
    sys.exit(1 if _failed else 0)


def start(
    code: str, *arguments: str, engine: str = "threads", **variables: str
) -> subprocess.Popen[str]:
    """Start a fresh interpreter in which warnings are errors."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        env={**environment, "FASTINIT_ENGINE": engine},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
