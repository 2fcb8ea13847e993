"""`fastinit bench`: backends and libraries measured against each other."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from fastinit.cli.arguments import as_callback, output_options, read_count, read_path
from fastinit.cli.failures import FINE, VIOLATES
from fastinit.cli.reports import refuse_reports
from fastinit.cli.terminal import print_json, progress_bar
from fastinit.errors import ArgumentError

if TYPE_CHECKING:
    from fastinit.compare.changes import Changes
    from fastinit.compare.results import Results
    from fastinit.compare.workload import Workload

__all__ = ["bench"]


@dataclasses.dataclass(frozen=True)
class _Request:
    """What the command line asks for."""

    is_quick: bool
    contenders: tuple[str, ...]
    schemes: tuple[str, ...]
    dtypes: tuple[str, ...]
    sizes: tuple[str, ...]
    threads: tuple[str, ...]
    repetitions: int | None
    no_processes: bool
    results: Path | None
    output: Path | None
    html: Path | None
    compare: Path | None
    is_forced: bool
    as_json: bool
    is_quiet: bool


_Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _several(option: str, name: str, metavar: str, text: str) -> _Decorator:
    """Option that may be given several times."""
    return click.option(option, name, metavar=metavar, multiple=True, help=text)


@click.command(epilog="Example: fastinit bench --output now.json --html now.html")
@click.option("--quick", "is_quick", is_flag=True, help="Small arrays, a minute.")
@_several("--contender", "contenders", "NAME", "Who is measured; several times. All.")
@_several("--scheme", "schemes", "NAME", "Scheme; several times.")
@_several("--dtype", "dtypes", "NAME", "Dtype; several times.")
@_several("--size", "sizes", "NAME", "Elements, such as 64Mi; several times.")
@_several("--threads", "threads", "N", "Threads of a call; several times.")
@click.option(
    "--repetitions",
    metavar="N",
    callback=as_callback(lambda text: _repetitions(text)),
    help="Turns of every contender; six, for intervals of 95 %.",
)
@click.option(
    "--no-processes", is_flag=True, help="Leave out start-up, memory and bits."
)
@click.option(
    "--results",
    metavar="FILE",
    callback=as_callback(read_path),
    help="Show what an earlier run wrote; measure nothing.",
)
@click.option(
    "--output",
    metavar="FILE",
    callback=as_callback(read_path),
    help="Write the results as JSON too.",
)
@click.option(
    "--html",
    metavar="FILE",
    callback=as_callback(read_path),
    help="Write a report with plots, one file of HTML.",
)
@click.option(
    "--compare",
    metavar="FILE",
    callback=as_callback(read_path),
    help="Tell what changed since the run that wrote this JSON.",
)
@click.option("--force", "is_forced", is_flag=True, help="Replace files that exist.")
@output_options
def bench(**options: Any) -> int:
    """Compare fastinit with NumPy, torch, JAX, CuPy, mkl_random and plain memory.

    Values are judged before their time counts, contenders take turns, and what is
    missing is listed with the reason. Everything takes about ten minutes on two
    processors that are otherwise idle. Exit status 1 says that values of fastinit
    itself violate their law, or that its bits depend on threads, parts or layout.
    """
    request = _Request(**options)
    _refuse_contradictions(request)
    old = None
    if request.compare is not None:
        from fastinit.compare.reading import read_results

        old = read_results(request.compare)
    results = _results(request)
    changes = None
    if old is not None:
        from fastinit.compare.changes import compare

        changes = compare(old, results)
    _write(request, results, changes)
    return FINE if _is_sound(results) else VIOLATES


def _repetitions(text: str) -> int:
    """Number of repetitions; threads have the same bounds, and other words."""
    digits = text.strip()
    if digits.isascii() and digits.isdigit() and 1 <= int(digits[:5]) <= 1000:
        return int(digits)
    raise ArgumentError(
        f"repetitions {text!r}",
        "repetitions is an integer in [1, 1000]",
        "write e.g. --repetitions 12, or leave it out",
    )


def _refuse_contradictions(request: _Request) -> None:
    """Raise where arguments or files do not go together, before minutes are spent."""
    from fastinit.destinations.durable import check_output

    reports = {"--output": request.output, "--html": request.html}
    earlier = {"the results": request.results, "the earlier run": request.compare}
    refuse_reports(reports, earlier)
    for path in (request.output, request.html):
        if path is not None:
            check_output(path, overwrite=request.is_forced)
    if request.html is not None:
        from fastinit.report.page import require_packages

        require_packages()
    asked = {
        "--quick": request.is_quick,
        "--scheme": request.schemes,
        "--dtype": request.dtypes,
        "--size": request.sizes,
        "--threads": request.threads,
        "--contender": request.contenders,
        "--repetitions": request.repetitions,
        "--no-processes": request.no_processes,
    }
    given = [option for option, value in asked.items() if value]
    if request.results is not None and given:
        raise ArgumentError(
            f"{given[0]} beside --results",
            "--results shows an earlier run, which has its cases",
            f"leave out {given[0]}, or measure without --results",
        )


def _results(request: _Request) -> Results:
    """Results of a new run, or of the file that was named."""
    if request.results is not None:
        from fastinit.compare.reading import read_results

        return read_results(request.results)
    from fastinit.compare.measuring import measure, steps_of

    workload = _workload(request)
    steps = steps_of(workload)
    with progress_bar("measuring", steps, is_quiet=request.is_quiet) as advance:
        return measure(workload, _command(request), advance or (lambda _: None))


def _workload(request: _Request) -> Workload:
    """Run that the options describe."""
    from fastinit.backends.threads import available_threads
    from fastinit.compare.cases import SIZES, dtype_name, initializer_of, size_of
    from fastinit.compare.contenders import contender_of
    from fastinit.compare.workload import LARGE, chosen_cases, default_workload

    threads = available_threads()
    workload = default_workload(threads, is_quick=request.is_quick)
    size = SIZES["1Mi"] if request.is_quick else LARGE
    if request.schemes or request.dtypes or request.sizes or request.threads:
        cases = chosen_cases(
            [initializer_of(name) for name in request.schemes or ("uniform", "normal")],
            [dtype_name(name) for name in request.dtypes or ("float32",)],
            [size_of(name) for name in request.sizes] or [size],
            [read_count(text) for text in request.threads] or [threads],
        )
        workload = dataclasses.replace(workload, cases=cases)
    if request.contenders:
        chosen = tuple(dict.fromkeys(map(contender_of, request.contenders)))
        workload = dataclasses.replace(workload, contenders=chosen)
    if request.repetitions is not None:
        effort = dataclasses.replace(workload.effort, repetitions=request.repetitions)
        workload = dataclasses.replace(workload, effort=effort)
    return dataclasses.replace(workload, starts=0) if request.no_processes else workload


def _command(request: _Request) -> str:
    """Command line that measures the same again."""
    words = ["fastinit", "bench"]
    words += ["--quick"] if request.is_quick else []
    for option, values in (
        ("--contender", request.contenders),
        ("--scheme", request.schemes),
        ("--dtype", request.dtypes),
        ("--size", request.sizes),
        ("--threads", request.threads),
    ):
        words += [word for value in values for word in (option, value)]
    if request.repetitions is not None:
        words += ["--repetitions", str(request.repetitions)]
    return shlex.join([*words, *(["--no-processes"] if request.no_processes else [])])


def _write(request: _Request, results: Results, changes: Changes | None) -> None:
    """Files that were asked for, then what is to be read."""
    document = results.to_dict()
    if changes is not None:
        document["changes"] = changes.to_dict()
    if request.output is not None:
        _write_json(request.output, document, overwrite=request.is_forced)
    if request.html is not None:
        from fastinit.compare.page import page_of
        from fastinit.report import write_page

        write_page(page_of(results, changes), request.html, overwrite=request.is_forced)
    if request.as_json:
        print_json(document)
    elif not request.is_quiet:
        from fastinit.cli.bench_text import print_results

        print_results(results, changes)


def _write_json(path: Path, document: dict[str, Any], *, overwrite: bool) -> None:
    import json

    from fastinit.destinations.durable import durable_file, write_at

    text = json.dumps(document, indent=1, allow_nan=False).encode() + b"\n"
    with durable_file(path, len(text), overwrite=overwrite) as descriptor:
        write_at(descriptor, text, 0)


def _is_sound(results: Results) -> bool:
    """Whether nothing speaks against fastinit's own values."""
    ours = {one.name for one in results.entrants if one.library == "fastinit"}
    judged = (one for one in results.measurements if one.contender in ours)
    facts = (one for one in results.processes if one.contender in ours)
    return all(one.verdict != "violates" for one in judged) and not any(
        one.failure or False in one.survives.values() for one in facts
    )
