"""jax.nn.initializers without fans: constants, uniform and normal laws."""

from __future__ import annotations

from typing import Any

from fastinit.api import create
from fastinit.dialects._jax_initializer import Initializer
from fastinit.dialects._jax_keys import as_answer, dtype_for

__all__ = ["constant", "normal", "ones", "truncated_normal", "uniform", "zeros"]


def zeros(key: Any, shape: Any, dtype: Any = None, out_sharding: Any = None) -> Any:
    """Make an array of zeros; the key is ignored.

    Parameters
    ----------
    key : object
        Anything; a key of JAX asks for an array of JAX.
    shape : int or sequence of int
        Shape of the array.
    dtype : dtype, optional
        float32 by default.
    out_sharding : jax.sharding.Sharding, optional
        Where the array of JAX is put.

    Returns
    -------
    array : jax.Array or numpy.ndarray
        Zeros.

    Raises
    ------
    FastinitError
        If an argument is wrong.

    Examples
    --------
    >>> zeros(None, (2,)).tolist()
    [0.0, 0.0]
    """
    made = create("zeros", shape, dtype=dtype_for(key, dtype))
    return as_answer(made, key, out_sharding)


def ones(key: Any, shape: Any, dtype: Any = None, out_sharding: Any = None) -> Any:
    """Make an array of ones; the key is ignored.

    Parameters
    ----------
    key : object
        Anything; a key of JAX asks for an array of JAX.
    shape : int or sequence of int
        Shape of the array.
    dtype : dtype, optional
        float32 by default.
    out_sharding : jax.sharding.Sharding, optional
        Where the array of JAX is put.

    Returns
    -------
    array : jax.Array or numpy.ndarray
        Ones.

    Raises
    ------
    FastinitError
        If an argument is wrong.

    Examples
    --------
    >>> ones(None, (2,)).tolist()
    [1.0, 1.0]
    """
    made = create("ones", shape, dtype=dtype_for(key, dtype))
    return as_answer(made, key, out_sharding)


def constant(value: Any, dtype: Any = None) -> Initializer:
    """Initializer of one value, or of an array's values broadcast to the shape.

    Parameters
    ----------
    value : float, int, bool or array
        The value.
    dtype : dtype, optional
        Of the arrays.

    Returns
    -------
    initializer : Initializer
        Call it with (key, shape, dtype).

    Examples
    --------
    >>> constant([1.0, 2.0])(0, (2, 2)).tolist()
    [[1.0, 2.0], [1.0, 2.0]]
    """
    return Initializer("constant", (("value", value),), dtype)


def uniform(scale: Any = 1e-2, dtype: Any = None) -> Initializer:
    """Initializer uniform on [0, scale): not symmetric about 0.

    Parameters
    ----------
    scale : float
        End of the interval, finite, >= 0.
    dtype : dtype, optional
        Of the arrays.

    Returns
    -------
    initializer : Initializer
        Call it with (key, shape, dtype).

    Examples
    --------
    >>> uniform().spec((3,))
    Spec('uniform(b=0.01)')
    """
    return Initializer("uniform", (("scale", scale),), dtype)


def normal(stddev: Any = 1e-2, dtype: Any = None) -> Initializer:
    """Initializer of a normal law with mean 0.

    Parameters
    ----------
    stddev : float
        Standard deviation, finite, >= 0.
    dtype : dtype, optional
        Of the arrays.

    Returns
    -------
    initializer : Initializer
        Call it with (key, shape, dtype).

    Examples
    --------
    >>> normal().spec((3,))
    Spec('normal(std=0.01)')
    """
    return Initializer("normal", (("stddev", stddev),), dtype)


def truncated_normal(
    stddev: Any = 1e-2, dtype: Any = None, lower: Any = -2.0, upper: Any = 2.0
) -> Initializer:
    """Initializer of a normal law truncated in units of its stddev.

    Parameters
    ----------
    stddev : float
        Standard deviation before the truncation, which makes it smaller.
    dtype : dtype, optional
        Of the arrays.
    lower, upper : float
        Bounds in units of stddev.

    Returns
    -------
    initializer : Initializer
        Call it with (key, shape, dtype).

    Examples
    --------
    >>> truncated_normal().spec((3,))
    Spec('trunc_normal(std=0.01, a=-0.02, b=0.02)')
    """
    bounds = (("lower", lower), ("upper", upper))
    return Initializer("truncated_normal", (("stddev", stddev), *bounds), dtype)
