"""Files that commands write beside what they print: JUnit and HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from fastinit.cli.arguments import as_callback, read_path
from fastinit.errors import OutputError

if TYPE_CHECKING:
    from fastinit.conformance.verdict import CheckResult

__all__ = ["html_options", "refuse_html", "write_junit"]


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
        raise OutputError(
            f"file {str(path)!r}: {error.strerror}",
            "a JUnit file is written where --junit says",
            "name a file in a folder that can be written",
        ) from error
