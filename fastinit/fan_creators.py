"""Initializers out of place whose law depends on fans.

Each is one line: a Spec handed to `fastinit.api`. docs/schemes.md derives the
formulas.
"""

from __future__ import annotations

from typing import Any, Unpack

from fastinit.api import create
from fastinit.generator import Generator
from fastinit.keywords import CreateFanHow, split_fans
from fastinit.spec import spec_of

__all__ = [
    "kaiming_normal",
    "kaiming_uniform",
    "lecun_normal",
    "lecun_uniform",
    "variance_scaling",
    "xavier_normal",
    "xavier_uniform",
]


def xavier_uniform(
    shape: Any,
    gain: float = 1.0,
    generator: Generator | None = None,
    **how: Unpack[CreateFanHow],
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
        Keywords of `CreateFanHow`.

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
    fans, rest = split_fans(how)
    spec = spec_of("xavier_uniform", gain=gain, **fans)
    return create(spec, shape, generator=generator, **rest)


def xavier_normal(
    shape: Any,
    gain: float = 1.0,
    generator: Generator | None = None,
    **how: Unpack[CreateFanHow],
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
        Keywords of `CreateFanHow`.

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
    fans, rest = split_fans(how)
    spec = spec_of("xavier_normal", gain=gain, **fans)
    return create(spec, shape, generator=generator, **rest)


def kaiming_uniform(
    shape: Any,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
    *,
    sense: str = "torch",
    **how: Unpack[CreateFanHow],
) -> Any:
    """Make an array uniform on [-b, b), b = gain sqrt(3 / fan).

    Parameters
    ----------
    shape : int or sequence of int
        Shape of at least 2 dimensions of the new array.
    a : float
        Negative slope, used with 'leaky_relu' only; finite.
    mode : {'fan_in', 'fan_out', 'fan_avg', 'fan_geo_avg'}
        'fan_in' keeps the forward signal, 'fan_out' the backward one; the arithmetic
        and the geometric mean lie between.
    nonlinearity : str
        Decides the gain (`calculate_gain`).
    generator : Generator, optional
        Source of the seed, and of a name where none is given.
    sense : {'torch', 'forward', 'centred', 'backward'}
        Whose gain: torch's, or that which follows from the nonlinearity
        (`activation_gain`), which knows many more of them.
    **how
        Keywords of `CreateFanHow`.

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
    fans, rest = split_fans(how)
    gain = {"a": a, "nonlinearity": nonlinearity, "sense": sense}
    spec = spec_of("kaiming_uniform", mode=mode, **gain, **fans)
    return create(spec, shape, generator=generator, **rest)


def kaiming_normal(
    shape: Any,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
    *,
    sense: str = "torch",
    **how: Unpack[CreateFanHow],
) -> Any:
    """Make a normal array with std gain / sqrt(fan).

    Parameters
    ----------
    shape : int or sequence of int
        Shape of at least 2 dimensions of the new array.
    a : float
        Negative slope, used with 'leaky_relu' only; finite.
    mode : {'fan_in', 'fan_out', 'fan_avg', 'fan_geo_avg'}
        'fan_in' keeps the forward signal, 'fan_out' the backward one; the arithmetic
        and the geometric mean lie between.
    nonlinearity : str
        Decides the gain (`calculate_gain`).
    generator : Generator, optional
        Source of the seed, and of a name where none is given.
    sense : {'torch', 'forward', 'centred', 'backward'}
        Whose gain: torch's, or that which follows from the nonlinearity
        (`activation_gain`), which knows many more of them.
    **how
        Keywords of `CreateFanHow`.

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
    fans, rest = split_fans(how)
    gain = {"a": a, "nonlinearity": nonlinearity, "sense": sense}
    spec = spec_of("kaiming_normal", mode=mode, **gain, **fans)
    return create(spec, shape, generator=generator, **rest)


def lecun_uniform(
    shape: Any, generator: Generator | None = None, **how: Unpack[CreateFanHow]
) -> Any:
    """Make an array uniform on [-b, b), b = sqrt(3 / fan_in).

    Parameters
    ----------
    shape : int or sequence of int
        Shape of at least 2 dimensions of the new array.
    generator : Generator, optional
        Source of the seed, and of a name where none is given.
    **how
        Keywords of `CreateFanHow`.

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
    LeCun, Bottou, Orr & Mueller (1998), Efficient BackProp, eq. 16.

    Examples
    --------
    >>> lecun_uniform((2, 3), seed=0).shape
    (2, 3)
    """
    fans, rest = split_fans(how)
    spec = spec_of("lecun_uniform", **fans)
    return create(spec, shape, generator=generator, **rest)


def lecun_normal(
    shape: Any, generator: Generator | None = None, **how: Unpack[CreateFanHow]
) -> Any:
    """Make a truncated normal array with std sqrt(1 / fan_in).

    Parameters
    ----------
    shape : int or sequence of int
        Shape of at least 2 dimensions of the new array.
    generator : Generator, optional
        Source of the seed, and of a name where none is given.
    **how
        Keywords of `CreateFanHow`.

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
    LeCun, Bottou, Orr & Mueller (1998), Efficient BackProp, eq. 16.

    Examples
    --------
    >>> lecun_normal((2, 3), seed=0).shape
    (2, 3)
    """
    fans, rest = split_fans(how)
    spec = spec_of("lecun_normal", **fans)
    return create(spec, shape, generator=generator, **rest)


def variance_scaling(
    shape: Any,
    scale: float = 1.0,
    mode: str = "fan_in",
    distribution: str = "truncated_normal",
    generator: Generator | None = None,
    **how: Unpack[CreateFanHow],
) -> Any:
    """Make an array of variance scale / fan.

    Parameters
    ----------
    shape : int or sequence of int
        Shape of at least 2 dimensions of the new array.
    scale : float
        Variance times fan, finite, >= 0: the square of a gain.
    mode : {'fan_in', 'fan_out', 'fan_avg', 'fan_geo_avg'}
        Which fan, or mean of both.
    distribution : {'truncated_normal', 'normal', 'uniform'}
        The first one is cut at 2 std and wider by 1 / 0.87962566103423978, so that its
        std is right.
    generator : Generator, optional
        Source of the seed, and of a name where none is given.
    **how
        Keywords of `CreateFanHow`.

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
    >>> variance_scaling((2, 3), 2.0, seed=0).shape
    (2, 3)
    """
    fans, rest = split_fans(how)
    law = {"scale": scale, "mode": mode, "distribution": distribution}
    spec = spec_of("variance_scaling", **law, **fans)
    return create(spec, shape, generator=generator, **rest)
