"""Words that the tests of the arithmetic share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from oracle.exact import EXTREME_WORDS


@pytest.fixture(scope="session")
def random_words() -> Any:
    """Four arrays of a million random words."""
    generator = np.random.default_rng(20261123)
    return generator.integers(0, 2**32, (4, 1_000_000), dtype=np.uint32)


@pytest.fixture(scope="session")
def extreme_pairs() -> Any:
    """All pairs of extreme words, as two arrays."""
    grid = np.meshgrid(*[np.array(EXTREME_WORDS, np.uint32)] * 2)
    return np.stack([axis.ravel() for axis in grid])


@pytest.fixture(scope="session")
def extreme_quads() -> Any:
    """All pairs of extreme words, each with every corner of the extension words."""
    words = np.array(EXTREME_WORDS, np.uint32)
    corners = np.array([0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF], np.uint32)
    grid = np.meshgrid(words, words, corners, corners)
    return np.stack([axis.ravel() for axis in grid])
