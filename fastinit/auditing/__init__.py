"""Audits of whole models: laws, copies, signs of training, and bits of a plan."""

from fastinit.auditing.auditor import audit
from fastinit.auditing.groups import Group
from fastinit.auditing.results import AuditResult, Finding
from fastinit.auditing.tensor_audit import TensorAudit
from fastinit.auditing.training import Evidence

__all__ = ["AuditResult", "Evidence", "Finding", "Group", "TensorAudit", "audit"]
