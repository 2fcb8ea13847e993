"""The text of `fastinit audit`: rows of tensors and groups, findings, the verdict."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from fastinit.cli.check_text import STYLES
from fastinit.cli.terminal import print_line, print_table, printable

if TYPE_CHECKING:
    from fastinit.auditing import AuditResult, Group, TensorAudit

__all__ = ["print_audit"]

_COLUMNS = ("tensor", "shape", "dtype", "law", "std>", "p>", "finds>", "verdict")
_GROUPS = ("group", "tensors>", "shape", "law", "std", "verdicts", "outliers>")


def print_audit(result: AuditResult) -> None:
    """Print the verdict on a model.

    Parameters
    ----------
    result : AuditResult
        The verdict.
    """
    print_table(_COLUMNS, [_row(one) for one in result.tensors])
    if result.groups:
        print_line("")
        print_table(_GROUPS, [_group(one) for one in result.groups])
    print_line("")
    for one in result.tensors:
        if one.verdict == "violates":
            print_line(f"{printable(one.name)} violates {one.law}: {one.cause}")
    for one in result.tensors:
        if one.note.startswith("not read"):
            print_line(f"{printable(one.name)} is {printable(one.note)}")
    for group in result.groups:
        for name, why in group.outliers:
            print_line(f"{printable(name)} is unlike {group.pattern}: {why}")
    for finding in result.findings:
        print_line(f"finding: {printable(finding.text)}")
    equal, compared = result.n_regenerated
    for one in result.tensors if 0 < equal < compared else ():
        if one.is_regenerated is False:
            line = f"{printable(one.name)} does not hold the values of seed"
            print_line(f"{line} {result.seed}")
    for name, owner in result.shared:
        print_line(f"tied: {printable(name)} shares the memory of {printable(owner)}")
    for fault in result.faults:
        print_line(f"fault: {printable(fault)}")
    line = f"{result.verdict}: {result.summary}"
    print_line(line, result.verdict, STYLES[result.verdict])


def _sizes(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "()"


def _row(one: TensorAudit) -> tuple[Any, ...]:
    """Cells of one tensor; a law that only is the nearest stands behind 'not'."""
    from rich.text import Text

    law = f"not {one.law}" if one.origin == "nearest" and one.law else one.law or "-"
    p_value = "-"
    if one.is_judged and one.result is not None:
        smallest = min(test.adjusted_p_value for test in one.result.tests)
        is_exact = one.strength == "exact" and smallest == 1.0
        p_value = "exact" if is_exact else f"{smallest:.2g}"
    word = "looks trained" if one.looks_trained else one.verdict
    style = STYLES["violates"] if one.looks_trained else STYLES[one.verdict]
    return (
        one.name,
        _sizes(one.shape),
        one.dtype,
        law,
        _std(one.std),
        p_value,
        one.strength,
        Text(word, style),
    )


def _std(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) and value > 0.0 else "-"


def _group(one: Group) -> tuple[Any, ...]:
    """Cells of one group."""
    low, _, high = map(_std, one.std)
    law = one.laws[0] or "-"
    if len(one.laws) > 1:
        law = f"{law} and {len(one.laws) - 1} more"
    verdicts = ", ".join(f"{count:,} {verdict}" for verdict, count in one.verdicts)
    return (
        one.pattern,
        f"{len(one.names):,}",
        _sizes(one.shape),
        law,
        low if low == high else f"{low} to {high}",
        verdicts,
        f"{len(one.outliers):,}",
    )
