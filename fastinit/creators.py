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
    "kaiming_normal",
    "kaiming_uniform",
    "normal",
    "ones",
    "uniform",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
]


def constant(shape: Any, val: float, **how: Unpack[CreateHow]) -> Any:
    """Make an array of one value.

    Parameters
    ----------
    shape : int or sequence of int
        Shape of the new array.
    val : float, int or bool
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
        Ends of the interval, finite, a <= b; b itself is never a value.
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
    mean: float = 0.0,
    std: float = 1.0,
    generator: Generator | None = None,
    **how: Unpack[CreateHow],
) -> Any:
    """Make an array of normal values.

    Parameters
    ----------
    shape : int or sequence of int
        Shape of the new array.
    mean : float
        Mean, finite.
    std : float
        Standard deviation, finite, >= 0.
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


def xavier_uniform(
    shape: Any,
    gain: float = 1.0,
    generator: Generator | None = None,
    **how: Unpack[CreateHow],
) -> Any:
    """Make an array uniform on [-b, b), b = gain sqrt(6 / (fan_in + fan_out)).

    Parameters
    ----------
    shape : int or sequence of int
        Shape of at least 2 dimensions of the new array.
    gain : float
        Gain of the nonlinearity, finite, >= 0.
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

    References
    ----------
    Glorot & Bengio (2010), AISTATS, eq. 16.

    Examples
    --------
    >>> xavier_uniform((2, 3), seed=0).shape
    (2, 3)
    """
    return create(Spec("xavier_uniform", gain=gain), shape, generator=generator, **how)


def xavier_normal(
    shape: Any,
    gain: float = 1.0,
    generator: Generator | None = None,
    **how: Unpack[CreateHow],
) -> Any:
    """Make a normal array with std gain sqrt(2 / (fan_in + fan_out)).

    Parameters
    ----------
    shape : int or sequence of int
        Shape of at least 2 dimensions of the new array.
    gain : float
        Gain of the nonlinearity, finite, >= 0.
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

    References
    ----------
    Glorot & Bengio (2010), AISTATS, eq. 12.

    Examples
    --------
    >>> xavier_normal((2, 3), seed=0).shape
    (2, 3)
    """
    return create(Spec("xavier_normal", gain=gain), shape, generator=generator, **how)


def kaiming_uniform(
    shape: Any,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
    **how: Unpack[CreateHow],
) -> Any:
    """Make an array uniform on [-b, b), b = gain sqrt(3 / fan).

    Parameters
    ----------
    shape : int or sequence of int
        Shape of at least 2 dimensions of the new array.
    a : float
        Negative slope, used with 'leaky_relu' only; finite.
    mode : {'fan_in', 'fan_out'}
        'fan_in' keeps the forward signal, 'fan_out' the backward one.
    nonlinearity : str
        Decides the gain (`calculate_gain`).
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

    References
    ----------
    He et al. (2015), ICCV, eq. 10 and 14.

    Examples
    --------
    >>> kaiming_uniform((2, 3), seed=0).shape
    (2, 3)
    """
    return create(
        Spec("kaiming_uniform", a=a, mode=mode, nonlinearity=nonlinearity),
        shape,
        generator=generator,
        **how,
    )


def kaiming_normal(
    shape: Any,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
    **how: Unpack[CreateHow],
) -> Any:
    """Make a normal array with std gain / sqrt(fan).

    Parameters
    ----------
    shape : int or sequence of int
        Shape of at least 2 dimensions of the new array.
    a : float
        Negative slope, used with 'leaky_relu' only; finite.
    mode : {'fan_in', 'fan_out'}
        'fan_in' keeps the forward signal, 'fan_out' the backward one.
    nonlinearity : str
        Decides the gain (`calculate_gain`).
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

    References
    ----------
    He et al. (2015), ICCV, eq. 10 and 14.

    Examples
    --------
    >>> kaiming_normal((2, 3), seed=0).shape
    (2, 3)
    """
    return create(
        Spec("kaiming_normal", a=a, mode=mode, nonlinearity=nonlinearity),
        shape,
        generator=generator,
        **how,
    )
