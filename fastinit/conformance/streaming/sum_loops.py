"""The loops of a scan over values: plain text that Numba compiles.

They name nothing of this module (see `compiling`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = [
    "look_up",
    "multiply_lags",
    "standardise",
    "sum_columns",
    "sum_powers",
    "sum_rows",
]


def standardise(values: Any, mean: Any, scale: Any, standard: Any) -> None:
    """Write (x - mean) * scale, cut at 32 std and 0 for NaN.

    Parameters
    ----------
    values : float32 or float64 array, shape (n,)
        The elements.
    mean, scale : float
        What is subtracted, and what is multiplied by then.
    standard : float32 array, shape (n,)
        Written.
    """
    for i in range(values.size):
        deviation = (np.float64(values[i]) - mean) * scale
        deviation = 32.0 if deviation > 32.0 else deviation
        deviation = -32.0 if deviation < -32.0 else deviation
        deviation = 0.0 if np.isnan(deviation) else deviation
        standard[i] = np.float32(deviation)


def look_up(patterns: Any, table: Any, standard: Any) -> None:
    """Write the table's value of each pattern of a narrow dtype.

    Parameters
    ----------
    patterns : uint16 or uint8 array, shape (n,)
        Bit patterns of the elements.
    table : float32 array, shape (65536,) or (256,)
        Their values.
    standard : float32 array, shape (n,)
        Written.
    """
    for i in range(patterns.size):
        standard[i] = table[patterns[i]]


def sum_powers(values: Any, mean: Any, scale: Any, sums: Any) -> None:
    """Add the sums of the first four powers of (x - mean) * scale, of finite x.

    By blocks of 1024, so that the error does not grow with the length.

    Parameters
    ----------
    values : float32 or float64 array, shape (n,)
        The elements.
    mean, scale : float
        What is subtracted, and what is multiplied by then.
    sums : float64 array, shape (4,)
        Sums, which grow.
    """
    for start in range(0, values.size, 1024):
        s1, s2, s3, s4 = 0.0, 0.0, 0.0, 0.0
        for i in range(start, min(start + 1024, values.size)):
            x = np.float64(values[i])
            d = (x - mean) * scale if x - x == 0.0 else 0.0
            square = d * d
            s1 += d
            s2 += square
            s3 += square * d
            s4 += square * square
        sums[0] += s1
        sums[1] += s2
        sums[2] += s3
        sums[3] += s4


def multiply_lags(standard: Any, n_own: Any, lags: Any, sums: Any) -> None:
    """Add the products of each element with the one a lag further on.

    By tiles that stay in the first cache, summed in float32, and four lags at a
    time, so that an element is loaded once for all of them.

    Parameters
    ----------
    standard : float32 array, shape (n,)
        Standardised elements.
    n_own : int
        Elements that are the first of a product; those beyond are seconds only.
    lags : int64 array, shape (m,)
        Distances, ascending.
    sums : float64 array, shape (m,)
        Sums, which grow.
    """
    for start in range(0, n_own, 2048):
        whole = min(2048, n_own - start)
        one = standard[start : start + whole]
        j = 0
        while j < lags.size:
            if j + 3 < lags.size and start + whole + lags[j + 3] <= standard.size:
                a = standard[start + lags[j] : start + lags[j] + whole]
                b = standard[start + lags[j + 1] : start + lags[j + 1] + whole]
                c = standard[start + lags[j + 2] : start + lags[j + 2] + whole]
                d = standard[start + lags[j + 3] : start + lags[j + 3] + whole]
                s, t = np.float32(0.0), np.float32(0.0)
                u, v = np.float32(0.0), np.float32(0.0)
                for i in range(whole):
                    s += one[i] * a[i]
                    t += one[i] * b[i]
                    u += one[i] * c[i]
                    v += one[i] * d[i]
                sums[j] += np.float64(s)
                sums[j + 1] += np.float64(t)
                sums[j + 2] += np.float64(u)
                sums[j + 3] += np.float64(v)
                j += 4
                continue
            size = max(min(whole, standard.size - lags[j] - start), 0)
            a = standard[start + lags[j] : start + lags[j] + size]
            s = np.float32(0.0)
            for i in range(size):
                s += one[i] * a[i]
            sums[j] += np.float64(s)
            j += 1


def sum_rows(standard: Any, offset: Any, length: Any, sums: Any) -> None:
    """Write the sums of rows.

    Parameters
    ----------
    standard : float32 array, shape (n,)
        Standardised elements.
    offset : int
        How far into its row the first element is.
    length : int
        Elements of a row.
    sums : float64 array, shape (rows that are touched,)
        Written.
    """
    row = 0
    start = -offset
    while start < standard.size:
        total = 0.0
        for i in range(max(start, 0), min(start + length, standard.size)):
            total += np.float64(standard[i])
        sums[row] = total
        row += 1
        start += length


def sum_columns(standard: Any, offset: Any, sums: Any) -> None:
    """Add each element to its column.

    Parameters
    ----------
    standard : float32 array, shape (n,)
        Standardised elements.
    offset : int
        Column of the first element.
    sums : float64 array, shape (columns,)
        Sums, which grow.
    """
    start, first = 0, offset
    while start < standard.size:
        size = min(sums.size - first, standard.size - start)
        part = standard[start : start + size]
        held = sums[first : first + size]
        for i in range(size):
            held[i] += np.float64(part[i])
        start += size
        first = 0
