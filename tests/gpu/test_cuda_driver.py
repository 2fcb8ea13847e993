"""The driver's own code, against an interpreter in the place of CUDA's C API."""

from __future__ import annotations

import os

import numpy as np
import pytest

import fastinit
from fastinit import backends, create, fill, fill_many
from fastinit.errors import BackendUnavailableError, OutOfMemoryError
from fastinit_cuda.backend import CudaBackend
from fastinit_cuda.cuda_driver import CudaDriver, checked, entry_of
from gpu.bindings import Bindings, Result
from gpu.interpreted import InterpretedDriver, compiled

IDENTITY = {"seed": 5, "name": "layer.weight"}
SPEC = "normal(std=0.02)"


@pytest.fixture
def api():
    return Bindings(InterpretedDriver())


@pytest.fixture
def cuda(api):
    made = CudaDriver()
    made.__dict__["_api"] = api
    return made


@pytest.fixture
def machine(api, cuda, monkeypatch):
    """Backend 'cuda' on the driver on the interpreter."""

    def compiler(*case):
        api.codes.append(compiled(*case))
        return api.codes[-1]

    backend = CudaBackend(cuda, compiler)
    real = backends.load_backend
    monkeypatch.setattr(
        backends, "load_backend", lambda name: backend if name == "cuda" else real(name)
    )
    return api.machine


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float64"])
def test_a_fill_reaches_the_c_api(machine, api, assert_same_bits, dtype):
    array = machine.array((37, 5), dtype, device=1)
    fill(array, SPEC, cuda_stream=1001, **IDENTITY)
    assert_same_bits(array.host, create(SPEC, (37, 5), dtype=dtype, **IDENTITY))
    assert api.log == [("launch", 1001)]
    assert api.contexts == [7], "the context that was current is so again"


def test_nothing_is_pushed_where_the_context_is_current(machine, api):
    api.contexts = [100]
    pushed = []
    push = api.cuCtxPushCurrent
    api.cuCtxPushCurrent = lambda context: (pushed.append(context), push(context))[1]
    fill(machine.array((37,)), SPEC, **IDENTITY)
    assert api.contexts == [100]
    assert not pushed


def test_a_table_is_copied_and_freed_on_the_stream(machine, api, assert_same_bits):
    arrays = [machine.array((n,)) for n in (3, 40)]
    fill_many([(a, SPEC, str(k)) for k, a in enumerate(arrays)], seed=1)
    for k, array in enumerate(arrays):
        how = {"seed": 1, "name": str(k)}
        assert_same_bits(array.host, create(SPEC, array.host.shape, **how))
    assert [what for what, _ in api.log] == [
        *("allocate", "pin", "copy", "record", "launch", "free")
    ]
    assert api.contexts == [7]


def test_pinned_buffers_are_used_again_when_they_are_free(machine, api):
    def fill_two():
        api.log.clear()
        arrays = [machine.array((n,)) for n in (3, 40)]
        fill_many([(a, "ones", str(k)) for k, a in enumerate(arrays)])
        assert all((array.host == 1).all() for array in arrays)
        return [what for what, _ in api.log].count("pin")

    assert [fill_two(), fill_two()] == [1, 0]
    api.is_done = False
    assert fill_two() == 1
    api.is_done = True
    assert fill_two() == 0


def test_too_little_memory_for_a_table(machine, api):
    api.has_memory = False
    arrays = [machine.array((n,)) for n in (3, 40)]
    untouched = [array.host.tobytes() for array in arrays]
    with pytest.raises(OutOfMemoryError, match="free memory"):
        fill_many([(a, SPEC, str(k)) for k, a in enumerate(arrays)], seed=1)
    assert [array.host.tobytes() for array in arrays] == untouched
    assert api.contexts == [7]


def test_one_stream_waits_for_another(machine, api):
    array = machine.array((9,), stream=1000)
    fill(array, SPEC, cuda_stream=2)
    assert api.log == [("record", 1000), ("wait", 2), ("launch", 2)]


def test_an_error_of_the_driver_has_its_name():
    with pytest.raises(BackendUnavailableError, match="CUDA_ERROR_INVALID_VALUE"):
        checked((Result.CUDA_ERROR_INVALID_VALUE,))
    assert checked((Result.CUDA_SUCCESS,)) is None
    assert checked((Result.CUDA_SUCCESS, 3)) == 3
    assert checked((Result.CUDA_SUCCESS, 3, 4)) == (3, 4)


@pytest.mark.parametrize("capability", [(8, 0), (12, 0)])
def test_the_entry_in_machine_code_is_that_of_the_ptx(capability):
    from fastinit_cuda.kernels import KERNELS

    code = compiled("fill_run", KERNELS[0], capability)
    assert f".entry {entry_of(code).decode()}(" in code.ptx


CALLS = [
    ("cuCtxPushCurrent", lambda d: (d.CUcontext(1),)),
    ("cuDeviceGetAttribute", lambda d: (attribute(d), d.CUdevice(0))),
    ("cuDeviceGetName", lambda d: (256, d.CUdevice(0))),
    ("cuDevicePrimaryCtxRetain", lambda d: (d.CUdevice(0),)),
    ("cuEventCreate", lambda d: (d.CUevent_flags.CU_EVENT_DISABLE_TIMING,)),
    ("cuEventDestroy", lambda d: (d.CUevent(0),)),
    ("cuEventQuery", lambda d: (d.CUevent(0),)),
    ("cuEventRecord", lambda d: (d.CUevent(0), 7)),
    ("cuLaunchKernel", lambda d: (d.CUfunction(1), *[1] * 6, 0, 7, 8, 0)),
    ("cuMemAllocAsync", lambda d: (5, 7)),
    ("cuMemFreeAsync", lambda d: (d.CUdeviceptr(1), 7)),
    ("cuMemHostAlloc", lambda d: (5, 1)),
    ("cuMemcpyHtoDAsync", lambda d: (d.CUdeviceptr(1), 5, 3, 7)),
    ("cuModuleGetFunction", lambda d: (d.CUmodule(1), b"name")),
    ("cuModuleLoadData", lambda d: (5,)),
    (
        "cuOccupancyMaxActiveBlocksPerMultiprocessor",
        lambda d: (d.CUfunction(1), 256, 0),
    ),
    ("cuPointerGetAttribute", lambda d: (ordinal(d), 4096)),
    ("cuStreamGetDevice", lambda d: (7,)),
    ("cuStreamWaitEvent", lambda d: (7, d.CUevent(0), 0)),
]


def attribute(driver):
    return driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT


def ordinal(driver):
    return driver.CUpointer_attribute.CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL


@pytest.mark.parametrize(("name", "arguments"), CALLS, ids=[name for name, _ in CALLS])
def test_the_real_bindings_take_what_is_passed(name, arguments):
    """Without a driver they look for it after they have converted the arguments."""
    from cuda.bindings import driver

    if not CudaDriver().unavailable().startswith("there is no CUDA driver"):
        pytest.skip("this machine has a CUDA driver, and these would be real calls")
    with pytest.raises(RuntimeError, match="driver library"):
        getattr(driver, name)(*arguments(driver))


def test_a_thread_without_a_context_can_ask(machine, api):
    api.contexts = [0]
    array = machine.array((4,), device=1)
    fill(array, "ones")
    assert (array.host == 1).all()
    assert api.contexts == [0]


# Why nothing can be launched


def no_library(flags):
    raise RuntimeError("libcuda.so.1 is not there\nlook elsewhere")


@pytest.mark.parametrize(
    ("what", "value", "reason"),
    [
        ("cuInit", no_library, "there is no CUDA driver: install"),
        ("init", Result.CUDA_ERROR_NO_DEVICE, "CUDA_ERROR_NO_DEVICE"),
        ("version", 12080, "for CUDA 12.8, at least 13.0 is needed"),
        ("devices", 0, "no CUDA device"),
    ],
)
def test_reasons(cuda, api, what, value, reason):
    setattr(api, what, value)
    assert reason in cuda.unavailable()
    assert cuda.facts() == {"CUDA driver": f"of no use: {cuda.unavailable()}"}
    assert CudaBackend(cuda).unavailable() == cuda.unavailable()


def test_after_a_fork_nothing_works(cuda, monkeypatch):
    assert cuda.unavailable() == ""
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert "forked" in cuda.unavailable()


def test_facts_name_the_devices(cuda):
    assert cuda.facts() == {
        "CUDA driver": "for CUDA 13.0",
        "CUDA device 0": "Interpreter, compute capability 9.0, 3 multiprocessors",
        "CUDA device 1": "Interpreter, compute capability 9.0, 3 multiprocessors",
    }


def test_devices_that_are_not_there(machine):
    with pytest.raises(BackendUnavailableError, match="devices 0 to 1"):
        fastinit.ones(3, device="cuda:9")


def test_addresses_of_no_device(cuda):
    assert cuda.device_of(4096) is None
    assert cuda.stream_device(0) is None
    assert cuda.stream_device(1001) == 1


def test_persistent_grids_are_as_large_as_the_device(machine, api):
    array = machine.array((60000,))
    launches = []
    run = api.cuLaunchKernel
    api.cuLaunchKernel = lambda f, *rest: (launches.append(rest), run(f, *rest))[1]
    fill(array, "zeros")
    assert launches[0][0] == 6
    assert not np.any(array.host)
