"""Philox4x32 in Python integers, and over NumPy arrays of uint64.

Salmon, Moraes, Dror, Shaw (2011), SC11, section 4.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
WEYL = (0x9E3779B9, 0xBB67AE85)
_LOW = 0xFFFFFFFF


def philox4x32(
    counter: Sequence[int], key: Sequence[int], rounds: int = 10
) -> tuple[int, int, int, int]:
    """Words of one block."""
    c0, c1, c2, c3 = counter
    for turn in range(rounds):
        k0, k1 = ((key[i] + turn * WEYL[i]) % 2**32 for i in range(2))
        first, second = MULTIPLIERS[0] * c0, MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = (
            (second >> 32) ^ c1 ^ k0,
            second & _LOW,
            (first >> 32) ^ c3 ^ k1,
            first & _LOW,
        )
    return c0, c1, c2, c3


def philox4x32_arrays(counters: Any, keys: Any, rounds: int = 10) -> Any:
    """Words of many blocks.

    Parameters
    ----------
    counters : ndarray of uint32, shape (n, 4)
        Counter of each block.
    keys : ndarray of uint32, shape (n, 2)
        Key of each block.
    rounds : int
        Number of rounds, > 0.

    Returns
    -------
    words : ndarray of uint32, shape (n, 4)
        Words of each block.
    """
    c = [counters[:, i].astype(np.uint64) for i in range(4)]
    k = [keys[:, i].astype(np.uint64) for i in range(2)]
    low, width = np.uint64(_LOW), np.uint64(32)
    for _ in range(rounds):
        first = c[0] * np.uint64(MULTIPLIERS[0])
        second = c[2] * np.uint64(MULTIPLIERS[1])
        c = [
            (second >> width) ^ c[1] ^ k[0],
            second & low,
            (first >> width) ^ c[3] ^ k[1],
            first & low,
        ]
        k = [(k[i] + np.uint64(WEYL[i])) & low for i in range(2)]
    return np.stack(c, axis=1).astype(np.uint32)
