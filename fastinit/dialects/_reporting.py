"""Errors as the library reports them: of ours, and of its builtin as well."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fastinit.errors import (
    ArgumentError,
    ArgumentTypeError,
    ReportedRuntimeError,
    ReportedValueError,
)


@contextmanager
def values_as_runtime_errors() -> Iterator[None]:
    """Numbers out of range are a RuntimeError too, as torch's samplers say it."""
    try:
        yield
    except ArgumentError as error:
        # Shapes and views are not what a sampler refuses.
        if type(error) is not ArgumentError:
            raise
        raise ReportedRuntimeError(error.given, error.allowed, error.remedy) from error


@contextmanager
def types_as_value_errors() -> Iterator[None]:
    """Wrong types are a ValueError too."""
    try:
        yield
    except ArgumentTypeError as error:
        raise ReportedValueError(error.given, error.allowed, error.remedy) from error
