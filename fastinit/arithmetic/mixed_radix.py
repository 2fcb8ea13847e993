"""Where one of the combinations of some axes lies, in memory and in the stream."""

from __future__ import annotations

from typing import Any

__all__ = ["locate"]


def locate(table: Any, begin: int, end: int, number: int) -> tuple[int, int]:
    """Bytes and stream indices from the first combination of axes to another.

    Parameters
    ----------
    table : array of int64, shape (3 n,)
        (size, bytes, indices) of each axis, the fastest last.
    begin, end : int
        First axis that counts, and the end of those that do, 0 <= begin <= end <= n.
    number : int
        Which combination, >= 0 and below the product of the sizes.

    Returns
    -------
    distance : int
        Bytes from the first combination, of any sign.
    steps : int
        Stream indices from the first combination, >= 0 where the axes rise.

    Examples
    --------
    >>> locate([3, 100, 10, 2, 8, 1], 0, 2, 5)
    (208, 21)
    """
    rest, distance, steps = number, 0, 0
    for axis in range(end - 1, begin - 1, -1):
        step = rest % table[3 * axis]
        rest = rest // table[3 * axis]
        distance += step * table[3 * axis + 1]
        steps += step * table[3 * axis + 2]
    return distance, steps
