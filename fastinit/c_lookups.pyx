# cython: language_level=3
"""Two lookups that a small fill would otherwise spend a sixth of its time on.

``array.ctypes.data`` makes an object in Python, ``os.environ.get`` raises and catches an
exception where a variable is not set. Both are one call in C.
"""

from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.stdint cimport uintptr_t
from libc.stdlib cimport getenv

import os

__all__ = ["address_of", "environment_variable"]

# NumPy's array interface, C side: PyArrayInterface in its documentation.
ctypedef struct _ArrayInterface:
    int two
    int nd
    char typekind
    int itemsize
    int flags
    Py_ssize_t *shape
    Py_ssize_t *strides
    void *data


def address_of(array):
    """Address of the first element of a NumPy array.

    Parameters
    ----------
    array : numpy.ndarray
        Any shape, strides and dtype.

    Returns
    -------
    address : int
        Equal to ``array.ctypes.data``.

    Examples
    --------
    >>> import numpy as np
    >>> array = np.empty(3)
    >>> address_of(array) == array.ctypes.data
    True
    """
    interface = array.__array_struct__
    return <uintptr_t> (<_ArrayInterface *> PyCapsule_GetPointer(interface, NULL)).data


def environment_variable(str name not None):
    """Value of an environment variable, as it is now.

    Parameters
    ----------
    name : str
        Name of the variable, in ASCII.

    Returns
    -------
    value : str
        Equal to ``os.environ.get(name, "")``, whose changes reach the C library.

    Examples
    --------
    >>> environment_variable("A_NAME_THAT_NOBODY_SETS")
    ''
    """
    cdef bytes encoded = name.encode("ascii")
    cdef const char *value = getenv(encoded)
    return "" if value is NULL else os.fsdecode(<bytes> value)
