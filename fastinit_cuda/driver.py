"""The seam to the CUDA driver: what the backend asks of a machine with devices.

Tests put another in its place, which runs the compiled PTX in an interpreter.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol

from fastinit_cuda.compilation import Code
from fastinit_cuda.launches import Launch

__all__ = ["Driver"]


class Driver(Protocol):
    """Devices by their number, and streams by their handle."""

    def unavailable(self) -> str:
        """Reason why nothing can be launched here, or '' where it can."""
        ...

    def facts(self) -> dict[str, str]:
        """Driver version and devices, in words."""
        ...

    def capability(self, device: int) -> tuple[int, int]:
        """Compute capability of a device."""
        ...

    def load(self, code: Code, device: int) -> Any:
        """Load machine code onto a device; what `launch` takes."""
        ...

    def most_blocks(self, loaded: Any, device: int, threads: int) -> int:
        """Blocks of some threads of a kernel that a device holds at once."""
        ...

    def launch(self, loaded: Any, launch: Launch, device: int, stream: int) -> None:
        """Put a launch on a stream and return at once."""
        ...

    def lend(
        self, data: bytes, device: int, stream: int
    ) -> AbstractContextManager[int]:
        """Device copy of some bytes for the launches made inside of ``with``.

        Everything is put on the stream; nothing waits.
        """
        ...

    def device_of(self, address: int) -> int | None:
        """Number of the device that holds an address, or None where none does."""
        ...

    def stream_device(self, stream: int) -> int | None:
        """Number of the device of a stream; None for the default ones of all."""
        ...

    def wait(self, stream: int, earlier: int, device: int) -> None:
        """Let a stream wait for what another holds now, without waiting here."""
        ...
