"""Print the rows of the speed goals as ratios, from a run of `fastinit bench`.

Run ``python docs/benchmarks/goals.py results.json``, where the file is what
``fastinit bench --output results.json`` wrote. Clocks differ between machines, ratios
to what else runs there much less: so goals are stated as ratios to a plain fill and to
the fastest peer, those of the machine on which they were set.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from fastinit.compare.reading import read_results
from fastinit.compare.results import Measurement, Results

ELEMENTS = 1 << 26
FILLS = ("fill-torch", "fill-numpy")
PEERS = ("numpy-pcg64", "numpy-sfc64", "numpy-philox", "torch", "jax")


@dataclass(frozen=True)
class Goal:
    """Nanoseconds per element where the goals were set, two threads of a Zen 4.

    Attributes
    ----------
    scheme, dtype : str
        The case, at 2^26 elements with all threads.
    fill, peer : float
        A plain fill there, and the fastest peer.
    must, goal : float
        What fastinit must reach, and what it should.
    """

    scheme: str
    dtype: str
    fill: float
    peer: float
    must: float
    goal: float


GOALS = (
    Goal("constant", "float32", 0.15, 0.15, 0.15, 0.08),
    Goal("uniform", "float32", 0.15, 2.5, 0.25, 0.19),
    Goal("normal", "float32", 0.15, 3.5, 0.54, 0.35),
    Goal("normal", "bfloat16", 0.08, 4.6, 0.52, 0.35),
    Goal("normal", "float64", 0.30, 10.0, 1.5, 1.0),
    Goal("trunc_normal", "float32", 0.15, 49.0, 0.9, 0.45),
)
HEAD = (
    "case | fastinit ns | plain fill ns | fill / fastinit | must, goal | fastest peer"
    " | peer / fastinit | must, goal"
)


def measured(results: Results, goal: Goal) -> dict[str, Measurement]:
    """Measurements of a row whose times count, by contender."""
    return {
        one.contender: one
        for one in results.measurements
        if (one.case.initializer, one.case.dtype) == (goal.scheme, goal.dtype)
        and one.case.size.elements == ELEMENTS
        and one.case.threads == results.settings["threads"]
        and (one.case.layout, one.case.touch) == ("contiguous", "warm")
        and one.counts
    }


def row_of(goal: Goal, found: dict[str, Measurement]) -> str:
    """One row of the table."""
    ours = found["fastinit"]
    fill = min((found[name] for name in FILLS), key=lambda one: one.nanoseconds)
    peers = [found[name] for name in PEERS if name in found]
    peer = min(peers, key=lambda one: one.nanoseconds)
    to_fill = fill.nanoseconds / ours.nanoseconds
    to_peer = peer.nanoseconds / ours.nanoseconds
    cells = (
        f"{goal.scheme} {goal.dtype}",
        f"{ours.nanoseconds:.3f} ±{ours.interval.spread:.0%}",
        f"{fill.nanoseconds:.3f} ±{fill.interval.spread:.0%}",
        f"{to_fill:.2f}",
        f"{goal.fill / goal.must:.2f}, {goal.fill / goal.goal:.2f}",
        f"{peer.contender} {peer.nanoseconds:.2f} ±{peer.interval.spread:.0%}",
        f"{to_peer:.1f}",
        f"{goal.peer / goal.must:.1f}, {goal.peer / goal.goal:.1f}",
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Print the table for the JSON that the command line names."""
    results = read_results(Path(sys.argv[1]))
    columns = HEAD.count("|") + 1
    lines = [f"| {HEAD} |", f"| {' | '.join(['---'] * columns)} |"]
    for goal in GOALS:
        found = measured(results, goal)
        if "fastinit" in found:
            lines.append(row_of(goal, found))
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
