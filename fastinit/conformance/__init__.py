"""Whether an array follows the law that it was specified to follow."""

from fastinit.conformance.battery import judge
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
    "Facts",
    "TestResult",
    "Verdict",
    "holm",
    "judge",
    "judge_family",
]
