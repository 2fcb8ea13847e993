"""Initializers out of place: new arrays of a shape, dtype and device."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import fastinit
from fastinit import View, create, creators, fan_creators
from fastinit.dtypes import DTYPES, numpy_dtype
from fastinit.errors import (
    ArgumentError,
    DtypeError,
    FanError,
    OutOfMemoryError,
    ViewError,
)

NAMES = [*creators.__all__, *fan_creators.__all__, "trunc_normal"]


def call(name, shape, **how):
    more = (1,) if name == "constant" else ()
    return getattr(fastinit, name)(shape, *more, **how)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "shape",
    [(4, 3), [4, 3], np.array([4, 3]), (np.int8(4), 3)],
    ids=lambda s: str(type(s)),
)
def test_arrays_are_new_and_contiguous(name, shape):
    one, two = (call(name, shape, seed=0) for _ in range(2))
    assert one.shape == (4, 3)
    assert one.dtype == np.float32
    assert one.flags.c_contiguous
    assert one.flags.owndata
    assert not np.shares_memory(one, two)
    assert (one == two).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_or_the_reason(name, dtype):
    row = DTYPES[dtype]
    is_random = name not in {"constant", "ones", "zeros"}
    if row.is_complex and name == "trunc_normal":
        with pytest.raises(DtypeError, match="no meaning for complex"):
            call(name, (2, 2), dtype=dtype, seed=0)
    elif row.is_float or row.is_complex or not is_random:
        assert call(name, (2, 2), dtype=dtype, seed=0).dtype == numpy_dtype(dtype)
    else:
        with pytest.raises(DtypeError, match="floating"):
            call(name, (2, 2), dtype=dtype, seed=0)


@pytest.mark.parametrize("name", NAMES)
def test_one_size_is_a_shape(name):
    if name in fan_creators.__all__:
        with pytest.raises(FanError, match="has no fan"):
            call(name, 5, seed=0)
    else:
        assert call(name, 5, seed=0).shape == (5,)
        assert call(name, (), seed=0).shape == ()


@pytest.mark.parametrize("device", ["cpu", None])
def test_the_device_is_the_host(device):
    assert fastinit.zeros(2, device=device).tolist() == [0, 0]


@pytest.mark.parametrize("device", ["cuda:", "cuda:-1", 0, "meta", "CPU", b"cpu"])
def test_other_devices_are_refused(device):
    with pytest.raises(ArgumentError, match="host memory"):
        fastinit.zeros(2, device=device)


@pytest.mark.parametrize("how", [{"device": torch.device("cpu")}, {"device": None}])
def test_tensors_are_made_where_they_are_asked_for(how):
    tensor = fastinit.normal(
        (2, 3), seed=1, array_type="torch", dtype="bfloat16", **how
    )
    assert (tensor.dtype, tensor.shape) == (torch.bfloat16, (2, 3))
    expected = fastinit.normal((2, 3), seed=1, dtype="bfloat16")
    assert tensor.view(torch.uint8).numpy().tobytes() == expected.tobytes()
    assert isinstance(fastinit.zeros(2, device=how["device"]), np.ndarray)


def test_a_tensor_that_no_memory_holds_is_a_clear_memory_error():
    with pytest.raises(OutOfMemoryError, match="GiB"):
        fastinit.normal(2**50, array_type="torch")


@pytest.mark.parametrize("array_type", ["cupy", "numba", "jax", "", 3])
def test_array_types_of_the_host(array_type):
    with pytest.raises(ArgumentError, match="numpy, torch"):
        fastinit.zeros(2, array_type=array_type)


def test_a_view_selects_the_shape():
    whole = fastinit.kaiming_normal((8, 4), seed=1, name="w")
    view = View((8, 4), np.s_[::2, 1:])
    part = fastinit.kaiming_normal((4, 3), seed=1, name="w", view=view)
    assert (part == whole[::2, 1:]).all()
    with pytest.raises(ViewError, match="shape that the view selects"):
        fastinit.kaiming_normal((8, 4), seed=1, view=view)


def test_wrong_arguments_do_not_cost_an_allocation():
    # 2^57 elements would not fit anywhere; each error comes first.
    with pytest.raises(FanError):
        create("kaiming_normal", 2**57)
    with pytest.raises(ArgumentError):
        create("normal(std=-1)", 2**57)
    with pytest.raises(DtypeError):
        create("normal", 2**57, dtype="int8")


@pytest.mark.parametrize("size", [2**50, 2**57])
def test_an_array_that_no_memory_holds_is_a_clear_memory_error(size):
    with pytest.raises(OutOfMemoryError, match="GiB") as caught:
        create("normal", size)
    assert isinstance(caught.value, MemoryError)
    with pytest.raises(OutOfMemoryError):
        fastinit.sample("normal", (size,), (slice(None),))
