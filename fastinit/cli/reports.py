"""Files that commands write beside what they print: JUnit and HTML."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from fastinit.cli.arguments import as_callback, read_path
from fastinit.errors import ArgumentError, OutputError

if TYPE_CHECKING:
    from fastinit.conformance.verdict import CheckResult

__all__ = ["html_options", "refuse_html", "refuse_reports", "write_junit"]


def html_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a report.

    Parameters
    ----------
    command : callable
        Function of a command.

    Returns
    -------
    command : callable
        The same, which now also takes `html` and `is_forced`.
    """
    html = click.option(
        "--html",
        metavar="FILE",
        callback=as_callback(read_path),
        help="Write a report with plots, one file of HTML.",
    )
    is_forced = click.option(
        "--force", "is_forced", is_flag=True, help="Replace a report that exists."
    )
    return html(is_forced(command))


def refuse_html(path: Path, *, is_forced: bool) -> None:
    """Raise where a report cannot be written, before anything is judged.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    is_forced : bool
        True to replace one that exists.

    Raises
    ------
    MissingPackageError
        If a package that reports need is not installed.
    OutputError
        If the file exists, or its folder does not.
    """
    from fastinit.destinations.durable import check_output
    from fastinit.report.page import require_packages

    require_packages()
    check_output(path, overwrite=is_forced)


def refuse_reports(
    reports: Mapping[str, Path | None], inputs: Mapping[str, Path | None]
) -> None:
    """Raise where a report would take the place of what is read, or of another one.

    Parameters
    ----------
    reports : mapping of str to pathlib.Path or None
        Files that are asked for, by their options; None where one is not.
    inputs : mapping of str to pathlib.Path or None
        Files and folders that are read, by what they are.

    Raises
    ------
    ArgumentError
        If a report is one of the files that are read, or two reports are one file.
    OutputError
        If the JUnit file could not be written.

    Examples
    --------
    >>> refuse_reports({"--junit": Path("a.xml")}, {"the input": Path("w.npy")})
    """
    asked = {option: path for option, path in reports.items() if path is not None}
    for option, path in asked.items():
        for what, source in inputs.items():
            if source is not None and _takes(path, source):
                raise ArgumentError(
                    f"{option} {str(path)!r}",
                    f"a report never replaces {what}, {str(source)!r}",
                    "choose another name for the report",
                )
    for (one, path), (other, again) in combinations(asked.items(), 2):
        if _is_same(path, again):
            raise ArgumentError(
                f"{one} and {other} {str(again)!r}",
                "each report is a file of its own",
                "choose two names",
            )
    if "--junit" in asked:
        _refuse_junit(asked["--junit"])


def _takes(report: Path, source: Path) -> bool:
    """Whether a report would replace a file, or a part of a checkpoint."""
    if _is_same(report, source):
        return True
    if not report.exists() or not (source.is_dir() or source.suffix == ".json"):
        return False
    from fastinit.checkpoints import is_part

    return is_part(report, source)


def _is_same(one: Path, other: Path) -> bool:
    """Whether two paths are one file, or would be if they were written."""
    try:
        return one.samefile(other)
    except OSError:
        return os.path.realpath(one) == os.path.realpath(other)


def _refuse_junit(path: Path) -> None:
    """Raise where a JUnit file cannot be written; one that exists is replaced."""
    is_there = path.exists()
    place = path if is_there else path.parent
    if path.is_dir() or not (is_there or place.is_dir()):
        reason = "it is a folder" if is_there else "its folder does not exist"
    elif not os.access(place, os.W_OK):
        reason = "it cannot be written"
    else:
        return
    raise _unwritten(path, reason)


def _unwritten(path: Path, reason: str) -> OutputError:
    return OutputError(
        f"file {str(path)!r}: {reason}",
        "a JUnit file is written where --junit says",
        "name a file in a folder that can be written",
    )


def write_junit(
    path: Path,
    named: Iterable[tuple[str, CheckResult]],
    suite: str,
    faults: Iterable[tuple[str, str]] = (),
) -> None:
    """Write the outcome of every test as a JUnit file.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    named : iterable of (str, CheckResult)
        Names of arrays and their results.
    suite : str
        Name of the suite.
    faults : iterable of (str, str)
        What is wrong apart from laws: kind and text.

    Raises
    ------
    OutputError
        If the system refuses it.
    """
    from fastinit.conformance.junit import to_junit

    try:
        path.write_text(to_junit(named, suite, faults), encoding="utf-8")
    except OSError as error:
        raise _unwritten(path, str(error.strerror)) from error
