"""Initializers in place, with the names, order and defaults of torch.nn.init.

Each is one line: a Spec handed to `fastinit.api`. docs/schemes.md derives the
formulas.
"""

from __future__ import annotations

from typing import TypeVar, Unpack

from fastinit.api import fill
from fastinit.generator import Generator
from fastinit.keywords import How
from fastinit.spec import spec_of

__all__ = [
    "constant_",
    "normal_",
    "ones_",
    "uniform_",
    "zeros_",
]

T = TypeVar("T")


def constant_(tensor: T, val: complex, **how: Unpack[How]) -> T:
    """Fill with one value.

    Parameters
    ----------
    tensor : numpy.ndarray or torch.Tensor
        Array to fill in place.
    val : float, int, complex or bool
        The value; it must be one of the array's dtype.
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
    >>> constant_(np.empty(2), 0.5)
    array([0.5, 0.5])
    """
    fill(tensor, spec_of("constant", val=val), **how)
    return tensor


def ones_(tensor: T, **how: Unpack[How]) -> T:
    """Fill with ones.

    Parameters
    ----------
    tensor : numpy.ndarray or torch.Tensor
        Array to fill in place.
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
    >>> ones_(np.empty(2))
    array([1., 1.])
    """
    fill(tensor, spec_of("ones"), **how)
    return tensor


def zeros_(tensor: T, **how: Unpack[How]) -> T:
    """Fill with zeros.

    Parameters
    ----------
    tensor : numpy.ndarray or torch.Tensor
        Array to fill in place.
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
    >>> zeros_(np.empty(2))
    array([0., 0.])
    """
    fill(tensor, spec_of("zeros"), **how)
    return tensor


def uniform_(
    tensor: T,
    a: float = 0.0,
    b: float = 1.0,
    generator: Generator | None = None,
    **how: Unpack[How],
) -> T:
    """Fill uniformly on [a, b).

    Parameters
    ----------
    tensor : numpy.ndarray or torch.Tensor
        Array to fill in place.
    a, b : float
        Ends of the interval, finite, a <= b; b itself is never a value. Of complex
        values it is the interval of either part, as in torch.
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
    >>> bool((uniform_(np.empty(99), seed=0) < 1).all())
    True
    """
    fill(tensor, spec_of("uniform", a=a, b=b), generator=generator, **how)
    return tensor


def normal_(
    tensor: T,
    mean: complex = 0.0,
    std: float = 1.0,
    generator: Generator | None = None,
    **how: Unpack[How],
) -> T:
    """Fill with normal values.

    Parameters
    ----------
    tensor : numpy.ndarray or torch.Tensor
        Array to fill in place.
    mean : float or complex
        Mean, finite; complex for complex dtypes only.
    std : float
        Standard deviation, finite, >= 0; of complex values that of their modulus
        about the mean, so that either part has the std divided by sqrt(2).
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
    >>> bool(abs(normal_(np.empty(9999), seed=0).std() - 1) < 0.05)
    True
    """
    fill(tensor, spec_of("normal", mean=mean, std=std), generator=generator, **how)
    return tensor
