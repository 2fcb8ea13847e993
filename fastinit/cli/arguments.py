"""Options and arguments: texts of a shell as values, refused in three parts.

Readers raise errors of fastinit, not click's, so that one message has one form
wherever it comes from. What they need beyond Python is imported when an option is
used: `fastinit --help` loads neither NumPy nor Numba.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rich_click as click

from fastinit.errors import ArgumentError, SpecError, ViewError

__all__ = [
    "as_callback",
    "output_options",
    "read_count",
    "read_index",
    "read_path",
    "read_real",
    "read_seed",
    "read_shape",
    "read_spec",
]

# Nineteen digits hold every size and seed, and keep int() far from its own limit.
_SIZE = re.compile(r"\d{1,19}", re.ASCII)
_BOUND = re.compile(r"(-?\d{1,19})?", re.ASCII)


def read_shape(text: str) -> tuple[int, ...]:
    """Shape of an array from its text.

    Parameters
    ----------
    text : str
        Sizes between x or commas, with or without Python's brackets; '()' is a
        scalar.

    Returns
    -------
    shape : tuple of int
        The sizes.

    Raises
    ------
    ViewError
        If the text is no shape, or the array would be too large.

    Examples
    --------
    >>> read_shape("4096x1024"), read_shape("(3, 4)"), read_shape("()")
    ((4096, 1024), (3, 4), ())
    """
    from fastinit.view import check_shape

    inner = text.strip()
    if inner in {"()", "[]"}:
        return ()
    if inner[:1] + inner[-1:] in {"()", "[]"}:
        # Python writes a comma behind a lone size.
        inner = re.sub(r"(\d)\s*,$", r"\1", inner[1:-1].strip())
    sizes = re.split(r"\s*[x,]\s*", inner)
    if len(sizes) > 64 or not all(map(_SIZE.fullmatch, sizes)):
        raise ViewError(
            f"shape {text!r}",
            "a shape is up to 64 sizes >= 0 with x or commas between them",
            "write e.g. --shape 4096x1024, or --shape '()' for a scalar",
        )
    return check_shape(tuple(map(int, sizes)))


def read_index(text: str) -> tuple[Any, ...]:
    """Index of NumPy from its text.

    Parameters
    ----------
    text : str
        Slices, integers and '...', with commas between them.

    Returns
    -------
    index : tuple of slice, int and Ellipsis
        What `fastinit.View` takes.

    Raises
    ------
    ViewError
        If the text is no index.

    Examples
    --------
    >>> read_index("0:4096, :")
    (slice(0, 4096, None), slice(None, None, None))
    """
    return tuple(_read_entry(text, entry.strip()) for entry in text.split(","))


def _read_entry(text: str, entry: str) -> Any:
    if entry == "...":
        return Ellipsis
    pieces = [piece.strip() for piece in entry.split(":")]
    if entry and len(pieces) <= 3 and all(map(_BOUND.fullmatch, pieces)):
        bounds = [int(piece) if piece else None for piece in pieces]
        return slice(*bounds) if len(bounds) > 1 else bounds[0]
    raise ViewError(
        f"index {text!r}",
        "an index is slices and integers with commas between them",
        "write e.g. --index '0:4096, :'",
    )


def read_seed(text: str) -> int:
    """Seed from its text.

    Parameters
    ----------
    text : str
        Decimal digits.

    Returns
    -------
    seed : int
        In [0, 2^64).

    Raises
    ------
    ArgumentError
        If the text is no such number.

    Examples
    --------
    >>> read_seed("7")
    7
    """
    digits = text.strip()
    # 2^64 has twenty digits.
    if re.fullmatch(r"\d{1,20}", digits, re.ASCII) and int(digits) < 1 << 64:
        return int(digits)
    raise ArgumentError(
        f"seed {text!r}",
        "a seed is an integer in [0, 2^64)",
        "write e.g. --seed 0",
    )


def read_count(text: str) -> int:
    """Number of threads from its text.

    Parameters
    ----------
    text : str
        Decimal digits.

    Returns
    -------
    count : int
        In [1, 1024].

    Raises
    ------
    ArgumentError
        If the text is no such number.

    Examples
    --------
    >>> read_count("2")
    2
    """
    digits = text.strip()
    if _SIZE.fullmatch(digits) and 1 <= int(digits) <= 1024:
        return int(digits)
    raise ArgumentError(
        f"threads {text!r}",
        "threads is an integer in [1, 1024]",
        "write e.g. --threads 1 for a serial run, or leave it out",
    )


def read_real(text: str) -> float:
    """Real number from its text; its range is the business of who uses it.

    Parameters
    ----------
    text : str
        As Python and TOML write it.

    Returns
    -------
    value : float
        Finite.

    Raises
    ------
    ArgumentError
        If the text is no number, or not a finite one.

    Examples
    --------
    >>> read_real("1e-6")
    1e-06
    """
    pattern = r"[+-]?(\d{1,400}\.?\d{0,400}|\.\d{1,400})([eE][+-]?\d{1,9})?"
    if re.fullmatch(pattern, text.strip(), re.ASCII):
        value = float(text)
        if abs(value) < float("inf"):
            return value
    raise ArgumentError(
        f"number {text!r}",
        "a finite real number belongs here",
        "write e.g. 0.1 or 1e-6",
    )


def read_path(text: str) -> Path:
    """Path from its text.

    Parameters
    ----------
    text : str
        Any but the empty text.

    Returns
    -------
    path : pathlib.Path
        The path; whether it exists is not looked at.

    Raises
    ------
    ArgumentError
        If the text is empty or holds a NUL character.

    Examples
    --------
    >>> read_path("w.npy").suffix
    '.npy'
    """
    if not text or "\0" in text:
        raise ArgumentError(
            f"path {text!r}",
            "a path is not empty and has no NUL character",
            "name a file, e.g. w.npy",
        )
    return Path(text)


def read_spec(text: str) -> Any:
    """Spec from its text.

    Parameters
    ----------
    text : str
        As `fastinit.Spec.parse` takes it.

    Returns
    -------
    spec : Spec
        What the text says.

    Raises
    ------
    SpecError, UnknownSchemeError, ArgumentError
        If the text is no Spec.

    Examples
    --------
    >>> read_spec("glorot_normal")
    Spec('xavier_normal')
    """
    from fastinit.spec import Spec

    if text.endswith((".toml", ".npy", ".safetensors")):
        raise SpecError(
            f"spec {text!r}",
            "a spec is a scheme such as kaiming_normal(mode=fan_out)",
            "put --plan in front of a plan file, and name one array file",
        )
    return Spec.parse(text)


def as_callback(read: Callable[[str], Any]) -> Callable[..., Any]:
    """Reader as a callback of click, for options that may be left out.

    Parameters
    ----------
    read : callable
        One of the readers of this module.

    Returns
    -------
    callback : callable
        callback(context, parameter, text) -> value, None for None.

    Examples
    --------
    >>> as_callback(read_seed)(None, None, "3")
    3
    """

    def callback(_context: Any, _parameter: Any, text: str | None) -> Any:
        return None if text is None else read(text)

    return callback


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that every command has.

    Parameters
    ----------
    command : callable
        Function of a command.

    Returns
    -------
    command : callable
        The same, which now also takes `as_json` and `is_quiet`.
    """
    as_json = click.option(
        "--json", "as_json", is_flag=True, help="Write one JSON document to stdout."
    )
    is_quiet = click.option(
        "--quiet",
        "-q",
        "is_quiet",
        is_flag=True,
        help="Write nothing but errors, and JSON where asked for.",
    )
    return as_json(is_quiet(command))
