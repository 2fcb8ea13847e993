"""Arrays of a library that tells their memory by DLPack alone."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest

from fastinit import create, fill
from fastinit.destinations import open_destination
from fastinit.errors import DestinationError, DtypeError, ReadOnlyError

IDENTITY = {"seed": 5, "name": "layer.weight"}
SPEC = "normal(std=0.02)"


class Producer:
    """An array of a library that knows nothing but DLPack."""

    def __init__(self, array, *, is_versioned=True, flags=0, kind=2):
        self.array, self.is_versioned = array, is_versioned
        self.flags, self.kind = flags, kind

    def __dlpack_device__(self):
        return self.kind, 0

    def __dlpack__(self, *, stream=None, **how):
        if not self.is_versioned and how:
            raise TypeError
        assert stream == 1
        return capsule_of(self)


def capsule_of(producer):
    """Capsule of the structure that the specification draws, field by field."""
    host = producer.array.host
    codes = {"i": 0, "u": 1, "f": 2, "V": 4, "b": 6}
    count = host.ndim
    sizes = (ctypes.c_int64 * count)(*host.shape)
    steps = (ctypes.c_int64 * count)(*[s // host.itemsize for s in host.strides])
    tensor = np.zeros(6, np.uint64)
    tensor[0] = host.ctypes.data
    tensor[1] = producer.kind
    code = codes[host.dtype.kind] | host.itemsize << 11 | 1 << 16
    tensor[2] = count | code << 32
    tensor[3], tensor[4] = ctypes.addressof(sizes), ctypes.addressof(steps)
    head = np.array([1, 0, 0, producer.flags], np.uint64)
    words = np.concatenate([head, tensor]) if producer.is_versioned else tensor
    producer.kept = sizes, steps, words
    name = b"dltensor_versioned" if producer.is_versioned else b"dltensor"
    new = ctypes.pythonapi.PyCapsule_New
    new.restype = ctypes.py_object
    new.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
    producer.name = name
    return new(words.ctypes.data, name, None)


@pytest.mark.parametrize("is_versioned", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float64"])
def test_dlpack_arrays_are_filled(driver, dtype, is_versioned):
    array = driver.array((5, 9), dtype, host=driver.array((9, 5), dtype).host.T)
    producer = Producer(array, is_versioned=is_versioned)
    fill(producer, SPEC, **IDENTITY)
    expected = create(SPEC, (5, 9), dtype=dtype, **IDENTITY)
    assert array.host.tobytes() == expected.tobytes()


def test_dlpack_arrays_that_are_refused(driver):
    array = driver.array((4,))
    with pytest.raises(ReadOnlyError):
        fill(Producer(array, flags=1), SPEC)
    with pytest.raises(DestinationError, match="of type 1"):
        open_destination(Producer(array, kind=1))
    # A bfloat of 64 bits, which nobody has.
    odd = driver.array((4,), host=np.zeros(4, "V8"))
    with pytest.raises(DtypeError, match="64 bits"):
        fill(Producer(odd), SPEC)
