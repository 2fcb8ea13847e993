"""CUDA streams of any library, as the handle that the driver knows."""

from __future__ import annotations

import operator
from typing import Any

from fastinit.errors import ArgumentTypeError, shown

__all__ = ["stream_handle"]

#: Attributes that hold the handle: torch, CuPy, Numba and cuda.core.
_HANDLES = ("cuda_stream", "ptr", "handle")


def stream_handle(stream: Any) -> int | None:
    """Handle of a CUDA stream.

    Parameters
    ----------
    stream : int, torch.cuda.Stream, cupy.cuda.Stream, Numba stream or None
        A handle, anything with ``__cuda_stream__``, or a stream of one of these.

    Returns
    -------
    handle : int or None
        None for None; 0 is the legacy default stream.

    Raises
    ------
    ArgumentTypeError
        If it is no stream.

    Examples
    --------
    >>> stream_handle(0), stream_handle(None)
    (0, None)
    """
    if stream is None:
        return None
    found = stream
    if hasattr(stream, "__cuda_stream__"):
        _, found = stream.__cuda_stream__()
    else:
        for name in _HANDLES:
            if hasattr(stream, name):
                found = getattr(stream, name)
                break
    try:
        # Numba's default stream has a ctypes handle that holds None.
        number = operator.index(getattr(found, "value", found) or 0)
    except TypeError:
        number = -1
    if isinstance(stream, bool) or number < 0:
        raise ArgumentTypeError(
            f"cuda_stream {shown(stream)}",
            "a stream is a handle, or a stream of torch, CuPy, Numba or cuda.core",
            "pass e.g. torch.cuda.current_stream()",
        )
    return number
