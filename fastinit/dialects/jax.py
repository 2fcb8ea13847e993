"""jax.nn.initializers: its element-wise initializers, under its names.

An initializer is called with (key, shape, dtype). A key is a key array of JAX, which
is turned into a seed, and the answer an array of JAX; or an int seed or a
`fastinit.Generator`, and the answer a NumPy array. Orthogonal initializers are not
here. flax.linen.initializers and flax.nnx.initializers are these functions too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastinit.dialects._jax_initializer import Initializer
from fastinit.dialects._jax_plain import (
    constant,
    normal,
    ones,
    truncated_normal,
    uniform,
    zeros,
)

__all__ = [
    "Initializer",
    "constant",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "kaiming_normal",
    "kaiming_uniform",
    "lecun_normal",
    "lecun_uniform",
    "normal",
    "ones",
    "truncated_normal",
    "uniform",
    "variance_scaling",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
]

Axes = int | Sequence[int]


def variance_scaling(
    scale: Any,
    mode: str,
    distribution: str,
    in_axis: Axes = -2,
    out_axis: Axes = -1,
    batch_axis: Axes = (),
    dtype: Any = None,
) -> Initializer:
    """Initializer of variance scale / fan.

    Parameters
    ----------
    scale : float
        Variance times fan, finite, >= 0.
    mode : {'fan_in', 'fan_out', 'fan_avg', 'fan_geo_avg'}
        Which fan, or mean of both; checked in the call, as in JAX.
    distribution : {'truncated_normal', 'normal', 'uniform'}
        The first is cut at 2 std and wider by 1 / 0.87962566103423978.
    in_axis, out_axis, batch_axis : int or sequence of int
        Axes of inputs, of outputs, and of copies that count for neither fan.
    dtype : dtype, optional
        Of the arrays.

    Returns
    -------
    initializer : Initializer
        Call it with (key, shape, dtype).

    Examples
    --------
    >>> variance_scaling(2.0, "fan_in", "truncated_normal")(7, (4, 3)).shape
    (4, 3)
    """
    arguments = {
        "scale": scale,
        "mode": mode,
        "distribution": distribution,
        "in_axis": in_axis,
        "out_axis": out_axis,
        "batch_axis": batch_axis,
    }
    return Initializer("variance_scaling", tuple(arguments.items()), dtype)


def glorot_uniform(
    in_axis: Axes = -2, out_axis: Axes = -1, batch_axis: Axes = (), dtype: Any = None
) -> Initializer:
    """Uniform initializer of variance 2 / (fan_in + fan_out).

    Parameters
    ----------
    in_axis, out_axis, batch_axis : int or sequence of int
        Axes of inputs, of outputs, and of copies that count for neither fan.
    dtype : dtype, optional
        Of the arrays.

    Returns
    -------
    initializer : Initializer
        Call it with (key, shape, dtype).

    References
    ----------
    Glorot & Bengio (2010), AISTATS, eq. 16.

    Examples
    --------
    >>> glorot_uniform().spec((200, 100))
    Spec('variance_scaling(mode=fan_avg, distribution=uniform, layout=IO)')
    """
    axes = in_axis, out_axis, batch_axis
    return variance_scaling(1.0, "fan_avg", "uniform", *axes, dtype=dtype)


xavier_uniform = glorot_uniform


def glorot_normal(
    in_axis: Axes = -2, out_axis: Axes = -1, batch_axis: Axes = (), dtype: Any = None
) -> Initializer:
    """Truncated normal initializer of variance 2 / (fan_in + fan_out).

    Parameters
    ----------
    in_axis, out_axis, batch_axis : int or sequence of int
        Axes of inputs, of outputs, and of copies that count for neither fan.
    dtype : dtype, optional
        Of the arrays.

    Returns
    -------
    initializer : Initializer
        Call it with (key, shape, dtype).

    References
    ----------
    Glorot & Bengio (2010), AISTATS, eq. 12.

    Examples
    --------
    >>> glorot_normal().spec((200, 100))
    Spec('variance_scaling(mode=fan_avg, layout=IO)')
    """
    axes = in_axis, out_axis, batch_axis
    return variance_scaling(1.0, "fan_avg", "truncated_normal", *axes, dtype=dtype)


xavier_normal = glorot_normal


def lecun_uniform(
    in_axis: Axes = -2, out_axis: Axes = -1, batch_axis: Axes = (), dtype: Any = None
) -> Initializer:
    """Uniform initializer of variance 1 / fan_in.

    Parameters
    ----------
    in_axis, out_axis, batch_axis : int or sequence of int
        Axes of inputs, of outputs, and of copies that count for neither fan.
    dtype : dtype, optional
        Of the arrays.

    Returns
    -------
    initializer : Initializer
        Call it with (key, shape, dtype).

    References
    ----------
    LeCun, Bottou, Orr & Mueller (1998), Efficient BackProp, eq. 16.

    Examples
    --------
    >>> lecun_uniform().spec((200, 100))
    Spec('variance_scaling(distribution=uniform, layout=IO)')
    """
    axes = in_axis, out_axis, batch_axis
    return variance_scaling(1.0, "fan_in", "uniform", *axes, dtype=dtype)


def lecun_normal(
    in_axis: Axes = -2, out_axis: Axes = -1, batch_axis: Axes = (), dtype: Any = None
) -> Initializer:
    """Truncated normal initializer of variance 1 / fan_in.

    Parameters
    ----------
    in_axis, out_axis, batch_axis : int or sequence of int
        Axes of inputs, of outputs, and of copies that count for neither fan.
    dtype : dtype, optional
        Of the arrays.

    Returns
    -------
    initializer : Initializer
        Call it with (key, shape, dtype).

    References
    ----------
    LeCun, Bottou, Orr & Mueller (1998), Efficient BackProp, eq. 16.

    Examples
    --------
    >>> lecun_normal().spec((200, 100))
    Spec('variance_scaling(layout=IO)')
    """
    axes = in_axis, out_axis, batch_axis
    return variance_scaling(1.0, "fan_in", "truncated_normal", *axes, dtype=dtype)


def he_uniform(
    in_axis: Axes = -2, out_axis: Axes = -1, batch_axis: Axes = (), dtype: Any = None
) -> Initializer:
    """Uniform initializer of variance 2 / fan_in.

    Parameters
    ----------
    in_axis, out_axis, batch_axis : int or sequence of int
        Axes of inputs, of outputs, and of copies that count for neither fan.
    dtype : dtype, optional
        Of the arrays.

    Returns
    -------
    initializer : Initializer
        Call it with (key, shape, dtype).

    References
    ----------
    He et al. (2015), ICCV, eq. 10.

    Examples
    --------
    >>> he_uniform().spec((200, 100))
    Spec('variance_scaling(scale=2.0, distribution=uniform, layout=IO)')
    """
    axes = in_axis, out_axis, batch_axis
    return variance_scaling(2.0, "fan_in", "uniform", *axes, dtype=dtype)


kaiming_uniform = he_uniform


def he_normal(
    in_axis: Axes = -2, out_axis: Axes = -1, batch_axis: Axes = (), dtype: Any = None
) -> Initializer:
    """Truncated normal initializer of variance 2 / fan_in.

    Parameters
    ----------
    in_axis, out_axis, batch_axis : int or sequence of int
        Axes of inputs, of outputs, and of copies that count for neither fan.
    dtype : dtype, optional
        Of the arrays.

    Returns
    -------
    initializer : Initializer
        Call it with (key, shape, dtype).

    References
    ----------
    He et al. (2015), ICCV, eq. 10.

    Examples
    --------
    >>> he_normal().spec((200, 100))
    Spec('variance_scaling(scale=2.0, layout=IO)')
    """
    axes = in_axis, out_axis, batch_axis
    return variance_scaling(2.0, "fan_in", "truncated_normal", *axes, dtype=dtype)


kaiming_normal = he_normal
