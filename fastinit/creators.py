"""Initializers out of place, with the names, order and defaults of torch.nn.init.

Each is one line: a Spec handed to `fastinit.api`. docs/schemes.md derives the
formulas.
"""

from __future__ import annotations

from typing import Any, Unpack

from fastinit.api import create
from fastinit.generator import Generator
from fastinit.keywords import CreateHow
from fastinit.spec import Spec

__all__ = [
    "constant",
    "normal",
    "ones",
    "uniform",
    "zeros",
]


def constant(shape: Any, val: complex, **how: Unpack[CreateHow]) -> Any:
    """Make an array of one value.

    Parameters
    ----------
    shape : int or sequence of int
        Shape of the new array.
    val : float, int, complex or bool
        The value; it must be one of the array's dtype.
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
    >>> constant((2, 3), 0.5).shape
    (2, 3)
    """
    return create(Spec("constant", val=val), shape, **how)


def ones(shape: Any, **how: Unpack[CreateHow]) -> Any:
    """Make an array of ones.

    Parameters
    ----------
    shape : int or sequence of int
        Shape of the new array.
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
    >>> ones((2, 3)).shape
    (2, 3)
    """
    return create(Spec("ones"), shape, **how)


def zeros(shape: Any, **how: Unpack[CreateHow]) -> Any:
    """Make an array of zeros.

    Parameters
    ----------
    shape : int or sequence of int
        Shape of the new array.
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
    >>> zeros((2, 3)).shape
    (2, 3)
    """
    return create(Spec("zeros"), shape, **how)


def uniform(
    shape: Any,
    a: float = 0.0,
    b: float = 1.0,
    generator: Generator | None = None,
    **how: Unpack[CreateHow],
) -> Any:
    """Make an array uniform on [a, b).

    Parameters
    ----------
    shape : int or sequence of int
        Shape of the new array.
    a, b : float
        Ends of the interval, finite, a <= b; b itself is never a value. Of complex
        values it is the interval of either part, as in torch.
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
    >>> uniform((2, 3), seed=0).shape
    (2, 3)
    """
    return create(Spec("uniform", a=a, b=b), shape, generator=generator, **how)


def normal(
    shape: Any,
    mean: complex = 0.0,
    std: float = 1.0,
    generator: Generator | None = None,
    **how: Unpack[CreateHow],
) -> Any:
    """Make an array of normal values.

    Parameters
    ----------
    shape : int or sequence of int
        Shape of the new array.
    mean : float or complex
        Mean, finite; complex for complex dtypes only.
    std : float
        Standard deviation, finite, >= 0; of complex values that of their modulus
        about the mean, so that either part has the std divided by sqrt(2).
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
    >>> normal((2, 3), seed=0).shape
    (2, 3)
    """
    return create(Spec("normal", mean=mean, std=std), shape, generator=generator, **how)
