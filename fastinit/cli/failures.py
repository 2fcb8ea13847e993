"""How a command ends: exit statuses, and one line about each failure.

Status 1 is the answer 'does not conform' and nothing else, so no failure may end
with it, not even a defect of this program.
"""

from __future__ import annotations

import json
import os
import sys
import traceback

import rich_click as click
from click.exceptions import Abort, Exit

from fastinit.cli.terminal import print_error
from fastinit.errors import FastinitError

__all__ = ["FINE", "VIOLATES", "WRONG_USE", "flush", "report"]

FINE = 0
VIOLATES = 1
WRONG_USE = 2
#: A defect of this program, as BSD's sysexits.h numbers it.
DEFECT = 70
#: 128 and the number of the signal, as shells say it.
INTERRUPTED = 130
BROKEN_PIPE = 141

Parts = tuple[str, str, str]


def report(error: BaseException, *, as_json: bool) -> int:
    """Say what went wrong and return the status to end with.

    Parameters
    ----------
    error : BaseException
        What a command raised.
    as_json : bool
        True to write the failure to stdout too, as a JSON document.

    Returns
    -------
    status : int
        Exit status in [0, 255].
    """
    if isinstance(error, Exit):
        return int(error.exit_code)
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else FINE
    if isinstance(error, BrokenPipeError):
        return BROKEN_PIPE
    if isinstance(error, KeyboardInterrupt | Abort):
        print_error("interrupted")
        return INTERRUPTED
    parts = _parts(error)
    if parts is None:
        traceback.print_exception(error)
        return DEFECT
    if as_json:
        names = ("type", "given", "allowed", "remedy")
        values = (type(error).__name__, *parts)
        document = {"error": dict(zip(names, values, strict=True))}
        click.echo(json.dumps(document, indent=2))
    given, allowed, remedy = parts
    print_error("error", f"{given}: {allowed}; {remedy}")
    return WRONG_USE


def _parts(error: BaseException) -> Parts | None:
    """Message of a failure in three parts, or None for a defect."""
    if isinstance(error, FastinitError):
        return error.given, error.allowed, error.remedy
    if isinstance(error, click.UsageError):
        return _usage_parts(error)
    if isinstance(error, OSError):
        given = "standard streams" if error.filename is None else repr(error.filename)
        return (
            given,
            f"the system refused: {error.strerror or error}",
            "check the path, its permissions and the disk",
        )
    if isinstance(error, MemoryError):
        return (
            f"memory ran out ({error or 'no further detail'})",
            "the command needs more than this machine or container has",
            "free memory, or work on smaller arrays",
        )
    return None


def _usage_parts(error: click.UsageError) -> Parts:
    """Message of click in three parts."""
    given = error.format_message().rstrip(".")
    context = error.ctx
    if context is None:
        return given, "usage is fastinit COMMAND", "see 'fastinit --help'"
    pieces = " ".join(context.command.collect_usage_pieces(context))
    path = context.command_path
    return given, f"usage is {path} {pieces}", f"see '{path} --help'"


def flush(status: int) -> int:
    """Flush stdout, whose reader may be gone or whose disk may be full.

    Parameters
    ----------
    status : int
        Exit status so far.

    Returns
    -------
    status : int
        The same, or that of the failure.
    """
    try:
        sys.stdout.flush()
    except OSError as error:
        # Python flushes again when it ends; what is left has to go somewhere.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        return report(error, as_json=False)
    return status
