"""Braces in the names of tensors: `h.{0..11}.{q,k,v}` stands for 36 names.

A group is a range of integers with both ends, or a list of words; several groups
make their cartesian product in reading order, the last one fastest. Groups are
counted before anything is built, so that a huge range costs nothing to refuse.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence

from fastinit.errors import PlanError
from fastinit.models.toml_tables import shown

__all__ = [
    "MAX_NAMES",
    "MAX_NAME_LENGTH",
    "count",
    "expand",
    "expand_in_step",
    "expand_within",
]

#: Most names that one text, and most tensors that one plan, may stand for.
MAX_NAMES = 1_000_000
#: Longest text of a name, characters.
MAX_NAME_LENGTH = 512

_GROUP = re.compile(r"\{([^{}]*)\}")
_RANGE = re.compile(r"(\d{1,18})\.\.(\d{1,18})", re.ASCII)


def count(text: str) -> int:
    """Count the names that a text stands for, without building them.

    Parameters
    ----------
    text : str
        A name with or without braces.

    Returns
    -------
    count : int
        The product of the sizes of its groups, in [1, 1000000].

    Raises
    ------
    PlanError
        If the braces are wrong, or the count is over 1000000.

    Examples
    --------
    >>> count("h.{0..11}.{q,k,v}")
    36
    """
    return math.prod(len(group) for group in _groups(text))


def expand(text: str) -> tuple[str, ...]:
    """Names that a text stands for, in reading order.

    Parameters
    ----------
    text : str
        A name with or without braces, at most 512 characters.

    Returns
    -------
    names : tuple of str
        At least one name; the last group runs fastest.

    Raises
    ------
    PlanError
        If the braces are wrong, the count is over 1000000, or the text is no name:
        empty, with control characters, or with space at an end.

    Examples
    --------
    >>> expand("h.{0..1}.{q,k}")
    ('h.0.q', 'h.0.k', 'h.1.q', 'h.1.k')
    """
    groups = _groups(text)
    literals = _GROUP.split(text)[::2]
    # Literals and groups alternate, with one literal more.
    choices: list[Sequence[str]] = [(literals[0],)]
    for group, literal in zip(groups, literals[1:], strict=True):
        choices += [group, (literal,)]
    return tuple("".join(choice) for choice in itertools.product(*choices))


def expand_in_step(text: str, name: str) -> tuple[str, ...]:
    """Expand a text in step with a name: one result for each name.

    Parameters
    ----------
    text : str
        What goes with the name. Its groups have the sizes of the groups of the
        name, in their order, and pair up item by item; without any group it goes
        with every name.
    name : str
        The name, with or without braces.

    Returns
    -------
    texts : tuple of str
        As many as `expand` gives for the name.

    Raises
    ------
    PlanError
        If the groups do not pair up, or `expand` would refuse either text.

    Examples
    --------
    >>> expand_in_step("block{1..2}/w", "h.{0..1}.weight")
    ('block1/w', 'block2/w')
    """
    sizes = [len(group) for group in _groups(text)]
    wanted = [len(group) for group in _groups(name)]
    if not sizes:
        return (text,) * math.prod(wanted)
    if sizes != wanted:
        raise PlanError(
            f"{shown(text)} has braces of sizes {shown(sizes)}",
            f"braces pair up with those of {shown(name)}, of sizes {shown(wanted)}",
            "use the same braces in the same order, or split the table",
        )
    return expand(text)


def expand_within(text: str, name: str) -> tuple[tuple[str, ...], ...]:
    """Expand a text that stands for several names inside each of a name's.

    Parameters
    ----------
    text : str
        What belongs to the name. Its first groups pair up with those of the name,
        item by item; what follows stands for several texts in each.
    name : str
        The name, with or without braces.

    Returns
    -------
    texts : tuple of tuple of str
        For each name that `expand` gives, its texts.

    Raises
    ------
    PlanError
        If the first groups do not pair up, or `expand` would refuse either text.

    Examples
    --------
    >>> expand_within("h.{0..1}.expert.{0..1}", "h.{0..1}.experts")
    (('h.0.expert.0', 'h.0.expert.1'), ('h.1.expert.0', 'h.1.expert.1'))
    """
    sizes = [len(group) for group in _groups(text)]
    wanted = [len(group) for group in _groups(name)]
    if sizes[: len(wanted)] != wanted:
        raise PlanError(
            f"{shown(text)} has braces of sizes {shown(sizes)}",
            f"its first braces pair up with those of {shown(name)}, of sizes "
            f"{shown(wanted)}",
            "begin with the same braces in the same order, or split the table",
        )
    texts, share = expand(text), math.prod(sizes[len(wanted) :])
    return tuple(texts[at : at + share] for at in range(0, len(texts), share))


def _too_many(text: str) -> PlanError:
    return PlanError(
        f"{shown(text)} stands for more than {MAX_NAMES} names",
        f"a plan has at most {MAX_NAMES} tensors",
        "shorten the ranges",
    )


def _groups(text: str) -> list[Sequence[str]]:
    """Items of each group of a text that is fit to be a name."""
    _check_text(text)
    pieces = _GROUP.split(text)
    if any("{" in literal or "}" in literal for literal in pieces[::2]):
        raise PlanError(
            f"{shown(text)} has a brace without its partner, or braces in braces",
            "braces hold a range {0..11} or a list {q,k,v}, and do not nest",
            "close each brace before the next one opens",
        )
    groups, total = [], 1
    for body in pieces[1::2]:
        groups.append(_items(body, text))
        total *= len(groups[-1])
        if total > MAX_NAMES:
            raise _too_many(text)
    return groups


def _check_text(text: str) -> None:
    if not text or not text.isprintable() or text != text.strip():
        raise PlanError(
            f"{shown(text)} is no name",
            "a name is not empty and has no control characters or space at its ends",
            "correct it",
        )
    if len(text) > MAX_NAME_LENGTH:
        raise PlanError(
            f"{shown(text)} has {len(text)} characters",
            f"a name has at most {MAX_NAME_LENGTH}",
            "shorten it, or split the table",
        )


def _items(body: str, text: str) -> Sequence[str]:
    """Items of one group, from what stands between its braces."""
    ends = _RANGE.fullmatch(body)
    if ends is not None:
        return _range_items(ends[1], ends[2], text)
    items = body.split(",")
    if len(items) < 2 or any(
        not one or one != one.strip() or ".." in one for one in items
    ):
        raise PlanError(
            f"{shown(text)} has the braces {shown('{' + body + '}')}",
            "braces hold a range {0..11} or a list {q,k,v} without spaces",
            "correct them, or write the name out",
        )
    return items


def _range_items(first: str, last: str, text: str) -> Sequence[str]:
    start, stop = int(first), int(last)
    # Equal widths write {00..11} with two digits each, as shells do; a leading
    # zero on one end alone has no plain reading.
    padded = any(len(end) > 1 and end[0] == "0" for end in (first, last))
    if start > stop or (padded and len(first) != len(last)):
        raise PlanError(
            f"{shown(text)} has the range {{{first}..{last}}}",
            "a range ascends, and ends with leading zeros have equal width",
            "write it like {0..11} or {00..11}",
        )
    if stop - start >= MAX_NAMES:
        raise _too_many(text)
    width = len(first) if padded else 0
    return [str(number).zfill(width) for number in range(start, stop + 1)]
