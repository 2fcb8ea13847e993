"""Numbers as callers give them: of Python and NumPy, and arrays of no axes."""

from __future__ import annotations

import sys
from typing import Any

from fastinit.errors import ArgumentTypeError
from fastinit.spec import Spec, spec_of


def scalar(value: Any) -> Any:
    """Number of an array without axes, of any library; all else as it is.

    Parameters
    ----------
    value : object
        What a caller gave.

    Returns
    -------
    value : object
        A number of Python in the place of such an array.

    Raises
    ------
    ArgumentTypeError
        If the array has no value yet, as a tracer of JAX or a tensor on device meta.

    Examples
    --------
    >>> import numpy as np
    >>> scalar(np.array(0.5)), scalar("fan_in")
    (0.5, 'fan_in')
    """
    refuse_tracer(value)
    if getattr(value, "ndim", None) != 0 or not hasattr(value, "item"):
        return value
    try:
        return value.item()
    except Exception as error:
        # Libraries differ in what they raise for an array that holds nothing.
        raise ArgumentTypeError(
            f"an array of type {type(value).__name__} without a value",
            "an array of no axes is taken as its number",
            "pass a number",
        ) from error


def refuse_tracer(value: Any) -> None:
    """Refuse a number or an array inside a transformation of JAX.

    Parameters
    ----------
    value : object
        What a caller gave.

    Raises
    ------
    ArgumentTypeError
        If it is a tracer of JAX.

    Examples
    --------
    >>> refuse_tracer(0.5)
    """
    jax = sys.modules.get("jax")
    if jax is not None and isinstance(value, jax.core.Tracer):
        raise ArgumentTypeError(
            "a number or an array inside a transformation of JAX",
            "values are made by fastinit's own kernels, which need the number itself",
            "call the initializer outside of jit, vmap and eval_shape",
        )


def spec_of_scalars(scheme: str, **arguments: Any) -> Spec:
    """Spec whose arguments may be arrays without axes.

    Parameters
    ----------
    scheme : str
        Name of a scheme.
    **arguments
        Its arguments.

    Returns
    -------
    spec : Spec
        Of their numbers.

    Raises
    ------
    FastinitError
        As `spec_of` does.

    Examples
    --------
    >>> import numpy as np
    >>> spec_of_scalars("normal", std=np.array(0.5))
    Spec('normal(std=0.5)')
    """
    return spec_of(scheme, **{name: scalar(one) for name, one in arguments.items()})
