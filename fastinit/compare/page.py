"""The report of a run: what is said first, what is drawn, what can be looked up."""

from __future__ import annotations

from collections.abc import Iterator

from fastinit.compare.cases import Case
from fastinit.compare.changes import Changes
from fastinit.compare.contenders import OURS
from fastinit.compare.page_tables import (
    changes_section,
    contenders_table,
    gaps_table,
    measurements_table,
    processes_table,
    ratios_table,
)
from fastinit.compare.plots import (
    curve_figure,
    legend,
    small_call_figure,
    start_figure,
    throughput,
)
from fastinit.compare.results import Measurement, Results
from fastinit.compare.summary import case_title, digits, noise
from fastinit.compare.workload import HEADLINES
from fastinit.report import (
    Block,
    Facts,
    Figure,
    Figures,
    Page,
    Prose,
    Section,
    Tile,
    Tiles,
    Tone,
)

__all__ = ["headline_cases", "page_of"]

#: Below this many elements the cost of a call matters, not the bandwidth.
_SMALL = 1 << 16
_METHOD = (
    "On the CPU everyone but JAX and mkl_random fills the same memory, whose pages are "
    "present; JAX gets its own array back by donation, mkl_random makes a new one at "
    "each call. A first touch gets new pages each time.",
    "A case is measured completely before the next one begins. A repetition is a turn "
    "of every contender, in another order each time, with pauses in which threads of "
    "the one before come to rest. A time is the median of the repetitions' medians; "
    "its interval is of order statistics over repetitions, which assumes no law.",
    "Before that, the memory is filled with NaN, the contender fills it, and up to "
    "2^18 elements from all over it are judged as `fastinit check` would, with a "
    "false-alarm rate of 1e-6. A time counts only where the verdict is 'conforms'; "
    "where an array has too few elements, the same call is judged on 2^20.",
    "Bits are compared by SHA-256, in processes of their own: one thread on one "
    "processor against all; an array in two calls of one generator; each part without "
    "the other, by a window (fastinit), a shard (JAX) or the same seed (the rest); and "
    "in transposed storage.",
    "What it does not show: other machines, other shapes, memory of another NUMA node, "
    "or a machine that does something else at the same time. Ratios within one run "
    "mean more than numbers of two runs.",
)


def headline_cases(results: Results) -> list[Case]:
    """Cases that stand first: of the headline's schemes, at the largest size.

    Parameters
    ----------
    results : Results
        A run.

    Returns
    -------
    cases : list of Case
        In the order of the headline; those of another run where it measured none.
    """
    plain = [
        case
        for case in results.cases
        if (case.layout, case.touch) == ("contiguous", "warm")
        and case.threads == results.settings["threads"]
        and case.size.elements >= _SMALL
    ]
    largest: dict[tuple[str, str], Case] = {}
    for case in plain:
        key = (case.initializer, case.dtype)
        if key not in largest or case.size.elements > largest[key].size.elements:
            largest[key] = case
    found = [largest[key] for key in HEADLINES if key in largest]
    return found or list(largest.values())


def page_of(results: Results, changes: Changes | None = None) -> Page:
    """Report of a run.

    Parameters
    ----------
    results : Results
        The run.
    changes : Changes, optional
        What changed since an earlier one.

    Returns
    -------
    page : Page
        For `fastinit.report.render_page`.
    """
    sections = [
        *([changes_section(changes)] if changes is not None else []),
        *_drawn(results),
        *_told(results),
    ]
    version = results.versions["fastinit"]
    return Page(
        "Filling arrays with initial weights, compared",
        _lead(results),
        (Tiles(tuple(_tiles(results))),),
        tuple(sections),
        f"{results.command}, fastinit {version}, {results.created}",
    )


def _best(results: Results, case: Case, library: str) -> Measurement | None:
    """Fastest contender of a library on the CPU whose time counts."""
    found = [
        one
        for one in results.of_case(case)
        if one.counts
        and results.entrant[one.contender].library == library
        and results.entrant[one.contender].device == "cpu"
        and not results.entrant[one.contender].is_roof
    ]
    return min(found, key=lambda one: one.interval.median, default=None)


def _first_normal(results: Results) -> Measurement | None:
    """Our time for the normal law in float32, at the largest size."""
    for case in headline_cases(results):
        if (case.initializer, case.dtype) == ("normal", "float32"):
            return results.table.get((case.id, OURS))
    return None


def _ratios(results: Results, case: Case) -> Iterator[tuple[str, float]]:
    """How many times as fast as each library fastinit is."""
    for library, label in (("torch", "torch"), ("numpy", "NumPy"), ("jax", "JAX")):
        best = _best(results, case, library)
        ratio = results.ratio(best) if best is not None else None
        if ratio is not None:
            yield label, ratio


def _lead(results: Results) -> str:
    ours = _first_normal(results)
    processor = results.machine["processor"]
    threads = results.settings["threads"]
    where = f"{threads} threads of {processor}"
    if ours is None:
        return f"Measured with {where}."
    share = results.share(ours)
    text = f"fastinit writes {case_title(ours.case)} at {digits(ours.bandwidth)} GB/s"
    text += f", {share:.0%} of a plain fill" if share is not None else ""
    ratios = [f"{r:.1f} times as fast as {n}" for n, r in _ratios(results, ours.case)]
    parts = "; ".join([text, ", ".join(ratios)]) if ratios else text
    return f"{parts}. Measured with {where}."


def _tiles(results: Results) -> Iterator[Tile]:
    ours = _first_normal(results)
    if ours is not None:
        title = case_title(ours.case)
        share = results.share(ours)
        note = "" if share is None else f"{share:.0%} of a plain fill"
        yield Tile(f"{digits(ours.bandwidth)} GB/s", title, note, "strong")
        for name, ratio in _ratios(results, ours.case):
            if name != "JAX":
                yield Tile(f"{ratio:.1f}x", f"as fast as {name}", title)
    for case in results.cases:
        small = results.table.get((case.id, OURS))
        if small is not None and case.size.elements < _SMALL:
            time = digits(small.interval.median * 1e6)
            yield Tile(f"{time} us", "a small call", case_title(case))
            break
    judged = [one for one in results.measurements if one.verdict != "roof"]
    good = sum(one.counts for one in judged)
    tone: Tone = "good" if good == len(judged) else "caution"
    note = "the rest is not compared" if good < len(judged) else "so every time counts"
    yield Tile(f"{good} of {len(judged)}", "outputs conform", note, tone)


def _drawn(results: Results) -> Iterator[Section]:
    """Sections with drawings."""
    cases = headline_cases(results)
    if cases:
        figures = tuple(throughput(results, case) for case in cases)
        blocks: tuple[Block, ...] = (
            Figures(figures, legend(results)),
            ratios_table(results, cases),
        )
        lead = "Longer is faster. In brackets: the share of fastinit's speed."
        yield Section("Throughput", blocks, lead)
    curves = tuple(_curves(results))
    if curves:
        lead = "Higher is faster; both axes are logarithmic."
        yield Section("Sizes and threads", (Figures(curves),), lead)
    small = [case for case in results.cases if case.size.elements < _SMALL]
    starts = [one for one in results.processes if one.first_seconds]
    figures = tuple(small_call_figure(results, case) for case in small)
    figures += (start_figure(results, starts),) if starts else ()
    if figures:
        lead = "What a user waits for apart from throughput. Shorter is faster."
        yield Section("Small calls and start-up", (Figures(figures),), lead)


def _curves(results: Results) -> Iterator[Figure]:
    """Curves of cases that differ in size alone, then in threads alone."""
    usual = results.settings["threads"]
    plain = [
        case
        for case in results.cases
        if (case.layout, case.touch) == ("contiguous", "warm")
    ]
    for over in ("size", "threads"):
        groups: dict[tuple[object, ...], list[Case]] = {}
        for case in plain:
            if over == "threads" or case.threads == usual:
                other = case.size.name if over == "threads" else case.threads
                key = (case.initializer, case.dtype, other)
                groups.setdefault(key, []).append(case)
        for cases in groups.values():
            if len(cases) > (2 if over == "size" else 1):
                yield curve_figure(results, cases, over)


def _told(results: Results) -> Iterator[Section]:
    """Sections of tables and words."""
    if results.processes:
        lead = (
            "Whether the bits of an array depend on how it is made, what a process "
            "pays before its first value, and the memory that a fill takes besides."
        )
        yield Section("Bits, start and memory", (processes_table(results),), lead)
    lead = "Every time with its interval; times that do not count are pale."
    yield Section("All measurements", (measurements_table(results),), lead)
    lead = "Who was asked, and why a number is missing."
    blocks: tuple[Block, ...] = (contenders_table(results),)
    blocks += (gaps_table(results),) if results.gaps else ()
    yield Section("Contenders", blocks, lead)
    machine = {**results.machine, "features": " ".join(results.machine["features"])}
    pairs = [*machine.items(), *results.versions.items(), *results.settings.items()]
    facts = Facts(
        (
            ("command", results.command),
            ("noise", noise(results)),
            *((name, "-" if value is None else str(value)) for name, value in pairs),
        )
    )
    yield Section("Method and machine", (Prose(_METHOD), facts))
