"""The report of an audit, and of a check: verdict first, then a fold a tensor."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from fastinit import __version__
from fastinit.auditing.page_tables import (
    KINDS,
    VERDICTS,
    findings_table,
    groups_table,
    tensors_table,
    tests_table,
)
from fastinit.auditing.plots import LEGEND, pictures_of
from fastinit.auditing.results import AuditResult
from fastinit.auditing.tensor_audit import TensorAudit
from fastinit.report import (
    Block,
    Facts,
    Figures,
    Fold,
    Folds,
    Page,
    Prose,
    Section,
    Table,
    Tile,
    Tiles,
    Tone,
)

__all__ = ["DRAWN", "page_of"]

#: Tensors that are drawn, at most: each takes a tenth of a second and 40 KB.
DRAWN = 40
_METHOD = (
    "Each tensor is streamed and held against one law: that of the plan, or the scheme "
    "that fits best. 'violates' says that some test contradicts the law; 'conforms' "
    "that none does and that std, mean and distribution are shown to lie within the "
    "margin; 'inconclusive' is the rest, mostly tensors of few elements.",
    "p-values are adjusted by Holm over all tests of all tensors. What a test finds is "
    "the size of the deviation that it detects with a probability of 99 % at this "
    "number of elements.",
    "Copies are suspected from 128 elements and confirmed by reading both tensors "
    "whole. A tensor looks trained where its largest singular values lie beyond the "
    "edge of a random matrix, or its rows or columns have sizes of their own.",
    "Drawings come from the counts of the scan of all elements; nothing is sampled.",
)


def page_of(result: AuditResult, title: str = "Audit") -> Page:
    """Report of an audit.

    Parameters
    ----------
    result : AuditResult
        The audit; that of a check has neither groups nor findings.
    title : str
        What it is.

    Returns
    -------
    page : Page
        For `fastinit.report.write_page`.
    """
    drawn = _drawn(result)
    anchors = {one.name: f"tensor-{at}" for at, one in enumerate(drawn)}
    sections = []
    if result.findings or result.faults:
        sections.append(Section("Findings", (findings_table(result, anchors),)))
    if result.tensors:
        lead = "A row a tensor; names lead to the drawings."
        blocks: tuple[Block, ...] = (tensors_table(result, anchors),)
        sections.append(Section("Tensors", blocks, lead))
    if result.groups:
        lead = "Tensors of one role in several layers, and those unlike the others."
        sections.append(Section("Groups", (groups_table(result, anchors),), lead))
    if drawn:
        lead = _drawn_lead(len(drawn), len(result.tensors))
        folds = tuple(_folds(result, drawn, anchors))
        sections.append(Section("Evidence", (Folds("Tensors", folds),), lead))
    sections.append(Section("Method", (Prose(_METHOD), _facts(result))))
    return Page(
        f"{title} of {result.source.rpartition('/')[2]}",
        f"{result.verdict}: {result.summary}.",
        (Tiles(tuple(_tiles(result))),),
        tuple(sections),
        f"fastinit {__version__}",
    )


def _drawn(result: AuditResult) -> list[TensorAudit]:
    """Tensors with a fold: what is wrong first, then one a group, then the rest."""
    firsts = {one.names[0] for one in result.groups}
    outliers = {name for one in result.groups for name, _ in one.outliers}
    named = {name for one in result.findings for name in one.tensors}
    grouped = {name for one in result.groups for name in one.names}

    def rank(one: TensorAudit) -> int:
        if one.verdict == "violates" or one.looks_trained or one.name in named:
            return 0
        if one.name in outliers:
            return 1
        return 2 if one.name in firsts or one.name not in grouped else 3

    with_result = [one for one in result.tensors if one.result is not None]
    kept = sorted(with_result, key=rank)[:DRAWN]
    return sorted(kept, key=rank)


def _drawn_lead(n_drawn: int, n_tensors: int) -> str:
    lead = "What was tested, and how strongly."
    if n_drawn < n_tensors:
        lead += (
            f" {n_drawn} of {n_tensors} tensors: what is wrong first, then one of each "
            "group."
        )
    return lead


def _folds(
    audit: AuditResult, drawn: Sequence[TensorAudit], anchors: dict[str, str]
) -> Iterator[Fold]:
    found = {one.tensors[-1]: KINDS[one.kind] for one in audit.findings}
    for at, one in enumerate(drawn):
        result = one.result
        assert result is not None
        blocks: list[Prose | Figures | Table] = [Prose(tuple(_told(one)))]
        if result.picture is not None:
            figures = pictures_of(result.picture, anchors[one.name])
            blocks.append(Figures(figures, LEGEND))
        blocks.append(tests_table(result))
        tone: Tone = "bad" if one.name in found else VERDICTS[one.verdict]
        note = found.get(one.name, one.verdict)
        sizes = " x ".join(map(str, one.shape)) or "scalar"
        yield Fold(
            one.name,
            tuple(blocks),
            f"{note} - {one.dtype}, {sizes}",
            tone,
            anchors[one.name],
            at == 0 and tone == "bad",
        )


def _told(one: TensorAudit) -> Iterable[str]:
    """Sentences about one tensor."""
    result = one.result
    assert result is not None
    kind = {"plan": "planned", "identified": "identified", "nearest": "nearest"}
    words = kind.get(one.origin, "no")
    scheme = f": {one.scheme}" if one.scheme else ""
    yield f"{result.n:,} elements against the {words} law {result.law}{scheme}."
    if one.cause:
        yield f"{one.cause[0].upper()}{one.cause[1:]}."
    if one.is_regenerated is not None:
        equal = "Equal" if one.is_regenerated else "Not equal"
        yield f"{equal}, bit by bit, to what the plan makes with this seed."
    facts = result.facts
    yield (
        f"Observed: min {facts.min:.6g}, max {facts.max:.6g}, mean {facts.mean:.4g}, "
        f"std {facts.std:.6g}; {facts.n_nan:,} NaN, {facts.n_inf:,} infinite."
    )


def _tiles(result: AuditResult) -> Iterator[Tile]:
    yield Tile(result.verdict, "verdict", "", VERDICTS[result.verdict])
    good = sum(one.verdict == "conforms" for one in result.tensors)
    bad = sum(one.verdict == "violates" for one in result.tensors)
    open_ = len(result.tensors) - good - bad
    note = f"{bad:,} violate, {open_:,} inconclusive"
    tone: Tone = "bad" if bad else "good" if not open_ else "caution"
    yield Tile(f"{good:,} of {len(result.tensors):,}", "tensors conform", note, tone)
    n_found = len(result.findings) + len(result.faults)
    note = "copies, equal parts, training, faults"
    yield Tile(f"{n_found:,}", "findings", note, "bad" if n_found else "good")
    equal, compared = result.n_regenerated
    if compared:
        note = f"seed {result.seed}"
        tone = "good" if equal == compared else "caution"
        yield Tile(f"{equal:,} of {compared:,}", "equal the plan's bits", note, tone)
    elements = sum(one.n for one in result.tensors)
    yield Tile(_rounded(elements), "elements", f"{elements:,}")


def _rounded(n: int) -> str:
    """Number of elements with three digits and a unit."""
    if n < 1000:
        return str(n)
    power = min(int(math.log10(n)) // 3, 4)
    return f"{n / 1000**power:.3g}{' kMGT'[power]}"


def _facts(result: AuditResult) -> Facts:
    pairs = [
        ("source", result.source),
        ("false-alarm rate", f"{result.alpha:g} over all tests"),
        ("margin", f"{result.margin:g}"),
    ]
    pairs += [("shared memory", f"{a} is {b}") for a, b in result.shared]
    return Facts(tuple(pairs))
