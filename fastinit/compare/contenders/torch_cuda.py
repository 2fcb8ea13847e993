"""torch.nn.init on a GPU."""

from __future__ import annotations

import importlib
from typing import Any

from fastinit.compare.cases import Case
from fastinit.compare.contenders.device import TorchMemory, torch_reason
from fastinit.compare.contenders.protocol import SEED, Action, Part
from fastinit.compare.contenders.torch import TorchCpu
from fastinit.compare.memory import Memory

__all__ = ["TorchCuda"]


class TorchCuda(TorchCpu):
    """`torch.nn.init` on device tensors, with a generator of the device."""

    def unavailable(self) -> str:
        """Reason why torch has no GPU."""
        return torch_reason()

    def array(self, case: Case, memory: Memory) -> Any:
        """Tensor on the device."""
        del memory
        return TorchMemory().empty(case, is_transposed=case.layout == "transposed")

    def start(self, case: Case) -> Any:
        """Seeded generator of the device."""
        del case
        torch: Any = importlib.import_module("torch")
        return torch.Generator(device="cuda").manual_seed(SEED)

    def bind(self, case: Case, generator: Any, array: Any) -> Action:
        """Call of torch.nn.init, and a wait for the device."""
        fill, wait = super().bind(case, generator, array), TorchMemory().wait

        def run() -> None:
            fill()
            wait()

        return run

    def values(self, array: Any) -> Any:
        """Copy in host memory."""
        return TorchMemory().values(array)

    def draw(self, case: Case, how: Part) -> Any:
        """As on the CPU."""
        return super().draw(case, how)
