"""What a plan file comes to: every tensor of a model, in order.

The dataclasses hold results only; whether they hold together is decided where a
file is read (`fastinit.models.plan_file`).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fastinit.dtypes import dtype_of
from fastinit.sections import Sections
from fastinit.spec import Spec
from fastinit.view import View

__all__ = ["ModelPlan", "Row", "TensorPlan", "distinct_parts"]


class Row(NamedTuple):
    """A canonical tensor as a checkpoint's report shows it.

    Attributes
    ----------
    label : str
        Name of the stored tensor, with the part in brackets where it holds several.
    canonical : str
        Canonical name.
    shape : tuple of int
        Canonical shape, which fans come from.
    held : tuple of int
        Shape of what is stored of it.
    """

    label: str
    canonical: str
    shape: tuple[int, ...]
    held: tuple[int, ...]


def distinct_parts(names: Sequence[str]) -> tuple[str, ...]:
    """Names without the first and last words, between dots, that all of them share.

    Parameters
    ----------
    names : sequence of str
        Names, no two equal.

    Returns
    -------
    parts : tuple of str
        What tells them apart, no two equal.

    Examples
    --------
    >>> distinct_parts(["h.0.q.weight", "h.0.k.weight"])
    ('q', 'k')
    """
    words = [name.split(".") for name in names]
    # At least one word stays of each.
    most = min(map(len, words)) - 1
    head = 0
    while head < most and len({one[head] for one in words}) == 1:
        head += 1
    tail = 0
    while tail < most - head and len({one[-1 - tail] for one in words}) == 1:
        tail += 1
    return tuple(".".join(one[head : len(one) - tail]) for one in words)


@dataclass(frozen=True, slots=True)
class TensorPlan:
    """One tensor of a model.

    Attributes
    ----------
    name : str
        Name under which it is stored.
    canonical : str
        Name that, with the seed, decides its values; that of its target for an
        alias. Sections bring names of their own.
    shape : tuple of int
        Sizes of what is stored, each >= 0; () for a scalar.
    dtype : str
        Name of a row of `fastinit.dtypes.DTYPES`.
    spec : Spec or None
        What fills it; None for an alias.
    alias_of : str or None
        Name of the stored tensor that it is tied to; None for a stored tensor.
    rounding : {'nearest', 'stochastic'}
        How values are rounded to the dtype.
    view : View, Sections or None
        What is stored of which canonical tensors; None where it is one, whole.

    Examples
    --------
    >>> TensorPlan("w", "w", (3, 4), "float16", Spec.parse("zeros"), None).n_bytes
    24
    """

    name: str
    canonical: str
    shape: tuple[int, ...]
    dtype: str
    spec: Spec | None
    alias_of: str | None
    view: View | Sections | None = None
    rounding: str = "nearest"

    @property
    def rows(self) -> tuple[Row, ...]:
        """Canonical tensors that it holds, in order."""
        if not isinstance(self.view, Sections):
            shape = self.shape if self.view is None else self.view.shape
            return (Row(self.name, self.canonical, shape, self.shape),)
        sections = self.view.of(self.shape)
        labels = distinct_parts([one.name for one in sections])
        return tuple(
            Row(f"{self.name}[{label}]", one.name, one.view.shape, one.view.held_shape)
            for label, one in zip(labels, sections, strict=True)
        )

    @property
    def n_elements(self) -> int:
        """Elements of the shape, an alias's too: the product of its sizes."""
        return math.prod(self.shape)

    @property
    def n_bytes(self) -> int:
        """Bytes that it stores: 0 for an alias."""
        if self.alias_of is not None:
            return 0
        return self.n_elements * dtype_of(self.dtype).itemsize


@dataclass(frozen=True)
class ModelPlan:
    """All tensors of a model and the seed of their values.

    Attributes
    ----------
    seed : int
        In [0, 2^64).
    tensors : tuple of TensorPlan
        In the order of the file, aliases included.
    source : str
        Where the plan comes from, for messages.

    Examples
    --------
    >>> weight = TensorPlan("w", "w", (3, 4), "float32", Spec.parse("zeros"), None)
    >>> tied = TensorPlan("v", "w", (3, 4), "float32", None, "w")
    >>> plan = ModelPlan(0, (weight, tied), "example")
    >>> plan.n_parameters, plan.n_bytes, len(plan.stored)
    (12, 48, 1)
    """

    seed: int
    tensors: tuple[TensorPlan, ...]
    source: str

    @functools.cached_property
    def stored(self) -> tuple[TensorPlan, ...]:
        """The tensors that have bytes of their own, in order."""
        return tuple(one for one in self.tensors if one.alias_of is None)

    @functools.cached_property
    def rows(self) -> tuple[tuple[TensorPlan, Row], ...]:
        """Every canonical tensor, in order, with the one that stores it."""
        return tuple((one, row) for one in self.stored for row in one.rows)

    @functools.cached_property
    def n_elements(self) -> int:
        """Elements of all stored tensors."""
        return sum(one.n_elements for one in self.stored)

    @functools.cached_property
    def n_parameters(self) -> int:
        """Elements of the stored tensors of floating dtype, buffers included."""
        return sum(
            one.n_elements for one in self.stored if dtype_of(one.dtype).is_float
        )

    @functools.cached_property
    def n_bytes(self) -> int:
        """Bytes of all stored tensors."""
        return sum(one.n_bytes for one in self.stored)
