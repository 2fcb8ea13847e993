"""What a distribution is: parameters, samplers and the law that they follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastinit.distributions.law import Law
from fastinit.dtypes import Dtype, Kind

__all__ = ["Distribution", "Sampler", "Sampling"]

#: sampler((low, high) of a block index, key, parameters) -> four values: plain text.
SamplerText = Callable[[tuple[int, int], Any, Any], tuple[Any, Any, Any, Any]]


@dataclass(frozen=True)
class Sampler:
    """The texts of one sampler, by what they store.

    Attributes
    ----------
    texts : mapping
        Plain functions by NumPy name of the stored type: 'float32' and 'float64'
        for random values, 'uint8' to 'uint64' for bit patterns.
    count : int
        Number of parameters that they take.
    is_complex : bool
        True where a block is the parts of two complex numbers, which no 16-bit dtype
        has.
    """

    texts: Mapping[str, SamplerText]
    count: int = 4
    is_complex: bool = False


@dataclass(frozen=True)
class Sampling:
    """One distribution with its parameters, ready for a kernel of one dtype.

    Attributes
    ----------
    sampler : str
        Name in `fastinit.distributions.SAMPLERS`.
    parameters : tuple of float
        What the sampler takes, rounded as the stream defines; as many as it says.
    pattern : int, optional
        Bit pattern of a constant, in [0, 2^64), or of the parts of a complex one, in
        [0, 2^128); it takes the place of the key.
    """

    sampler: str
    parameters: tuple[float, ...]
    pattern: int | None = None

    @property
    def is_constant(self) -> bool:
        """True where all stored values are one, and so have no order."""
        return self.sampler == "constant"


@dataclass(frozen=True)
class Distribution:
    """A row of the table of distributions.

    Attributes
    ----------
    name : str
        Name of the distribution.
    parameters : tuple of str
        Names of its parameters, in order.
    kinds : tuple of str
        Kinds of dtypes that can hold its values.
    samplers : mapping
        Its samplers, by name.
    prepare : callable
        prepare(parameters, dtype) -> Sampling; raises for what cannot be sampled.
    law : callable
        law(parameters) -> Law of the values before rounding to a dtype.
    """

    name: str
    parameters: tuple[str, ...]
    kinds: tuple[Kind, ...]
    samplers: Mapping[str, Sampler]
    prepare: Callable[[tuple[Any, ...], Dtype], Sampling]
    law: Callable[[tuple[Any, ...]], Law]
