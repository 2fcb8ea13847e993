"""The CUDA backend: its place in the table, and why it cannot run here.

The kernels compile to PTX for every sampler and dtype (`fastinit_cuda.compilation`);
launching them is not part of this version, and asking for it raises.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any, NoReturn

from fastinit.backends.protocol import Fill, Memory, Options
from fastinit.errors import BackendUnavailableError
from fastinit.plan import FillPlan
from fastinit.windows import Window

__all__ = ["CudaBackend"]


class CudaBackend:
    """Fills device memory with numba-cuda kernels."""

    def unavailable(self) -> str:
        """Reason why this backend cannot run here.

        Returns
        -------
        reason : str
            What is missing.
        """
        if importlib.util.find_spec("numba_cuda") is None:
            return "numba-cuda is not installed, and this version cannot launch kernels"
        return "this version compiles CUDA kernels but cannot launch them"

    def fill(
        self, plan: FillPlan, memory: Memory, window: Window, options: Options
    ) -> None:
        """Raise: see `unavailable`."""
        self._refuse()

    def fill_many(self, fills: Sequence[Fill], options: Options) -> None:
        """Raise: see `unavailable`."""
        self._refuse()

    def gather(self, plan: FillPlan, memory: Memory, indices: Any) -> None:
        """Raise: see `unavailable`."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise BackendUnavailableError(
            "backend 'cuda'",
            self.unavailable(),
            "use backend='cpu', which gives the same bits",
        )
