"""How schemes turn their arguments and a shape into parameters of a law.

docs/schemes.md derives the formulas; `fastinit.fan_gain` computes them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from fastinit.errors import DtypeError
from fastinit.fan_gain import (
    TRUNCATED_STD,
    fans,
    kaiming_std,
    mode_fan,
    uniform_bound,
    variance_scaling_bound,
    variance_scaling_std,
    xavier_std,
)
from fastinit.gains import activation_gain, calculate_gain

__all__ = [
    "LECUN",
    "Arguments",
    "Shape",
    "as_complex",
    "as_normal",
    "as_uniform",
    "kaiming",
    "kaiming_gain",
    "variance_scaling",
    "xavier",
]

Arguments = Mapping[str, Any]
Shape = tuple[int, ...]

#: The gain of torch in the place of a sense of `activation_gain`.
TORCH = "torch"


def as_normal(std: float) -> tuple[float, float]:
    """Mean and std of a zero-mean normal law.

    Parameters
    ----------
    std : float
        Standard deviation.

    Returns
    -------
    parameters : tuple of float
        0 and std.
    """
    return 0.0, std


def as_uniform(std: float) -> tuple[float, float]:
    """Bounds of a zero-mean uniform law with a given std.

    Parameters
    ----------
    std : float
        Standard deviation.

    Returns
    -------
    parameters : tuple of float
        -sqrt(3) std and sqrt(3) std.
    """
    bound = uniform_bound(std)
    return -bound, bound


def _fans(arguments: Arguments, shape: Shape, needed: str) -> tuple[int, int]:
    """Fans of a shape, or those that are given; a fan of no need may be 1."""
    given = [arguments["fan_in"], arguments["fan_out"]]
    sides = {"fan_in": given[:1], "fan_out": given[1:]}
    if None not in sides.get(needed, given):
        return given[0] or 1, given[1] or 1
    found = fans(shape, layout=arguments["layout"], groups=arguments["groups"])
    return given[0] or found[0], given[1] or found[1]


def xavier(arguments: Arguments, shape: Shape) -> float:
    """Std gain sqrt(2 / (fan_in + fan_out)).

    Parameters
    ----------
    arguments : mapping
        Arguments of the scheme.
    shape : tuple of int
        Canonical shape.

    Returns
    -------
    std : float
        Standard deviation.
    """
    fan_in, fan_out = _fans(arguments, shape, "both")
    return xavier_std(fan_in, fan_out, arguments["gain"])


def kaiming(arguments: Arguments, shape: Shape) -> float:
    """Std gain / sqrt(fan of the mode).

    Parameters
    ----------
    arguments : mapping
        Arguments of the scheme.
    shape : tuple of int
        Canonical shape.

    Returns
    -------
    std : float
        Standard deviation.
    """
    mode = arguments["mode"]
    fan = mode_fan(*_fans(arguments, shape, mode), mode)
    return kaiming_std(fan, kaiming_gain(arguments))


def kaiming_gain(arguments: Arguments) -> float:
    """Gain of a nonlinearity: torch's, or that of a sense.

    Parameters
    ----------
    arguments : mapping
        With nonlinearity, sense, and the negative slope a.

    Returns
    -------
    gain : float
        Dimensionless.
    """
    name, sense, slope = arguments["nonlinearity"], arguments["sense"], arguments["a"]
    if sense == TORCH:
        return calculate_gain(name, slope)
    return activation_gain(name, sense, slope if name == "leaky_relu" else None)


def _uniform(fan: float, scale: float) -> tuple[float, ...]:
    bound = variance_scaling_bound(fan, scale)
    return -bound, bound


def _normal(fan: float, scale: float) -> tuple[float, ...]:
    return as_normal(variance_scaling_std(fan, scale))


def _truncated_normal(fan: float, scale: float) -> tuple[float, ...]:
    """Law cut at 2 std and made wider, so that its std is right again."""
    wide = variance_scaling_std(fan, scale) / TRUNCATED_STD
    return 0.0, wide, -2.0 * wide, 2.0 * wide


_LAWS = {
    "uniform": _uniform,
    "normal": _normal,
    "truncated_normal": _truncated_normal,
}


def variance_scaling(arguments: Arguments, shape: Shape) -> tuple[float, ...]:
    """Parameters of the law of a variance scale / fan.

    Parameters
    ----------
    arguments : mapping
        Arguments of the scheme.
    shape : tuple of int
        Canonical shape.

    Returns
    -------
    parameters : tuple of float
        Those of the law that the argument `distribution` names.
    """
    mode = arguments["mode"]
    fan = mode_fan(*_fans(arguments, shape, mode), mode)
    return _LAWS[arguments["distribution"]](fan, arguments["scale"])


#: Std of a complex normal law cut at 2 std, as JAX has it: sqrt(1 - 5 exp(-4)). That of
#: the law itself is 1.0093 times as large, for JAX leaves out its mass, 1 - exp(-4).
COMPLEX_TRUNCATED_STD = 0.95311164380491208

#: Laws of complex numbers by the real law that a scheme samples and whether the scheme
#: gives it a std, which both then have, or its bounds.
COMPLEX_LAWS = {
    ("constant", False): "constant",
    ("normal", False): "complex_normal",
    ("normal", True): "complex_normal",
    ("uniform", False): "square",
    ("uniform", True): "disc",
    ("truncated_normal", True): "truncated_disc",
}


def as_complex(
    scheme: str, law: str, parameters: tuple[Any, ...], *, is_scaled: bool
) -> tuple[str, tuple[Any, ...]]:
    """Law of complex numbers in the place of one of real numbers.

    Parameters
    ----------
    scheme : str
        Name of the scheme, for messages.
    law : str
        Distribution that it samples in real dtypes.
    parameters : tuple
        Its parameters.
    is_scaled : bool
        True where the scheme asks for a variance, which JAX defines for complex
        numbers, and not for bounds.

    Returns
    -------
    law : str
        Row of `fastinit.distributions.DISTRIBUTIONS`.
    parameters : tuple
        Its parameters: with the same std E |z - E z|^2 = std^2.

    Raises
    ------
    DtypeError
        If neither torch nor JAX knows such a law.

    Examples
    --------
    >>> as_complex("xavier_normal", "normal", (0.0, 0.5), is_scaled=True)
    ('complex_normal', (0.0, 0.5))
    """
    found = COMPLEX_LAWS.get((law, is_scaled))
    if found is None:
        raise DtypeError(
            f"{scheme} of a complex dtype",
            "bounds [a, b] have no meaning for complex numbers, nor in torch and JAX",
            "use variance_scaling(distribution=truncated_normal), which cuts at a "
            "modulus of 2 std, or fill a real array of the parts",
        )
    if found == "disc":
        # Half of the square of the radius is the variance, of [-b, b] it is b^2 / 3.
        return found, (parameters[1] * math.sqrt(2.0 / 3.0),)
    if found == "truncated_disc":
        return found, (parameters[1] * TRUNCATED_STD / COMPLEX_TRUNCATED_STD,)
    return found, parameters


#: Arguments of `variance_scaling` that are LeCun's scheme.
LECUN = {"scale": 1.0, "mode": "fan_in"}
