"""Everything that only a GPU can show, in one call of under ten minutes.

    python tests/long/gpu_check.py [--elements 1e10] [--out FOLDER]

compares bits of the device with those of the CPU over all kernels, dtypes and kinds of
layouts; takes the root of every float32; measures speed against cudaMemset, torch and
CuPy by CUDA events, and what a call costs; runs compute-sanitizer where it is
installed; and writes a dated report. Exit status 1 says that a bit differs.

    python tests/long/gpu_check.py --dry-run

runs the same on an interpreter of PTX, with small sizes: it needs no GPU and shows
that the script is right, not that a GPU is.
"""

from __future__ import annotations

import argparse
import datetime
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import gpu_bits  # noqa: E402
import gpu_roots  # noqa: E402
import gpu_speed  # noqa: E402
from gpu_machine import DryMachine, Gpu, Machine  # noqa: E402

from fastinit import backends  # noqa: E402

SECTIONS = ("bits", "roots", "speed", "costs", "sanitizer")


def bits(machine: Machine, options: argparse.Namespace) -> dict[str, Any]:
    """Bits of all kernels and layouts."""
    found = gpu_bits.check(machine, options.elements, say)
    wrong = [one._asdict() for one in found if one.wrong_bytes]
    return {
        "comparisons": len(found),
        "elements": sum(one.elements for one in found),
        "kernels": len({one.kernel for one in found}),
        "wrong": wrong,
    }


def roots(machine: Machine, options: argparse.Namespace) -> dict[str, Any]:
    """Roots of every float32, or of some in a dry run."""
    wrong, tried = gpu_roots.wrong_roots(machine, 1 if machine.is_real else 20_000)
    return {"tried": tried, "wrong": wrong}


def speed(machine: Machine, options: argparse.Namespace) -> dict[str, Any]:
    """Speed of each case."""
    rows = []
    for one in gpu_speed.speeds(machine, int(options.bytes)):
        rows.append(one._asdict())
        say(f"{one.case}: {one.ours / 1e12:.3f} TB/s, memset {one.memset / 1e12:.3f}")
    return {"bytes": int(options.bytes), "cases": rows}


def costs(machine: Machine, options: argparse.Namespace) -> dict[str, Any]:
    """Microseconds of the host for a call."""
    return dict(gpu_speed.costs(machine))


def sanitizer(machine: Machine, options: argparse.Namespace) -> dict[str, Any]:
    """Memcheck and racecheck of a small comparison of bits."""
    program = shutil.which("compute-sanitizer")
    if program is None or not machine.is_real:
        return {
            "not run": "compute-sanitizer is not installed"
            if machine.is_real
            else "a dry run has no device"
        }
    found = {}
    for tool in ("memcheck", "racecheck"):
        command = [program, "--tool", tool, "--error-exitcode", "9", sys.executable]
        command += [__file__, "--only", "bits", "--elements", "2e6", "--no-report"]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        summary = [line for line in run.stdout.splitlines() if "SUMMARY" in line]
        found[tool] = {"exit": run.returncode, "summary": summary}
    return found


def say(text: str) -> None:
    """Tell how far it is."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")


def is_right(results: dict[str, Any]) -> bool:
    """True where no bit differs and the sanitizer found nothing."""
    tools = results.get("sanitizer", {})
    exits = [one["exit"] for one in tools.values() if isinstance(one, dict)]
    return not (
        results.get("bits", {}).get("wrong")
        or results.get("roots", {}).get("wrong")
        or any(exits)
    )


def report(results: dict[str, Any]) -> str:
    """Markdown of the results."""
    lines = [f"# fastinit on a GPU, {results['date']}", ""]
    if results["dry run"]:
        lines += [
            "A dry run on an interpreter of PTX: no time here means anything.",
            "",
        ]
    lines += [f"- {name}: {text}" for name, text in results["facts"].items()]
    lines += [f"- {name}: {took:.0f} s" for name, took in results["seconds"].items()]
    for name in ("bits", "roots", "costs", "sanitizer"):
        if name in results:
            lines += ["", f"## {name}", ""]
            lines += [f"- {key}: {value}" for key, value in results[name].items()]
    if "speed" in results:
        lines += ["", "## speed", "", *_speed_table(results["speed"]["cases"])]
    return "\n".join(lines) + "\n"


def _speed_table(cases: list[dict[str, Any]]) -> list[str]:
    """Rows of a table of speeds."""
    rows = [
        "| case | TB/s | of memset | goal | torch | CuPy |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for one in cases:
        peers = [
            "" if one[name] is None else f"{one['ours'] / one[name]:.2f}x"
            for name in ("torch", "cupy")
        ]
        goal = "" if one["goal"] is None else f"{one['goal']:.2f}"
        share = f"{one['ours'] / one['memset']:.3f}"
        cells = [one["case"], f"{one['ours'] / 1e12:.3f}", share, goal, *peers]
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def options_of(arguments: list[str] | None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--elements", type=float, help="elements to compare in all")
    parser.add_argument("--bytes", type=float, help="bytes of the buffer for speeds")
    parser.add_argument("--only", choices=SECTIONS, action="append")
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks"))
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--no-report", action="store_true")
    options = parser.parse_args(arguments)
    small = options.dry_run
    options.elements = options.elements or (5e4 if small else 1e10)
    options.bytes = options.bytes or (1 << 16 if small else 1 << 32)
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the sections and write the report."""
    options = options_of(arguments)
    machine: Machine = DryMachine() if options.dry_run else Gpu()
    backend: Any = backends.load_backend("cuda")
    results: dict[str, Any] = {
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "dry run": options.dry_run,
        "facts": backend.facts(),
        "seconds": {},
    }
    works: dict[str, Callable[..., dict[str, Any]]] = {
        work.__name__: work for work in (bits, roots, speed, costs, sanitizer)
    }
    for name in options.only or SECTIONS:
        say(name)
        start = time.perf_counter()
        results[name] = works[name](machine, options)
        results["seconds"][name] = time.perf_counter() - start
    if not options.no_report:
        options.out.mkdir(parents=True, exist_ok=True)
        place = options.out / f"{results['date']}-gpu"
        place.with_suffix(".md").write_text(report(results), encoding="utf-8")
        text = json.dumps(results, indent=1)
        place.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
        say(f"wrote {place}.md")
    return 0 if is_right(results) else 1


if __name__ == "__main__":
    sys.exit(main())
