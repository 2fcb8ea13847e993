"""What `fastinit check` found in the form of an audit, for its report."""

from __future__ import annotations

from collections.abc import Iterable

from fastinit.auditing.groups import groups_of
from fastinit.auditing.results import AuditResult
from fastinit.auditing.tensor_audit import TensorAudit
from fastinit.conformance.verdict import CheckResult

__all__ = ["audit_of_checks"]


def audit_of_checks(
    source: str,
    checks: Iterable[tuple[str, tuple[int, ...], str, CheckResult]],
    faults: Iterable[str],
    limits: tuple[float, float],
) -> AuditResult:
    """Audit that says no more than checks do.

    Parameters
    ----------
    source : str
        What was checked.
    checks : iterable of (str, tuple of int, str, CheckResult)
        Name, shape, Spec and verdict of each tensor, judged as one family.
    faults : iterable of str
        What is wrong apart from values.
    limits : tuple of 2 floats
        alpha and margin.

    Returns
    -------
    result : AuditResult
        Without findings.

    Examples
    --------
    >>> faults = ["w: not in the plan"]
    >>> audit_of_checks("m.safetensors", [], faults, (1e-6, 0.1)).verdict
    'violates'
    """
    rows = [
        TensorAudit(
            name, shape, one.dtype, one.n, "plan", one.law, scheme=spec, result=one
        )
        for name, shape, spec, one in checks
    ]
    groups = groups_of(rows)
    return AuditResult(source, tuple(rows), groups, (), tuple(faults), *limits)
