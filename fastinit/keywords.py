"""The keywords that every initializer takes, described once."""

from __future__ import annotations

from typing import Any, TypedDict

from fastinit.sections import Sections
from fastinit.view import View

__all__ = ["CreateHow", "How"]


class How(TypedDict, total=False):
    """Keywords that every initializer in place takes.

    Attributes
    ----------
    seed : int
        In [0, 2^64); excludes a generator.
    name : str
        Canonical name of the tensor.
    view : View or Sections
        Which part of which tensor the array holds, or the tensors that it holds side
        by side; one whole tensor by default.
    backend : str
        'cpu' by default.
    threads : int
        Threads to use, >= 1; no bit depends on it.
    progress : callable
        Called with the number of elements done since the last call.
    """

    seed: int | None
    name: str | None
    view: View | Sections | None
    backend: str | None
    threads: int | None
    progress: Any


class CreateHow(How, total=False):
    """Keywords that every initializer out of place takes: those of `How`, and two.

    Attributes
    ----------
    dtype : str, numpy.dtype or torch.dtype
        'float32' by default; 'bfloat16' comes from ml_dtypes.
    device : str
        'cpu' by default.
    """

    dtype: Any
    device: Any
