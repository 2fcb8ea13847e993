"""Whether one array is a copy of another: up to sign, scale, order and rounding.

What is suspected from a few points is confirmed by reading both, so that a relation
that is told is one of all elements.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit.auditing.elements import Float64Array, unit_roundoff
from fastinit.dtypes import dtype_of

__all__ = ["ALIKE", "Relation", "confirmed", "standardised"]

#: Correlation of two samples from which on they are suspected; that of 32 independent
#: points is beyond it with a probability of 1e-20.
ALIKE = 0.98
#: Elements that are compared at a time.
_PIECE = 1 << 21
#: A sign is told in the place of a scale this close to 1.
_NEAR_ONE = 0.01


@dataclass(frozen=True)
class Relation:
    """How one array is made of another.

    Attributes
    ----------
    scale : float
        Factor; 1 for a plain copy, -1 for the opposite sign.
    is_transposed : bool
        Whether rows are columns.
    is_equal : bool
        Whether dtype and every bit agree, apart from the order.
    cast : str
        Dtype of the copy where it is another one; else ''.
    """

    scale: float
    is_transposed: bool
    is_equal: bool
    cast: str

    @property
    def kind(self) -> str:
        """Short name: the most that was done to the copy."""
        if abs(self.scale) != 1.0:
            return "rescaled_copy"
        if self.scale < 0.0:
            return "negated_copy"
        if self.is_transposed:
            return "transposed_copy"
        return "cast_copy" if self.cast else "exact_copy"

    def __str__(self) -> str:
        """What was done, in words that follow 'a copy'."""
        done = []
        if self.is_transposed:
            done.append("transposed")
        if abs(self.scale) != 1.0:
            done.append(f"times {self.scale:.6g}")
        elif self.scale < 0.0:
            done.append("with the opposite sign")
        if self.cast:
            done.append(f"cast to {self.cast}")
        if self.is_equal and not done:
            return "bit by bit"
        return ", ".join(done) or "of equal values"


def standardised(sample: Float64Array) -> Float64Array | None:
    """Sample without its mean and length, or None where it says nothing.

    Parameters
    ----------
    sample : float64 array, shape (k,)
        Elements at points.

    Returns
    -------
    unit : float64 array, shape (k,), or None
        Of length 1. None where elements are not finite, have fewer than 8 different
        values, or ascend or descend throughout, as tables of frequencies do.

    Examples
    --------
    >>> standardised(np.ones(40)) is None
    True
    """
    if not np.isfinite(sample).all() or np.unique(sample).size < 8:
        return None
    steps = np.diff(sample)
    if (steps >= 0.0).all() or (steps <= 0.0).all():
        return None
    # Of garbage near the largest float64 no square could be taken.
    centred = sample / np.max(np.abs(sample))
    centred -= centred.mean()
    return np.asarray(centred / math.sqrt(float(np.sum(np.square(centred)))))


def confirmed(
    original: Any, copy: Any, samples: tuple[Float64Array, Float64Array], order: str
) -> Relation | None:
    """Relation of two arrays if it holds for every element.

    Parameters
    ----------
    original, copy : array
        What `Stored.open` gives, or blocks of it.
    samples : tuple of float64 arrays
        Elements of both at corresponding points, for the scale.
    order : {'same', 'transposed', 'flat'}
        How elements correspond: by index, by index of the transposed, or by their
        places in C order.

    Returns
    -------
    relation : Relation or None
        None where one element is off by more than rounding explains: a probability of
        0 for arrays that have nothing to do with each other.

    Examples
    --------
    >>> one = np.random.default_rng(0).normal(size=(4, 5))
    >>> str(confirmed(one, -2.0 * one.T, (one[0], -2.0 * one[0]), "transposed"))
    'transposed, times -2'
    """
    before, after = samples
    scale = float(before @ after) / float(before @ before)
    if abs(abs(scale) - 1.0) < _NEAR_ONE:
        scale = math.copysign(1.0, scale)
    kinds = [dtype_of(one.dtype) for one in (original, copy)]
    (first, spacing), (second, step) = map(unit_roundoff, kinds)
    # Twice, for a copy that was rounded on the way or truncated.
    relative, absolute = 2.0 * (first + second), 2.0 * (abs(scale) * spacing + step)
    is_equal = kinds[0] == kinds[1] and scale == 1.0
    for one, other in _pieces(original, copy, order):
        is_equal = is_equal and one.tobytes() == other.tobytes()
        if is_equal:
            continue
        with np.errstate(all="ignore"):
            wanted, found = scale * one.astype(np.float64), other.astype(np.float64)
            allowed = relative * np.maximum(np.abs(wanted), np.abs(found)) + absolute
            if not bool(np.all(np.abs(found - wanted) <= allowed)):
                return None
    cast = "" if kinds[0] == kinds[1] else kinds[1].name
    return Relation(scale, order == "transposed", is_equal, cast)


def _pieces(original: Any, copy: Any, order: str) -> Iterator[tuple[Any, Any]]:
    """Corresponding pieces of two arrays, in native byte order."""
    if order == "flat":
        one, other = (np.asarray(part[...]).reshape(-1) for part in (original, copy))
        yield from _pieces(one, other, "same")
        return
    rows = copy.shape[0]
    step = max(1, _PIECE // max(math.prod(copy.shape[1:]), 1))
    for start in range(0, rows, step):
        part = slice(start, min(start + step, rows))
        one = original[:, part].T if order == "transposed" else original[part]
        yield _native(one), _native(copy[part])


def _native(values: Any) -> Any:
    values = np.ascontiguousarray(values)
    return values.astype(values.dtype.newbyteorder("="), copy=False)
