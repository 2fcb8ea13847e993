"""C declarations of `fastinit.gains`, for other Cython modules to cimport."""

cpdef double calculate_gain(object nonlinearity, object param=*) except -1.0
cpdef double activation_gain(
    object activation, object sense=*, object slope=*
) except -1.0
