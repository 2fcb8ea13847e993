"""What a report draws, from the counts of a scan."""

from __future__ import annotations

import numpy as np

from fastinit.conformance.evidence import Histogram, Picture, Quantiles
from fastinit.conformance.reading import Reading
from fastinit.conformance.trials.ends import tail_counts

__all__ = ["draw"]

#: Bins of a histogram, and how far from the mean it reaches, in std.
BINS = 80
REACH = 4.5
#: Probabilities of the quantiles in the lower half, and how many in the bulk.
_LOWER = (1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.003)
_BULK = 99


def draw(reading: Reading) -> Picture:
    """Histogram, quantiles and tails of an array.

    Parameters
    ----------
    reading : Reading
        The array.

    Returns
    -------
    picture : Picture
        A few hundred numbers, whatever the size of the array.

    Examples
    --------
    >>> from fastinit.conformance.reading import read_elements
    >>> from fastinit.conformance.streaming import open_source
    >>> from fastinit.distributions import DISTRIBUTIONS
    >>> law = DISTRIBUTIONS["normal"].law((0.0, 1.0))
    >>> reading = read_elements(open_source(np.zeros(50)), law, alpha=1e-6)
    >>> sum(draw(reading).histogram.observed)
    50.0
    """
    return Picture(_histogram(reading), _quantiles(reading), tail_counts(reading))


def _histogram(reading: Reading) -> Histogram:
    """Bins of equal width, made of whole cells."""
    law, cells = reading.law, reading.cells
    low = max(law.support[0], law.mean - REACH * law.std)
    high = min(law.support[1], law.mean + REACH * law.std)
    boundaries = cells.cells.boundaries
    # An edge at a boundary of cells, so that no cell is divided.
    wanted = np.linspace(low, high, BINS + 1)[1:-1]
    at = np.unique(np.minimum(np.searchsorted(boundaries, wanted), boundaries.size - 1))
    starts = np.concatenate(([0], at + 1))
    edges = (low, *boundaries[at].tolist(), high)
    observed = np.add.reduceat(reading.counts, starts)
    expected = reading.n * np.add.reduceat(cells.probabilities, starts)
    return Histogram(edges, tuple(observed.tolist()), tuple(expected.tolist()))


def _quantiles(reading: Reading) -> Quantiles:
    """Quantiles as far out as the sample reaches."""
    n = reading.n
    if not n:
        return Quantiles((), (), ())
    lower = [level for level in _LOWER if level * n >= 0.5]
    bulk = (np.arange(_BULK) + 1.0) / (_BULK + 1.0)
    levels = np.array([*lower, *bulk, *(1.0 - level for level in reversed(lower))])
    cells = reading.cells
    reached = np.cumsum(reading.counts) / n
    last = reached.size - 1
    values = 0.5 * cells.cells.first + 0.5 * cells.cells.last
    is_low = levels < 0.5
    # The upper half by the mass above, which keeps its digits there.
    from_low = np.searchsorted(cells.below[1:], levels)
    from_high = last - np.searchsorted(cells.above[:-1][::-1], 1.0 - levels)
    expected = np.where(is_low, from_low, np.clip(from_high, 0, last))
    observed = np.searchsorted(reached, levels * (1.0 - 1e-15))
    return Quantiles(
        tuple(levels.tolist()),
        tuple(values[np.minimum(observed, last)].tolist()),
        tuple(values[np.minimum(expected, last)].tolist()),
    )
