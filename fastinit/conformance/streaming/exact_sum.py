"""Sums of floats without any rounding, so that parts merge to the whole exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["ExactSum"]

#: Every finite float64 is a whole multiple of 2^-1074.
_SHIFT = 1074


@dataclass(frozen=True)
class ExactSum:
    """An exact sum of float64 values.

    Attributes
    ----------
    units : int
        The sum of the finite terms in units of 2^-1074.
    other : float
        Sum of the terms that are not finite, 0 without any.
    """

    units: int = 0
    other: float = 0.0

    def plus(self, term: float) -> ExactSum:
        """Sum with one more term.

        Parameters
        ----------
        term : float
            Any float.

        Returns
        -------
        total : ExactSum
            The exact sum.

        Examples
        --------
        >>> ExactSum().plus(1e100).plus(1.0).plus(-1e100).value
        1.0
        """
        if not math.isfinite(term):
            return ExactSum(self.units, self.other + term)
        numerator, denominator = term.as_integer_ratio()
        shift = _SHIFT + 1 - denominator.bit_length()
        return ExactSum(self.units + (numerator << shift), self.other)

    def merged(self, other: ExactSum) -> ExactSum:
        """Sum of two sums.

        Parameters
        ----------
        other : ExactSum
            Of other terms.

        Returns
        -------
        total : ExactSum
            In any order the same.

        Examples
        --------
        >>> ExactSum().plus(0.5).merged(ExactSum().plus(0.25)).value
        0.75
        """
        return ExactSum(self.units + other.units, self.other + other.other)

    @property
    def value(self) -> float:
        """The sum, rounded once; infinite where it exceeds every float."""
        if self.other != 0.0:
            return self.other
        try:
            return self.units / (1 << _SHIFT)
        except OverflowError:
            return math.copysign(math.inf, self.units)
