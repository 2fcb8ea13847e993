"""What a plan file comes to: every tensor of a model, in order.

The dataclasses hold results only; whether they hold together is decided where a
file is read (`fastinit.models.plan_file`).
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

from fastinit.dtypes import dtype_of
from fastinit.spec import Spec

__all__ = ["ModelPlan", "TensorPlan"]


@dataclass(frozen=True, slots=True)
class TensorPlan:
    """One tensor of a model.

    Attributes
    ----------
    name : str
        Name under which it is stored.
    canonical : str
        Name that, with the seed, decides its values; that of its target for an
        alias.
    shape : tuple of int
        Sizes, each >= 0; () for a scalar.
    dtype : str
        Name of a row of `fastinit.dtypes.DTYPES`.
    spec : Spec or None
        What fills it; None for an alias.
    alias_of : str or None
        Name of the stored tensor that it is tied to; None for a stored tensor.

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
