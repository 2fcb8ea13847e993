"""Distances between a sample and a law: from scores one by one, or from cells."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit.conformance.scores import Scores

__all__ = ["Distances", "distances_of_cells", "distances_of_scores"]

Float64Array = np.ndarray[Any, np.dtype[np.float64]]

#: Nodes and weights of a Gauss-Legendre rule on (0, 1): dev^2 / (F (1 - F)) in a cell.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)
_NODES, _WEIGHTS = 0.5 * (_NODES + 1.0), 0.5 * _WEIGHTS


@dataclass(frozen=True)
class Distances:
    """The classical distances of n elements.

    Attributes
    ----------
    kolmogorov_smirnov : float
        Largest |F_n - F|, in [0, 1].
    at_most : float
        What it cannot exceed; itself where it is exact.
    cramer_von_mises : float
        n times the integral of (F_n - F)^2 dF.
    anderson_darling : float
        n times the integral of (F_n - F)^2 / (F (1 - F)) dF.
    """

    kolmogorov_smirnov: float
    at_most: float
    cramer_von_mises: float
    anderson_darling: float


def distances_of_scores(scores: Scores) -> Distances:
    """Exact distances from sorted scores.

    Parameters
    ----------
    scores : Scores
        At least one.

    Returns
    -------
    distances : Distances
        All exact.

    Examples
    --------
    >>> half = np.array([0.5])
    >>> distances_of_scores(Scores(half, half)).kolmogorov_smirnov
    0.5
    """
    below = np.sort(scores.below)
    above = np.sort(scores.above)
    n = below.size
    rank = np.arange(n, dtype=np.float64)
    largest = max(
        float(np.max((rank + 1.0) / n - below)), float(np.max(below - rank / n))
    )
    middle = (2.0 * rank + 1.0) / (2.0 * n)
    squares = 1.0 / (12.0 * n) + float(np.sum(np.square(below - middle)))
    # A score of exactly 0 is a value that the law excludes: infinitely far.
    with np.errstate(divide="ignore"):
        logs = np.log(below) + np.log(above)
    weighted = -n - float(np.sum((2.0 * rank + 1.0) * logs)) / n
    return Distances(largest, largest, squares, weighted)


def distances_of_cells(counts: Float64Array, probabilities: Float64Array) -> Distances:
    """Distances from the counts of fine cells.

    Parameters
    ----------
    counts : float64 array, shape (k,)
        Elements of each cell, ascending; at least one in all.
    probabilities : float64 array, shape (k,)
        Probabilities of the cells.

    Returns
    -------
    distances : Distances
        The largest distance at a boundary and its bound inside the cells; integrals
        with the elements of a cell spread evenly over it, and with the expected
        share of their scatter.

    Notes
    -----
    Inside a cell F_n - F moves by at most the cell's probability, and by about
    sqrt(probability / n). The scatter adds sum p_c k_c / (6 n) to the integral,
    which is below 1e-5 for cells of 2^-15.

    Examples
    --------
    >>> distances_of_cells(np.array([3.0, 1.0]), np.array([0.5, 0.5]))
    ... # doctest: +ELLIPSIS
    Distances(kolmogorov_smirnov=0.25, at_most=0.75, ...)
    """
    n = float(counts.sum())
    after = np.cumsum(counts) / n
    before = after - counts / n
    right = np.minimum(np.cumsum(probabilities), 1.0)
    left = np.maximum(right - probabilities, 0.0)
    tail = np.maximum(np.cumsum(probabilities[::-1])[::-1] - probabilities, 0.0)
    start, end = before - left, after - right
    largest = float(np.max(np.abs(end)))
    at_most = float(np.max(np.maximum(after - left, right - before)))
    squares = (start * start + start * end + end * end) / 3.0
    scatter = probabilities * counts / (6.0 * n)
    weighted = 0.0
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        deviation = start + node * (end - start)
        variance = (left + node * probabilities) * (tail + (1 - node) * probabilities)
        noise = counts / (n * n) * node * (1.0 - node)
        share = np.divide(
            probabilities * (np.square(deviation) + noise),
            variance,
            out=np.zeros_like(variance),
            where=variance > 0.0,
        )
        weighted += weight * float(np.sum(share))
    total = n * float(np.sum(probabilities * squares)) + float(np.sum(scatter))
    if not math.isfinite(weighted):
        weighted = math.inf
    return Distances(largest, at_most, total, n * weighted)
