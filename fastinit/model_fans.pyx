# cython: language_level=3, boundscheck=False, wraparound=False
"""Fans and standard deviations of many layers at once, such as those of a model."""

import numpy as np

from libc.math cimport isfinite

from fastinit import _fan_arguments as arguments
from fastinit.errors import FastinitError
from fastinit.fan_gain cimport (
    FanPair, kaiming_std, laid_out_pair, unchecked_kaiming_std, unchecked_xavier_std,
    xavier_std,
)

__all__ = ["fans_of_shapes", "kaiming_stds", "xavier_stds"]


cpdef object fans_of_shapes(object shapes, object layout=None, object groups=1):
    """Fans of many shapes, such as those of all weights of a model.

    Parameters
    ----------
    shapes : iterable of sequence of int
        n canonical shapes.
    layout, groups : str, int
        As `fans` takes them, for all shapes.

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
            pair = laid_out_pair(shape, layout, groups)
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


cdef object _stds(object fans, object gain, int first, int second):
    """Xavier stds from two columns of fans, Kaiming stds from one column twice."""
    cdef const long long[:, :] pairs = arguments.fan_array(fans)
    cdef double scale = arguments.real(gain, "gain", 0.0)
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
