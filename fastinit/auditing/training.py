"""Whether a matrix looks trained: what independent elements cannot show.

Elements of an initial matrix are independent and share one law. Then no singular
value lies beyond the edge of the Marchenko-Pastur law by more than a known bound, and
the sizes of rows and of columns differ by no more than chance makes them. Training
moves weights by matrices of low rank and gives rows and columns sizes of their own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit.auditing.elements import Float64Array

__all__ = ["Evidence", "matrix_evidence"]

#: Least rows and columns of a matrix that is looked at, and of one whose rows have a
#: size that says something.
LEAST_SIDE, LEAST_ROW = 8, 32
#: Robust std beyond which elements are cut, so that no single one makes a spectrum.
CUT = 6.0
#: Vectors and steps of the power iteration.
_VECTORS, _STEPS = 8, 10
#: Least scatter of the std of rows that is told, relative.
SCATTER = 0.03
#: Tests of one matrix: spectrum, rows, columns.
TESTS = 3


@dataclass(frozen=True)
class Evidence:
    """One sign of training.

    Attributes
    ----------
    name : str
        'spectrum', 'rows', 'columns', or what supports them: 'tails', 'mean', 'law'.
    text : str
        The sign in words, with its numbers.
    p_value : float
        Chance of it in an initial tensor, at most; 1 for what only supports.
    """

    name: str
    text: str
    p_value: float = 1.0


def matrix_evidence(matrix: Any, alpha: float) -> tuple[Evidence, ...]:
    """Signs of training in a matrix.

    Parameters
    ----------
    matrix : float32 array, shape (rows, columns)
        A tensor as `fastinit.auditing.elements.matrix_of` thins it out. Rows and
        columns of zeros, which padding leaves, are set aside.
    alpha : float
        Probability, in (0, 1), that any sign is told of an initial matrix.

    Returns
    -------
    evidence : tuple of Evidence
        Spectrum, rows and columns, where they show more than chance; none where
        elements are not finite, or are too few.

    References
    ----------
    Davidson & Szarek (2001), "Local operator theory, random matrices and Banach
    spaces", Theorem II.13: P(s_1 > sqrt(m) + sqrt(n) + t) < exp(-t^2 / 2).
    Wilson & Hilferty (1931), "The distribution of chi-square".

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> noise = rng.standard_normal((200, 300)).astype(np.float32)
    >>> matrix_evidence(noise, 1e-6)
    ()
    >>> spike = np.outer(rng.standard_normal(200), rng.standard_normal(300)) / 4.0
    >>> [one.name for one in matrix_evidence(noise + spike, 1e-6)]
    ['spectrum', 'rows']
    """
    if not np.isfinite(matrix).all():
        return ()
    matrix = matrix[np.any(matrix != 0.0, axis=1)]
    matrix = matrix[:, np.any(matrix != 0.0, axis=0)]
    if min(matrix.shape) < LEAST_SIDE:
        return ()
    unit = _cut(matrix)
    if unit is None:
        return ()
    share = alpha / TESTS
    return tuple(
        one
        for one in (
            _spectrum(unit, share),
            *_scales(unit, share, "rows"),
            *_scales(unit.T, share, "columns"),
        )
        if one is not None
    )


def _cut(matrix: Any) -> Any:
    """Matrix of mean 0 and mean square 1, its outliers cut; None for few values."""
    # By medians first: the mean of garbage is garbage.
    centred = matrix - np.median(matrix)
    spread = 1.4826 * float(np.median(np.abs(centred)))
    if not spread > 0.0:
        return None
    np.clip(centred, -CUT * spread, CUT * spread, out=centred)
    centred -= np.float32(np.mean(centred, dtype=np.float64))
    size = math.sqrt(float(np.mean(np.square(centred), dtype=np.float64)))
    return centred / np.float32(size) if size > 0.0 else None


def _spectrum(unit: Any, alpha: float) -> Evidence | None:
    """Singular values beyond the edge of a matrix of independent elements."""
    found = _largest_singular_values(unit)
    edge = sum(map(math.sqrt, unit.shape))
    # Ritz values are never larger than the singular values that they approach.
    beyond = int(np.count_nonzero(found > edge + math.sqrt(-2.0 * math.log(alpha))))
    if not beyond:
        return None
    count = f"at least {beyond}" if beyond == _VECTORS else str(beyond)
    largest = float(found[0])
    p_value = math.exp(-0.5 * (largest - edge) ** 2)
    text = (
        f"largest singular value {largest / edge:.3g} times that of a random matrix "
        f"({count} beyond its edge)"
    )
    return Evidence("spectrum", text, p_value)


def _largest_singular_values(unit: Any) -> Float64Array:
    """Approach the largest singular values from below, descending."""
    tall = unit if unit.shape[0] >= unit.shape[1] else unit.T
    start = np.random.default_rng(0).standard_normal((tall.shape[1], _VECTORS))
    basis = np.linalg.qr(start)[0].astype(np.float32)
    for _ in range(_STEPS):
        basis = np.linalg.qr(tall.T @ (tall @ basis))[0]
    values = np.linalg.svd(tall @ basis, compute_uv=False)
    return np.asarray(values, dtype=np.float64)


def _scales(unit: Any, alpha: float, name: str) -> Iterator[Evidence]:
    """Mean squares of rows that differ by more than chance."""
    from scipy.special import chdtrc

    n_rows, n = unit.shape
    if n < LEAST_ROW:
        return
    # The cube root of a mean square is nearly normal: its scatter is a chi-square.
    roots = np.cbrt(np.mean(np.square(unit), axis=1, dtype=np.float64))
    fourth = float(np.mean(np.square(np.square(unit)), dtype=np.float64))
    variance = max(fourth - 1.0, 0.1) / (9.0 * n)
    relative = roots / roots.mean()
    statistic = float(np.sum(np.square(relative - 1.0))) / variance
    p_value = float(chdtrc(n_rows - 1.0, statistic))
    excess = statistic / (n_rows - 1.0) - 1.0
    scatter = 1.5 * math.sqrt(max(excess, 0.0) * variance)
    if p_value < alpha and scatter > SCATTER:
        text = f"the std of {name} scatters by {100.0 * scatter:.2g} %"
        yield Evidence(name, text, p_value)
