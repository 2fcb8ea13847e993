"""What a checkpoint holds: tensors that are read when their elements are asked for."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastinit.dtypes import Dtype

__all__ = ["Checkpoint", "Stored"]


@dataclass(frozen=True)
class Stored:
    """A tensor of a checkpoint.

    Attributes
    ----------
    name : str
        Its name; that of the file where the format has none.
    dtype : Dtype
        Row of its dtype.
    shape : tuple of int
        Its shape.
    open : callable
        open() -> the elements: a NumPy array, mapped where the format allows it, or
        something that slices as one and reads what a slice names.
    shares : str
        Name of an earlier tensor whose memory it is; '' for one of its own.
    """

    name: str
    dtype: Dtype
    shape: tuple[int, ...]
    open: Callable[[], Any]
    shares: str = ""

    @property
    def n(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Checkpoint:
    """All tensors of a checkpoint.

    Attributes
    ----------
    path : pathlib.Path
        File or folder.
    tensors : tuple of Stored
        In the order of the format.
    unread : tuple of (str, str)
        Names of tensors that fastinit does not read, and why.
    lost : tuple of (str, str)
        Names of tensors that an index lists and their files lack, and where.
    """

    path: Path
    tensors: tuple[Stored, ...]
    unread: tuple[tuple[str, str], ...] = ()
    lost: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """Names of all tensors that are there, read or not."""
        unread = (name for name, _ in self.unread)
        return frozenset((*(one.name for one in self.tensors), *unread))

    @property
    def n_elements(self) -> int:
        """Elements of all tensors."""
        return sum(one.n for one in self.tensors)
