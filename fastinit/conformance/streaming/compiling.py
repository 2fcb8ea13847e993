"""Compile the loops of this package, with the cache of kernels that fills use."""

from __future__ import annotations

import functools
import hashlib
import marshal
from collections.abc import Callable
from types import FunctionType
from typing import Any

__all__ = ["compiled"]


def _digest(function: FunctionType) -> str:
    """Digest of the text of a function, constants included: 8 hexadecimal digits."""
    text = marshal.dumps(function.__code__)
    return hashlib.blake2b(text, digest_size=4).hexdigest()


@functools.cache
def compiled(function: Callable[..., Any], *, reorders_sums: bool = False) -> Any:
    """Compile a loop that releases the interpreter lock.

    Parameters
    ----------
    function : callable
        A module-level function of arrays and numbers that names nothing of its
        module: its own text is all that the cache knows it by.
    reorders_sums : bool, optional
        True where the sums may be taken in the order that vectors ask for. Their
        last bits then depend on the processor; only sums whose rounding does not
        matter may say so.

    Returns
    -------
    loop : callable
        Numba dispatcher, kept in the disk cache of kernels.

    Examples
    --------
    >>> import numpy as np
    >>> from fastinit.conformance.streaming.sum_loops import sum_columns
    >>> sums = np.zeros(2)
    >>> compiled(sum_columns)(np.ones(3, np.float32), 1, sums)
    >>> sums.tolist()
    [1.0, 2.0]
    """
    # The compiler costs 0.3 s to import, so only a check pays.
    from numba import njit

    from fastinit.backends.code_cache import CodeCache

    assert isinstance(function, FunctionType)
    name = f"{function.__name__}_{_digest(function)}"
    copy = FunctionType(function.__code__, function.__globals__, name)
    copy.__qualname__ = name
    copy.__module__ = function.__module__
    fastmath = {"reassoc", "contract", "nsz"} if reorders_sums else False
    # The cache first: from then on, forks wait for the compiler.
    cache = CodeCache(copy)
    dispatcher: Any = njit(nogil=True, fastmath=fastmath)(copy)
    dispatcher._cache = cache
    return dispatcher
