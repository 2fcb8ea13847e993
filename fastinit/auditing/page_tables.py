"""The tables of an audit's report."""

from __future__ import annotations

import math
from collections.abc import Mapping

from fastinit.auditing.results import AuditResult
from fastinit.auditing.tensor_audit import TensorAudit
from fastinit.conformance.text import shown_effect
from fastinit.conformance.verdict import CheckResult, TestResult
from fastinit.report import Cell, Column, Table, Tone

__all__ = [
    "KINDS",
    "VERDICTS",
    "findings_table",
    "groups_table",
    "tensors_table",
    "tests_table",
]

#: How verdicts are to be taken.
VERDICTS: dict[str, Tone] = {
    "conforms": "good",
    "violates": "bad",
    "inconclusive": "caution",
}
_NONE = Cell("-", "", "muted")
#: Findings in words.
KINDS = {
    "exact_copy": "copy",
    "negated_copy": "copy, sign flipped",
    "rescaled_copy": "copy, rescaled",
    "transposed_copy": "copy, transposed",
    "cast_copy": "copy, cast",
    "equal_parts": "equal parts",
    "looks_trained": "looks trained",
}


def _number(value: float, digits: int = 4) -> Cell:
    return Cell(f"{value:.{digits}g}", value) if math.isfinite(value) else _NONE


def findings_table(result: AuditResult, anchors: Mapping[str, str]) -> Table:
    """Findings and faults.

    Parameters
    ----------
    result : AuditResult
        The audit.
    anchors : mapping of str to str
        Folds of tensors by name.

    Returns
    -------
    table : Table
        A row each.
    """
    rows = [
        (
            Cell(KINDS[one.kind], tone="bad"),
            Cell(one.tensors[-1], link=anchors.get(one.tensors[-1], "")),
            Cell(one.text),
        )
        for one in result.findings
    ]
    rows += [
        (Cell("fault", tone="bad"), Cell(text.partition(":")[0]), Cell(text))
        for text in result.faults
    ]
    columns = (
        Column("finding", is_facet=True),
        Column("tensor"),
        Column("evidence", is_prose=True),
    )
    return Table(f"{len(rows):,} findings", columns, tuple(rows))


def tensors_table(result: AuditResult, anchors: Mapping[str, str]) -> Table:
    """Every tensor, to be filtered and sorted.

    Parameters
    ----------
    result : AuditResult
        The audit.
    anchors : mapping of str to str
        Folds of tensors by name.

    Returns
    -------
    table : Table
        A row each.
    """
    columns = (
        Column("tensor"),
        Column("verdict", is_facet=True),
        Column("law", note="planned or found; 'not' before one that does not fit"),
        Column("from", is_facet=True, note="where the law comes from"),
        Column("shape"),
        Column("elements", is_number=True),
        Column("dtype", is_facet=True),
        Column("std", is_number=True, note="observed"),
        Column("smallest p", is_number=True, note="after Holm over all tensors"),
        Column("finds", is_number=True, note="error of the std found with 99 %"),
        Column("bits", is_facet=True, note="whether they are those of the plan"),
        Column("most likely cause", is_prose=True),
    )
    rows = tuple(_tensor(one, anchors) for one in result.tensors)
    return Table(f"{len(rows):,} tensors", columns, rows)


def _tensor(one: TensorAudit, anchors: Mapping[str, str]) -> tuple[Cell, ...]:
    word = "looks trained" if one.looks_trained else one.verdict
    tone: Tone = "bad" if one.looks_trained else VERDICTS[one.verdict]
    law = f"not {one.law}" if one.origin == "nearest" else one.law or "-"
    bits = {True: "equal", False: "differ", None: "-"}[one.is_regenerated]
    p_value, found = _NONE, _NONE
    if one.is_judged and one.result is not None:
        p_value = _number(min(t.adjusted_p_value for t in one.result.tests), 2)
        found = Cell(one.strength, _detectable(one.result))
    return (
        Cell(one.name, link=anchors.get(one.name, "")),
        Cell(word, tone=tone),
        Cell(law, note=one.scheme),
        Cell(one.origin),
        Cell("x".join(map(str, one.shape)) or "()"),
        Cell(f"{one.n:,}", float(one.n)),
        Cell(one.dtype),
        _number(one.std),
        p_value,
        found,
        Cell(bits),
        Cell(one.cause),
    )


def _detectable(result: CheckResult) -> float:
    """Detectable error of the std; 0 for constants, which are compared exactly."""
    found = [test.detectable for test in result.tests if test.name == "variance"]
    return found[0] if found and math.isfinite(found[0]) else 0.0


def groups_table(result: AuditResult, anchors: Mapping[str, str]) -> Table:
    """Tensors of one role, pooled.

    Parameters
    ----------
    result : AuditResult
        The audit.
    anchors : mapping of str to str
        Folds of tensors by name.

    Returns
    -------
    table : Table
        A row each.
    """
    columns = (
        Column("group"),
        Column("tensors", is_number=True),
        Column("shape"),
        Column("laws"),
        Column("smallest std", is_number=True),
        Column("median std", is_number=True),
        Column("largest std", is_number=True),
        Column("verdicts"),
        Column("outliers", is_prose=True),
    )
    rows = []
    for one in result.groups:
        words = [f"{count:,} {verdict}" for verdict, count in one.verdicts]
        unlike = [f"{name}: {why}" for name, why in one.outliers]
        tone: Tone = VERDICTS[one.verdicts[0][0]] if len(words) == 1 else "caution"
        rows.append(
            (
                Cell(one.pattern, link=anchors.get(one.names[0], "")),
                Cell(f"{len(one.names):,}", float(len(one.names))),
                Cell("x".join(map(str, one.shape)) or "()"),
                Cell(", ".join(one.laws)),
                *(_number(value) for value in one.std),
                Cell(", ".join(words), tone=tone),
                Cell("; ".join(unlike) or "none", tone="bad" if unlike else "muted"),
            )
        )
    return Table(f"{len(rows):,} groups", columns, tuple(rows))


def tests_table(result: CheckResult) -> Table:
    """Every test of one tensor.

    Parameters
    ----------
    result : CheckResult
        Of the tensor.

    Returns
    -------
    table : Table
        A row each; those that were left out say why.
    """
    columns = (
        Column("test"),
        Column("outcome", is_facet=True),
        Column("adjusted p", is_number=True),
        Column("effect", is_number=True),
        Column("finds", is_number=True, note="effect found with 99 %"),
        Column("detail"),
    )
    rows = [_test(one) for one in result.tests]
    rows += [
        (Cell(one.name), Cell("left out"), _NONE, _NONE, _NONE, Cell(one.reason))
        for one in result.omitted
    ]
    return Table(f"Tests against {result.law}", columns, tuple(rows))


def _test(one: TestResult) -> tuple[Cell, ...]:
    word = "passed" if one.passed else "FAILED"
    found = _NONE
    if one.effect_name and math.isfinite(one.detectable):
        found = Cell(shown_effect(one.detectable), one.detectable, note=one.effect_name)
    return (
        Cell(one.name),
        Cell(word, tone="good" if one.passed else "bad"),
        _number(one.adjusted_p_value, 3),
        _number(one.effect, 3),
        found,
        Cell(one.detail),
    )
