"""What a backend is: it turns a plan and a window of memory into values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from fastinit.plan import FillPlan
from fastinit.windows import Window

# Memory and Options are named tuples, as each fill makes one of either.
__all__ = ["Backend", "Fill", "Memory", "Options", "Place"]

#: progress(n) is called with the number of elements done since the last call.
Progress = Callable[[int], None]


class Place(NamedTuple):
    """Where on a machine's CUDA devices memory is, and which stream works on it.

    Attributes
    ----------
    device : int
        Number of the device; -1 where only the driver can tell.
    stream : int
        Handle of the stream that a fill goes to unless another is asked for; 0 is
        the legacy default stream.
    waits : bool
        True where work that is on `stream` must be done before any other stream
        writes; frameworks with a current stream leave that to their users.
    """

    device: int
    stream: int
    waits: bool = False


class Memory(NamedTuple):
    """Memory that a backend writes.

    Attributes
    ----------
    address : int
        Address of the element at (0, ..., 0).
    strides : tuple of int
        Bytes per step along each axis, of any sign.
    owner : object
        Keeps the memory alive while it is written.
    is_swapped : bool
        True where elements have the byte order that the machine has not.
    place : Place, optional
        Where on a CUDA device; None for host memory.
    """

    address: int
    strides: tuple[int, ...]
    owner: Any
    is_swapped: bool = False
    place: Place | None = None


class Fill(NamedTuple):
    """One fill among many.

    Attributes
    ----------
    plan : FillPlan
        What to write.
    memory : Memory
        Where to write.
    window : Window
        Stream indices of the elements.
    """

    plan: FillPlan
    memory: Memory
    window: Window


class Options(NamedTuple):
    """How a fill runs; no option changes a bit of the result.

    Attributes
    ----------
    threads : int, optional
        Threads to use, >= 1; all that this process may use by default.
    progress : callable, optional
        Called with the number of elements done, or put on a stream, since the last
        call.
    cuda_stream : int, optional
        Handle of the stream to fill on; that of the memory's `Place` by default.
    """

    threads: int | None = None
    progress: Progress | None = None
    cuda_stream: int | None = None


class Backend(Protocol):
    """Fills windows of memory with the values of plans.

    Two more members are optional. ``check(memory, options)`` makes it a backend of
    device memory: it raises for what it cannot write; without it host memory is all
    that the backend is given. ``facts()`` gives what `fastinit info` says about it, as
    a dict of texts.
    """

    def unavailable(self) -> str:
        """Reason why this backend cannot run here, or '' where it can."""
        ...

    def fill(
        self, plan: FillPlan, memory: Memory, window: Window, options: Options
    ) -> None:
        """Write ``plan``'s values of ``window`` to memory."""
        ...

    def fill_many(self, fills: Sequence[Fill], options: Options) -> None:
        """Write many fills as one job."""
        ...

    def gather(self, plan: FillPlan, memory: Memory, indices: Any) -> None:
        """Write the values at int64 ``indices`` to contiguous memory."""
        ...
