"""The tables of a report."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from fastinit.compare.cases import Case
from fastinit.compare.changes import Changes
from fastinit.compare.contenders import OURS
from fastinit.compare.results import Measurement, Results
from fastinit.compare.summary import SURVIVAL, case_title, digits, seconds_text
from fastinit.report import Cell, Column, Prose, Section, Table, Tone

__all__ = [
    "changes_section",
    "contenders_table",
    "gaps_table",
    "measurements_table",
    "processes_table",
    "ratios_table",
]

_NONE = Cell("-", "", "muted")
_VERDICTS: dict[str, Tone] = {
    "conforms": "good",
    "violates": "bad",
    "inconclusive": "caution",
    "roof": "muted",
}


def ratios_table(results: Results, cases: Sequence[Case]) -> Table:
    """Times of everyone over that of fastinit.

    Parameters
    ----------
    results : Results
        A run.
    cases : sequence of Case
        The rows.

    Returns
    -------
    table : Table
        Above 1 fastinit is faster.
    """
    there = {one.contender for case in cases for one in results.of_case(case)}
    others = [one for one in results.entrants if one.name in there - {OURS}]
    columns = (
        Column("case"),
        Column("fastinit, ns per element", is_number=True),
        Column("of a plain fill", is_number=True),
        *(Column(one.label, is_number=True, note=one.does) for one in others),
    )
    rows = []
    for case in cases:
        found = {one.contender: one for one in results.of_case(case)}
        ours = found.get(OURS)
        cells = [_ratio(results, found.get(one.name)) for one in others]
        if ours is not None:
            time = Cell(digits(ours.nanoseconds), ours.nanoseconds, "strong")
            share = results.share(ours)
            part = _NONE if share is None else Cell(f"{share:.0%}", share)
            rows.append((Cell(case_title(case)), time, part, *cells))
    caption = "Time over that of fastinit: above 1 fastinit is faster"
    return Table(caption, columns, tuple(rows))


def _ratio(results: Results, one: Measurement | None) -> Cell:
    if one is None:
        return _NONE
    ratio = results.ratio(one)
    if ratio is None:
        return Cell(one.verdict, "", "muted", one.detail)
    return Cell(f"{digits(ratio)}x", ratio)


def measurements_table(results: Results) -> Table:
    """Every measurement, to be searched.

    Parameters
    ----------
    results : Results
        A run.

    Returns
    -------
    table : Table
        One row for each contender and case.
    """
    columns = (
        Column("contender", is_facet=True),
        Column("scheme", is_facet=True),
        Column("dtype", is_facet=True),
        Column("size", is_number=True, note="elements"),
        Column("threads", is_number=True),
        Column("memory", is_facet=True, note="layout, and who touches pages first"),
        Column("median", is_number=True, note="of the repetitions, per call"),
        Column("interval", note="of order statistics, 95 % or as noted"),
        Column("ns per element", is_number=True),
        Column("GB/s", is_number=True, note="bytes written"),
        Column("of fill", is_number=True, note="over the fastest plain fill"),
        Column("over fastinit", is_number=True, note="time over that of fastinit"),
        Column("verdict", is_facet=True, note="of the conformance check"),
        Column("others", is_number=True, note="share of the processors taken"),
    )
    rows = tuple(_measured(results, one) for one in results.measurements)
    return Table(f"{len(rows)} measurements", columns, rows)


def _measured(results: Results, one: Measurement) -> tuple[Cell, ...]:
    case, interval, share = one.case, one.interval, results.share(one)
    ratio = results.ratio(one)
    tone: Tone = "" if one.counts else "muted"
    memory = f"{case.layout}, {'first touch' if case.touch == 'first' else 'warm'}"
    between = f"{seconds_text(interval.low)} to {seconds_text(interval.high)}"
    covered = f"covers the median with {interval.coverage:.1%}"
    return (
        Cell(results.entrant[one.contender].label, tone=tone),
        Cell(case.initializer),
        Cell(case.dtype),
        Cell(case.size.name, case.size.elements),
        Cell(str(case.threads), case.threads),
        Cell(memory),
        Cell(seconds_text(interval.median), interval.median, tone),
        Cell(between, tone="muted", note=covered),
        Cell(digits(one.nanoseconds), one.nanoseconds, tone),
        Cell(digits(one.bandwidth), one.bandwidth, tone),
        _NONE if share is None else Cell(f"{share:.0%}", share, tone),
        _NONE if ratio is None else Cell(f"{digits(ratio)}x", ratio, tone),
        Cell(one.verdict, None, _VERDICTS[one.verdict], one.detail),
        _NONE if one.others is None else Cell(f"{one.others:.0%}", one.others),
    )


def processes_table(results: Results) -> Table:
    """Bits, start-up and memory, one row a contender.

    Parameters
    ----------
    results : Results
        A run with processes.

    Returns
    -------
    table : Table
        Those whose process ended well.
    """
    columns = (
        Column("contender"),
        *(Column(title, note=meaning) for title, meaning in SURVIVAL.values()),
        Column("import", is_number=True, note="of NumPy and the library"),
        Column("first fill", is_number=True, note="2^16 normals"),
        Column("without a cache", is_number=True, note="of compiled code"),
        Column("whole process", is_number=True, note="from its start to its end"),
        Column("extra memory", is_number=True, note="peak of a fill of 2^24 normals"),
        Column("process", is_number=True, note="memory before, without the array"),
    )
    rows = tuple(
        (
            Cell(results.entrant[facts.contender].label),
            *(_survival(facts.survives.get(key)) for key in SURVIVAL),
            _median(facts.import_seconds),
            _median(facts.first_seconds),
            _median(facts.cold_seconds),
            _median(facts.process_seconds),
            _bytes(facts.extra_bytes),
            _bytes(facts.idle_bytes),
        )
        for facts in results.processes
        if not facts.failure
    )
    return Table("Bits: the same, or different, if only this changes", columns, rows)


def _survival(survives: bool | None) -> Cell:
    if survives is None:
        return Cell("-", "", "muted", "the library has no such way")
    return Cell("same", None, "good") if survives else Cell("differ", None, "bad")


def _median(values: Sequence[float]) -> Cell:
    if not values:
        return _NONE
    median = statistics.median(values)
    return Cell(seconds_text(median), median, note=f"{len(values)} processes")


def _bytes(count: int | None) -> Cell:
    if count is None:
        return _NONE
    return Cell(f"{count / 2**20:.1f} MiB", count)


def contenders_table(results: Results) -> Table:
    """Who was asked, and who could not answer.

    Parameters
    ----------
    results : Results
        A run.

    Returns
    -------
    table : Table
        One row a contender.
    """
    failures = {one.contender: one.failure for one in results.processes}
    columns = (
        Column("contender"),
        Column("version"),
        Column("here", is_facet=True),
        Column("reason"),
        Column("runs"),
        Column("waits"),
        Column("threads", is_facet=True),
    )
    rows = []
    for one in results.entrants:
        reason = one.reason or failures.get(one.name, "")
        here = Cell("missing", None, "caution") if reason else Cell("measured")
        cells = (reason, one.does, one.waits, one.threads)
        rows.append(
            (Cell(one.label), Cell(one.version or "-"), here, *map(Cell, cells))
        )
    return Table("Contenders", columns, tuple(rows))


def gaps_table(results: Results) -> Table:
    """Cases that a contender cannot do.

    Parameters
    ----------
    results : Results
        A run.

    Returns
    -------
    table : Table
        One row for a contender and a reason.
    """
    cases: dict[tuple[str, str], list[str]] = {}
    for gap in results.gaps:
        label = results.entrant[gap.contender].label
        cases.setdefault((label, gap.reason), []).append(case_title(gap.case))
    rows = tuple(
        (
            Cell(label),
            Cell(reason),
            Cell(str(len(found)), len(found), "", ", ".join(found)),
        )
        for (label, reason), found in cases.items()
    )
    columns = (
        Column("contender", is_facet=True),
        Column("reason"),
        Column("cases", is_number=True),
    )
    return Table("Cases that a contender cannot do", columns, rows)


def changes_section(changes: Changes) -> Section:
    """What changed since an earlier run.

    Parameters
    ----------
    changes : Changes
        The comparison.

    Returns
    -------
    section : Section
        With what the machine itself did.
    """
    tones: dict[str, Tone] = {
        "faster": "good",
        "slower": "bad",
        "within noise": "muted",
    }
    rows = tuple(
        (
            Cell(one.contender),
            Cell(one.what),
            Cell(seconds_text(one.before), one.before),
            Cell(seconds_text(one.after), one.after),
            Cell(f"{one.ratio:.3f}", one.ratio),
            Cell(f"{one.low:.3f} to {one.high:.3f}", one.low, "muted"),
            Cell(one.verdict, None, tones[one.verdict]),
        )
        for one in (
            *changes.beyond_noise,
            *(one for one in changes.changes if one.verdict == "within noise"),
        )
    )
    columns = (
        Column("contender", is_facet=True),
        Column("case"),
        Column("before", is_number=True),
        Column("now", is_number=True),
        Column("ratio", is_number=True, note="below 1 is faster"),
        Column("interval", is_number=True),
        Column("verdict", is_facet=True),
    )
    lead = (
        f"{len(changes.beyond_noise)} of {len(changes.changes)} times changed beyond "
        f"noise. By {changes.controls} controls, whose library did not change, the "
        f"machine itself took {changes.drift:.3f} times as long, nine of ten of them "
        f"within {changes.noise:.1%} of that."
    )
    notes = (*changes.turned, *changes.differences)
    notes += tuple(f"no longer measured: {text}" for text in changes.missing)
    table = Table("Times in both runs", columns, rows)
    return Section("Changes", (table, *([Prose(notes)] if notes else [])), lead)
