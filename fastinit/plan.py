"""FillPlan: the seam between what to fill and who fills it.

A plan says everything about the values and nothing about memory, threads or
devices: backends turn it into bits, conformance checks bits against it.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

from fastinit.distributions import DISTRIBUTIONS, Sampling
from fastinit.distributions.law import Law
from fastinit.dtypes import Dtype
from fastinit.errors import DtypeError, ViewError, shown
from fastinit.identity import STREAM_LIMIT, STREAM_VERSION, stream_key

__all__ = ["FillPlan", "check_stream"]

_WORD = 0xFFFFFFFF


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
    ViewError
        If the shape has more complex elements than a stream.
    """

    distribution: str
    parameters: tuple[Any, ...]
    shape: tuple[int, ...]
    dtype: Dtype
    seed: int = 0
    name: str = ""
    stream: int = STREAM_VERSION

    def __post_init__(self) -> None:
        check_stream(self.dtype, self.shape)
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
        """(k0, k1, c2, c3), or the pattern of a constant from its lowest word on."""
        pattern = self.sampling.pattern
        if pattern is None:
            return stream_key(self.seed, self.name)
        first, second, third, fourth = (pattern >> 32 * at & _WORD for at in range(4))
        return first, second, third, fourth

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

    def of_parts(self) -> FillPlan:
        """Plan of the real and imaginary parts of complex values; itself if real.

        Returns
        -------
        plan : FillPlan
            Of a dtype and shape of their own, with the sampling and the key of this
            plan: for kernels, which know real numbers alone.
        """
        if not self.dtype.is_complex:
            return self
        plan = object.__new__(FillPlan)
        shape = *self.shape, 2
        vars(plan).update(vars(self), dtype=self.dtype.part, shape=shape)
        return plan

    def law(self) -> Law:
        """Law that the values follow, before rounding to the dtype.

        Of complex values it is the law of the real part.
        """
        return DISTRIBUTIONS[self.distribution].law(self.parameters)


def check_stream(dtype: Dtype, shape: tuple[int, ...]) -> None:
    """Raise for a tensor of more complex elements than a stream has words for.

    Parameters
    ----------
    dtype : Dtype
        Its dtype.
    shape : tuple of int
        Its shape, of at most 2^58 elements, or that of its indices.

    Raises
    ------
    ViewError
        If they are complex and more than 2^57.

    Examples
    --------
    >>> from fastinit.dtypes import DTYPES
    >>> check_stream(DTYPES["float32"], (2**58,))
    """
    if dtype.is_complex and 2 * math.prod(size or 1 for size in shape) > STREAM_LIMIT:
        raise ViewError(
            f"shape {shown(shape)} in {dtype.name}",
            "a tensor has at most 2^57 complex elements",
            "split it into several tensors with names of their own",
        )


@functools.lru_cache(maxsize=1024)
def _sampling(name: str, parameters: tuple[Any, ...], dtype: Dtype) -> Sampling:
    kinds = DISTRIBUTIONS[name].kinds
    if dtype.kind not in kinds:
        raise DtypeError(
            f"dtype {dtype.name} for {name} values",
            f"they need a {'complex' if 'complex' in kinds else 'floating'} dtype",
            "choose such a dtype, or fill with constant, zeros or ones",
        )
    return DISTRIBUTIONS[name].prepare(parameters, dtype)
