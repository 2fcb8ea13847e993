"""C declarations of `fastinit.fan_gain`, for other Cython modules to cimport.

The unchecked functions are the formulas alone, for loops without the GIL; the
`cpdef` functions check their arguments and raise what their docstrings say.
"""

cimport cython
from cpython.long cimport PyLong_AsLongLongAndOverflow
from libc.math cimport sqrt


cdef struct FanPair:
    long long fan_in
    long long fan_out


cdef inline long long plain_count(object value) except? -1:
    """The value of a plain int in [0, 2^63), or -1 for anything else."""
    cdef int overflow = 0
    if type(value) is not int:
        return -1
    cdef long long plain = PyLong_AsLongLongAndOverflow(value, &overflow)
    return plain if overflow == 0 and plain >= 0 else -1


cdef inline long long saturating_product(
    long long left, long long right
) noexcept nogil:
    """left * right, or -1 (which only a zero undoes) where it exceeds 2^63 - 1."""
    cdef long long largest = 0x7FFFFFFFFFFFFFFF
    if left == 0 or right == 0:
        return 0
    with cython.cdivision(True):
        if left < 0 or right < 0 or left > largest // right:
            return -1
    return left * right


cdef inline double unchecked_xavier_std(
    long long fan_in, long long fan_out, double gain
) noexcept nogil:
    """gain * sqrt(2 / (fan_in + fan_out)), for fans >= 0 that are not both 0."""
    # Unsigned: the sum of two fans may exceed 2^63, and it is rounded once, to double.
    cdef unsigned long long total = (
        <unsigned long long>fan_in + <unsigned long long>fan_out
    )
    with cython.cdivision(True):
        return gain * sqrt(2.0 / <double>total)


cdef inline double unchecked_kaiming_std(double fan, double gain) noexcept nogil:
    """gain / sqrt(fan), for a fan > 0."""
    with cython.cdivision(True):
        return gain / sqrt(fan)


cdef inline double unchecked_uniform_bound(double std) noexcept nogil:
    """sqrt(3) * std, for a finite std >= 0."""
    return sqrt(3.0) * std


cdef FanPair fan_pair(object shape) except *
cdef FanPair laid_out_pair(object shape, object layout, object groups) except *

cpdef object fan_of(object shape, object mode)
cpdef object mode_fan(object fan_in, object fan_out, object mode)
cpdef double xavier_std(object fan_in, object fan_out, object gain=*) except -1.0
cpdef double kaiming_std(object fan, object gain) except -1.0
cpdef double variance_scaling_std(object fan, object scale=*) except -1.0
cpdef double variance_scaling_bound(object fan, object scale=*) except -1.0
cpdef double uniform_bound(object std) except -1.0
