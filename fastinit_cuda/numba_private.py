"""What this package takes from the inside of numba-cuda: nothing else does.

Written for numba-cuda 0.30, the last series; the extra ``cuda`` pins it.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

__all__ = ["compiling_for"]

_lock = threading.RLock()


class _Device(NamedTuple):
    """Stands in for the current device, of which only this is asked."""

    compute_capability: tuple[int, int]


@contextlib.contextmanager
def compiling_for(capability: tuple[int, int]) -> Iterator[None]:
    """Let device functions be compiled for a device that need not be there.

    A function that a kernel calls is compiled for the current device, which fails
    where there is none, and which would open a context where there is one.

    Parameters
    ----------
    capability : tuple of 2 ints
        Compute capability, e.g. (9, 0).

    Yields
    ------
    None
        One thread at a time: the compiler is not safe against itself.
    """
    from numba.cuda import dispatcher

    inside: Any = dispatcher
    compiling = threading.get_ident()
    with _lock:
        kept = inside.get_current_device

        def current_device() -> Any:
            # Other threads may compile kernels of their own for the real device.
            is_ours = threading.get_ident() == compiling
            return _Device(capability) if is_ours else kept()

        inside.get_current_device = current_device
        try:
            yield
        finally:
            inside.get_current_device = kept
