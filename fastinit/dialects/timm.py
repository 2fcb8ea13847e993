"""timm.layers.weight_init: truncated normals and variance scaling, under its names.

`trunc_normal_` has absolute bounds, as torch's; those of `trunc_normal_tf_` are in
units of std, as in TensorFlow and JAX. All return the tensor, where timm returns None
from some.
"""

from __future__ import annotations

from typing import TypeVar, Unpack

from fastinit.api import fill
from fastinit.dialects._numbers import spec_of_scalars
from fastinit.dialects._specs import truncated_spec
from fastinit.errors import ArgumentError, shown
from fastinit.keywords import FanHow, How, split_fans

__all__ = ["lecun_normal_", "trunc_normal_", "trunc_normal_tf_", "variance_scaling_"]

T = TypeVar("T")

_MODES = ("fan_in", "fan_out", "fan_avg")


def trunc_normal_(
    tensor: T,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    **how: Unpack[How],
) -> T:
    """Fill with values of a normal law that lie in [a, b]; the bounds are values.

    Parameters
    ----------
    tensor : numpy.ndarray or torch.Tensor
        Array to fill in place.
    mean, std : float
        Mean and standard deviation before the truncation.
    a, b : float
        Bounds of the values, a <= b.
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
    >>> trunc_normal_(np.empty(3), std=0.02, seed=0).shape
    (3,)
    """
    spec = spec_of_scalars("trunc_normal", mean=mean, std=std, a=a, b=b)
    fill(tensor, spec, **how)
    return tensor


def trunc_normal_tf_(
    tensor: T,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    **how: Unpack[How],
) -> T:
    """Fill with values of a normal law truncated in units of std.

    Parameters
    ----------
    tensor : numpy.ndarray or torch.Tensor
        Array to fill in place.
    mean, std : float
        Mean and standard deviation before the truncation.
    a, b : float
        Bounds, in units of std from the mean, a <= b.
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
    >>> bool((abs(trunc_normal_tf_(np.empty(99), std=0.02, seed=0)) <= 0.04).all())
    True
    """
    fill(tensor, truncated_spec(mean, std, a, b), **how)
    return tensor


def variance_scaling_(
    tensor: T,
    scale: float = 1.0,
    mode: str = "fan_in",
    distribution: str = "normal",
    **how: Unpack[FanHow],
) -> T:
    """Fill with values of variance scale / fan.

    Parameters
    ----------
    tensor : numpy.ndarray or torch.Tensor
        Array of at least 2 dimensions to fill in place.
    scale : float
        Variance times fan, finite, >= 0.
    mode : {'fan_in', 'fan_out', 'fan_avg'}
        Which fan.
    distribution : {'normal', 'truncated_normal', 'uniform'}
        The plain normal by default.
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
    >>> variance_scaling_(np.empty((3, 3)), mode="fan_avg", seed=0).shape
    (3, 3)
    """
    if mode not in _MODES:
        raise ArgumentError(
            f"mode {shown(mode)}",
            f"modes of timm are {', '.join(_MODES)}",
            "choose one of these",
        )
    fans, rest = split_fans(how)
    law = {"scale": scale, "mode": mode, "distribution": distribution}
    fill(tensor, spec_of_scalars("variance_scaling", **law, **fans), **rest)
    return tensor


def lecun_normal_(tensor: T, **how: Unpack[FanHow]) -> T:
    """Fill with a truncated normal of std sqrt(1 / fan_in).

    Parameters
    ----------
    tensor : numpy.ndarray or torch.Tensor
        Array of at least 2 dimensions to fill in place.
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
    >>> lecun_normal_(np.empty((3, 3)), seed=0).shape
    (3, 3)
    """
    return variance_scaling_(tensor, 1.0, "fan_in", "truncated_normal", **how)
