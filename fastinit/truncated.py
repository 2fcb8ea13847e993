"""The truncated normal in place and out of place, as torch.nn.init has it.

Bounds are values, not multiples of std; docs/schemes.md compares the conventions.
"""

from __future__ import annotations

from typing import Any, TypeVar, Unpack

from fastinit.api import create, fill
from fastinit.generator import Generator
from fastinit.keywords import CreateHow, How
from fastinit.spec import spec_of

__all__ = ["trunc_normal", "trunc_normal_"]

T = TypeVar("T")


def trunc_normal_(
    tensor: T,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
    **how: Unpack[How],
) -> T:
    """Fill with values of a normal law that lie in [a, b].

    Parameters
    ----------
    tensor : numpy.ndarray or torch.Tensor
        Array to fill in place.
    mean, std : float
        Mean and standard deviation of the normal law before it is truncated; finite,
        std >= 0.
    a, b : float
        Bounds of the values, a <= b, at most 1000 std from the mean on its far side;
        either may be infinite. They are values and do not scale with std.
    generator : Generator, optional
        Source of the seed, and of a name where none is given.
    **how
        Keywords of `How`.

    Returns
    -------
    tensor : object
        The same object.

    Raises
    ------
    FastinitError
        If an argument is wrong; nothing is written then.

    Examples
    --------
    >>> import numpy as np
    >>> bool((abs(trunc_normal_(np.empty(999), seed=0)) <= 2).all())
    True
    """
    spec = spec_of("trunc_normal", mean=mean, std=std, a=a, b=b)
    fill(tensor, spec, generator=generator, **how)
    return tensor


def trunc_normal(
    shape: Any,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
    **how: Unpack[CreateHow],
) -> Any:
    """Make an array of values of a normal law that lie in [a, b].

    Parameters
    ----------
    shape : int or sequence of int
        Shape of the new array.
    mean, std : float
        Mean and standard deviation of the normal law before it is truncated; finite,
        std >= 0.
    a, b : float
        Bounds of the values, a <= b, at most 1000 std from the mean on its far side;
        either may be infinite. They are values and do not scale with std.
    generator : Generator, optional
        Source of the seed, and of a name where none is given.
    **how
        Keywords of `CreateHow`.

    Returns
    -------
    array : numpy.ndarray, shape `shape`
        C-contiguous.

    Raises
    ------
    FastinitError
        If an argument is wrong.

    Examples
    --------
    >>> trunc_normal((2, 3), a=0.5, b=1.0, seed=0).shape
    (2, 3)
    """
    spec = spec_of("trunc_normal", mean=mean, std=std, a=a, b=b)
    return create(spec, shape, generator=generator, **how)
