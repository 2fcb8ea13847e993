"""The law of the values of a dtype, on the cells that a scan counts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit.conformance.kept import kept_property
from fastinit.conformance.quantised import (
    Cells,
    law_on_values,
    quantised_law,
    rounded_ends,
)
from fastinit.conformance.streaming.cells import CellMap, law_key
from fastinit.distributions.law import Law
from fastinit.dtypes import Dtype

__all__ = ["CellLaw", "cell_law"]

Float64Array = np.ndarray[Any, np.dtype[np.float64]]

#: Largest jump of the distribution function, in standard errors, that a continuous
#: test does not notice.
SMOOTH = 1e-3
#: Probability that no sample of up to 10^12 elements can show.
RESIDUE = 1e-18


@dataclass(frozen=True, eq=False)
class CellLaw:
    """Probabilities of the cells of a map, after rounding to the dtype.

    Attributes
    ----------
    cells : CellMap
        The k cells.
    probabilities : float64 array, shape (k,)
        Of each cell, >= 0, of sum 1.
    below, above : float64 array, shape (k + 1,)
        P(X before the boundary) and P(X after it); the outermost ones are 0 and 1.
    """

    cells: CellMap
    probabilities: Float64Array
    below: Float64Array
    above: Float64Array

    @kept_property
    def is_lossless(self) -> bool:
        """Whether every cell that can hold an element is a single value.

        So it is in narrow dtypes, and in wider ones where a law is narrow.
        """
        is_single = self.cells.first == self.cells.last
        return float(np.sum(self.probabilities[~is_single])) < RESIDUE

    @kept_property
    def values_per_cell(self) -> Float64Array:
        """Values of the dtype in each cell, shape (k,)."""
        form = self.cells.form
        if form.low_bits == 0:
            return np.ones(self.probabilities.size)
        size = 2.0**form.low_bits * 2.0 ** (form.top_shift - form.low_bits)
        parts = np.repeat(self.cells.parts, self.cells.parts)[self.cells.order]
        return size / parts

    @kept_property
    def agreement(self) -> float:
        """Probability that two elements are equal."""
        return float(np.sum(np.square(self.probabilities) / self.values_per_cell))

    @kept_property
    def largest_atom(self) -> float:
        """Probability of the likeliest value, about."""
        return float(np.max(self.probabilities / self.values_per_cell))

    def is_coarse(self, n: int) -> bool:
        """Whether n elements can tell the rounded law from the smooth one.

        Parameters
        ----------
        n : int
            Number of elements.

        Returns
        -------
        is_coarse : bool
            True where continuous tests need randomised scores.

        Examples
        --------
        >>> from fastinit.conformance.streaming.cells import law_cells
        >>> from fastinit.distributions import DISTRIBUTIONS
        >>> from fastinit.dtypes import dtype_of
        >>> law, dtype = DISTRIBUTIONS["normal"].law((0.0, 1.0)), dtype_of("bfloat16")
        >>> cell_law(law, law_cells(law, dtype), dtype).is_coarse(100)
        True
        """
        return self.largest_atom * math.sqrt(n) > SMOOTH


def cell_law(
    law: Law,
    cells: CellMap,
    dtype: Dtype,
    observed: tuple[float, float] = (math.nan, math.nan),
) -> CellLaw:
    """Law of a value after one rounding to a dtype, on cells.

    Parameters
    ----------
    law : Law
        The smooth law.
    cells : CellMap
        Cells of the dtype.
    dtype : Dtype
        A floating dtype.
    observed : tuple of float, optional
        Smallest and largest element, which tell how the ends of a support are
        rounded (see `quantised_law`).

    Returns
    -------
    cell_law : CellLaw
        Boundaries are where rounding to nearest turns from one cell to the next.

    Examples
    --------
    >>> from fastinit.conformance.streaming.cells import law_cells
    >>> from fastinit.distributions import DISTRIBUTIONS
    >>> from fastinit.dtypes import dtype_of
    >>> law, dtype = DISTRIBUTIONS["normal"].law((0.0, 1.0)), dtype_of("float32")
    >>> round(float(cell_law(law, law_cells(law, dtype), dtype).probabilities.sum()), 9)
    1.0
    """
    ends = rounded_ends(law.support, dtype)
    is_at_end = (observed[0] == ends[0], observed[1] == ends[1])
    key = (law_key(law), dtype, is_at_end)
    held = _recent.get(key)
    if held is None or held.cells is not cells:
        if len(_recent) >= _MOST_RECENT:
            _recent.clear()
        held = _recent[key] = _make(law, cells, dtype, observed)
    return held


#: Laws of late: a model has many tensors and few laws.
_recent: dict[Any, CellLaw] = {}
_MOST_RECENT = 8


def _make(
    law: Law, cells: CellMap, dtype: Dtype, observed: tuple[float, float]
) -> CellLaw:
    if dtype.is_low_precision:
        return _on_values(cells, quantised_law(law, dtype, observed))
    smooth = _smooth(law, cells)
    if not smooth.is_lossless:
        return smooth
    places = cells.first, cells.boundaries
    return _on_values(cells, law_on_values(law, dtype, places, observed))


def _on_values(cells: CellMap, quantised: Cells) -> CellLaw:
    """Law on cells of one value each."""
    probabilities = quantised.probabilities
    below = np.concatenate(([0.0], quantised.cdf))
    above = np.concatenate((np.cumsum(probabilities[::-1])[::-1], [0.0]))
    return CellLaw(cells, probabilities, below, above)


def _smooth(law: Law, cells: CellMap) -> CellLaw:
    """Law on cells, the ends of its support taken as they are."""
    with np.errstate(over="ignore"):
        below = np.concatenate(([0.0], law.cdf(cells.boundaries), [1.0]))
        above = np.concatenate(([1.0], law.sf(cells.boundaries), [0.0]))
    # In the upper half differences of sf keep the accuracy that 1 - F has lost.
    probabilities = np.where(below[1:] < 0.5, np.diff(below), -np.diff(above))
    return CellLaw(cells, np.maximum(probabilities, 0.0), below, above)
