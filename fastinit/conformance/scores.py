"""Probability integral transforms: elements as draws from the unit interval.

U = F(x) of a correct element is uniform where the law is smooth. Where rounding has
made steps, U is drawn between the ends of the step, by a fixed stream of words: it is
then exactly uniform for every dtype, and every continuous test is valid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit.conformance.cell_law import CellLaw
from fastinit.distributions.law import Law
from fastinit.random_access import words

__all__ = ["Scores", "fixed_uniforms", "grid_step", "scores_of", "split_steps"]

Float64Array = np.ndarray[Any, np.dtype[np.float64]]

#: Name of the tensor whose words break ties; independent of all that is checked.
_STREAM = "fastinit.conformance"
#: Steps are split until each has about this much of the law.
_FINE = 2.0**-15


@dataclass(frozen=True, eq=False)
class Scores:
    """Elements as uniform draws, in order.

    Attributes
    ----------
    below, above : float64 array, shape (n,)
        U and 1 - U, each with full relative accuracy near 0.
    """

    below: Float64Array
    above: Float64Array

    @property
    def normal(self) -> Float64Array:
        """Standard normal quantiles of U, shape (n,)."""
        from scipy.special import ndtri

        is_low = self.below < 0.5
        quantiles = ndtri(np.where(is_low, self.below, self.above))
        return np.asarray(np.where(is_low, quantiles, -quantiles))


def fixed_uniforms(n: int, start: int = 0) -> Float64Array:
    """Numbers in (0, 1) that no data depend on.

    Parameters
    ----------
    n : int
        How many, >= 0.
    start : int, optional
        Position in their stream.

    Returns
    -------
    uniforms : float64 array, shape (n,)
        Odd multiples of 2^-33.

    Examples
    --------
    >>> fixed_uniforms(2).size
    2
    """
    drawn = words(0, _STREAM, start, n).astype(np.float64)
    return np.asarray((drawn + 0.5) * 2.0**-32)


def scores_of(values: Any, law: Law, cells: CellLaw) -> Scores:
    """Scores of finite elements.

    Parameters
    ----------
    values : float64 array, shape (n,)
        The elements, values of the dtype of the cells.
    law : Law
        The smooth law.
    cells : CellLaw
        The rounded one.

    Returns
    -------
    scores : Scores
        In the order of the elements.

    Examples
    --------
    >>> from fastinit.conformance.cell_law import cell_law
    >>> from fastinit.conformance.streaming.cells import law_cells
    >>> from fastinit.distributions import DISTRIBUTIONS
    >>> from fastinit.dtypes import dtype_of
    >>> law, dtype = DISTRIBUTIONS["normal"].law((0.0, 1.0)), dtype_of("float64")
    >>> cells = cell_law(law, law_cells(law, dtype), dtype)
    >>> scores_of(np.zeros(1), law, cells).below
    array([0.5])
    """
    if not cells.is_coarse(values.size):
        return _smooth_scores(values, law, cells)
    if cells.is_lossless:
        at = np.searchsorted(cells.cells.last, values)
        low, high = cells.below[at], cells.above[at + 1]
        step = cells.probabilities[at]
    else:
        low, high, step = _steps_around(values, law, cells)
    share = fixed_uniforms(values.size)
    below, above = low + share * step, high + (1.0 - share) * step
    # A value that the law excludes has no step: it stays outside or at an end.
    return Scores(np.clip(below, 0.0, 1.0), np.clip(above, 0.0, 1.0))


def _smooth_scores(values: Float64Array, law: Law, cells: CellLaw) -> Scores:
    """Scores by the smooth law, never 0 at an end that generators may return."""
    floor = 0.5 * max(cells.largest_atom, grid_step(cells))
    floors = [floor if np.isfinite(end) else 0.0 for end in law.support]
    below, above = law.cdf(values), law.sf(values)
    return Scores(np.maximum(below, floors[0]), np.maximum(above, floors[1]))


def grid_step(cells: CellLaw) -> float:
    """Probability of a point of the coarsest grid that generators may draw from.

    Parameters
    ----------
    cells : CellLaw
        Of the dtype.

    Returns
    -------
    step : float
        2^-24, in float64 2^-52.

    Examples
    --------
    >>> from fastinit.conformance.cell_law import cell_law
    >>> from fastinit.conformance.streaming.cells import law_cells
    >>> from fastinit.distributions import DISTRIBUTIONS
    >>> from fastinit.dtypes import dtype_of
    >>> law, dtype = DISTRIBUTIONS["normal"].law((0.0, 1.0)), dtype_of("float64")
    >>> grid_step(cell_law(law, law_cells(law, dtype), dtype)) == 2**-52
    True
    """
    return 2.0**-24 if cells.cells.form.dtype.precision == 32 else 2.0**-52


def _steps_around(
    values: Float64Array, law: Law, cells: CellLaw
) -> tuple[Float64Array, Float64Array, Float64Array]:
    """P(X < v), P(X > v) and P(X = v) of values of a wide dtype."""
    kind = np.float32 if cells.cells.form.dtype.itemsize == 4 else np.float64
    held = values.astype(kind)
    with np.errstate(over="ignore"):
        lower = np.nextafter(held, kind(-np.inf)).astype(np.float64)
        upper = np.nextafter(held, kind(np.inf)).astype(np.float64)
    edges = 0.5 * values + 0.5 * lower, 0.5 * values + 0.5 * upper
    low, high = law.cdf(edges[0]), law.sf(edges[1])
    step = np.where(low < 0.5, law.cdf(edges[1]) - low, law.sf(edges[0]) - high)
    return low, high, np.maximum(step, 0.0)


def split_steps(
    counts: Float64Array, probabilities: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """Cells of which none has much of the law, as scores would fill them.

    Parameters
    ----------
    counts : float64 array, shape (k,)
        Elements of each cell.
    probabilities : float64 array, shape (k,)
        Probabilities of the cells.

    Returns
    -------
    counts, probabilities : float64 array, shape (m,)
        Of the parts of all cells in order, m >= k; the elements of a cell fall into
        its halves by a binomial law, drawn from a fixed stream.

    Examples
    --------
    >>> counts, shares = split_steps(np.array([8.0]), np.array([1.0]))
    >>> int(counts.sum()), shares.size
    (8, 32768)
    """
    start = 0
    while True:
        is_wide = probabilities > 1.5 * _FINE
        if not is_wide.any():
            return counts, probabilities
        uniforms = fixed_uniforms(int(is_wide.sum()), start)
        start += uniforms.size
        left = _half(counts[is_wide], uniforms)
        repeats = np.where(is_wide, 2, 1)
        at = np.cumsum(repeats) - repeats
        new = np.repeat(counts, repeats)
        new[at[is_wide]] = left
        new[at[is_wide] + 1] = counts[is_wide] - left
        counts = new
        probabilities = np.repeat(np.where(is_wide, 0.5, 1.0) * probabilities, repeats)


def _half(counts: Float64Array, uniforms: Float64Array) -> Float64Array:
    """Quantiles of Binomial(count, 1/2)."""
    from scipy.special import ndtri
    from scipy.stats import binom

    # Symmetric, so the normal quantile is off by a share of 1 / count only.
    rough = np.rint(0.5 * counts + 0.5 * np.sqrt(counts) * ndtri(uniforms))
    is_few = counts < 10_000
    rough[is_few] = binom.ppf(uniforms[is_few], counts[is_few], 0.5)
    return np.asarray(np.clip(rough, 0.0, counts))
