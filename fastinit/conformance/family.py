"""Verdicts on the tensors that one array holds side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastinit.conformance.verdict import CheckResult, Verdict

__all__ = ["SectionsResult", "joint_verdict"]


def joint_verdict(results: Sequence[CheckResult]) -> Verdict:
    """Verdict on several arrays: 'violates' if any does, else the weakest.

    Parameters
    ----------
    results : sequence of CheckResult
        Judged as one family.

    Returns
    -------
    verdict : {'conforms', 'violates', 'inconclusive'}
        'conforms' for none.

    Examples
    --------
    >>> joint_verdict([])
    'conforms'
    """
    verdicts = {result.verdict for result in results}
    if "violates" in verdicts:
        return "violates"
    return "inconclusive" if "inconclusive" in verdicts else "conforms"


@dataclass(frozen=True)
class SectionsResult:
    """Whether what is told apart in an array conforms, with evidence.

    That are the tensors that it holds side by side, or the real part, imaginary part,
    modulus and angle of complex values.

    Ask for `conforms` or compare `verdict`, never `if result`.

    Attributes
    ----------
    names : tuple of str
        Canonical names of the sections, in order; of complex ones with ', modulus'
        and the like, or that alone where there are no sections.
    results : tuple of CheckResult
        One per name, against the law of its own shape; p-values adjusted by Holm over
        all of them.
    alpha : float
        Family-wise error, in (0, 1).
    """

    names: tuple[str, ...]
    results: tuple[CheckResult, ...]
    alpha: float

    @property
    def verdict(self) -> Verdict:
        """'violates' if any section does, else the weakest verdict."""
        return joint_verdict(self.results)

    @property
    def conforms(self) -> bool:
        """True where the verdict is 'conforms'."""
        return self.verdict == "conforms"

    def __str__(self) -> str:
        """Text of every section's result, one after the other."""
        return "\n".join(map(str, self.results))

    def to_dict(self) -> dict[str, Any]:
        """Result as plain values that JSON can hold.

        Returns
        -------
        values : dict
            verdict, alpha and a list of results, each with its name.
        """
        return {
            "verdict": self.verdict,
            "alpha": self.alpha,
            "results": [
                {"name": name, **result.to_dict()}
                for name, result in zip(self.names, self.results, strict=True)
            ],
        }
