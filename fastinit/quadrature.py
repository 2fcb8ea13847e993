"""Moments of an activation under a standard normal, from the activation alone.

Panels are halved until the integrals over them stand; on each the activation is a
polynomial through Gauss-Legendre nodes, whose derivative needs no second function.
A kink ends in a panel of 2^-46, where it no longer matters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fastinit.errors import ArgumentError, ArgumentTypeError, shown

__all__ = ["elementwise", "normal_moments"]

#: Beyond it the density is below 1e-87.
REACH = 20
NODES = 16
#: Panels start at width 1 and are halved at most so often.
DEPTH = 46
#: Relative to the integral, what halving a panel may change.
TOLERANCE = 2e-14

Array = np.ndarray[Any, np.dtype[np.float64]]


def normal_moments(activation: Callable[..., Any]) -> tuple[float, float, float]:
    """Mean, mean square, and mean square of the slope, for standard normal inputs.

    Parameters
    ----------
    activation : callable
        Takes a float64 array of shape (n,), or a float where it cannot, and returns as
        many finite real numbers. Continuous but for isolated jumps, and of slower
        growth than exp(z^2 / 8).

    Returns
    -------
    mean, square, slope : float
        E f(z), E f(z)^2 and E f'(z)^2, within about 1e-12 of themselves; the slope is
        infinite where the activation jumps.

    Raises
    ------
    ArgumentTypeError
        If it is not callable, or returns something else.
    ArgumentError
        If a value is not finite, or no panel is small enough for the integrals.

    Examples
    --------
    >>> mean, square, slope = normal_moments(lambda z: np.maximum(z, 0.0))
    >>> round(square, 12), round(slope, 12)
    (0.5, 0.5)
    """
    edges = np.arange(-REACH, REACH + 1.0)
    low, width = edges[:-1], np.ones(2 * REACH)
    whole, gaps = _integrals(activation, low, width)
    done = np.zeros(3)
    for _ in range(DEPTH):
        half = width / 2
        low = np.concatenate([low, low + half])
        width = np.concatenate([half, half])
        parts, gaps = _integrals(activation, low, width)
        halves = np.split(parts, 2)
        scale = np.abs(parts).sum(axis=0) + np.abs(done) + np.finfo(float).tiny
        # Of a slope below this share nothing is left but the rounding of the values.
        scale[2] = max(scale[2], 1e-9 * scale[1])
        change = np.abs(halves[0] + halves[1] - whole) / scale
        is_open = np.tile((change > TOLERANCE).any(axis=1), 2)
        is_open |= gaps > TOLERANCE * np.sqrt(scale[1])
        done += parts[~is_open].sum(axis=0)
        low, width, whole, gaps = (a[is_open] for a in (low, width, parts, gaps))
        if not len(low):
            break
        _check_count(activation, len(low))
    mean, square, slope = (done + whole.sum(axis=0)).tolist()
    # A kink leaves its slope times 2^-46 as the gap of the last panel, a jump itself.
    is_jump = bool((gaps > 1e-9 * np.sqrt(square)).any())
    return mean, square, float("inf") if is_jump else slope


def _check_count(activation: Any, count: int) -> None:
    if count > 4096:
        raise ArgumentError(
            f"activation {shown(activation)}",
            "its moments need a function that is smooth but for some kinks",
            "pass a deterministic function without noise or rapid oscillation",
        )


def _rule() -> tuple[Array, Array, Array, Array]:
    """Nodes and weights on [-1, 1]; matrices of the slopes there, of the end values."""
    legendre = np.polynomial.legendre
    nodes, weights = legendre.leggauss(NODES)
    inverse = np.linalg.inv(legendre.legvander(nodes, NODES - 1))
    slopes = legendre.legval(nodes, legendre.legder(np.eye(NODES))).T
    ends = legendre.legvander(np.array([-1.0, 1.0]), NODES - 1)
    return nodes, weights, slopes @ inverse, ends @ inverse


_NODES, _WEIGHTS, _SLOPES, _ENDS = _rule()


def _integrals(activation: Any, low: Array, width: Array) -> tuple[Array, Array]:
    """Three integrals over each panel, and the gap of its polynomial at its ends.

    A kink between the outermost node and the end changes no integral, but the gap.
    """
    half = width[:, None] / 2
    z = (low[:, None] + half) + half * np.array([-1.0, *_NODES, 1.0])
    values = _values(activation, z.ravel()).reshape(z.shape)
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    inner, ends = values[:, 1:-1], values[:, [0, -1]]
    slopes = inner @ _SLOPES.T / half
    weights = _WEIGHTS * half * density[:, 1:-1]
    terms = (inner, inner * inner, slopes * slopes)
    sums = np.stack([(term * weights).sum(axis=1) for term in terms], axis=1)
    gaps = np.abs(inner @ _ENDS.T - ends).max(axis=1) * density.max(axis=1)
    return sums, gaps


def elementwise(activation: Callable[..., Any], z: Array) -> Array:
    """Values of a function of one number, for each number of an array.

    Parameters
    ----------
    activation : callable
        Takes an array of shape (n,), or a float where it cannot.
    z : array of float64, shape (n,)
        Where it is evaluated.

    Returns
    -------
    values : array of float64, shape (n,)
        Finite or not.

    Raises
    ------
    ArgumentTypeError
        If it is not callable, or returns another shape.

    Examples
    --------
    >>> import math
    >>> elementwise(math.exp, np.zeros(2)).tolist()
    [1.0, 1.0]
    """
    if not callable(activation):
        raise ArgumentTypeError(
            f"activation {shown(activation)} of type {type(activation).__name__}",
            "an activation is a name, or a function of an array or a number",
            "pass e.g. numpy.tanh",
        )
    with np.errstate(all="ignore"):
        try:
            found = np.asarray(activation(z))
            values = np.asarray(found, found.dtype if _is_complex(found) else float)
        except (TypeError, ValueError):
            # A function of one number, such as math.tanh or one with an if; where it
            # is none of these either, its own error says more than ours would.
            values = np.array([float(activation(one)) for one in z.tolist()])
    if _is_complex(values):
        raise ArgumentTypeError(
            f"activation {shown(activation)} that returns complex numbers",
            "gains are those of real functions",
            "pass a function of real values, e.g. its real part",
        )
    if values.shape != z.shape:
        raise ArgumentTypeError(
            f"activation {shown(activation)} that returns shape {values.shape}",
            f"it acts on each element: an array of shape {z.shape} stays one",
            "pass an element-wise function",
        )
    return values


def _is_complex(values: Any) -> bool:
    return np.issubdtype(values.dtype, np.complexfloating)


def _values(activation: Any, z: Array) -> Array:
    """Values of an activation, finite and as many as there are inputs."""
    values = elementwise(activation, z)
    if not np.isfinite(values).all():
        at = z[~np.isfinite(values)][0]
        raise ArgumentError(
            f"activation {shown(activation)}, not finite at {at:.4g}",
            f"it is finite on [{-REACH}, {REACH}]",
            "correct the function there",
        )
    return values
