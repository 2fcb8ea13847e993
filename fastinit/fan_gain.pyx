# cython: language_level=3, boundscheck=False, wraparound=False
"""How wide to draw: fans of a shape, standard deviations and bounds.

Everything is float64 in the order of operations of torch.nn.init, so that results
are equal to the last bit; only correctly rounded operations occur, so that they are
also equal on every machine. The formulas are in the .pxd, where other Cython modules
can inline them. Gains are in `fastinit.gains`, many layers at once in
`fastinit.model_fans`.
"""

from libc.math cimport INFINITY, isfinite, sqrt

from fastinit import _fan_arguments as arguments
from fastinit.gains import NONLINEARITIES, calculate_gain
from fastinit.layout import DEFAULT_LAYOUT, layout_of_axes, parse_layout

__all__ = [
    "NONLINEARITIES", "TRUNCATED_STD", "calculate_gain", "fan_of", "fans",
    "kaiming_std", "mode_fan", "uniform_bound", "variance_scaling_bound",
    "variance_scaling_std", "xavier_std",
]

#: Std of a standard normal truncated to [-2, 2], as JAX, Keras and timm write it.
TRUNCATED_STD = 0.87962566103423978


def fans(
    shape, *, layout=None, groups=1, in_axis=None, out_axis=None, batch_axis=None
):
    """Number of inputs and of outputs that the weights of a layer connect.

    Parameters
    ----------
    shape : sequence of int
        Canonical shape, sizes in [0, 2^63).
    layout : str, optional
        Marks of its axes, such as 'OIHW', 'HWIO', '...IO', 'EIO' (`parse_layout`);
        torch's order 'OI...' by default.
    groups : int, default 1
        Groups of a convolution, >= 1: a channel meets only those of its group. They
        share the axis of outputs; that of inputs where the layout says '(GI)', as for
        torch's transposed convolutions.
    in_axis, out_axis, batch_axis : int or sequence of int, optional
        The axes as in JAX, in the place of a layout; where some are given the others
        have JAX's defaults -2, -1 and ().

    Returns
    -------
    fan_in, fan_out : int
        Inputs that an output sums over, outputs that an input reaches; strides,
        dilation and borders aside. Exact, in [0, 2^63).

    Raises
    ------
    FanError
        If the shape does not have the layout's axes (fewer than 2 by default), a
        negative size, a fan >= 2^63, or a size that the groups do not divide.
    LayoutError
        If the layout or the axes are none, or both are given.
    ArgumentTypeError
        If an argument is of the wrong type; a bool is no size.

    References
    ----------
    He et al. (2015), section 2.2: n = k^2 c for a k x k convolution of c channels.

    Examples
    --------
    >>> fans((64, 3, 7, 7))
    (147, 3136)
    >>> fans((7, 7, 3, 64), layout="HWIO"), fans((7, 7, 3, 64), in_axis=-2)
    ((147, 3136), (147, 3136))
    >>> fans((32, 1, 3, 3), groups=32)
    (9, 9)
    """
    if in_axis is None and out_axis is None and batch_axis is None:
        pair = laid_out_pair(shape, layout, groups)
    elif layout is None:
        text = arguments.layout_of_some_axes(in_axis, out_axis, batch_axis, shape)
        pair = laid_out_pair(shape, text, groups)
    else:
        raise arguments.layout_beside_axes(layout)
    return pair.fan_in, pair.fan_out


cpdef object fan_of(object shape, object mode):
    """Fan of a shape in torch's order that a mode chooses.

    Parameters
    ----------
    shape : sequence of int
        Canonical shape ``(out, in, *receptive_field)``, sizes in [0, 2^63).
    mode : {'fan_in', 'fan_out', 'fan_avg', 'fan_geo_avg'}
        As `mode_fan` takes it.

    Returns
    -------
    fan : int or float
        What `mode_fan` gives for the fans of the shape.

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
    return mode_fan(pair.fan_in, pair.fan_out, mode)


cpdef object mode_fan(object fan_in, object fan_out, object mode):
    """Fan, or mean of both fans, that a mode chooses.

    Parameters
    ----------
    fan_in, fan_out : int
        Fans of the layer, in [0, 2^63).
    mode : {'fan_in', 'fan_out', 'fan_avg', 'fan_geo_avg'}
        In any case: 'fan_in' keeps the forward mean square, 'fan_out' the backward,
        the arithmetic and the geometric mean lie between.

    Returns
    -------
    fan : int or float
        One of the fans, exact; or a mean, a float64.

    Raises
    ------
    FanError, ArgumentError, ArgumentTypeError
        If a fan is outside its interval or no integer, or `mode` is none of these.

    Examples
    --------
    >>> mode_fan(2, 8, "fan_avg"), mode_fan(2, 8, "fan_geo_avg")
    (5.0, 4.0)
    """
    cdef long long inputs = _count(fan_in, "fan_in")
    cdef long long outputs = _count(fan_out, "fan_out")
    cdef int chosen = arguments.mode_number(mode)
    if chosen < 2:
        return outputs if chosen else inputs
    if chosen == 2:
        # Unsigned: the sum of two fans may exceed 2^63, and is rounded once.
        return <double>(<unsigned long long>inputs + <unsigned long long>outputs) / 2
    # The exact product rounded once, as Python does for JAX.
    return sqrt(float(int(inputs) * int(outputs)))


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
    fan : int or float
        The fan that the mode chooses, in (0, 2^63).
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
    cdef double inputs = _mean_fan(fan)
    if inputs == 0:
        raise arguments.nothing_to_scale("the fan is 0")
    return unchecked_kaiming_std(inputs, _scale(gain, "gain"))


cpdef double variance_scaling_std(object fan, object scale=1.0) except -1.0:
    """Standard deviation of variance scaling.

    Parameters
    ----------
    fan : int or float
        The fan that the mode chooses, in (0, 2^63).
    scale : float, default 1.0
        Variance times fan, dimensionless, in [0, inf): the square of a gain.

    Returns
    -------
    std : float
        sqrt(scale / fan), dimensionless, in [0, inf).

    Raises
    ------
    FanError, ArgumentError, ArgumentTypeError
        As `kaiming_std`, with a scale for a gain.

    References
    ----------
    keras.initializers.VarianceScaling, jax.nn.initializers.variance_scaling.

    Examples
    --------
    >>> variance_scaling_std(800, scale=2)
    0.05
    """
    return sqrt(_variance(fan, scale))


cpdef double variance_scaling_bound(object fan, object scale=1.0) except -1.0:
    """Half-width of the zero-mean uniform distribution of variance scaling.

    Parameters
    ----------
    fan : int or float
        The fan that the mode chooses, in (0, 2^63).
    scale : float, default 1.0
        Variance times fan, dimensionless, in [0, inf).

    Returns
    -------
    bound : float
        sqrt(3 scale / fan), rounded as Keras rounds it.

    Raises
    ------
    FanError, ArgumentError, ArgumentTypeError
        As `variance_scaling_std`.

    Examples
    --------
    >>> variance_scaling_bound(3)
    1.0
    """
    return sqrt(_finite(3.0 * _variance(fan, scale), "scale", scale))


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


cdef long long _count(object value, object place) except -1:
    """An integer in [0, 2^63)."""
    cdef long long plain = plain_count(value)
    return plain if plain >= 0 else arguments.count(value, place)


cdef double _variance(object fan, object scale) except -1.0:
    """scale / fan."""
    cdef double inputs = _mean_fan(fan)
    if inputs == 0:
        raise arguments.nothing_to_scale("the fan is 0")
    return _finite(_scale(scale, "scale") / inputs, "scale", scale)


cdef double _mean_fan(object value) except -1.0:
    """A fan, or a mean of fans, as a double."""
    if type(value) is float and 0.0 <= <double>value < 2.0 ** 63:
        return value
    return <double>_count(value, "fan")


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


cdef FanPair laid_out_pair(object shape, object layout, object groups) except *:
    """Both fans of a canonical shape in any layout."""
    if (layout is None or layout == DEFAULT_LAYOUT) and groups == 1 and groups is not True:
        return fan_pair(shape)
    chosen = parse_layout(DEFAULT_LAYOUT if layout is None else layout)
    sizes = shape if isinstance(shape, tuple) else tuple(arguments.size_list(shape))
    cdef long long inputs = 1, outputs = 1, kernel = 1, size
    for role, given in zip(chosen.roles(sizes), sizes):
        size = _count(given, shape)
        if role == "I":
            inputs = saturating_product(inputs, size)
        elif role == "O":
            outputs = saturating_product(outputs, size)
        elif role == "K":
            kernel = saturating_product(kernel, size)
    cdef long long parts = arguments.group_count(groups, chosen)
    if parts > 1:
        arguments.check_groups(outputs if chosen.grouped == "O" else inputs, parts, shape)
        if chosen.grouped == "O":
            outputs //= parts
        else:
            inputs //= parts
    cdef FanPair pair = FanPair(
        fan_in=saturating_product(inputs, kernel),
        fan_out=saturating_product(outputs, kernel),
    )
    if pair.fan_in < 0 or pair.fan_out < 0:
        raise arguments.too_large(shape)
    return pair
