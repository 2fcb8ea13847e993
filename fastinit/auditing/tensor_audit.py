"""What an audit says of one tensor."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Literal

from fastinit.auditing.training import Evidence
from fastinit.conformance.text import shown_effect
from fastinit.conformance.verdict import CheckResult, Verdict

__all__ = ["Origin", "TensorAudit"]

#: Where the law of a tensor comes from.
Origin = Literal["plan", "identified", "nearest", "none"]


@dataclass(frozen=True)
class TensorAudit:
    """One tensor of a checkpoint, judged.

    Attributes
    ----------
    name : str
        Its name, with the part in brackets where it holds several canonical tensors.
    shape : tuple of int
        Shape of what is stored.
    dtype : str
        Name of its dtype.
    n : int
        Number of elements.
    origin : {'plan', 'identified', 'nearest', 'none'}
        Whether its law was planned, was found and fits, is the nearest of those that
        are known and does not fit, or does not exist.
    law : str
        The law, short; '' where there is none.
    scheme : str
        The planned Spec, or the scheme that was found.
    result : CheckResult or None
        Verdict against that law; None where there is none.
    evidence : tuple of Evidence
        Signs of training, if there are any.
    is_regenerated : bool or None
        Whether it is bit by bit what the plan makes; None without a plan and for
        constants.
    note : str
        Why there is no law, or no known one.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    n: int
    origin: Origin
    law: str = ""
    scheme: str = ""
    result: CheckResult | None = None
    evidence: tuple[Evidence, ...] = ()
    is_regenerated: bool | None = None
    note: str = ""

    @property
    def is_judged(self) -> bool:
        """Whether a verdict on its law counts."""
        return self.result is not None and self.origin in {"plan", "identified"}

    @property
    def verdict(self) -> Verdict:
        """Verdict on its law; 'inconclusive' where no law is known."""
        if self.result is None or not self.is_judged:
            return "inconclusive"
        return self.result.verdict

    @property
    def std(self) -> float:
        """Observed std; NaN where it was not measured."""
        return math.nan if self.result is None else self.result.facts.std

    @property
    def looks_trained(self) -> bool:
        """Whether there are signs of training."""
        return bool(self.evidence)

    @property
    def cause(self) -> str:
        """The most that can be said of it in one sentence, or ''."""
        if self.verdict == "violates" and self.result is not None:
            return self.result.hint
        if self.looks_trained:
            signs = "; ".join(one.text for one in self.evidence)
            return f"looks trained: {signs}"
        return self.note

    @property
    def strength(self) -> str:
        """Error of the std that would have been found with 99 %, 'exact', or '-'."""
        if self.result is None or not self.is_judged:
            return "-"
        if all(test.is_deterministic for test in self.result.tests):
            return "exact"
        for test in self.result.tests:
            if test.name == "variance" and math.isfinite(test.detectable):
                return shown_effect(test.detectable)
        return "-"

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON.

        Returns
        -------
        data : dict
            The fields under their names, with verdict, cause and strength.
        """
        data = {
            one.name: getattr(self, one.name)
            for one in dataclasses.fields(self)
            if one.name not in {"result", "evidence", "shape"}
        }
        evidence = [dataclasses.asdict(one) for one in self.evidence]
        return {
            **data,
            "shape": list(self.shape),
            "verdict": self.verdict,
            "cause": self.cause,
            "strength": self.strength,
            "evidence": evidence,
            "result": None if self.result is None else self.result.to_dict(),
        }
