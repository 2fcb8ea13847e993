"""What an audit says of a whole checkpoint."""

from __future__ import annotations

import collections
import dataclasses
from dataclasses import dataclass
from typing import Any

from fastinit.auditing.groups import Group
from fastinit.auditing.tensor_audit import TensorAudit
from fastinit.conformance.verdict import Verdict, plain_values

__all__ = ["AuditResult", "Finding"]


@dataclass(frozen=True)
class Finding:
    """Something that no single tensor shows, or no law.

    Attributes
    ----------
    kind : str
        A row of the table of findings in docs/audit.md.
    tensors : tuple of str
        The tensors that it is about; of a copy, the original comes first.
    text : str
        What was found, in one sentence.
    """

    kind: str
    tensors: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        """The sentence."""
        return self.text


@dataclass(frozen=True)
class AuditResult:
    """Verdict on a whole checkpoint, with the evidence.

    Ask for `conforms` or compare `verdict`, never `if result`.

    Attributes
    ----------
    source : str
        What was audited.
    tensors : tuple of TensorAudit
        A row for each, in the order of the plan or of the file.
    groups : tuple of Group
        Tensors of one role in several layers.
    findings : tuple of Finding
        Copies, equal parts, and tensors that look trained.
    faults : tuple of str
        What is wrong apart from values: missing, unexpected or misshapen tensors.
    alpha : float
        False-alarm rate of all laws together, and of all signs of training together.
    margin : float
        Tolerated relative error, dimensionless.
    seed : int or None
        Seed of the plan that values were compared with.
    shared : tuple of (str, str)
        Tensors that are the memory of an earlier one, and that one.
    """

    source: str
    tensors: tuple[TensorAudit, ...]
    groups: tuple[Group, ...]
    findings: tuple[Finding, ...]
    faults: tuple[str, ...]
    alpha: float
    margin: float
    seed: int | None = None
    shared: tuple[tuple[str, str], ...] = ()

    @property
    def verdict(self) -> Verdict:
        """'violates' if anything is wrong, else the weakest verdict of a tensor."""
        verdicts = {one.verdict for one in self.tensors}
        if self.faults or self.findings or "violates" in verdicts:
            return "violates"
        # Nothing at all says nothing.
        return "conforms" if verdicts == {"conforms"} else "inconclusive"

    @property
    def conforms(self) -> bool:
        """True where the verdict is 'conforms'."""
        return self.verdict == "conforms"

    @property
    def n_regenerated(self) -> tuple[int, int]:
        """Tensors that equal what the plan makes bit by bit, and those compared."""
        compared = [one.is_regenerated for one in self.tensors]
        return compared.count(True), len(compared) - compared.count(None)

    @property
    def summary(self) -> str:
        """One sentence of counts."""
        counts: collections.Counter[str] = collections.Counter(
            one.verdict for one in self.tensors
        )
        words = {
            "conforms": "conform",
            "violates": "violate",
            "inconclusive": "are inconclusive",
        }
        parts = [f"{counts[key]:,} {words[key]}" for key in words if counts[key]]
        unknown = sum(one.origin == "nearest" for one in self.tensors)
        text = f"of {len(self.tensors):,} tensors {', '.join(parts) or 'none'}"
        if unknown:
            text += f" ({unknown:,} follow no initializer that is known)"
        equal, compared = self.n_regenerated
        if compared:
            text += f"; {equal:,} of {compared:,} equal the values of seed {self.seed}"
        return (
            f"{text}; findings: {len(self.findings):,}, faults: {len(self.faults):,}; "
            f"{sum(one.n for one in self.tensors):,} elements, false-alarm rate "
            f"{self.alpha:g} over all, margin {self.margin:g}"
        )

    def __str__(self) -> str:
        """Several lines of text, the verdict first."""
        wrong = [one for one in self.tensors if one.verdict == "violates"]
        return "\n".join(
            (
                f"{self.verdict}: {self.source}: {self.summary}",
                *(f"  finding: {one}" for one in self.findings),
                *(f"  fault: {one}" for one in self.faults),
                *(f"  {one.name} violates {one.law}: {one.cause}" for one in wrong),
            )
        )

    def to_dict(self) -> dict[str, Any]:
        """Result as plain values that JSON can hold.

        Returns
        -------
        values : dict
            The fields under their names, with the verdict.
        """
        groups = [plain_values(dataclasses.asdict(one)) for one in self.groups]
        for one in groups:
            one["verdicts"] = dict(one["verdicts"])
            one["outliers"] = dict(one["outliers"])
        equal, compared = self.n_regenerated
        return {
            "verdict": self.verdict,
            "alpha": self.alpha,
            "margin": self.margin,
            "seed": self.seed,
            "regenerated": {"equal": equal, "compared": compared},
            "faults": list(self.faults),
            "shared": dict(self.shared),
            "findings": [
                plain_values(dataclasses.asdict(one)) for one in self.findings
            ],
            "groups": groups,
            "tensors": [one.to_dict() for one in self.tensors],
        }
