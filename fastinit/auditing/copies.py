"""Tensors that are copies of each other.

A fingerprint is a tensor at up to 128 pseudo-random places, which its number of
elements decides. Correlation of two of them does not change with sign and scale, and
hardly with rounding; a matrix has a second one, of its transposed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit.auditing.elements import Float64Array, at_points, points_of
from fastinit.auditing.relations import ALIKE, Relation, confirmed, standardised
from fastinit.checkpoints import Stored

__all__ = ["Copy", "Fingerprint", "find_copies", "fingerprint_of"]

#: Places of a fingerprint, and elements from which on a tensor has one.
PLACES, LEAST = 128, 32
#: Fingerprints that are compared with all others at a time.
_ROWS = 512


@dataclass(frozen=True, eq=False)
class Fingerprint:
    """A tensor at a few places.

    Attributes
    ----------
    stored : Stored
        The tensor.
    sample : float64 array, shape (k,)
        Elements at the places of its number of elements.
    turned : float64 array, shape (k,), or None
        Elements of its transposed at these places; None unless it is a matrix.
    """

    stored: Stored
    sample: Float64Array
    turned: Float64Array | None


@dataclass(frozen=True)
class Copy:
    """A tensor that was made of another.

    Attributes
    ----------
    original, name : str
        The earlier tensor, and the copy.
    relation : Relation
        What was done to it.
    """

    original: str
    name: str
    relation: Relation


def fingerprint_of(stored: Stored, values: Any) -> Fingerprint | None:
    """Fingerprint of a tensor, or None where a copy of it would say nothing.

    Parameters
    ----------
    stored : Stored
        The tensor.
    values : array
        What it opened.

    Returns
    -------
    fingerprint : Fingerprint or None
        None for integers, fewer than 32 elements, constants and tables.

    Examples
    --------
    >>> from fastinit.dtypes import dtype_of
    >>> zeros = np.zeros((8, 8))
    >>> stored = Stored("w", dtype_of("float64"), (8, 8), lambda: zeros)
    >>> fingerprint_of(stored, zeros) is None
    True
    """
    if not stored.dtype.is_float or stored.n < LEAST:
        return None
    sample = at_points(values, points_of(stored.shape, PLACES))
    if standardised(sample) is None:
        return None
    turned = None
    if len(stored.shape) == 2 and min(stored.shape) > 1:
        column, row = points_of(stored.shape[::-1], PLACES)
        turned = at_points(values, (row, column))
    return Fingerprint(stored, sample, turned)


def find_copies(
    fingerprints: Sequence[Fingerprint], ties: Iterable[frozenset[str]] = ()
) -> list[Copy]:
    """Tensors that are copies of earlier ones.

    Parameters
    ----------
    fingerprints : sequence of Fingerprint
        In the order of the checkpoint.
    ties : iterable of sets of str
        Names that are meant to be equal.

    Returns
    -------
    copies : list of Copy
        Each tensor at most once, with the earliest that it was made of.
    """
    tied = list(ties)
    by_size: dict[int, list[Fingerprint]] = {}
    for one in fingerprints:
        by_size.setdefault(one.stored.n, []).append(one)
    found = []
    for alike in by_size.values():
        done: set[int] = set()
        for later, earlier, order in _suspects(alike):
            pair = {alike[earlier].stored.name, alike[later].stored.name}
            if later in done or any(pair <= names for names in tied):
                continue
            copy = _confirmed(alike[earlier], alike[later], order)
            if copy is not None:
                done.add(later)
                found.append(copy)
    names = [one.stored.name for one in fingerprints]
    return sorted(found, key=lambda one: names.index(one.name))


def _suspects(alike: Sequence[Fingerprint]) -> Iterator[tuple[int, int, str]]:
    """Pairs of tensors whose fingerprints agree: the later, the earlier, the order."""
    if len(alike) < 2:
        return
    plain = np.array([standardised(one.sample) for one in alike])
    turned = np.array(
        [
            np.zeros(plain.shape[1]) if unit is None else unit
            for one in alike
            for unit in [None if one.turned is None else standardised(one.turned)]
        ]
    )
    for start in range(0, len(alike), _ROWS):
        block = plain[start : start + _ROWS]
        pairs = []
        for place, side in enumerate((plain, turned)):
            near = np.argwhere(np.abs(block @ side.T) >= ALIKE)
            pairs += [(start + a, b, place) for a, b in near.tolist() if b < start + a]
        for later, earlier, place in sorted(pairs):
            yield later, earlier, "transposed" if place else "same"


def _confirmed(one: Fingerprint, other: Fingerprint, order: str) -> Copy | None:
    original, copy = one.stored.open(), other.stored.open()
    before = one.turned if order == "transposed" else one.sample
    assert before is not None
    if order == "transposed" and other.stored.shape != one.stored.shape[::-1]:
        return None
    if order == "same" and other.stored.shape != one.stored.shape:
        order = "flat"
    relation = confirmed(original, copy, (before, other.sample), order)
    if relation is None:
        return None
    return Copy(one.stored.name, other.stored.name, relation)
