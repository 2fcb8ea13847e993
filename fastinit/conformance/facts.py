"""Facts of an array from extremes, counts and moments."""

from __future__ import annotations

import math

from fastinit.conformance.verdict import Facts

__all__ = ["CHUNK", "facts_of"]

#: Elements handled at a time: 1 MiB of float64, so that the temporaries stay in cache.
CHUNK = 1 << 17


def facts_of(
    ends: tuple[float, float],
    n_nonfinite: tuple[int, int],
    unit: tuple[float, float],
    moments: tuple[float, float],
) -> Facts:
    """Facts from extremes, counts and moments in any unit.

    Parameters
    ----------
    ends : tuple of float
        Smallest and largest finite element; NaN where there is none.
    n_nonfinite : tuple of int
        Number of NaN and of infinite elements.
    unit : tuple of float
        Any centre and scale > 0.
    moments : tuple of float
        Mean of (x - centre) / scale, and of its square.

    Returns
    -------
    facts : Facts
        With mean and std NaN where `ends` are.

    Examples
    --------
    >>> facts_of((1.0, 3.0), (0, 0), (2.0, 1.0), (0.0, 1.0)).std
    1.0
    """
    if math.isnan(ends[0]):
        return Facts(*ends, *n_nonfinite, math.nan, math.nan)
    shift, square = moments
    variance = square - shift * shift
    # max() alone would turn the NaN of an overflow into 0.
    root = variance if math.isnan(variance) else math.sqrt(max(variance, 0.0))
    centre, scale = unit
    return Facts(*ends, *n_nonfinite, centre + scale * shift, scale * root)
