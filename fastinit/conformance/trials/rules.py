"""Rules that no correct array breaks: finite elements within the support."""

from __future__ import annotations

from fastinit.conformance.quantised import rounded_ends
from fastinit.conformance.reading import Reading
from fastinit.conformance.trials.outcomes import by_rule
from fastinit.conformance.verdict import TestResult

__all__ = ["RULES"]


def _finite(reading: Reading) -> TestResult:
    """No NaN and no infinity."""
    facts, n = reading.facts, reading.source.n
    wrong = facts.n_nan + facts.n_inf
    detail = f"{facts.n_nan:,} NaN and {facts.n_inf:,} infinite of {n:,} elements"
    return by_rule("finite", float(wrong), wrong / max(n, 1), detail)


def _support(reading: Reading) -> TestResult:
    """Every finite element within the rounded ends of the support."""
    facts = reading.facts
    ends = rounded_ends(reading.law.support, reading.source.dtype)
    # Comparisons with the NaN of an empty sample are False, so nothing is outside.
    excess = 0.0
    if facts.min < ends[0]:
        excess = ends[0] - facts.min
    if facts.max > ends[1]:
        excess = max(excess, facts.max - ends[1])
    detail = f"[{facts.min:.8g}, {facts.max:.8g}] in [{ends[0]:.8g}, {ends[1]:.8g}]"
    return by_rule("support", excess, excess / reading.target.std, detail)


#: What no correct array breaks.
RULES = (_finite, _support)
