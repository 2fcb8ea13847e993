"""The raw words of the stream, as a distribution over uint32."""

from __future__ import annotations

from typing import Any

from fastinit.arithmetic.philox import counter_words
from fastinit.distributions.law import Law
from fastinit.distributions.protocol import Distribution, Sampler, Sampling
from fastinit.distributions.uniform import UNIFORM
from fastinit.dtypes import Dtype

__all__ = ["WORDS"]


def _words(
    block: tuple[int, int], key: tuple[int, int, int, int], parameters: Any
) -> Any:
    """The four main words of a block."""
    return counter_words(block, 0, key)


def _prepare(parameters: tuple[Any, ...], dtype: Dtype) -> Sampling:
    return Sampling("words", (0.0, 0.0, 0.0, 0.0))


def _law(parameters: tuple[Any, ...]) -> Law:
    return UNIFORM.law((0.0, 2.0**32))


#: Word i is the main word of element i.
WORDS = Distribution(
    name="words",
    parameters=(),
    kinds=("integer",),
    samplers={"words": Sampler({"uint32": _words})},
    prepare=_prepare,
    law=_law,
)
