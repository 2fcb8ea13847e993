"""Whether an array follows the law that it was specified to follow."""

from fastinit.conformance.arrays import check
from fastinit.conformance.battery import judge
from fastinit.conformance.checkpoints import CheckpointResult, check_checkpoint
from fastinit.conformance.family import SectionsResult
from fastinit.conformance.verdict import (
    CheckResult,
    Facts,
    TestResult,
    Verdict,
    holm,
    judge_family,
)

__all__ = [
    "CheckResult",
    "CheckpointResult",
    "Facts",
    "SectionsResult",
    "TestResult",
    "Verdict",
    "check",
    "check_checkpoint",
    "holm",
    "judge",
    "judge_family",
]
