"""The program: its commands, and the one place where a run begins and ends."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

import rich_click as click

from fastinit import __version__
from fastinit.cli.audit import audit
from fastinit.cli.bench import bench
from fastinit.cli.check import check
from fastinit.cli.conform import conform
from fastinit.cli.create import create
from fastinit.cli.failures import flush, report
from fastinit.cli.info import info
from fastinit.cli.signal import signal as signal_command
from fastinit.cli.warmup import warmup

__all__ = ["main"]

_NAME = "fastinit"
#: Signals that ask a process to end; Windows has no SIGHUP.
_ENDING = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class _Program(click.RichGroup):
    """A group whose every failure ends in one line and a fixed exit status."""

    def main(
        self, args: Sequence[str] | None = None, *_: Any, **options: Any
    ) -> NoReturn:
        """Run one command and leave the process.

        Parameters
        ----------
        args : sequence of str, optional
            What follows the program's name; that of this process by default.
        **options
            Of click's own method; only `complete_var` has a meaning here.
        """
        given = sys.argv[1:] if args is None else list(args)
        self._main_shell_completion({}, _NAME, options.get("complete_var"))
        for stream in (sys.stdout, sys.stderr):
            # A name that the terminal's encoding lacks must not end the program.
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        sys.exit(flush(self._run(given)))

    def _run(self, given: list[str]) -> int:
        try:
            with _ending_in_order(), self.make_context(_NAME, list(given)) as context:
                status: int = self.invoke(context)
                return status
        # Whatever it is has to be reported here: Python would end with status 1,
        # which says that a file does not conform.
        except BaseException as error:
            return report(error, as_json="--json" in given)


@contextlib.contextmanager
def _ending_in_order() -> Iterator[None]:
    """Let SIGTERM and SIGHUP unwind the stack, so that unfinished files are removed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {
        number: signal.signal(number, lambda number, _: sys.exit(128 + number))
        for number in _ENDING
        # nohup has SIGHUP ignored, and so it stays.
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)


@click.group(
    cls=_Program,
    commands=[create, check, audit, signal_command, conform, bench, info, warmup],
    no_args_is_help=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)
@click.version_option(__version__, prog_name=_NAME, message="%(prog)s %(version)s")
def main() -> None:
    """Fill arrays and checkpoints with initial weights, and check them.

    The same seed and name give the same bits on every machine, for any number of
    threads. Exit status: 0 fine, 1 does not conform, 2 wrong use.
    """
