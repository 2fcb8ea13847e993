"""What commands write: results to stdout, progress and messages to stderr.

Lines are as long as they need to be, so that names stay whole, and plain where a
stream is no terminal.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import rich_click as click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

__all__ = [
    "print_error",
    "print_facts",
    "print_json",
    "print_line",
    "print_table",
    "printable",
    "progress_bar",
]

#: Columns of a table: more than any row has, for a name that is cut is no name.
_WIDE = 1 << 20


def printable(text: str) -> str:
    r"""Text without characters that would move a cursor or fail to be encoded.

    Parameters
    ----------
    text : str
        Any text, such as a name out of a file.

    Returns
    -------
    text : str
        The same with backslash escapes for what cannot be printed.

    Examples
    --------
    >>> printable("a\x1b[2Jb")
    'a\\x1b[2Jb'
    """
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode()
        for one in text
    )


def _console(*, is_error: bool = False, width: int | None = None) -> Console:
    """Console on a standard stream as it is now.

    Parameters
    ----------
    is_error : bool
        True for stderr.
    width : int, optional
        Columns, > 0; those of the terminal by default.

    Returns
    -------
    console : rich.console.Console
        Without markup: what it prints may come from a file.
    """
    from rich.console import Console

    stream = sys.stderr if is_error else sys.stdout
    return Console(file=stream, width=width, markup=False, emoji=False, highlight=False)


def print_line(text: str, styled: str = "", style: str = "") -> None:
    """Print lines of a result, whatever their length.

    Parameters
    ----------
    text : str
        One or several lines.
    styled : str
        Beginning of the text that takes the style.
    style : str
        Style of rich.
    """
    from rich.text import Text

    lines = Text("\n".join(printable(line) for line in text.split("\n")))
    if text.startswith(styled):
        lines.stylize(style, 0, len(styled))
    _print(lines)


def print_error(label: str, message: str = "") -> None:
    """Print one line to stderr.

    Parameters
    ----------
    label : str
        What kind of line it is.
    message : str
        What else there is to say; made printable.
    """
    from rich.text import Text

    line = Text(label, "bold red")
    if message:
        line.append(f": {printable(message)}", "not bold default")
    _print(line, is_error=True)


def print_json(document: Mapping[str, Any]) -> None:
    """Print the one JSON document of a command.

    Parameters
    ----------
    document : mapping
        Plain values, without NaN and infinities.
    """
    click.echo(json.dumps(document, indent=2, allow_nan=False))


def _table(columns: Sequence[str], *, has_header: bool) -> Table:
    from rich.table import Table

    table = Table(
        box=None, show_header=has_header, pad_edge=False, padding=(0, 2, 0, 0)
    )
    for name in columns:
        is_number = name.endswith(">")
        table.add_column(
            name.rstrip(">"), justify="right" if is_number else "left", no_wrap=True
        )
    return table


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table with one line a row, as wide as it needs to be.

    Parameters
    ----------
    columns : sequence of str
        Headers; one that ends in '>' is of numbers, which stand to the right.
    rows : sequence of sequences of str or rich.text.Text
        Cells; text is made printable.
    """
    table = _table(columns, has_header=True)
    for row in rows:
        table.add_row(*(_cell(one) for one in row))
    _print(table)


def _cell(value: Any) -> Any:
    from rich.text import Text

    return Text(printable(value)) if isinstance(value, str) else value


def print_facts(facts: Sequence[tuple[str, str]]) -> None:
    """Print names and values, one pair a line.

    Parameters
    ----------
    facts : sequence of (str, str)
        The pairs; values are made printable.
    """
    table = _table(("", ""), has_header=False)
    for name, value in facts:
        table.add_row(_cell(name), _cell(value))
    _print(table)


def _print(what: Table | Text, *, is_error: bool = False) -> None:
    """Print lines of any width, without the blanks that fill up a last column."""
    screen = _console(is_error=is_error, width=_WIDE)
    # Not by rich: where the reader has left, it ends the process with status 1.
    with screen.capture() as captured:
        screen.print(what)
    for line in captured.get().splitlines():
        click.echo(line.rstrip(), color=True, err=is_error)


@contextlib.contextmanager
def progress_bar(
    label: str, total: int | None, *, is_quiet: bool
) -> Iterator[Callable[[int], None] | None]:
    """Bar over elements on stderr that leaves nothing behind.

    Parameters
    ----------
    label : str
        What is going on.
    total : int or None
        Elements, >= 0; None where progress cannot be told.
    is_quiet : bool
        True for no bar.

    Yields
    ------
    advance : callable or None
        To be called with the number of elements done since the last call, on any
        thread; None where stderr is no terminal.
    """
    if is_quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_console(is_error=True), transient=True) as bar:
        task = bar.add_task(printable(label), total=total)
        yield lambda n: bar.advance(task, n)
