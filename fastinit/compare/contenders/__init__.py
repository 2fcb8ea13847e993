"""Who is compared: one row each. Libraries are imported when they are measured."""

from __future__ import annotations

from typing import Any

from fastinit.compare.contenders.cupy import Cupy
from fastinit.compare.contenders.jax import Jax
from fastinit.compare.contenders.mkl import MklRandom
from fastinit.compare.contenders.numpy import NumpyGenerator
from fastinit.compare.contenders.ours import FastinitCpu, FastinitCuda
from fastinit.compare.contenders.protocol import Contender
from fastinit.compare.contenders.roofs import (
    Copy,
    DeviceRoof,
    FillNumpy,
    FillTorch,
    Memset,
)
from fastinit.compare.contenders.torch import TorchCpu
from fastinit.compare.contenders.torch_cuda import TorchCuda
from fastinit.errors import ArgumentError, shown

__all__ = ["CONTENDERS", "OURS", "PLAIN_FILLS", "Contender", "contender_of"]

#: The contender that the others are compared with.
OURS = "fastinit"
#: Whose fastest is the roof of a case, on each device.
PLAIN_FILLS = {"cpu": ("fill-numpy", "fill-torch"), "gpu": ("fill-gpu",)}
_IN_CALL = "the call returns when the values are there"
_SYNCHRONISED = "the device is synchronised"
#: How long threads of other libraries may spin, in seconds.
_SPIN = 0.15
_GPU: dict[str, Any] = {"device": "gpu", "waits": _SYNCHRONISED, "threads": "any"}


def _numpy(name: str) -> Contender:
    return Contender(
        f"numpy-{name.lower()}",
        f"NumPy {name}",
        "numpy",
        f"numpy.random.Generator({name}) with out=, scaled in place where needed",
        _IN_CALL,
        "one",
        NumpyGenerator(name),
    )


_CPU_ROWS = (
    Contender(
        OURS,
        "fastinit",
        "fastinit",
        "the public call in place, such as fastinit.normal_(array, seed=0)",
        _IN_CALL,
        "any",
        FastinitCpu(),
    ),
    _numpy("PCG64"),
    _numpy("SFC64"),
    _numpy("Philox"),
    Contender(
        "torch",
        "torch",
        "torch",
        "torch.nn.init with as many threads as fastinit; its generator uses one",
        _IN_CALL,
        "any",
        TorchCpu(),
        settle=_SPIN,
    ),
    Contender(
        "jax",
        "JAX",
        "jax",
        "jax.random compiled, default generator, output donated, all processors",
        "block_until_ready",
        "process",
        Jax("cpu"),
        settle=_SPIN,
        # Two devices of the host, so that an array can be made in shards.
        environment={"XLA_FLAGS": "--xla_force_host_platform_device_count=2"},
    ),
    Contender(
        "mkl",
        "mkl_random",
        "mkl_random",
        "mkl_random.MKLRandomState, a new array at each call",
        _IN_CALL,
        "one",
        MklRandom(),
        settle=_SPIN,
    ),
)
_GPU_ROWS = (
    Contender(
        "fastinit-cuda",
        "fastinit CUDA",
        "fastinit",
        "the public call in place with backend='cuda'",
        engine=FastinitCuda(),
        **_GPU,
    ),
    Contender(
        "torch-cuda",
        "torch CUDA",
        "torch",
        "torch.nn.init on device tensors",
        engine=TorchCuda(),
        **_GPU,
    ),
    Contender(
        "jax-gpu",
        "JAX GPU",
        "jax",
        "jax.random compiled, default generator, output donated",
        engine=Jax("gpu"),
        **{**_GPU, "waits": "block_until_ready"},
    ),
    Contender(
        "cupy",
        "CuPy",
        "cupy",
        "cupy.random.default_rng with out=, scaled in place where needed",
        engine=Cupy(),
        **_GPU,
    ),
)
_ROOFS = (
    Contender(
        "memset",
        "memset",
        "ctypes",
        "memset of the same bytes, one thread",
        _IN_CALL,
        "one",
        Memset(),
        is_roof=True,
    ),
    Contender(
        "fill-numpy",
        "plain fill, NumPy",
        "numpy",
        "ndarray.fill of one value, one thread",
        _IN_CALL,
        "one",
        FillNumpy(),
        is_roof=True,
    ),
    Contender(
        "fill-torch",
        "plain fill, torch",
        "torch",
        "Tensor.fill_ of one value, all threads",
        _IN_CALL,
        "any",
        FillTorch(),
        is_roof=True,
        settle=_SPIN,
    ),
    Contender(
        "copy",
        "copy",
        "torch",
        "Tensor.copy_ of another array, all threads; counted by the bytes written",
        _IN_CALL,
        "any",
        Copy(),
        is_roof=True,
        settle=_SPIN,
    ),
    *(
        Contender(
            f"{kind}-gpu",
            f"{kind} on the GPU",
            "torch",
            f"torch's {kind} of device memory",
            engine=DeviceRoof(kind),
            is_roof=True,
            **_GPU,
        )
        for kind in ("memset", "fill", "copy")
    ),
)

#: Every contender, ours first, the roofs last.
CONTENDERS: dict[str, Contender] = {
    row.name: row for row in (*_CPU_ROWS, *_GPU_ROWS, *_ROOFS)
}


def contender_of(name: str) -> Contender:
    """Row of a contender.

    Parameters
    ----------
    name : str
        Such as 'numpy-sfc64'.

    Returns
    -------
    contender : Contender
        The row.

    Raises
    ------
    ArgumentError
        If no row has that name.

    Examples
    --------
    >>> contender_of("numpy-sfc64").label
    'NumPy SFC64'
    """
    if name not in CONTENDERS:
        raise ArgumentError(
            f"contender {shown(name)}",
            f"contenders are {', '.join(CONTENDERS)}",
            "choose one of these",
        )
    return CONTENDERS[name]
