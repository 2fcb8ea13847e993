"""Arrays on devices: what is opened, on which stream, and what is refused."""

from __future__ import annotations

import ctypes
import sys
import types

import numpy as np
import pytest
import torch

import fastinit
from fastinit import View, create, fill
from fastinit.destinations import open_destination, read_destination
from fastinit.destinations.streams import stream_handle
from fastinit.errors import (
    ArgumentError,
    ArgumentTypeError,
    BackendUnavailableError,
    DestinationError,
    DtypeError,
    MissingPackageError,
    OutOfMemoryError,
    ReadOnlyError,
    ViewError,
)

IDENTITY = {"seed": 5, "name": "layer.weight"}
SPEC = "normal(std=0.02)"


# __cuda_array_interface__


def test_strides_may_be_left_out(driver, assert_same_bits):
    array = driver.array((3, 5), strides=None)
    fill(array, SPEC, **IDENTITY)
    assert_same_bits(array.host, create(SPEC, (3, 5), **IDENTITY))


def test_a_type_string_alone_is_enough(driver):
    array = driver.array((3, 5))
    plain = types.SimpleNamespace
    kind = type("Plain", (plain,), {})
    kind.__cuda_array_interface__ = property(
        lambda self: array.__cuda_array_interface__
    )
    fill(kind(), SPEC, **IDENTITY)
    assert (array.host == create(SPEC, (3, 5), **IDENTITY)).all()


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"mask": 1}, DestinationError),
        ({"strides": (0,)}, DestinationError),
        ({"strides": (6,)}, DestinationError),
        ({"data": (2, False)}, DestinationError),
        ({"data": (4096, False)}, DestinationError),
    ],
)
def test_what_a_device_cannot_write_is_refused(driver, told, error):
    array = driver.array((4,), **told)
    untouched = array.host.tobytes()
    with pytest.raises(error):
        fill(array, SPEC, **IDENTITY)
    assert array.host.tobytes() == untouched
    assert not driver.launches


def test_read_only_arrays_are_refused(driver):
    array = driver.array((4,), data=(256, True))
    with pytest.raises(ReadOnlyError, match="CUDA device"):
        fill(array, SPEC)


def test_the_other_byte_order_is_refused(driver):
    array = driver.array((4,), typestr=">f4")
    with pytest.raises(DtypeError, match="byte order of the device"):
        fill(array, SPEC)


def test_a_view_that_does_not_fit_is_refused(driver):
    array = driver.array((4,))
    untouched = array.host.tobytes()
    with pytest.raises(ViewError):
        fill(array, SPEC, view=View((8,), np.s_[:3]))
    assert array.host.tobytes() == untouched


def test_the_stream_of_the_interface_is_waited_for(driver):
    array = driver.array((4,), device=1, stream=1001)
    fill(array, SPEC)
    assert driver.launches[-1][1:] == (1, 1001)
    assert not driver.waits
    fill(array, SPEC, cuda_stream=2)
    assert driver.launches[-1][1:] == (1, 2)
    assert driver.waits == [(2, 1001, 1)]


def test_values_are_not_read_from_a_device(driver):
    with pytest.raises(DestinationError, match="copy it to the host"):
        read_destination(driver.array((4,)))


def test_an_interface_that_is_only_there_on_a_device():
    def nothing(self):
        raise AttributeError

    kind = type("Both", (), {"__cuda_array_interface__": property(nothing)})
    with pytest.raises(DestinationError, match="not on a CUDA device"):
        open_destination(kind())


# Backends


@pytest.mark.parametrize("many", [False, True])
def test_the_host_backend_does_not_get_a_device_array(driver, many):
    array = driver.array((4,))
    untouched = array.host.tobytes()
    call = fastinit.fill_many if many else fill
    given = ([(array, SPEC, "a")],) if many else (array, SPEC)
    with pytest.raises(DestinationError, match="leave out backend"):
        call(*given, seed=1, backend="cpu")
    assert array.host.tobytes() == untouched


def test_the_device_backend_does_not_get_a_host_array(driver):
    array = np.zeros(4, np.float32)
    with pytest.raises(DestinationError, match="array of the device"):
        fill(array, SPEC, backend="cuda")
    assert not array.any()


def test_a_stream_is_nothing_for_host_memory():
    array = np.zeros(4, np.float32)
    with pytest.raises(ArgumentError, match="cuda_stream"):
        fill(array, SPEC, cuda_stream=0)
    assert not array.any()


def test_a_stream_of_another_device_is_refused(driver):
    array = driver.array((4,))
    untouched = array.host.tobytes()
    with pytest.raises(ArgumentError, match="device 1"):
        fill(array, SPEC, cuda_stream=1001)
    assert array.host.tobytes() == untouched


def test_old_devices_are_refused(driver):
    driver.of_device = (7, 5)
    with pytest.raises(BackendUnavailableError, match=r"7\.5"):
        fill(driver.array((4,)), SPEC)


# Streams


@pytest.mark.parametrize(
    "stream",
    [
        77,
        np.int64(77),
        types.SimpleNamespace(cuda_stream=77),
        types.SimpleNamespace(ptr=77),
        types.SimpleNamespace(handle=ctypes.c_void_p(77)),
        types.SimpleNamespace(handle=types.SimpleNamespace(value=77)),
        types.SimpleNamespace(__cuda_stream__=lambda: (0, 77)),
    ],
)
def test_streams_of_all_libraries_are_handles(stream):
    assert stream_handle(stream) == 77


def test_numbas_default_stream_is_zero():
    assert stream_handle(types.SimpleNamespace(handle=ctypes.c_void_p(0))) == 0


@pytest.mark.parametrize("stream", ["0", -1, True, 1.5, object()])
def test_what_is_no_stream_is_refused(driver, stream):
    with pytest.raises(ArgumentTypeError, match="cuda_stream"):
        fill(driver.array((4,)), SPEC, cuda_stream=stream)


# torch


@pytest.fixture
def cuda_tensors(driver, monkeypatch):
    """Let torch's CPU tensors say that they are on a device."""
    real = torch.empty

    def empty(*shape, device="cpu", **how):
        if str(device).startswith("cuda") and shape[0][:1] == (2**40,):
            raise torch.OutOfMemoryError
        tensor = real(*shape, **how)
        driver.memories[1].add(tensor.view(torch.uint8).numpy())
        return tensor

    stream = types.SimpleNamespace(cuda_stream=1001)
    monkeypatch.setattr(torch, "empty", empty)
    there = property(lambda tensor: torch.device("cuda", 1))
    monkeypatch.setattr(torch.Tensor, "device", there, raising=False)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: stream)
    return driver


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16", "int64"])
def test_tensors_are_filled_on_the_current_stream(cuda_tensors, dtype):
    tensor = torch.empty((6, 35), dtype=getattr(torch, dtype), device="cuda:1")
    spec = "constant(val=3)" if dtype == "int64" else SPEC
    assert fill(tensor, spec, **IDENTITY) is tensor
    expected = create(spec, (6, 35), dtype=dtype, **IDENTITY)
    assert tensor.view(torch.uint8).numpy().tobytes() == expected.tobytes()
    assert cuda_tensors.launches[-1][1:] == (1, 1001)


def test_autograd_is_told_of_a_fill_on_a_device(cuda_tensors):
    parameter = torch.nn.Parameter(torch.empty((5,), device="cuda:1"))
    before = parameter._version
    fastinit.normal_(parameter, seed=1)
    assert parameter._version > before
    with pytest.raises(DestinationError, match=r"tensor\.cpu"):
        read_destination(parameter)


def test_new_tensors_on_a_device(cuda_tensors):
    how = {"device": torch.device("cuda:1"), **IDENTITY}
    tensor = fastinit.normal((5, 3), dtype=torch.bfloat16, **how)
    assert isinstance(tensor, torch.Tensor)
    expected = fastinit.normal((5, 3), dtype="bfloat16", **IDENTITY)
    assert tensor.view(torch.uint8).numpy().tobytes() == expected.tobytes()
    with pytest.raises(OutOfMemoryError, match="CUDA device 1"):
        fastinit.normal((2**40,), **how)


# CuPy, by a module that has what is used of it


class CupyDevice:
    __module__ = "cupy.cuda.device"

    def __init__(self, number=0):
        self.id = number

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass


class CupyMemoryError(MemoryError):
    pass


@pytest.fixture
def cupy(driver, monkeypatch):
    """A stand-in for CuPy whose arrays are on the interpreted devices."""

    class NDArray:
        def __init__(self, host, number):
            self.host, self.device = host, CupyDevice(number)
            self.data = types.SimpleNamespace(ptr=host.ctypes.data)
            self.dtype, self.shape, self.strides = host.dtype, host.shape, host.strides

    NDArray.__module__, NDArray.__name__ = "cupy", "ndarray"

    def empty(shape, dtype):
        if shape == (2**40,):
            raise CupyMemoryError
        return NDArray(driver.array(shape, dtype.name).host, 0)

    module = types.ModuleType("cupy")
    module.ndarray, module.empty = NDArray, empty
    module.cuda = types.SimpleNamespace(
        Device=CupyDevice,
        get_current_stream=lambda: types.SimpleNamespace(ptr=1000),
        memory=types.SimpleNamespace(OutOfMemoryError=CupyMemoryError),
    )
    monkeypatch.setitem(sys.modules, "cupy", module)
    return module


def test_cupy_arrays_are_filled_on_the_current_stream(driver, cupy, assert_same_bits):
    array = cupy.empty((3, 7), np.dtype("float64"))
    fill(array, SPEC, **IDENTITY)
    expected = create(SPEC, (3, 7), dtype="float64", **IDENTITY)
    assert_same_bits(array.host, expected)
    assert driver.launches[-1][1:] == (0, 1000)


@pytest.mark.parametrize(
    "how", [{"device": CupyDevice()}, {"array_type": "cupy", "device": "cuda"}]
)
def test_new_cupy_arrays(cupy, assert_same_bits, how):
    array = fastinit.uniform((5, 3), **how, **IDENTITY)
    assert isinstance(array, cupy.ndarray)
    assert_same_bits(array.host, fastinit.uniform((5, 3), **IDENTITY))
    with pytest.raises(OutOfMemoryError, match="free memory"):
        fastinit.uniform((2**40,), **how)


def test_without_cupy_it_says_what_to_install(driver, monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(MissingPackageError, match="pip install cupy"):
        fastinit.ones(3, device="cuda", array_type="cupy")


# Numba, and what is new by default


@pytest.fixture
def numba_cuda(driver, monkeypatch):
    """Let Numba make arrays on the interpreted devices."""
    import numba.cuda

    made = []

    def device_array(shape, dtype):
        made.append(driver.array(shape, np.dtype(dtype).name))
        return made[-1]

    monkeypatch.setattr(numba.cuda, "device_array", device_array)
    return made


def test_backend_cuda_alone_makes_numbas_arrays(numba_cuda, assert_same_bits):
    array = fastinit.normal((4, 5), backend="cuda", **IDENTITY)
    assert numba_cuda == [array]
    assert_same_bits(array.host, fastinit.normal((4, 5), **IDENTITY))


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ({"device": "cuda", "backend": "cpu"}, DestinationError),
        ({"device": "cpu", "backend": "cuda"}, DestinationError),
        ({"device": "cuda", "array_type": "numpy"}, ArgumentError),
        ({"array_type": "cupy"}, ArgumentError),
        ({"device": "cuda:x"}, ArgumentError),
        ({"device": "tpu"}, ArgumentError),
    ],
)
def test_contradictions_are_refused_before_anything_is_made(numba_cuda, how, error):
    with pytest.raises(error):
        fastinit.normal((4, 5), **how)
    assert not numba_cuda


def test_wrong_arguments_cost_no_allocation(numba_cuda):
    with pytest.raises(ArgumentError):
        fastinit.normal((4, 5), std=-1, device="cuda")
    assert not numba_cuda
