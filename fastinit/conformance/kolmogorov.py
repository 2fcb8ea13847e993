"""The Kolmogorov-Smirnov distance: its p-value and its confidence band.

Nothing here looks at data. Both functions take the distance or the level and the
number of elements alone, so they hold at any size, also beyond what a test can fill.
"""

from __future__ import annotations

import math

__all__ = ["EXACT_LIMIT", "band_half_width", "distance_p_value"]

#: Largest n with the exact law of D. Beyond, the limit law with the 1/sqrt(n) term
#: is within 1e-6 (and within 3e-4, relative, down to p = 1e-6), while the exact tail,
#: a sum of n terms, takes over a second at 1e6 and breaks from 2^31 on.
EXACT_LIMIT = 125_000


def distance_p_value(distance: float, n: int) -> float:
    """Probability that n elements of a continuous law lie at least this far from it.

    Parameters
    ----------
    distance : float
        Two-sided Kolmogorov-Smirnov distance D, in [0, 1].
    n : int
        Number of elements, >= 0.

    Returns
    -------
    p_value : float
        P(D_n >= distance), in [0, 1]; 1 for n = 0. An upper bound where the law has
        atoms.

    Notes
    -----
    P(D_n >= d) is exact for n <= 125,000 and Q(sqrt(n) d + 1 / (6 sqrt(n))) above,
    with Kolmogorov's Q(x) = 2 sum_k (-1)^(k - 1) exp(-2 k^2 x^2).

    References
    ----------
    Simard & L'Ecuyer (2011), "Computing the two-sided Kolmogorov-Smirnov
    distribution"; Vrbik (2018), "Small-sample corrections to Kolmogorov-Smirnov test
    statistic", for the 1/sqrt(n) term.

    Examples
    --------
    >>> distance_p_value(0.5, 1)
    1.0
    >>> f"{distance_p_value(2.7e-5, 10**10):.2e}"
    '9.31e-07'
    """
    if n == 0:
        return 1.0
    if n <= EXACT_LIMIT:
        from scipy.stats import kstwo

        return float(kstwo.sf(distance, n))
    from scipy.special import kolmogorov

    root = math.sqrt(n)
    return float(kolmogorov(root * distance + 1.0 / (6.0 * root)))


def band_half_width(alpha: float, n: int) -> float:
    """Half-width of a confidence band for a whole distribution function.

    Parameters
    ----------
    alpha : float
        Probability, in (0, 1), that the band misses the true function anywhere.
    n : int
        Number of elements, >= 0.

    Returns
    -------
    half_width : float
        sqrt(ln(2 / alpha) / (2 n)), >= 0; infinite for n = 0. It holds for every
        law, continuous or not, at every n.

    References
    ----------
    Massart (1990), "The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality".

    Examples
    --------
    >>> round(band_half_width(1e-6, 1_000_000), 6)
    0.002693
    """
    return math.sqrt(math.log(2.0 / alpha) / (2.0 * n)) if n else math.inf
