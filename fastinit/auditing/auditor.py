"""Audit a checkpoint: its laws, its copies, and what no initializer does."""

from __future__ import annotations

import dataclasses
import fnmatch
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from fastinit.auditing.copies import Copy, Fingerprint, find_copies, fingerprint_of
from fastinit.auditing.elements import matrix_of, source_of
from fastinit.auditing.groups import groups_of
from fastinit.auditing.laws import judge_unplanned
from fastinit.auditing.planned import PlannedRows, planned_faults
from fastinit.auditing.results import AuditResult, Finding
from fastinit.auditing.shards import equal_parts
from fastinit.auditing.tensor_audit import TensorAudit
from fastinit.auditing.training import Evidence, matrix_evidence
from fastinit.checkpoints import Checkpoint, Stored, read_checkpoint
from fastinit.checkpoints.in_memory import checkpoint_of
from fastinit.conformance.verdict import judge_family, require_alpha
from fastinit.errors import ArgumentError, ArgumentTypeError
from fastinit.identity import check_seed
from fastinit.models import ModelPlan, read_plan

__all__ = ["audit"]


def audit(
    checkpoint: Any,
    plan: Any = None,
    *,
    seed: int | None = None,
    tied: Iterable[str] = (),
    alpha: float = 1e-6,
    margin: float = 0.1,
    progress: Callable[[int], None] | None = None,
) -> AuditResult:
    """Judge all tensors of a model, each by itself and all together.

    Parameters
    ----------
    checkpoint : str, os.PathLike, Checkpoint or mapping of str to array
        A .safetensors file, an index of several or a folder with one, a .npz, .npy,
        .pt, .pth or .bin file, a Zarr store; or arrays and torch tensors by name, such
        as a state dict. Only read, a tensor at a time.
    plan : ModelPlan, str or os.PathLike, optional
        What it should hold. Without one, the law of each tensor is identified.
    seed : int, optional
        Seed of the values that tensors are compared with, in the place of the plan's;
        in [0, 2^64).
    tied : iterable of str, optional
        Names that are meant to be equal: each text has names or globs with commas
        between them.
    alpha : float
        Probability, in (0, 1), that any correct tensor is said to violate its law, and
        that any initial matrix is said to look trained.
    margin : float
        Tolerated relative error of the std, and of the mean in units of std, > 0.
    progress : callable, optional
        Called with the number of elements judged since the last call.

    Returns
    -------
    result : AuditResult
        Frozen: verdict, a row for each tensor, groups, findings and faults; `str`
        gives readable text.

    Raises
    ------
    FastinitError
        If an argument is wrong, or the checkpoint cannot be read.

    References
    ----------
    docs/audit.md.

    Examples
    --------
    >>> from fastinit import kaiming_normal
    >>> first = kaiming_normal((256, 128), seed=0, name="h.0")
    >>> result = audit({"h.0": first, "h.1": -first})
    >>> result.verdict, str(result.findings[0])
    ('violates', 'h.1 is a copy of h.0, with the opposite sign')
    """
    require_alpha(alpha)
    read = _opened(checkpoint)
    _require_tensors(read)
    model = _plan_of(plan, seed)
    ties = _ties(read, model, tied)
    gathered = _gather(read, model, {"alpha": alpha, "margin": margin}, progress)
    rows = _judged_together([*gathered.rows, *_unread(read)], alpha)
    copies = find_copies(gathered.fingerprints, ties)
    findings = [*gathered.findings, *map(_of_copy, copies)]
    findings += [_of_training(one) for one in rows if one.looks_trained]
    return AuditResult(
        str(read.path),
        tuple(rows),
        groups_of(rows),
        tuple(findings),
        _faults(read, model),
        alpha,
        margin,
        None if model is None else model.seed,
        tuple((one.name, one.shares) for one in read.tensors if one.shares),
    )


def _opened(checkpoint: Any) -> Checkpoint:
    if isinstance(checkpoint, Checkpoint):
        return checkpoint
    if isinstance(checkpoint, Mapping):
        return checkpoint_of(checkpoint)
    if not isinstance(checkpoint, (str, os.PathLike)):
        raise ArgumentTypeError(
            f"a checkpoint of type {type(checkpoint).__name__}",
            "a checkpoint is a path, or a mapping of names to arrays",
            "pass e.g. 'model.safetensors' or model.state_dict()",
        )
    return read_checkpoint(checkpoint)


def _require_tensors(checkpoint: Checkpoint) -> None:
    """Raise where there is nothing to judge."""
    if not (checkpoint.tensors or checkpoint.unread or checkpoint.lost):
        raise ArgumentError(
            f"no tensors in checkpoint {str(checkpoint.path)!r}",
            "a checkpoint holds at least one tensor",
            "check the path, or the key under which the tensors were saved",
        )


def _faults(checkpoint: Checkpoint, model: ModelPlan | None) -> tuple[str, ...]:
    """What is wrong apart from values: by the index, and by the plan."""
    lost = [f"{name}: {reason}" for name, reason in checkpoint.lost]
    planned = () if model is None else planned_faults(checkpoint, model)
    return tuple(sorted((*lost, *planned)))


class _Gathered(NamedTuple):
    """What was found of one tensor after the other."""

    rows: list[TensorAudit]
    fingerprints: list[Fingerprint]
    findings: list[Finding]


def _gather(
    read: Checkpoint,
    model: ModelPlan | None,
    limits: Mapping[str, float],
    progress: Callable[[int], None] | None,
) -> _Gathered:
    """Look at every tensor once, one at a time."""
    found = _Gathered([], [], [])
    shapes_held = [one.shape for one in read.tensors]
    if model is not None:
        shapes_held = [row.held for _, row in model.rows]
    n_matrices = max(sum(len(shape) > 1 for shape in shapes_held), 1)

    def look(matrix: Any) -> tuple[Evidence, ...]:
        return matrix_evidence(matrix, limits["alpha"] / n_matrices)

    planned = None if model is None else PlannedRows(model, limits, look)
    shapes = {one.name: one.shape for one in read.tensors}
    for stored in read.tensors:
        if stored.shares or (planned is not None and stored not in planned):
            continue
        if planned is not None:
            rows = planned.rows(stored)
        else:
            rows = [_unplanned(stored, shapes, look, limits)]
        fingerprint, parts = _prints(stored)
        if fingerprint is not None:
            found.fingerprints.append(fingerprint)
        if parts:
            text = f"{stored.name} repeats itself: {parts}"
            found.findings.append(Finding("equal_parts", (stored.name,), text))
            # Equal parts make a spectrum that no training has made.
            rows = [dataclasses.replace(one, evidence=()) for one in rows]
        found.rows.extend(rows)
        if progress is not None:
            progress(stored.n)
    return found


def _plan_of(plan: Any, seed: int | None) -> ModelPlan | None:
    """Plan with the seed that was asked for."""
    if plan is None:
        if seed is not None:
            raise ArgumentError(
                f"seed {seed!r} without a plan",
                "a seed makes values again by the names and schemes of a plan",
                "give the plan too, or leave out the seed",
            )
        return None
    model = plan if isinstance(plan, ModelPlan) else read_plan(plan)
    return model if seed is None else dataclasses.replace(model, seed=check_seed(seed))


def _unplanned(
    stored: Stored,
    shapes: Mapping[str, tuple[int, ...]],
    look: Callable[[Any], tuple[Evidence, ...]],
    limits: Mapping[str, float],
) -> TensorAudit:
    """Row of a tensor whose law is to be found."""
    row = judge_unplanned(stored, source_of(stored), shapes, **limits)
    is_matrix = stored.dtype.is_float and len(stored.shape) > 1 and row.n
    evidence = look(matrix_of(stored.open())) if is_matrix else ()
    return dataclasses.replace(row, evidence=_supported(row, evidence))


def _supported(
    row: TensorAudit, evidence: tuple[Evidence, ...]
) -> tuple[Evidence, ...]:
    """Evidence with what supports it."""
    if not evidence or row.origin != "nearest":
        return evidence
    return (*evidence, Evidence("law", "no initializer that is known fits"))


def _prints(stored: Stored) -> tuple[Fingerprint | None, str]:
    """Fingerprint of a tensor, and its equal parts in words."""
    if not stored.n or not stored.shape:
        return None, ""
    values = stored.open()
    found = fingerprint_of(stored, values)
    return found, "" if found is None else equal_parts(stored, values)


def _unread(checkpoint: Checkpoint) -> list[TensorAudit]:
    return [
        TensorAudit(name, (), "", 0, "none", note=f"not read: {reason}")
        for name, reason in checkpoint.unread
    ]


def _judged_together(rows: Sequence[TensorAudit], alpha: float) -> list[TensorAudit]:
    """Rows with p-values adjusted over all that are judged."""
    judged = [one.result for one in rows if one.is_judged and one.result is not None]
    results = iter(judge_family(judged, alpha))
    return [
        dataclasses.replace(one, result=next(results)) if one.is_judged else one
        for one in rows
    ]


def _ties(
    checkpoint: Checkpoint, model: ModelPlan | None, tied: Iterable[str]
) -> list[frozenset[str]]:
    """Sets of names that are meant to be equal."""
    names = checkpoint.names | {name for name, _ in checkpoint.lost}
    ties = []
    for text in [tied] if isinstance(tied, str) else tied:
        alike: set[str] = set()
        for pattern in map(str.strip, text.split(",")):
            found = {one for one in names if fnmatch.fnmatchcase(one, pattern)}
            if not found:
                raise ArgumentError(
                    f"tied {pattern!r}",
                    "each name or glob names at least one tensor of the checkpoint",
                    "correct the name, or leave it out",
                )
            alike |= found
        ties.append(frozenset(alike))
    canonical: dict[str, set[str]] = {}
    for one in () if model is None else model.tensors:
        canonical.setdefault(one.canonical, set()).add(one.name)
    return [*ties, *map(frozenset, canonical.values())]


def _of_copy(copy: Copy) -> Finding:
    text = f"{copy.name} is a copy of {copy.original}, {copy.relation}"
    return Finding(copy.relation.kind, (copy.original, copy.name), text)


def _of_training(row: TensorAudit) -> Finding:
    signs = "; ".join(one.text for one in row.evidence)
    return Finding("looks_trained", (row.name,), f"{row.name} looks trained: {signs}")
