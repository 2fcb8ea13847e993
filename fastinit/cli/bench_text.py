"""The text of `fastinit bench`: tables by size, contenders, and what changed."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

from fastinit.cli.terminal import print_facts, print_line, print_table
from fastinit.compare.contenders import OURS
from fastinit.compare.summary import (
    SURVIVAL,
    case_title,
    digits,
    grids,
    missing,
    noise,
    seconds_text,
    violations,
)

if TYPE_CHECKING:
    from fastinit.compare.changes import Changes
    from fastinit.compare.processes import ProcessFacts
    from fastinit.compare.results import Measurement, Results
    from fastinit.compare.summary import Grid

__all__ = ["print_results"]

#: Below this many elements the cost of a call matters, not the bandwidth.
_SMALL = 1 << 16
_STYLES = {"faster": "green", "slower": "bold red", "within noise": ""}


def print_results(results: Results, changes: Changes | None) -> None:
    """Print a run for a reader.

    Parameters
    ----------
    results : Results
        The run.
    changes : Changes or None
        What changed since an earlier one.
    """
    machine = results.machine
    facts = [
        ("machine", f"{machine['processor']} ({' '.join(machine['features'])})"),
        ("threads", f"{results.settings['threads']} of {machine['cores']} processors"),
        ("run", f"{results.command}, {results.created}, {results.seconds:.0f} s"),
        ("noise", noise(results)),
    ]
    print_facts(facts)
    for grid in grids(results):
        _print_grid(results, grid)
    if results.processes:
        _print_processes(results)
    _print_notes(results)
    if changes is not None:
        _print_changes(changes)


def _heading(text: str) -> None:
    print_line(f"\n{text}", f"\n{text}", "bold")


def _print_grid(results: Results, grid: Grid) -> None:
    """Print the cases of one size, one column a contender."""
    size = grid.cases[0].size
    is_small = size.elements < _SMALL
    unit = "us per call" if is_small else "GB/s written"
    _heading(f"{size.name} elements, {unit}")
    columns = [
        "case",
        "threads>",
        *(f"{one.name}>" for one in grid.entrants),
        "of fill>",
    ]
    rows = []
    for case in grid.cases:
        found = {one.contender: one for one in results.of_case(case)}
        cells = [_time(found.get(one.name), is_small) for one in grid.entrants]
        ours = found.get(OURS)
        share = None if ours is None else results.share(ours)
        title = case_title(case, has_size=False)
        last = "-" if share is None else f"{share:.0%}"
        rows.append([title, str(case.threads), *cells, last])
    print_table(columns, rows)


def _time(one: Measurement | None, is_small: bool) -> Any:
    """Cell of a time: with its interval, and marked where it does not count."""
    from rich.text import Text

    if one is None:
        return "-"
    value = one.interval.median * 1e6 if is_small else one.bandwidth
    spread = one.interval.spread
    text = f"{digits(value)} ±{min(spread, 1):.0%}{'+' if spread > 1 else ''}"
    if not one.counts:
        return Text(f"{text} ({one.verdict})", "dim")
    return Text(text, "bold" if one.contender == OURS else "")


def _print_processes(results: Results) -> None:
    """Print what processes told, one row a contender."""
    _heading("processes, memory and bits")
    titles = [title for title, _ in SURVIVAL.values()]
    columns = ["contender", "import>", "first fill>", "no cache>", "extra>", *titles]
    rows = [
        [
            results.entrant[facts.contender].label,
            _median(facts.import_seconds),
            _median(facts.first_seconds),
            _median(facts.cold_seconds),
            _bytes(facts.extra_bytes),
            *(_survival(facts, key) for key in SURVIVAL),
        ]
        for facts in results.processes
        if not facts.failure
    ]
    print_table(columns, rows)
    print_line(
        "same bits: with one thread and all; in two calls; a part made alone; "
        "transposed. '-': the library has no such way."
    )


def _median(values: tuple[float, ...]) -> str:
    return seconds_text(statistics.median(values)) if values else "-"


def _bytes(count: int | None) -> str:
    if count is None:
        return "-"
    return (
        f"{count / 2**20:.1f} MiB" if count >= 1 << 20 else f"{count / 2**10:.0f} KiB"
    )


def _survival(facts: ProcessFacts, key: str) -> Any:
    from rich.text import Text

    survives = facts.survives.get(key)
    if survives is None:
        return "-"
    return Text("same" if survives else "differ", "green" if survives else "red")


def _print_notes(results: Results) -> None:
    """Print who is missing, and whose time does not count."""
    found = [(label, f"missing: {reason}") for label, reason in missing(results)]
    found += [
        (results.entrant[one.contender].label, _reason(one))
        for one in violations(results)
    ]
    if found:
        _heading("not compared")
        print_facts(found)


def _reason(one: Measurement) -> str:
    return f"{case_title(one.case)} {one.verdict}: {one.detail or 'too few elements'}"


def _print_changes(changes: Changes) -> None:
    """Print what changed beyond noise."""
    from rich.text import Text

    _heading("changes since the earlier run")
    beyond = changes.beyond_noise
    rows = [
        [
            one.contender,
            one.what,
            seconds_text(one.before),
            seconds_text(one.after),
            f"{one.ratio:.3f}",
            f"{one.low:.3f} to {one.high:.3f}",
            Text(one.verdict, _STYLES[one.verdict]),
        ]
        for one in beyond
    ]
    if rows:
        columns = ("contender", "case", "before>", "now>", "ratio>", "interval>", "")
        print_table(columns, rows)
    print_line(
        f"{len(beyond)} of {len(changes.changes)} times changed beyond noise; the "
        f"machine itself took {changes.drift:.3f} times as long by {changes.controls} "
        f"controls, nine of ten of them within {changes.noise:.1%}"
    )
    for text in (*changes.turned, *changes.differences):
        print_line(f"also: {text}")
    for text in changes.missing:
        print_line(f"no longer measured: {text}")
