"""The backends: a table of names, imported when asked for.

Packages join through the entry-point group ``fastinit.backends``; an entry is
``module:object`` where the object makes a `fastinit.backends.protocol.Backend`.
"""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING, Any

from fastinit.backends.protocol import Backend, Memory, Options
from fastinit.errors import (
    ArgumentError,
    ArgumentTypeError,
    BackendUnavailableError,
    DestinationError,
    shown,
)

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["BACKENDS", "backend_names", "check_reach", "get_backend", "load_backend"]

#: In-tree backends, by name.
BACKENDS: dict[str, str] = {
    "cpu": "fastinit.backends.cpu:CpuBackend",
    "cuda": "fastinit_cuda.backend:CudaBackend",
}
_GROUP = "fastinit.backends"


def _plugins() -> dict[str, EntryPoint]:
    """Backends of other packages, found but not imported."""
    # 40 ms of imports that only an unknown name has to pay.
    from importlib.metadata import entry_points

    return {entry.name: entry for entry in entry_points(group=_GROUP)}


def backend_names() -> tuple[str, ...]:
    """Names that `get_backend` knows.

    Returns
    -------
    names : tuple of str
        In-tree backends first.

    Examples
    --------
    >>> backend_names()[:2]
    ('cpu', 'cuda')
    """
    return tuple(dict.fromkeys([*BACKENDS, *_plugins()]))


@functools.cache
def load_backend(name: str) -> Backend:
    """Backend by name, whether or not it can run here.

    Parameters
    ----------
    name : str
        One of `backend_names`.

    Returns
    -------
    backend : Backend
        The same object for each call.

    Raises
    ------
    ArgumentError
        If no backend has that name.

    Examples
    --------
    >>> load_backend("cpu").unavailable()
    ''
    """
    if name in BACKENDS:
        module, _, attribute = BACKENDS[name].partition(":")
        made: Any = getattr(importlib.import_module(module), attribute)
    elif name in _plugins():
        made = _plugins()[name].load()
    else:
        raise ArgumentError(
            f"backend {shown(name)}",
            f"backends are {', '.join(backend_names())}",
            "choose one of these, or install the package that brings it",
        )
    backend: Backend = made()
    return backend


def get_backend(name: str | None) -> Backend:
    """Backend that can run here.

    Parameters
    ----------
    name : str or None
        One of `backend_names`; None is 'cpu'.

    Returns
    -------
    backend : Backend
        Never another one than asked for.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If no backend has that name, or the environment names an unknown engine.
    BackendUnavailableError
        If it cannot run here, with the reason.

    Examples
    --------
    >>> type(get_backend(None)).__name__
    'CpuBackend'
    """
    asked = "cpu" if name is None else name
    if not isinstance(asked, str):
        raise ArgumentTypeError(
            f"backend {shown(asked)}",
            f"backends are {', '.join(backend_names())}",
            "pass the name as text",
        )
    backend = load_backend(asked)
    reason = backend.unavailable()
    if reason:
        raise BackendUnavailableError(
            f"backend {asked!r}",
            reason,
            "use backend='cpu', which gives the same bits"
            if asked != "cpu"
            else "mend that, or use another backend, which gives the same bits",
        )
    return backend


def check_reach(backend: Backend, memory: Memory, options: Options) -> None:
    """Raise unless a backend can write some memory in the way that is asked for.

    Parameters
    ----------
    backend : Backend
        Who is to fill.
    memory : Memory
        What it is to write.
    options : Options
        How.

    Raises
    ------
    DestinationError
        If the memory is on a device and the backend writes host memory, or the other
        way round.
    ArgumentError
        If a stream is given for host memory.
    FastinitError
        What else the backend refuses.

    Examples
    --------
    >>> check_reach(get_backend("cpu"), Memory(0, (4,), None), Options())
    """
    check = getattr(backend, "check", None)
    if check is not None and memory.place is not None:
        check(memory, options)
    elif check is not None:
        raise DestinationError(
            "an array in host memory",
            f"backend {_name_of(backend)!r} fills arrays on its devices",
            "pass an array of the device, or use backend='cpu', which gives the same "
            "bits",
        )
    elif memory.place is not None:
        raise DestinationError(
            "an array on a CUDA device",
            f"backend {_name_of(backend)!r} fills arrays in host memory",
            "leave out backend, or pass backend='cuda'",
        )
    elif options.cuda_stream is not None:
        raise ArgumentError(
            f"cuda_stream {options.cuda_stream} for an array in host memory",
            "a stream belongs to arrays on a CUDA device",
            "leave out cuda_stream",
        )


def _name_of(backend: Backend) -> str:
    """Name by which a backend was loaded."""
    return next(name for name in backend_names() if load_backend(name) is backend)
