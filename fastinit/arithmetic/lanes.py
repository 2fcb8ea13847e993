"""One element of a block, where whole blocks cannot be used."""

from __future__ import annotations

from typing import Any

from fastinit.arithmetic.philox import split_block

__all__ = ["draw_element"]


def draw(
    block: tuple[int, int],
    key: tuple[int, int, int, int],
    parameters: tuple[float, ...],
) -> tuple[Any, Any, Any, Any]:
    """Four values of a block; bound to a sampler of a distribution and dtype."""
    raise NotImplementedError


def draw_element(
    index: int, key: tuple[int, int, int, int], parameters: tuple[float, ...]
) -> Any:
    """Value of one element: lane index mod 4 of block index div 4."""
    v0, v1, v2, v3 = draw(split_block(index >> 2), key, parameters)
    lane = index & 3
    low = v0 if lane == 0 else v1
    high = v2 if lane == 2 else v3
    return low if lane < 2 else high
