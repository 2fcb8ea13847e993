"""The text of `fastinit check`: one row a tensor, what is wrong, and the verdict."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, Any

from fastinit.cli.terminal import print_line, print_table, printable

if TYPE_CHECKING:
    from fastinit.conformance.checkpoints import CheckpointResult
    from fastinit.conformance.verdict import CheckResult
    from fastinit.distributions.law import Law
    from fastinit.models import ModelPlan

__all__ = ["STYLES", "print_checkpoint", "print_one"]

#: How verdicts are shown.
STYLES = {"conforms": "green", "violates": "bold red", "inconclusive": "yellow"}
_WORDS = {
    "conforms": "conform",
    "violates": "violate",
    "inconclusive": "are inconclusive",
}
_COLUMNS = ("tensor", "shape", "law", "std>", "specified>", "p>", "verdict")


def print_one(result: CheckResult) -> None:
    """Print the verdict on one array, with its evidence.

    Parameters
    ----------
    result : CheckResult
        The verdict.
    """
    print_line(str(result), result.verdict, STYLES[result.verdict])


def print_checkpoint(
    result: CheckpointResult, plan: ModelPlan, *, margin: float
) -> None:
    """Print the verdict on a checkpoint: rows, what is wrong, and the summary.

    Parameters
    ----------
    result : CheckpointResult
        The verdict.
    plan : ModelPlan
        What the checkpoint should hold.
    margin : float
        Tolerated relative error, dimensionless, > 0.
    """
    from fastinit.conformance.complex_arrays import laws_of, without_aspect
    from fastinit.models.build import fill_plans

    plans = fill_plans(plan)
    held = {row.label: row.held for _, row in plan.rows}
    pairs = list(zip(result.names, result.results, strict=True))
    rows = []
    for name, one in pairs:
        label = without_aspect(name)
        laws = laws_of(plans[label]) if label != name else {}
        law = laws.get(name.removeprefix(f"{label}, "), plans[label].law())
        rows.append(_row(name, one, held[label], law))
    print_table(_COLUMNS, rows)
    print_line("")
    for name, one in pairs:
        if one.verdict == "violates":
            print_line(f"{printable(name)} fails {_reason(one)}")
    for fault in result.faults:
        print_line(f"fault: {printable(fault)}")
    summary = f"{result.verdict}: {_summary(result, margin)}"
    print_line(summary, result.verdict, STYLES[result.verdict])


def _row(
    name: str, result: CheckResult, shape: tuple[int, ...], law: Law
) -> tuple[Any, ...]:
    """Cells of one tensor; a constant has no std, and chance no part in it."""
    from rich.text import Text

    parameters = ", ".join(f"{value:.4g}" for value in law.parameters)
    sizes = "x".join(map(str, shape)) or "()"
    cells = (name, sizes, f"{law.name}({parameters})", *_evidence(result, law))
    return *cells, Text(result.verdict, STYLES[result.verdict])


def _evidence(result: CheckResult, law: Law) -> tuple[str, str, str]:
    """Observed std, specified std, and the smallest adjusted p-value."""
    smallest = min(test.adjusted_p_value for test in result.tests)
    if all(test.is_deterministic for test in result.tests):
        return "-", "-", "exact" if smallest == 1.0 else "0"
    return f"{result.facts.std:.4g}", f"{law.std:.4g}", f"{smallest:.2g}"


def _reason(result: CheckResult) -> str:
    """What failed, with the likely cause."""
    failed = []
    for test in result.tests:
        if not test.passed:
            chance = f", adjusted p = {test.adjusted_p_value:.2g}"
            detail = test.detail + ("" if test.is_deterministic else chance)
            failed.append(f"{test.name} ({detail})")
    hint = f"\n  hint: {result.hint}" if result.hint else ""
    return f"{', '.join(failed)}{hint}"


def _summary(result: CheckpointResult, margin: float) -> str:
    """One sentence of counts; says why where a verdict is open."""
    counts: collections.Counter[str] = collections.Counter(
        one.verdict for one in result.results
    )
    elements = sum(one.n for one in result.results)
    parts = [
        f"{counts[verdict]:,} {words}"
        for verdict, words in _WORDS.items()
        if counts[verdict]
    ]
    text = (
        f"of {len(result.results):,} tensors {', '.join(parts) or 'none'}; "
        f"faults: {len(result.faults):,}; {elements:,} elements, "
        f"false-alarm rate {result.alpha:g} over all, margin {margin:g}"
    )
    needed = [one.n_needed for one in result.results if one.verdict == "inconclusive"]
    if not needed:
        return text
    return (
        f"{text}; nothing speaks against an inconclusive tensor, but its intervals "
        f"reach beyond the margin: it needs more elements (about {max(needed):,}) or a "
        "larger --margin"
    )
