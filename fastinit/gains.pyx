# cython: language_level=3, boundscheck=False, wraparound=False
"""Gains: the factor by which an activation asks for wider weights.

`calculate_gain` has torch's values, conventions included; `activation_gain` what
follows from the activation, of any function.
"""

from libc.math cimport INFINITY, M_PI, isfinite, sqrt

from fastinit import _fan_arguments as arguments
from fastinit.gain_table import ALIASES, GAINS, SENSES

__all__ = ["ACTIVATIONS", "NONLINEARITIES", "activation_gain", "calculate_gain"]

_LINEAR = ("linear", *(f"conv{t}{n}d" for t in ("", "_transpose") for n in (1, 2, 3)))

#: Gains of torch that take no parameter. selu's is empirical: the self-normalising
#: gain is 1, that of 'linear'.
_GAINS_OF_TORCH = {
    **dict.fromkeys((*_LINEAR, "sigmoid"), 1.0),
    "tanh": 5.0 / 3,
    "relu": sqrt(2.0),
    "selu": 3.0 / 4,
}

#: Names that `calculate_gain` knows.
NONLINEARITIES = (*_GAINS_OF_TORCH, "leaky_relu")

#: Names that `activation_gain` knows.
ACTIVATIONS = (*GAINS, "leaky_relu", *ALIASES)


cpdef double calculate_gain(object nonlinearity, object param=None) except -1.0:
    """Factor by which a nonlinearity asks for wider weights, as in torch.

    Parameters
    ----------
    nonlinearity : str
        One of `NONLINEARITIES`, in lower case.
    param : float, optional
        Negative slope of 'leaky_relu', dimensionless, 0.01 if not given. The other
        nonlinearities ignore it, as in torch.

    Returns
    -------
    gain : float
        Dimensionless, in (0, sqrt(2)] for 'leaky_relu', else in [3/4, 5/3].

    Raises
    ------
    ArgumentError
        If the name is unknown, or the slope or its square is not finite.
    ArgumentTypeError
        If the name is no string, or the slope no real number (a bool is none).

    References
    ----------
    He et al. (2015), eq. 10 and 15; torch.nn.init.calculate_gain.

    Examples
    --------
    >>> calculate_gain("leaky_relu", 0.2)
    1.3867504905630728
    """
    nonlinearity = arguments.choice(nonlinearity, "nonlinearity", NONLINEARITIES)
    if nonlinearity == "leaky_relu":
        # The product and not pow, which torch takes: pow differs between C libraries.
        return sqrt(2.0 / (1.0 + _squared_slope(0.01 if param is None else param)))
    return _GAINS_OF_TORCH[nonlinearity]


cpdef double activation_gain(
    object activation, object sense="forward", object slope=None
) except -1.0:
    """Gain that follows from an activation f, for standard normal inputs z.

    Parameters
    ----------
    activation : str or callable
        One of `ACTIVATIONS`, or a function of a float64 array or of a float.
    sense : {'forward', 'centred', 'backward'}
        What stays the same from layer to layer: the second moment of the signal,
        1 / sqrt(E f(z)^2), as He et al. have it; its variance, 1 / std f(z), as for
        networks that standardise their weights; or the second moment of the
        gradient, 1 / sqrt(E f'(z)^2).
    slope : float, optional
        Negative slope of 'leaky_relu', dimensionless, finite, 0.01 if not given; no
        other activation takes one.

    Returns
    -------
    gain : float
        Dimensionless, > 0: a name's to the last bit of float64 (those of 'leaky_relu'
        within an ulp or two), a function's within about 1e-12 (of E f^2, where the
        variance is much smaller).

    Raises
    ------
    ArgumentError
        If a name is unknown, a slope is not finite or has no use, or a function has
        no such gain: it is not finite, constant, or has jumps and no slope.
    ArgumentTypeError
        If an argument is of the wrong type.

    References
    ----------
    He et al. (2015), eq. 10, 14 and 15; Brock, De & Smith (2021), section 3.

    Examples
    --------
    >>> activation_gain("gelu"), activation_gain("gelu", "backward")
    (1.5335304411955353, 1.4811144127083482)
    >>> import math
    >>> round(activation_gain(lambda z: max(z, 0.25 * z)), 12)
    1.37198868114
    """
    cdef int column = SENSES.index(arguments.choice(sense, "sense", SENSES))
    if not isinstance(activation, str):
        arguments.refuse_slope(activation, slope)
        return arguments.gain_of_function(activation, column)
    name = arguments.choice(activation, "activation", ACTIVATIONS)
    if name == "leaky_relu":
        return _leaky_gain(0.01 if slope is None else slope, column)
    arguments.refuse_slope(activation, slope)
    return GAINS[ALIASES.get(name, name)][column]


cdef double _squared_slope(object slope) except -1.0:
    """Square of a negative slope, which is finite too."""
    cdef double number = arguments.real(slope, "slope", -INFINITY)
    if not isfinite(number * number):
        raise arguments.overflow("slope", slope)
    return number * number


cdef double _leaky_gain(object slope, int column) except -1.0:
    """Gain of f(z) = max(z, slope z): E f = (1 - slope) / sqrt(2 pi)."""
    cdef double second = (1.0 + _squared_slope(slope)) / 2.0
    cdef double mean
    if SENSES[column] != "centred":
        # E f^2 = E f'^2, in the order of operations of calculate_gain.
        return sqrt(2.0 / (1.0 + _squared_slope(slope)))
    mean = (1.0 - <double>arguments.real(slope, "slope", -INFINITY)) / sqrt(2.0 * M_PI)
    return 1.0 / sqrt(second - mean * mean)
