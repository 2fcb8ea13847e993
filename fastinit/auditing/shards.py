"""Parts of a tensor that are copies of each other: one seed on several ranks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fastinit.auditing.copies import LEAST, PLACES
from fastinit.auditing.elements import Float64Array, at_points, points_of
from fastinit.auditing.relations import ALIKE, Relation, confirmed, standardised
from fastinit.checkpoints import Stored

__all__ = ["PARTS", "equal_parts"]

#: Numbers of parts of an axis that are held against each other.
PARTS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
#: Places at which parts are looked at.
_PLACES_OF_PART = 32


def equal_parts(stored: Stored, values: Any) -> str:
    """Parts along an axis that are copies of each other, in words.

    Parameters
    ----------
    stored : Stored
        A tensor that has a fingerprint.
    values : array
        What it opened.

    Returns
    -------
    text : str
        '' where there are none, or where elements are constant along the axis.
    """
    for axis, size in enumerate(stored.shape):
        counts = [k for k in PARTS if size % k == 0 and stored.n // k >= LEAST]
        counts = sorted(counts, reverse=True)
        if counts and not _is_smooth(stored, values, axis):
            text = _equal_along(stored, values, axis, counts)
            if text:
                return text
    return ""


def _is_smooth(stored: Stored, values: Any, axis: int) -> bool:
    """Whether neighbours along an axis are the same, or almost."""
    if stored.shape[axis] < 3:
        return False
    shape = list(stored.shape)
    shape[axis] -= 1
    points = list(points_of(tuple(shape), PLACES))
    here = standardised(at_points(values, tuple(points)))
    points[axis] = points[axis] + 1
    there = standardised(at_points(values, tuple(points)))
    if here is None or there is None:
        return True
    return abs(float(here @ there)) >= ALIKE


def _equal_along(stored: Stored, values: Any, axis: int, counts: list[int]) -> str:
    """Equal parts along one axis: as many as are all equal, or else a pair."""
    size, pairs = stored.shape[axis], []
    for count in counts:
        part = size // count
        shape = (*stored.shape[:axis], part, *stored.shape[axis + 1 :])
        points = list(points_of(shape, _PLACES_OF_PART))
        inside = points[axis]
        rows = []
        for number in range(count):
            points[axis] = inside + number * part
            rows.append(at_points(values, tuple(points)))
        near = _alike(np.array(rows))
        if near:
            pairs.append((count, rows, near))
    whole = [one for one in pairs if len(one[2]) == one[0] * (one[0] - 1) // 2]
    # Few large parts say more than many small ones, unless all parts are equal.
    for count, rows, near in [*whole[:1], *reversed(pairs)]:
        relations = [
            (a, b, relation)
            for a, b in near
            if a == near[0][0]
            and (relation := _of_parts(values, axis, size // count, (a, b), rows))
        ]
        if relations:
            where = f"of the {count} parts of {size // count:,} along axis {axis}"
            numbers = [relations[0][0], *(b for _, b, _ in relations)]
            which = ", ".join(map(str, numbers))
            every = len(numbers) == count
            words = "all are copies of the first" if every else f"{which} are copies"
            return f"{where} {words}, {relations[0][2]}"
    return ""


def _alike(rows: Float64Array) -> list[tuple[int, int]]:
    """Pairs of samples that may be of copies, the first one first."""
    with np.errstate(all="ignore"):
        # Of garbage near the largest float64 no square could be taken.
        units = rows / np.max(np.abs(rows), axis=1, keepdims=True)
        units -= units.mean(axis=1, keepdims=True)
        units /= np.sqrt(np.sum(np.square(units), axis=1, keepdims=True))
    # Constants and what is not finite have no direction.
    units = np.where(np.isfinite(units).all(axis=1, keepdims=True), units, 0.0)
    near = np.argwhere(np.triu(np.abs(units @ units.T) >= ALIKE, 1)).tolist()
    known = {at for pair in near for at in pair if standardised(rows[at]) is not None}
    return [(a, b) for a, b in near if {a, b} <= known]


def _of_parts(
    values: Any, axis: int, part: int, pair: tuple[int, int], rows: Sequence[Any]
) -> Relation | None:
    index = [slice(None)] * axis
    blocks = [values[(*index, slice(k * part, (k + 1) * part))] for k in pair]
    samples = (rows[pair[0]], rows[pair[1]])
    return confirmed(blocks[0], blocks[1], samples, "same")
