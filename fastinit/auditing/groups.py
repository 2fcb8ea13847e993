"""Tensors of one role: names that differ in a number, shapes that do not."""

from __future__ import annotations

import collections
import math
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from fastinit.auditing.tensor_audit import TensorAudit
from fastinit.conformance.text import shown_effect
from fastinit.conformance.verdict import Verdict

__all__ = ["Group", "groups_of", "pattern_of"]

#: A number between dots, slashes or underscores counts layers, experts or heads.
_NUMBER = re.compile(r"(?<![A-Za-z0-9])\d+(?![A-Za-z0-9])")
#: Standard errors, and relative size, from which on the std of a member is its own.
_SIGMA, _LEAST = 6.0, 0.01
#: Which of verdicts that are as frequent is taken for the usual one: the first.
_USUAL: tuple[Verdict, ...] = ("conforms", "inconclusive", "violates")


@dataclass(frozen=True)
class Group:
    """Tensors of one pattern, shape and dtype.

    Attributes
    ----------
    pattern : str
        Their names with stars in the place of numbers.
    shape : tuple of int
        Their shape.
    dtype : str
        Their dtype.
    names : tuple of str
        The tensors.
    laws : tuple of str
        Laws that they are judged against, the most frequent first.
    verdicts : tuple of (str, int)
        How many have each verdict.
    std : tuple of float
        Smallest, median and largest observed std; NaN where there is none.
    outliers : tuple of (str, str)
        Names of members that are unlike the others, and why.
    """

    pattern: str
    shape: tuple[int, ...]
    dtype: str
    names: tuple[str, ...]
    laws: tuple[str, ...]
    verdicts: tuple[tuple[str, int], ...]
    std: tuple[float, float, float]
    outliers: tuple[tuple[str, str], ...]


def pattern_of(name: str) -> str:
    """Name with stars in the place of its numbers.

    Parameters
    ----------
    name : str
        Name of a tensor.

    Returns
    -------
    pattern : str
        The same for all layers; numbers that belong to a word stay.

    Examples
    --------
    >>> pattern_of("layers.11.attention.w1.weight"), pattern_of("layers_3/kernel")
    ('layers.*.attention.w1.weight', 'layers_*/kernel')
    """
    return _NUMBER.sub("*", name)


def groups_of(tensors: Sequence[TensorAudit]) -> tuple[Group, ...]:
    """Group tensors by pattern, shape and dtype.

    Parameters
    ----------
    tensors : sequence of TensorAudit
        With verdicts over the whole family.

    Returns
    -------
    groups : tuple of Group
        Of two members or more, in the order of their first ones.
    """
    found: dict[tuple[str, tuple[int, ...], str], list[TensorAudit]] = {}
    for one in tensors:
        found.setdefault((pattern_of(one.name), one.shape, one.dtype), []).append(one)
    return tuple(
        _group(*key, members) for key, members in found.items() if len(members) > 1
    )


def _group(
    pattern: str, shape: tuple[int, ...], dtype: str, members: list[TensorAudit]
) -> Group:
    laws = collections.Counter(one.law for one in members)
    verdicts = collections.Counter(one.verdict for one in members)
    spreads = _spreads(members)
    middle = statistics.median(spreads) if spreads else math.nan
    ends = (min(spreads), middle, max(spreads)) if spreads else (math.nan,) * 3
    # Of as many broken members as healthy ones, the broken ones are unlike the others.
    usual = min(verdicts, key=lambda one: (-verdicts[one], _USUAL.index(one)))
    typical = [one for one in members if one.verdict == usual]
    outliers = [
        (one.name, ", ".join(why))
        for one in members
        if (why := _unlike(one, usual, *_typical(typical)))
    ]
    return Group(
        pattern,
        shape,
        dtype,
        tuple(one.name for one in members),
        tuple(law for law, _ in laws.most_common()),
        tuple(verdicts.most_common()),
        (ends[0], ends[1], ends[2]),
        tuple(outliers),
    )


def _spreads(members: Sequence[TensorAudit]) -> list[float]:
    return [one.std for one in members if math.isfinite(one.std)]


def _typical(members: Sequence[TensorAudit]) -> tuple[str, float]:
    """Most frequent law, and median std."""
    laws = collections.Counter(one.law for one in members)
    spreads = _spreads(members)
    middle = statistics.median(spreads) if spreads else math.nan
    return laws.most_common(1)[0][0], middle


def _unlike(one: TensorAudit, verdict: str, law: str, middle: float) -> list[str]:
    """Why a member is unlike the others of its group."""
    why: list[str] = []
    if one.verdict not in {verdict, "conforms"}:
        why.append(one.verdict)
    if one.law != law:
        why.append(one.law)
    # Twice the standard error of a normal law's std: heavier tails have more.
    error = max(_LEAST, _SIGMA / math.sqrt(max(one.n, 1)))
    if middle > 0.0 and abs(one.std / middle - 1.0) > error:
        why.append(f"std {shown_effect(one.std / middle - 1.0)} off the median")
    return why
