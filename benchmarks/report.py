"""Turn the JSON of a benchmark run into the tables of a report, in Markdown."""

from __future__ import annotations

import argparse
import json
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cases import CASES, GOALS, SIZES, Case, Size
from contenders import CONTENDERS

__all__ = ["Measurement", "read_results", "report"]

OURS, BASELINE = "fastinit", "fill-torch"
#: Contenders that do a case's work; the others only touch its memory.
PEERS = ("numpy", "torch", "jax")


@dataclass(frozen=True)
class Measurement:
    """What a contender took for a case.

    Attributes
    ----------
    case : Case
        What was done.
    seconds : tuple of float
        Seconds per call of each round, of all repetitions.
    """

    case: Case
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """Median over the rounds, in seconds per call."""
        return statistics.median(self.seconds)

    @property
    def nanoseconds(self) -> float:
        """Median, in nanoseconds per element."""
        return self.median / self.case.size.elements * 1e9

    @property
    def bandwidth(self) -> float:
        """Bytes written per second of the median, in 1e9 bytes per second."""
        return self.case.n_bytes / self.median / 1e9

    @property
    def spread(self) -> float:
        """Interquartile range over the median, dimensionless."""
        lower, _, upper = statistics.quantiles(self.seconds, n=4, method="inclusive")
        return (upper - lower) / self.median


Results = Mapping[tuple[str, str], Measurement]


def read_results(data: Mapping[str, Any], quiet: float = 1.0) -> Results:
    """Measurements of a run by case and contender, repetitions pooled.

    Parameters
    ----------
    data : mapping
        What pytest-benchmark wrote.
    quiet : float
        Repetitions count in which other processes took at most this share of the
        processors; in [0, 1].

    Returns
    -------
    results : mapping of (case id, contender) to Measurement
        What was measured; nothing where a contender cannot do a case.
    """
    rounds = defaultdict(list)
    for entry in data["benchmarks"]:
        info = entry["extra_info"]
        if (info.get("others") or 0.0) <= quiet:
            rounds[info["case"], info["contender"]].extend(entry["stats"]["data"])
    known = {case.id: case for case in CASES}
    return {
        key: Measurement(known[key[0]], tuple(seconds))
        for key, seconds in rounds.items()
        if key[0] in known and key[1] in CONTENDERS
    }


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    titles = list(head)
    yield _row(titles)
    yield _row("---" if at == 0 else "---:" for at in range(len(titles)))
    yield from map(_row, rows)
    yield ""


def _digits(value: float) -> str:
    """Three significant digits."""
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def _compared(results: Results, case: Case, name: str, size: Size) -> str:
    """Time of a contender, and how many times ours that is."""
    theirs, ours = results.get((case.id, name)), results[case.id, OURS]
    if theirs is None:
        return "-"
    return f"{_time(theirs, size)} ({_digits(theirs.median / ours.median)}x)"


def _time(measured: Measurement, size: Size) -> str:
    """Nanoseconds per element; of a small array, microseconds per call."""
    if size.calls > 1:
        return _digits(measured.median * 1e6)
    return _digits(measured.nanoseconds)


def _size_table(results: Results, size: Size) -> Iterator[str]:
    """All cases of one size."""
    unit = "us per call" if size.calls > 1 else "ns per element"
    noun = "" if "x" in size.name else " elements"
    yield f"### {size.name}{noun}, {unit}"
    yield ""
    others = [name for name in CONTENDERS if name != OURS]
    head = ["case", OURS, "GB/s", "spread", f"{OURS} / fill", *others]
    rows = []
    for case in CASES:
        ours = results.get((case.id, OURS))
        if case.size != size or ours is None:
            continue
        baseline = results.get((case.id, BASELINE))
        ratio = _digits(ours.median / baseline.median) if baseline else "-"
        rows.append(
            [
                case.title,
                f"**{_time(ours, size)}**",
                _digits(ours.bandwidth),
                f"{ours.spread:.0%}",
                ratio,
                *(_compared(results, case, name, size) for name in others),
            ]
        )
    yield from _table(head, rows)


def _goal_rows(results: Results) -> Iterator[list[str]]:
    """Goals that the run measured."""
    for goal in GOALS:
        ours = results.get((goal.case, OURS))
        if ours is None:
            continue
        floor = results.get((goal.case, "memset"))
        peers = [
            f"{name} {_digits(theirs.median / ours.median)}x"
            for name in PEERS
            if (theirs := results.get((goal.case, name)))
        ]
        yield [
            goal.case,
            f"{ours.nanoseconds:.3f}",
            _digits(goal.must),
            "reached" if ours.nanoseconds <= goal.must else "**not reached**",
            _digits(goal.wish),
            "reached" if ours.nanoseconds <= goal.wish else "not reached",
            _digits(ours.median / floor.median) if floor else "-",
            ", ".join(peers),
        ]


def _machine(data: Mapping[str, Any], quiet: float) -> Iterator[str]:
    info = data["machine_info"]
    ours = info["fastinit"]
    versions = ", ".join(f"{name} {text}" for name, text in ours["versions"].items())
    yield f"- {data['datetime']}, {info['system']} {info['release']}"
    yield f"- {ours['processor']}; {ours['cores']} cores, {ours['threads']} threads"
    yield f"- Python {info['python_version']}; {versions}"
    shares = [entry["extra_info"].get("others") or 0.0 for entry in data["benchmarks"]]
    counted = [share for share in shares if share <= quiet]
    yield (
        f"- {len(counted)} of {len(shares)} repetitions count: those in which other"
        f" processes took at most {quiet:.0%} of the processors"
        f" (median {statistics.median(counted or [0.0]):.1%})"
    )
    yield ""


def _notes(data: Mapping[str, Any]) -> Iterator[str]:
    """What the contenders are, and why one has no number."""
    for row in CONTENDERS.values():
        yield f"- `{row.name}`: {row.does}"
    reasons = sorted(set(data.get("missing", {}).values()))
    yield from (f"- `-`: {reason}" for reason in reasons)
    yield ""


def report(data: Mapping[str, Any], quiet: float = 1.0) -> str:
    """Report of a run.

    Parameters
    ----------
    data : mapping
        What pytest-benchmark wrote.
    quiet : float
        As in `read_results`.

    Returns
    -------
    text : str
        Markdown.
    """
    results = read_results(data, quiet)
    lines = [*_machine(data, quiet), *_notes(data)]
    goals = list(_goal_rows(results))
    if goals:
        lines += ["### Speed goals, ns per element", ""]
        titles = ("case", OURS, "must", "", "goal", "", f"{OURS} / memset", "peers")
        lines += _table(titles, goals)
    for size in reversed(SIZES):
        if any(measured.case.size == size for measured in results.values()):
            lines += _size_table(results, size)
    return "\n".join(lines)


def _pooled(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Several runs as one; they must agree in all that the numbers depend on."""
    for run in runs:
        if run["machine_info"]["fastinit"] != runs[0]["machine_info"]["fastinit"]:
            raise SystemExit("the runs differ in machine, threads or versions")
    entries = [entry for run in runs for entry in run["benchmarks"]]
    return {**runs[0], "benchmarks": entries}


def main() -> None:
    """Print the report of a results file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "results",
        nargs="+",
        type=Path,
        help="JSON of pytest --benchmark-json; several runs of one machine are pooled",
    )
    parser.add_argument(
        "--quiet",
        type=float,
        default=1.0,
        help="count repetitions in which others took at most this share of the"
        " processors, in [0, 1]",
    )
    chosen = parser.parse_args()
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in chosen.results]
    print(report(_pooled(runs), chosen.quiet))


if __name__ == "__main__":
    main()
