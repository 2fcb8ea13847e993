"""How well a law fits the counts of a scan: the distance at a few hundred points."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit.conformance.cell_law import CellLaw
from fastinit.conformance.reading import Reading
from fastinit.distributions.law import Law
from fastinit.dtypes import numpy_dtype

__all__ = ["Fit", "fit_of", "share_outside", "std_agreement"]

Float64Array = np.ndarray[Any, np.dtype[np.float64]]

#: Points at which distribution functions are compared.
POINTS = 400


@dataclass(frozen=True, eq=False)
class Fit:
    """A sample at a few hundred points.

    Attributes
    ----------
    n : int
        Number of finite elements.
    points : float64 array, shape (m,)
        Boundaries of cells.
    below : float64 array, shape (m,)
        Share of the elements below them.
    """

    n: int
    points: Float64Array
    below: Float64Array

    @property
    def noise(self) -> float:
        """Distance that a correct law exceeds once in three thousand times."""
        if self.n > 100:
            return 2.1 / math.sqrt(self.n)
        return _small_noise(self.n)

    def distance(self, law: Law) -> float:
        """Largest distance of a law from the sample.

        Parameters
        ----------
        law : Law
            Any law.

        Returns
        -------
        distance : float
            In [0, 1].

        Examples
        --------
        >>> from fastinit.distributions import DISTRIBUTIONS
        >>> half = Fit(100, np.zeros(1), np.array([0.5]))
        >>> half.distance(DISTRIBUTIONS["normal"].law((0.0, 1.0)))
        0.0
        """
        with np.errstate(over="ignore"):
            return self.distance_of(law.cdf(self.points))

    def distance_of(self, below: Float64Array) -> float:
        """Largest distance of a distribution function, given at the points."""
        return float(np.max(np.abs(below - self.below), initial=0.0))


@functools.cache
def _small_noise(n: int) -> float:
    """The same quantile by the exact law of few elements."""
    # Costly to import, and needed for a handful of elements only.
    from scipy import stats

    return float(stats.kstwo.isf(1.0 / 3000.0, n))


def share_outside(law: Law, reading: Reading) -> float:
    """Share of the elements that a law cannot give, in [0, 1].

    Parameters
    ----------
    law : Law
        Any law.
    reading : Reading
        The elements, at least one of them finite.

    Returns
    -------
    share : float
        Of those in cells beyond the support, its ends rounded to the dtype.

    Examples
    --------
    >>> from fastinit.conformance.reading import read_elements
    >>> from fastinit.conformance.streaming import open_source
    >>> from fastinit.distributions import DISTRIBUTIONS
    >>> law = DISTRIBUTIONS["normal"].law((0.0, 1.0))
    >>> values = np.array([0.1, 0.2, 0.3, 2.0])
    >>> reading = read_elements(open_source(values), law, alpha=1e-6)
    >>> share_outside(DISTRIBUTIONS["uniform"].law((0.0, 1.0)), reading)
    0.25
    """
    dtype = reading.source.dtype
    kind, largest = numpy_dtype(dtype.name), dtype.max_finite
    # float8_e4m3fn has no infinity.
    ends = np.clip(law.support, -largest, largest).astype(kind)
    # By chance a value is rounded to either neighbour.
    low, high = (
        float(np.nextafter(end, kind.type(side), dtype=kind))
        for end, side in zip(ends, (-largest, largest), strict=True)
    )
    cells = reading.cells.cells
    outside = (cells.last < low) | (cells.first > high)
    return float(reading.counts[outside].sum()) / max(reading.n, 1)


def fit_of(cells: CellLaw, counts: Float64Array) -> Fit:
    """Sample at points that are spread over its quantiles and over its range.

    Parameters
    ----------
    cells : CellLaw
        The cells.
    counts : float64 array, shape (k,)
        Finite elements of each, at least one in all.

    Returns
    -------
    fit : Fit
        The sample.

    Examples
    --------
    >>> from fastinit.conformance.reading import read_elements
    >>> from fastinit.conformance.streaming import open_source
    >>> from fastinit.distributions import DISTRIBUTIONS
    >>> law = DISTRIBUTIONS["normal"].law((0.0, 1.0))
    >>> reading = read_elements(open_source(np.zeros(50)), law, alpha=1e-6)
    >>> fit_of(reading.cells, reading.counts).n
    50
    """
    n = float(counts.sum())
    reached = np.cumsum(counts)[:-1] / n
    levels = (np.arange(POINTS) + 0.5) / POINTS
    boundaries = cells.cells.boundaries
    chosen = [
        np.searchsorted(reached, levels),
        np.searchsorted(cells.below[1:-1], levels),
    ]
    at = np.unique(np.clip(np.concatenate(chosen), 0, boundaries.size - 1))
    return Fit(int(n), boundaries[at], reached[at])


def std_agreement(law: Law, std: float, n: int) -> float:
    """How well the std of a law agrees with an observed one, in standard errors.

    Parameters
    ----------
    law : Law
        Any law with std > 0.
    std : float
        Observed std, >= 0.
    n : int
        Number of elements, >= 1.

    Returns
    -------
    agreement : float
        exp(-z^2 / 50) of the logarithms, at least 0.6: it ranks laws that all fit.

    Examples
    --------
    >>> from fastinit.distributions import DISTRIBUTIONS
    >>> std_agreement(DISTRIBUTIONS["normal"].law((0.0, 2.0)), 2.0, 100)
    1.0
    """
    if not std > 0.0:
        return 1.0
    error = 0.5 * math.sqrt(max(law.kurtosis - 1.0, 0.1) / n)
    z = math.log(std / law.std) / error
    return max(math.exp(-z * z / 50.0), 0.6)
