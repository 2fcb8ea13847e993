"""FillPlan: the seam between what to fill and who fills it.

A plan says everything about the values and nothing about memory, threads or
devices: backends turn it into bits, conformance checks bits against it.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from fastinit.distributions import DISTRIBUTIONS, Sampling
from fastinit.distributions.law import Law
from fastinit.dtypes import Dtype
from fastinit.errors import DtypeError
from fastinit.identity import STREAM_VERSION, stream_key

__all__ = ["FillPlan"]


@dataclass(frozen=True)
class FillPlan:
    """Every value of one canonical tensor, without holding any.

    Attributes
    ----------
    distribution : str
        Name of a row of `fastinit.distributions.DISTRIBUTIONS`.
    parameters : tuple
        Parameters of the distribution, in float64.
    shape : tuple of int
        Canonical shape.
    dtype : Dtype
        What the values are rounded to.
    seed : int
        In [0, 2^64).
    name : str
        Canonical name.
    stream : int
        Version of the stream.

    Raises
    ------
    DtypeError
        If the dtype holds constants only and the distribution is random.
    ArgumentError
        If the distribution refuses its parameters for this dtype.
    """

    distribution: str
    parameters: tuple[Any, ...]
    shape: tuple[int, ...]
    dtype: Dtype
    seed: int = 0
    name: str = ""
    stream: int = STREAM_VERSION

    def __post_init__(self) -> None:
        # Not a cached_property: its lock, shared by all plans, would stay locked in
        # a child that was forked while another thread made a plan.
        object.__setattr__(self, "_sampling", self._prepared())

    @property
    def sampling(self) -> Sampling:
        """Sampler and rounded parameters for the kernels."""
        made: Sampling = vars(self)["_sampling"]
        return made

    def _prepared(self) -> Sampling:
        if self.distribution == "constant":
            # Not through the cache: -0.0 and 0.0 are equal keys.
            return DISTRIBUTIONS["constant"].prepare(self.parameters, self.dtype)
        return _sampling(self.distribution, self.parameters, self.dtype)

    @property
    def key(self) -> tuple[int, int, int, int]:
        """(k0, k1, c2, c3), or the pattern of a constant in its first two words."""
        pattern = self.sampling.pattern
        if pattern is None:
            return stream_key(self.seed, self.name)
        return pattern & 0xFFFFFFFF, pattern >> 32, 0, 0

    def of_tensor(self, seed: int, name: str) -> FillPlan:
        """Plan of a tensor with another identity; what was prepared is kept.

        Parameters
        ----------
        seed : int
            In [0, 2^64).
        name : str
            Canonical name.

        Returns
        -------
        plan : FillPlan
            Equal to this one but for seed and name.
        """
        # dataclasses.replace would lose what was prepared.
        plan = object.__new__(FillPlan)
        vars(plan).update(vars(self), seed=seed, name=name)
        return plan

    def law(self) -> Law:
        """Law that the values follow, before rounding to the dtype."""
        return DISTRIBUTIONS[self.distribution].law(self.parameters)


@functools.lru_cache(maxsize=1024)
def _sampling(name: str, parameters: tuple[Any, ...], dtype: Dtype) -> Sampling:
    if dtype.kind not in DISTRIBUTIONS[name].kinds:
        raise DtypeError(
            f"dtype {dtype.name} for {name} values",
            "random values need a floating dtype",
            "fill integers and bool with constant, zeros or ones",
        )
    return DISTRIBUTIONS[name].prepare(parameters, dtype)
