"""Whether an array follows the law that it was specified to follow."""

from fastinit.conformance.arrays import check
from fastinit.conformance.battery import judge
from fastinit.conformance.checkpoints import CheckpointResult, check_checkpoint
from fastinit.conformance.diagnosis import Alternative, Identification, identify
from fastinit.conformance.evidence import (
    Cause,
    Histogram,
    Omitted,
    Picture,
    Quantiles,
    TailCount,
)
from fastinit.conformance.family import SectionsResult
from fastinit.conformance.streaming import Source
from fastinit.conformance.verdict import (
    CheckResult,
    Facts,
    TestResult,
    Verdict,
    holm,
    judge_family,
)

__all__ = [
    "Alternative",
    "Cause",
    "CheckResult",
    "CheckpointResult",
    "Facts",
    "Histogram",
    "Identification",
    "Omitted",
    "Picture",
    "Quantiles",
    "SectionsResult",
    "Source",
    "TailCount",
    "TestResult",
    "Verdict",
    "check",
    "check_checkpoint",
    "holm",
    "identify",
    "judge",
    "judge_family",
]
