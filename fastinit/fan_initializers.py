"""Initializers in place whose law depends on fans.

Each is one line: a Spec handed to `fastinit.api`. docs/schemes.md derives the
formulas.
"""

from __future__ import annotations

from typing import TypeVar, Unpack

from fastinit.api import fill
from fastinit.generator import Generator
from fastinit.keywords import FanHow, split_fans
from fastinit.spec import spec_of

__all__ = [
    "kaiming_normal_",
    "kaiming_uniform_",
    "lecun_normal_",
    "lecun_uniform_",
    "variance_scaling_",
    "xavier_normal_",
    "xavier_uniform_",
]

T = TypeVar("T")


def xavier_uniform_(
    tensor: T,
    gain: float = 1.0,
    generator: Generator | None = None,
    **how: Unpack[FanHow],
) -> T:
    """Fill uniformly on [-b, b), b = gain sqrt(6 / (fan_in + fan_out)).

    Parameters
    ----------
    tensor : numpy.ndarray or torch.Tensor
        Array of at least 2 dimensions to fill in place.
    gain : float
        Gain of the nonlinearity, finite, >= 0.
    generator : Generator, optional
        Source of the seed, and of a name where none is given.
    **how
        Keywords of `FanHow`.

    Returns
    -------
    tensor : object
        The same object.

    Raises
    ------
    FastinitError
        If an argument is wrong; nothing is written then.

    References
    ----------
    Glorot & Bengio (2010), AISTATS, eq. 16.

    Examples
    --------
    >>> import numpy as np
    >>> bool((abs(xavier_uniform_(np.empty((3, 3)), seed=0)) <= 1).all())
    True
    """
    fans, rest = split_fans(how)
    spec = spec_of("xavier_uniform", gain=gain, **fans)
    fill(tensor, spec, generator=generator, **rest)
    return tensor


def xavier_normal_(
    tensor: T,
    gain: float = 1.0,
    generator: Generator | None = None,
    **how: Unpack[FanHow],
) -> T:
    """Fill normally with std gain sqrt(2 / (fan_in + fan_out)).

    Parameters
    ----------
    tensor : numpy.ndarray or torch.Tensor
        Array of at least 2 dimensions to fill in place.
    gain : float
        Gain of the nonlinearity, finite, >= 0.
    generator : Generator, optional
        Source of the seed, and of a name where none is given.
    **how
        Keywords of `FanHow`.

    Returns
    -------
    tensor : object
        The same object.

    Raises
    ------
    FastinitError
        If an argument is wrong; nothing is written then.

    References
    ----------
    Glorot & Bengio (2010), AISTATS, eq. 12.

    Examples
    --------
    >>> import numpy as np
    >>> xavier_normal_(np.empty((3, 3)), seed=0).shape
    (3, 3)
    """
    fans, rest = split_fans(how)
    spec = spec_of("xavier_normal", gain=gain, **fans)
    fill(tensor, spec, generator=generator, **rest)
    return tensor


def kaiming_uniform_(
    tensor: T,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
    *,
    sense: str = "torch",
    **how: Unpack[FanHow],
) -> T:
    """Fill uniformly on [-b, b), b = gain sqrt(3 / fan).

    Parameters
    ----------
    tensor : numpy.ndarray or torch.Tensor
        Array of at least 2 dimensions to fill in place.
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
        Keywords of `FanHow`.

    Returns
    -------
    tensor : object
        The same object.

    Raises
    ------
    FastinitError
        If an argument is wrong; nothing is written then.

    References
    ----------
    He et al. (2015), ICCV, eq. 10 and 14.

    Examples
    --------
    >>> import numpy as np
    >>> kaiming_uniform_(np.empty((3, 3)), seed=0).shape
    (3, 3)
    """
    fans, rest = split_fans(how)
    gain = {"a": a, "nonlinearity": nonlinearity, "sense": sense}
    spec = spec_of("kaiming_uniform", mode=mode, **gain, **fans)
    fill(tensor, spec, generator=generator, **rest)
    return tensor


def kaiming_normal_(
    tensor: T,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
    *,
    sense: str = "torch",
    **how: Unpack[FanHow],
) -> T:
    """Fill normally with std gain / sqrt(fan).

    Parameters
    ----------
    tensor : numpy.ndarray or torch.Tensor
        Array of at least 2 dimensions to fill in place.
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
        Keywords of `FanHow`.

    Returns
    -------
    tensor : object
        The same object.

    Raises
    ------
    FastinitError
        If an argument is wrong; nothing is written then.

    References
    ----------
    He et al. (2015), ICCV, eq. 10 and 14.

    Examples
    --------
    >>> import numpy as np
    >>> kaiming_normal_(np.empty((3, 3)), seed=0).shape
    (3, 3)
    """
    fans, rest = split_fans(how)
    gain = {"a": a, "nonlinearity": nonlinearity, "sense": sense}
    spec = spec_of("kaiming_normal", mode=mode, **gain, **fans)
    fill(tensor, spec, generator=generator, **rest)
    return tensor


def lecun_uniform_(
    tensor: T, generator: Generator | None = None, **how: Unpack[FanHow]
) -> T:
    """Fill uniformly on [-b, b), b = sqrt(3 / fan_in).

    Parameters
    ----------
    tensor : numpy.ndarray or torch.Tensor
        Array of at least 2 dimensions to fill in place.
    generator : Generator, optional
        Source of the seed, and of a name where none is given.
    **how
        Keywords of `FanHow`.

    Returns
    -------
    tensor : object
        The same object.

    Raises
    ------
    FastinitError
        If an argument is wrong; nothing is written then.

    References
    ----------
    LeCun, Bottou, Orr & Mueller (1998), Efficient BackProp, eq. 16.

    Examples
    --------
    >>> import numpy as np
    >>> lecun_uniform_(np.empty((3, 3)), seed=0).shape
    (3, 3)
    """
    fans, rest = split_fans(how)
    fill(tensor, spec_of("lecun_uniform", **fans), generator=generator, **rest)
    return tensor


def lecun_normal_(
    tensor: T, generator: Generator | None = None, **how: Unpack[FanHow]
) -> T:
    """Fill normally, truncated at 2 std, with std sqrt(1 / fan_in).

    Parameters
    ----------
    tensor : numpy.ndarray or torch.Tensor
        Array of at least 2 dimensions to fill in place.
    generator : Generator, optional
        Source of the seed, and of a name where none is given.
    **how
        Keywords of `FanHow`.

    Returns
    -------
    tensor : object
        The same object.

    Raises
    ------
    FastinitError
        If an argument is wrong; nothing is written then.

    References
    ----------
    LeCun, Bottou, Orr & Mueller (1998), Efficient BackProp, eq. 16.

    Examples
    --------
    >>> import numpy as np
    >>> lecun_normal_(np.empty((3, 3)), seed=0).shape
    (3, 3)
    """
    fans, rest = split_fans(how)
    fill(tensor, spec_of("lecun_normal", **fans), generator=generator, **rest)
    return tensor


def variance_scaling_(
    tensor: T,
    scale: float = 1.0,
    mode: str = "fan_in",
    distribution: str = "truncated_normal",
    generator: Generator | None = None,
    **how: Unpack[FanHow],
) -> T:
    """Fill with values of variance scale / fan.

    Parameters
    ----------
    tensor : numpy.ndarray or torch.Tensor
        Array of at least 2 dimensions to fill in place.
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
        Keywords of `FanHow`.

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
    >>> variance_scaling_(np.empty((3, 3)), 2.0, seed=0).shape
    (3, 3)
    """
    fans, rest = split_fans(how)
    law = {"scale": scale, "mode": mode, "distribution": distribution}
    spec = spec_of("variance_scaling", **law, **fans)
    fill(tensor, spec, generator=generator, **rest)
    return tensor
