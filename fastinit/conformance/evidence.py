"""What a result carries beside its tests: causes, omissions, and what to draw."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Cause", "Histogram", "Omitted", "Picture", "Quantiles", "TailCount"]


@dataclass(frozen=True)
class Cause:
    """A likely reason for a violation.

    Attributes
    ----------
    name : str
        Short name, a row of the table of causes in docs/conformance.md.
    text : str
        The cause in words, to follow "which fits".
    evidence : str
        The numbers that speak for it.
    score : float
        How well it explains the array, in [0, 1]; causes are ranked by it.
    """

    name: str
    text: str
    evidence: str
    score: float

    def __str__(self) -> str:
        """One sentence."""
        return f"{self.evidence}, which fits {self.text}"


@dataclass(frozen=True)
class Omitted:
    """A test that says nothing about an array.

    Attributes
    ----------
    name : str
        Name of the test.
    reason : str
        Why it was left out.
    """

    name: str
    reason: str


@dataclass(frozen=True)
class Histogram:
    """Elements by value, observed and expected.

    Attributes
    ----------
    edges : tuple of float
        m + 1 ascending edges; elements beyond them are counted in the outer bins.
    observed, expected : tuple of float
        Elements in each of the m bins.
    """

    edges: tuple[float, ...]
    observed: tuple[float, ...]
    expected: tuple[float, ...]


@dataclass(frozen=True)
class Quantiles:
    """Quantiles of the sample beside those of the law.

    Attributes
    ----------
    levels : tuple of float
        Probabilities, ascending, in (0, 1).
    observed, expected : tuple of float
        Values at these levels, within the width of a cell.
    """

    levels: tuple[float, ...]
    observed: tuple[float, ...]
    expected: tuple[float, ...]


@dataclass(frozen=True)
class TailCount:
    """Elements beyond a threshold.

    Attributes
    ----------
    side : str
        'lower' or 'upper'.
    threshold : float
        Where the tail begins.
    probability : float
        Of an element of the law to lie beyond.
    observed : int
        Elements beyond.
    expected : float
        Their expected number.
    p_value : float
        Exact binomial, two-sided.
    """

    side: str
    threshold: float
    probability: float
    observed: int
    expected: float
    p_value: float


@dataclass(frozen=True)
class Picture:
    """What a report draws of an array.

    Attributes
    ----------
    histogram : Histogram
        Over the bulk of the law.
    quantiles : Quantiles
        From one end to the other.
    tails : tuple of TailCount
        Further and further out, on both sides.
    """

    histogram: Histogram
    quantiles: Quantiles
    tails: tuple[TailCount, ...]
