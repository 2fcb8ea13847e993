# cython: language_level=3, boundscheck=False, wraparound=False
"""How wide to draw: fans of a shape, gains, standard deviations and bounds.

Everything is float64 in the order of operations of torch.nn.init, so that results
are equal to the last bit; only correctly rounded operations occur, so that they are
also equal on every machine. The formulas are in the .pxd, where other Cython modules
can inline them.
"""

import numpy as np

from libc.math cimport INFINITY, isfinite, sqrt

from fastinit import _fan_arguments as arguments
from fastinit.errors import FastinitError

__all__ = [
    "NONLINEARITIES", "calculate_gain", "fan_of", "fans", "fans_of_shapes",
    "kaiming_std", "kaiming_stds", "uniform_bound", "xavier_std", "xavier_stds",
]

_LINEAR = ("linear", *(f"conv{t}{n}d" for t in ("", "_transpose") for n in (1, 2, 3)))

#: Gains of torch that take no parameter. selu's is empirical: the self-normalising
#: gain is 1, that of 'linear'.
_GAINS = {
    **dict.fromkeys((*_LINEAR, "sigmoid"), 1.0),
    "tanh": 5.0 / 3,
    "relu": sqrt(2.0),
    "selu": 3.0 / 4,
}

#: Names that `calculate_gain` knows.
NONLINEARITIES = (*_GAINS, "leaky_relu")


cpdef tuple fans(object shape):
    """Number of inputs and of outputs that the weights of a layer connect.

    Parameters
    ----------
    shape : sequence of int
        Canonical shape (out, in, *receptive_field), sizes in [0, 2^63).

    Returns
    -------
    fan_in, fan_out : int
        in and out, each times prod(receptive_field), exact, in [0, 2^63).

    Raises
    ------
    FanError
        If the shape has fewer than 2 dimensions, a negative size, or a fan >= 2^63.
    ArgumentTypeError
        If `shape` is no sequence or a size is no integer (a bool is none).

    References
    ----------
    He et al. (2015), section 2.2: n = k^2 c for a k x k convolution of c channels.

    Examples
    --------
    >>> fans((64, 3, 7, 7))
    (147, 3136)
    """
    cdef FanPair pair = fan_pair(shape)
    return pair.fan_in, pair.fan_out


cpdef object fan_of(object shape, object mode):
    """Fan of a shape that a mode chooses.

    Parameters
    ----------
    shape : sequence of int
        Canonical shape (out, in, *receptive_field), sizes in [0, 2^63).
    mode : {'fan_in', 'fan_out'}
        In any case: 'fan_in' keeps the forward mean square, 'fan_out' the backward.

    Returns
    -------
    fan : int
        Exact, in [0, 2^63).

    Raises
    ------
    FanError, ArgumentError, ArgumentTypeError
        As `fans`, or if `mode` is another string or no string.

    Examples
    --------
    >>> fan_of((64, 3, 7, 7), "fan_out")
    3136
    """
    cdef FanPair pair = fan_pair(shape)
    return pair.fan_out if arguments.mode_column(mode) else pair.fan_in


cpdef double calculate_gain(object nonlinearity, object param=None) except -1.0:
    """Factor by which a nonlinearity asks for wider weights.

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
    cdef double slope
    nonlinearity = arguments.choice(nonlinearity, "nonlinearity", NONLINEARITIES)
    if nonlinearity == "leaky_relu":
        slope = arguments.real(0.01 if param is None else param, "slope", -INFINITY)
        # The product and not pow, which torch takes: pow differs between C libraries.
        return sqrt(2.0 / (1.0 + _finite(slope * slope, "slope", param)))
    return _GAINS[nonlinearity]


cpdef double xavier_std(object fan_in, object fan_out, object gain=1.0) except -1.0:
    """Standard deviation of Xavier (Glorot) initial weights.

    Parameters
    ----------
    fan_in, fan_out : int
        Fans of the layer, in [0, 2^63), not both 0.
    gain : float, default 1.0
        Gain of the nonlinearity, dimensionless, in [0, inf).

    Returns
    -------
    std : float
        gain * sqrt(2 / (fan_in + fan_out)), dimensionless, in [0, inf).

    Raises
    ------
    FanError
        If a fan is outside its interval or both are 0.
    ArgumentError
        If the gain is negative, not finite, or so large that the std is not.
    ArgumentTypeError
        If a fan is no integer or the gain no real number (a bool is neither).

    References
    ----------
    Glorot & Bengio (2010), eq. 12.

    Examples
    --------
    >>> xavier_std(300, 500)
    0.05
    """
    cdef long long inputs = _count(fan_in, "fan_in")
    cdef long long outputs = _count(fan_out, "fan_out")
    cdef double scale = _scale(gain, "gain")
    if inputs == outputs == 0:
        raise arguments.nothing_to_scale("fan_in and fan_out are 0")
    return _finite(unchecked_xavier_std(inputs, outputs, scale), "gain", gain)


cpdef double kaiming_std(object fan, object gain) except -1.0:
    """Standard deviation of Kaiming (He) initial weights.

    Parameters
    ----------
    fan : int
        The fan that the mode chooses, in [1, 2^63).
    gain : float
        Gain of the nonlinearity, dimensionless, in [0, inf).

    Returns
    -------
    std : float
        gain / sqrt(fan), dimensionless, in [0, inf).

    Raises
    ------
    FanError, ArgumentError, ArgumentTypeError
        As `xavier_std`.

    References
    ----------
    He et al. (2015), eq. 10 (fan_in) and 14 (fan_out).

    Examples
    --------
    >>> kaiming_std(400, gain=1)
    0.05
    """
    cdef long long inputs = _count(fan, "fan")
    if inputs == 0:
        raise arguments.nothing_to_scale("the fan is 0")
    return unchecked_kaiming_std(inputs, _scale(gain, "gain"))


cpdef double uniform_bound(object std) except -1.0:
    """Half-width of the zero-mean uniform distribution with a given std.

    Parameters
    ----------
    std : float
        Standard deviation, dimensionless, in [0, inf).

    Returns
    -------
    bound : float
        sqrt(3) * std, dimensionless, in [0, inf).

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If `std` or the bound is outside its interval, or `std` no real number.

    References
    ----------
    Glorot & Bengio (2010), eq. 16.

    Examples
    --------
    >>> uniform_bound(0.05)
    0.08660254037844387
    """
    return _finite(unchecked_uniform_bound(_scale(std, "std")), "std", std)


cpdef object fans_of_shapes(object shapes):
    """Fans of many shapes, such as those of all weights of a model.

    Parameters
    ----------
    shapes : iterable of sequence of int
        n canonical shapes (out, in, *receptive_field).

    Returns
    -------
    fans : numpy.ndarray of int64, shape (n, 2)
        fan_in and fan_out of each shape, exact, in [0, 2^63).

    Raises
    ------
    FanError, ArgumentTypeError
        As `fans`, with the index of the shape, or if `shapes` is no iterable.

    Examples
    --------
    >>> fans_of_shapes([(8, 4), (16, 3, 5, 5)]).tolist()
    [[4, 8], [75, 400]]
    """
    cdef list rows = arguments.shape_list(shapes)
    cdef FanPair pair
    result = np.empty((len(rows), 2), dtype=np.int64)
    cdef long long[:, ::1] pairs = result
    for row, shape in enumerate(rows):
        try:
            pair = fan_pair(shape)
        except FastinitError as error:
            raise arguments.in_row("shapes", row, error) from None
        pairs[row, 0], pairs[row, 1] = pair.fan_in, pair.fan_out
    return result


cpdef object xavier_stds(object fans, object gain=1.0):
    """Standard deviation of Xavier (Glorot) initial weights, of many layers.

    Parameters
    ----------
    fans : numpy.ndarray of int64, shape (n, 2)
        fan_in and fan_out of each layer, as `fans_of_shapes` gives them.
    gain : float, default 1.0
        One gain for all, dimensionless, in [0, inf).

    Returns
    -------
    stds : numpy.ndarray of float64, shape (n,)
        What `xavier_std` gives for each row, to the last bit.

    Raises
    ------
    FanError, ArgumentError, ArgumentTypeError
        As `xavier_std`, with the index of the row, or if `fans` is another array.

    Examples
    --------
    >>> xavier_stds(fans_of_shapes([(500, 300), (2, 6)])).tolist()
    [0.05, 0.5]
    """
    return _stds(fans, gain, 0, 1)


cpdef object kaiming_stds(object fans, object gain, object mode="fan_in"):
    """Standard deviation of Kaiming (He) initial weights, of many layers.

    Parameters
    ----------
    fans : numpy.ndarray of int64, shape (n, 2)
        fan_in and fan_out of each layer, as `fans_of_shapes` gives them.
    gain : float
        One gain for all, dimensionless, in [0, inf).
    mode : {'fan_in', 'fan_out'}, default 'fan_in'
        Which of the fans, in any case.

    Returns
    -------
    stds : numpy.ndarray of float64, shape (n,)
        What `kaiming_std` gives for each row, to the last bit.

    Raises
    ------
    FanError, ArgumentError, ArgumentTypeError
        As `kaiming_std`, with the index of the row, or if `fans` or `mode` is wrong.

    Examples
    --------
    >>> kaiming_stds(fans_of_shapes([(64, 400), (8, 100)]), gain=1).tolist()
    [0.05, 0.1]
    """
    cdef int column = arguments.mode_column(mode)
    return _stds(fans, gain, column, column)


cdef long long _count(object value, object place) except -1:
    """An integer in [0, 2^63)."""
    cdef long long plain = plain_count(value)
    return plain if plain >= 0 else arguments.count(value, place)


cdef double _scale(object value, str name) except -1.0:
    """A finite number >= 0."""
    if type(value) is float and 0.0 < <double>value < INFINITY:
        return value
    return arguments.real(value, name, 0.0)


cdef double _finite(double result, str name, object value) except -1.0:
    """A result that did not overflow."""
    if not isfinite(result):
        raise arguments.overflow(name, value)
    return result


cdef FanPair fan_pair(object shape) except *:
    """Both fans of a canonical shape."""
    sizes = shape if isinstance(shape, tuple) else arguments.size_list(shape)
    if len(sizes) < 2:
        raise arguments.too_few_sizes(shape)
    cdef long long receptive_field = 1
    for size in sizes[2:]:
        receptive_field = saturating_product(receptive_field, _count(size, shape))
    cdef FanPair pair = FanPair(
        fan_in=saturating_product(_count(sizes[1], shape), receptive_field),
        fan_out=saturating_product(_count(sizes[0], shape), receptive_field),
    )
    if pair.fan_in < 0 or pair.fan_out < 0:
        raise arguments.too_large(shape)
    return pair


cdef object _stds(object fans, object gain, int first, int second):
    """Xavier stds from two columns of fans, Kaiming stds from one column twice."""
    cdef const long long[:, :] pairs = arguments.fan_array(fans)
    cdef double scale = _scale(gain, "gain")
    cdef bint is_xavier = first != second
    cdef long long left, right
    cdef Py_ssize_t row
    result = np.empty(len(pairs), dtype=np.float64)
    cdef double[::1] stds = result
    for row in range(pairs.shape[0]):
        left, right = pairs[row, first], pairs[row, second]
        if is_xavier:
            stds[row] = unchecked_xavier_std(left, right, scale)
        else:
            stds[row] = unchecked_kaiming_std(left, scale)
        if left < 0 or right < 0 or not isfinite(stds[row]):
            # The scalar function refuses these too, and says why.
            try:
                xavier_std(left, right, gain) if is_xavier else kaiming_std(left, gain)
            except FastinitError as error:
                raise arguments.in_row("fans", row, error) from None
    return result
