"""Plan files: TOML that describes all tensors of a model.

A plan is read whole and checked whole before anything is written, and every
failure names file, table and key. The format is described in docs/plans.md.
"""

from __future__ import annotations

import fnmatch
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastinit.dtypes import ROUNDINGS
from fastinit.errors import ArgumentTypeError, OutputError, PlanError
from fastinit.identity import STREAM_VERSION
from fastinit.models.expressions import check_constant_name, evaluate
from fastinit.models.fan_keys import fans_in, said_in
from fastinit.models.model_plan import ModelPlan
from fastinit.models.tensor_tables import (
    Header,
    Rule,
    dtype_in,
    read_tensors,
    scheme_in,
)
from fastinit.models.toml_tables import Table, located, shown

__all__ = ["MAX_BYTES", "parse_plan", "read_plan"]

#: Largest plan file, bytes of UTF-8.
MAX_BYTES = 16 * 2**20
#: Dtype where neither a tensor nor [defaults] names one, as in `fastinit.api`.
DEFAULT_DTYPE = "float32"

_TOP_KEYS = ("stream", "seed", "constants", "defaults", "tensor", "rule")


def read_plan(path: str | os.PathLike[str]) -> ModelPlan:
    r"""Read a plan file.

    Parameters
    ----------
    path : str or os.PathLike
        A TOML file in UTF-8, at most 16 MiB.

    Returns
    -------
    plan : ModelPlan
        All its tensors; its source is the path.

    Raises
    ------
    OutputError
        If the file cannot be read.
    PlanError
        If it is not UTF-8, is too large, or `parse_plan` refuses it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "model.toml")
    ...     _ = path.write_text(
    ...         'stream = 1\nseed = 7\n[[tensor]]\nname = "w"\nshape = [2, 3]\n'
    ...         'dtype = "float32"\nscheme = "normal(std=0.02)"\n'
    ...     )
    ...     read_plan(path).n_parameters
    6
    """
    source = os.fspath(path)
    try:
        with Path(source).open("rb") as file:
            # One byte more than allowed shows that a file, or a pipe, is too long.
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise OutputError(
            f"plan file {source!r} cannot be read ({error})",
            "a plan is a readable TOML file",
            "check the path and its permissions",
        ) from error
    if len(data) > MAX_BYTES:
        raise _too_large(source)
    try:
        return parse_plan(data.decode(), source)
    except UnicodeDecodeError as error:
        raise PlanError(
            f"{source}: byte {error.start} is {data[error.start]:#04x}",
            "a TOML file is text in UTF-8",
            "save it in UTF-8",
        ) from error


def parse_plan(text: str, source: str = "<text>") -> ModelPlan:
    """Read a plan from its text.

    Parameters
    ----------
    text : str
        TOML, at most 16 MiB.
    source : str
        Where it comes from, for messages.

    Returns
    -------
    plan : ModelPlan
        All its tensors, expanded and in order.

    Raises
    ------
    ArgumentTypeError
        If `text` is not text.
    PlanError
        If it is not TOML, or does not hold together; the message names source,
        table and key.

    Examples
    --------
    >>> plan = parse_plan('''
    ... stream = 1
    ... seed = 7
    ... [constants]
    ... width = 8
    ... [defaults]
    ... dtype = "float32"
    ... [[tensor]]
    ... name = "block.{0..2}.weight"
    ... shape = [4, "2 * width"]
    ... [[rule]]
    ... match = "*.weight"
    ... scheme = "normal(std=1 / sqrt(2 * width))"
    ... ''')
    >>> [tensor.name for tensor in plan.tensors]
    ['block.0.weight', 'block.1.weight', 'block.2.weight']
    >>> plan.tensors[0].shape, str(plan.tensors[0].spec)
    ((4, 16), 'normal(std=0.25)')
    """
    if not isinstance(text, str):
        raise ArgumentTypeError(
            f"a plan of type {type(text).__name__} was given",
            "parse_plan takes text",
            "decode it, or use read_plan for a file",
        )
    # The length in characters spares the encoding of what is too long anyway.
    if len(text) > MAX_BYTES or len(text.encode(errors="replace")) > MAX_BYTES:
        raise _too_large(source)
    top = Table(_document(text, source), source)
    top.check_keys(_TOP_KEYS)
    _integer(top, "stream", STREAM_VERSION, STREAM_VERSION + 1)
    seed = _integer(top, "seed", 0, 2**64)
    return ModelPlan(seed, read_tensors(top, _header(top)), source)


def _too_large(source: str) -> PlanError:
    return PlanError(
        f"{source}: more than {MAX_BYTES} bytes",
        "a plan file has at most 16 MiB",
        "use braces in names, and rules, in place of repeated tables",
    )


def _document(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # ValueError is TOMLDecodeError and what int() says to overlong numbers.
        raise PlanError(
            f"{source}: {error}",
            "a plan file is TOML 1.0",
            "correct the syntax there",
        ) from error


def _integer(table: Table, key: str, low: int, stop: int) -> int:
    """Integer of a required key, in [low, stop)."""
    value = table.required(key)
    # bool is an int to Python, and no number to the reader of a plan.
    if type(value) is int and low <= value < stop:
        return value
    raise PlanError(
        f"{table.place(key)} is {shown(value)}",
        f"it is an integer in [{low}, {stop})",
        f"write {key} = {low}",
    )


def _header(top: Table) -> Header:
    defaults = top.table("defaults", "[defaults]")
    defaults.check_keys(("dtype", "layout", "rounding"))
    constants = _constants(top.table("constants", "[constants]"))
    rules = tuple(_rule(one, constants) for one in top.tables("rule", "match"))
    fans = fans_in(defaults, constants)
    dtype = dtype_in(defaults) or DEFAULT_DTYPE
    rounding = defaults.optional_text("rounding") or ROUNDINGS[0]
    return Header(constants, dtype, rules, fans, rounding)


def _constants(table: Table) -> dict[str, int | float]:
    """Values by name; each may use those before it."""
    values: dict[str, int | float] = {}
    for name, given in table.entries.items():
        with located(table.where):
            check_constant_name(name)
        with located(table.place(name)):
            values[name] = evaluate(given, values)
    return values


def _rule(table: Table, constants: Mapping[str, int | float]) -> Rule:
    table.check_keys(("match", "scheme"))
    pattern = table.text("match")
    if "{" in pattern or "}" in pattern:
        raise PlanError(
            f"{table.place('match')} is {shown(pattern)}",
            "a glob has * ? [abc] [!abc]; braces do not expand in it",
            "write one rule for each alternative",
        )
    # As fnmatch.fnmatchcase, without its bounded cache of patterns.
    matches = re.compile(fnmatch.translate(pattern)).match
    table.required("scheme")
    spec = scheme_in(table, constants)
    return Rule(matches, spec, said_in(table.text("scheme")))
