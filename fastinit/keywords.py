"""The keywords that every initializer takes, described once."""

from __future__ import annotations

from typing import Any, TypedDict

from fastinit.sections import Sections
from fastinit.view import View

__all__ = ["CreateFanHow", "CreateHow", "FanHow", "How", "split_fans"]


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
    rounding : {'nearest', 'stochastic'}
        How values are rounded to float16, bfloat16 and float8; to nearest by default.
    backend : str
        'cpu', or 'cuda' for an array on a CUDA device, by default.
    threads : int
        Threads to use, >= 1; no bit depends on it.
    progress : callable
        Called with the number of elements done since the last call.
    cuda_stream : int or stream
        Stream to fill on, for an array on a CUDA device.
    """

    seed: int | None
    name: str | None
    view: View | Sections | None
    rounding: str
    backend: str | None
    threads: int | None
    progress: Any
    cuda_stream: Any


class CreateHow(How, total=False):
    """Keywords that every initializer out of place takes: those of `How`, and three.

    Attributes
    ----------
    dtype : str, numpy.dtype or torch.dtype
        'float32' by default; 'bfloat16' and float8 come from ml_dtypes.
    device : str, torch.device or cupy.cuda.Device
        'cpu' by default, or 'cuda', 'cuda:1'.
    array_type : {'numpy', 'torch', 'cupy', 'numba'}
        Library of the array; that of the device's class, NumPy or Numba by default.
    """

    dtype: Any
    device: Any
    array_type: str | None


class _Fans(TypedDict, total=False):
    """Where fans come from."""

    layout: str | None
    groups: int
    fan_in: int | None
    fan_out: int | None
    in_axis: Any
    out_axis: Any
    batch_axis: Any


_FAN_NAMES = frozenset(_Fans.__annotations__)


class FanHow(How, _Fans, total=False):
    """Keywords of initializers in place whose law depends on fans: `How`, and these.

    Attributes
    ----------
    layout : str
        Marks of the axes of the canonical shape, such as 'OIHW', 'HWIO', '...IO'; by
        default torch's order, 'OI...'.
    groups : int
        Groups of a convolution, 1 by default (`fastinit.fans`).
    fan_in, fan_out : int
        Fans in the place of those of the shape.
    in_axis, out_axis, batch_axis : int or sequence of int
        Axes as in JAX, in the place of a layout.
    """


class CreateFanHow(CreateHow, _Fans, total=False):
    """Keywords of initializers out of place whose law depends on fans.

    Attributes
    ----------
    ...
        Those of `CreateHow` and of `FanHow`.
    """


def split_fans(how: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Keywords that belong to a Spec, and those of the call.

    Parameters
    ----------
    how : dict
        Keywords of `FanHow` or `CreateFanHow`.

    Returns
    -------
    fans : dict
        Arguments of a Spec.
    rest : dict
        Keywords of `fill` or `create`.

    Examples
    --------
    >>> split_fans({"layout": "OI", "seed": 3})
    ({'layout': 'OI'}, {'seed': 3})
    """
    if _FAN_NAMES.isdisjoint(how):
        return {}, how
    fans = {name: how[name] for name in _FAN_NAMES if name in how}
    rest = {name: value for name, value in how.items() if name not in fans}
    return {name: value for name, value in fans.items() if value is not None}, rest
