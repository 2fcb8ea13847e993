"""torch.nn.init, on the CPU and on a GPU."""

from __future__ import annotations

import functools
import importlib
from typing import Any

from fastinit.compare.cases import INITIALIZERS, Case
from fastinit.compare.contenders.protocol import SEED, Action, Engine
from fastinit.compare.memory import Memory, laid_out
from fastinit.dtypes import dtype_of, numpy_dtype

__all__ = ["TorchCpu", "on_host", "tensor_on"]


def tensor_on(case: Case, memory: Memory) -> Any:
    """Tensor of torch on the shared memory.

    Parameters
    ----------
    case : Case
        Shape, dtype and layout.
    memory : Memory
        At least `case.reach` bytes.

    Returns
    -------
    tensor : torch.Tensor
        Without a copy.
    """
    torch: Any = importlib.import_module("torch")
    held = torch.from_numpy(memory.bytes[: case.reach])
    return laid_out(held.view(getattr(torch, case.dtype)), case)


def on_host(tensor: Any) -> Any:
    """Values of a tensor in host memory.

    Parameters
    ----------
    tensor : torch.Tensor
        On the CPU.

    Returns
    -------
    values : numpy.ndarray
        Shares its memory; bfloat16 as ml_dtypes has it.
    """
    torch: Any = importlib.import_module("torch")
    name = dtype_of(tensor.dtype).name
    if tensor.element_size() < 4:
        # NumPy has no such dtype, so the bits go over.
        tensor = tensor.view({1: torch.uint8, 2: torch.int16}[tensor.element_size()])
    return tensor.numpy().view(numpy_dtype(name))


class TorchCpu(Engine):
    """`torch.nn.init` with a seeded generator and as many threads as fastinit."""

    package = "torch"

    def lacks(self, case: Case) -> str:
        """Say what torch draws no values of."""
        is_byte = dtype_of(case.dtype).itemsize == 1
        return (
            "torch draws no float8"
            if is_byte and case.initializer != "constant"
            else ""
        )

    def array(self, case: Case, memory: Memory) -> Any:
        """Tensor on the shared memory."""
        return tensor_on(case, memory)

    def start(self, case: Case) -> Any:
        """Seeded generator; the threads are those of the process."""
        torch: Any = importlib.import_module("torch")
        torch.set_num_threads(case.threads)
        return torch.Generator(device="cpu").manual_seed(SEED)

    def bind(self, case: Case, generator: Any, array: Any) -> Action:
        """Call of torch.nn.init."""
        torch: Any = importlib.import_module("torch")
        if array.shape != case.size.shape and not INITIALIZERS[case.initializer]:
            msg = "fans of a part are not those of the whole"
            raise NotImplementedError(msg)
        function = getattr(torch.nn.init, f"{case.initializer}_")
        arguments = dict(INITIALIZERS[case.initializer])
        if case.initializer != "constant":
            return functools.partial(function, array, **arguments, generator=generator)
        return functools.partial(function, array, **arguments)

    def values(self, array: Any) -> Any:
        """Values without a copy."""
        return on_host(array)
