"""Every error that fastinit raises on purpose.

A message has three parts, which are also attributes: what was given, what is
allowed, and what to do. One root lets a caller catch all of them; each leaf is
also the builtin that a caller would expect::

    FastinitError
    +-- ArgumentError (ValueError)        a value outside its allowed set
    |   +-- SpecError                     the text or arguments of a Spec
    |   +-- UnknownSchemeError            a scheme that is in no table
    |   +-- FanError                      a shape without fans
    |   +-- LayoutError                   a layout that names no axes
    |   |   +-- ReportedIndexError        an axis that JAX and Keras call an IndexError
    |   +-- ViewError                     a view that does not fit
    |   +-- ReadOnlyError                 a destination that cannot be written
    |   +-- PlanError                     a plan file that does not hold together
    |   +-- FileFormatError               a file that is not what it should be
    |   +-- ReportedRuntimeError          a value that torch calls a RuntimeError
    +-- ArgumentTypeError (TypeError)     a value of the wrong type
    |   +-- DtypeError                    a dtype that the operation cannot write
    |   +-- DestinationError              an object that nobody here can fill
    |   +-- ReportedValueError            a type that other libraries call a ValueError
    +-- StreamIndexError (IndexError)     an index outside a tensor or the stream
    +-- BackendUnavailableError (RuntimeError)   an asked-for backend cannot run
    +-- OutOfMemoryError (MemoryError)    a new array that does not fit
    +-- MissingPackageError (ImportError)        an optional package is not there
    +-- OutputError (OSError)             a file that cannot be written or read
    +-- NonconformanceError (AssertionError)     an array that violates its law
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "ArgumentError",
    "ArgumentTypeError",
    "BackendUnavailableError",
    "DestinationError",
    "DtypeError",
    "FanError",
    "FastinitError",
    "FileFormatError",
    "LayoutError",
    "MissingPackageError",
    "NonconformanceError",
    "OutOfMemoryError",
    "OutputError",
    "PlanError",
    "ReadOnlyError",
    "ReportedIndexError",
    "ReportedRuntimeError",
    "ReportedValueError",
    "SpecError",
    "StreamIndexError",
    "UnknownSchemeError",
    "ViewError",
    "shown",
]


class FastinitError(Exception):
    """Root of all errors that fastinit raises on purpose.

    Parameters
    ----------
    given : str
        What was given, with its value.
    allowed : str
        What is allowed in its place.
    remedy : str
        What the caller can do.
    """

    def __init__(self, given: str, allowed: str, remedy: str) -> None:
        super().__init__(given, allowed, remedy)
        self.given = given
        self.allowed = allowed
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.given}: {self.allowed}; {self.remedy}"

    def __reduce__(self) -> tuple[type, tuple[str, str, str]]:
        # OSError rewrites args to two, which would break pickling and so the
        # way an error travels from a worker process.
        return type(self), (self.given, self.allowed, self.remedy)


class ArgumentError(FastinitError, ValueError):
    """A value outside its allowed set."""


class ArgumentTypeError(FastinitError, TypeError):
    """A value of the wrong type."""


class SpecError(ArgumentError):
    """The text or the arguments of a Spec are wrong."""


class UnknownSchemeError(ArgumentError):
    """A scheme that is in no table."""


class FanError(ArgumentError):
    """A shape without fans."""


class LayoutError(ArgumentError):
    """A text that is no layout, or axes that are none."""


class ViewError(ArgumentError):
    """A view that does not fit its canonical tensor or its destination."""


class ReadOnlyError(ArgumentError):
    """A destination that cannot be written."""


class PlanError(ArgumentError):
    """A plan file that does not hold together."""


class FileFormatError(ArgumentError):
    """A file that is not what it should be."""


class ReportedRuntimeError(ArgumentError, RuntimeError):
    """A value outside its allowed set, which torch reports as a RuntimeError."""


class ReportedIndexError(LayoutError, IndexError):
    """An axis that a weight lacks, which JAX and Keras report as an IndexError."""


class ReportedValueError(ArgumentTypeError, ValueError):
    """A value of the wrong type, which other libraries report as a ValueError."""


class DtypeError(ArgumentTypeError):
    """A dtype that the operation cannot write or read."""


class DestinationError(ArgumentTypeError):
    """An object that no destination knows how to fill."""


class StreamIndexError(FastinitError, IndexError):
    """An index outside a tensor or outside the stream."""


class BackendUnavailableError(FastinitError, RuntimeError):
    """An asked-for backend cannot run here."""


class OutOfMemoryError(FastinitError, MemoryError):
    """A new array that does not fit into memory."""


class MissingPackageError(FastinitError, ImportError):
    """An optional package is not installed."""


class OutputError(FastinitError, OSError):
    """A file that cannot be written or read."""


class NonconformanceError(FastinitError, AssertionError):
    """An array that does not follow its specification."""


def shown(value: Any) -> str:
    """Value as errors show it: its representation, cut where it is long.

    Parameters
    ----------
    value : object
        Anything that a caller may have given.

    Returns
    -------
    text : str
        At most 80 characters.

    Examples
    --------
    >>> shown("x" * 200)[-10:]
    'xxxxxxx...'
    """
    try:
        text = repr(value)
    except ValueError:
        # Python refuses to print an int of more than 4300 digits.
        text = f"<{type(value).__name__} with too many digits to print>"
    except Exception:
        # A foreign __repr__ fails as it likes; the error at hand matters more.
        text = f"<{type(value).__name__} that cannot be printed>"
    return text if len(text) <= 80 else f"{text[:77]}..."
