"""The table of destinations: found by the class's own package, none imported for it."""

from __future__ import annotations

import jax.numpy
import numpy as np
import pytest

from fastinit import fill
from fastinit.destinations import (
    DESTINATIONS,
    PROTOCOLS,
    open_destination,
    read_destination,
)
from fastinit.destinations.creation import ARRAY_TYPES
from fastinit.errors import DestinationError


def test_rows_name_modules_with_both_functions():
    assert set(DESTINATIONS) == {"numpy", "torch", "cupy", "numba"}
    rows = [row.module for row in DESTINATIONS.values()]
    for name in (*rows, *PROTOCOLS.values()):
        module = __import__(name, fromlist=["open_writable"])
        assert callable(module.open_writable)
        assert callable(module.read_values)


def test_arrays_that_cannot_change_are_refused():
    array = jax.numpy.zeros(3)
    with pytest.raises(DestinationError, match="without underscore"):
        fill(array, "ones")
    assert not array.any()


class NdarrayLike:
    """Has the interface of an array and is none."""

    def __init__(self):
        self.array = np.zeros(3)
        self.__array_interface__ = self.array.__array_interface__


@pytest.mark.parametrize("target", [NdarrayLike(), np.ndarray, np.float64(1), object()])
def test_what_only_looks_like_an_array_is_refused(target):
    for use in (open_destination, read_destination):
        with pytest.raises(DestinationError, match="fastinit knows arrays of numpy"):
            use(target)


def test_a_class_of_the_same_name_is_another():
    other = type("ndarray", (), {"__module__": "elsewhere"})
    with pytest.raises(DestinationError, match=r"elsewhere\.ndarray"):
        open_destination(other())


def test_torch_is_not_imported_for_numpy(run_python):
    code = """
import sys
import numpy as np
import fastinit
fastinit.fill(np.zeros(3), "ones")
print("torch" in sys.modules, "fastinit.destinations.torch" in sys.modules)
"""
    assert run_python(code) == "False False"


def test_every_new_array_has_a_module_that_makes_it():
    for rows in ARRAY_TYPES.values():
        for library, name in rows.items():
            assert name == DESTINATIONS[library].module
            assert callable(__import__(name, fromlist=["new_array"]).new_array)
