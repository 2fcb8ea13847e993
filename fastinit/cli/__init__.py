"""The command line `fastinit`."""

from fastinit.cli.program import main

__all__ = ["main"]
