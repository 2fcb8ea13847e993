"""Single elements of a tensor, and raw words of its stream, at any index."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from fastinit.api import make_plan
from fastinit.backends import get_backend
from fastinit.backends.protocol import Memory, Options
from fastinit.destinations.numpy import new_array
from fastinit.dtypes import dtype_of, new_dtype
from fastinit.errors import StreamIndexError, shown
from fastinit.identity import STREAM_LIMIT, check_name, check_seed
from fastinit.plan import FillPlan, check_stream
from fastinit.spec import Spec
from fastinit.view import View, check_shape
from fastinit.windows import Window

__all__ = ["sample", "words"]


def words(seed: int, name: str, start: int, n: int) -> Any:
    """Raw words of a tensor's stream: word i belongs to element i.

    Parameters
    ----------
    seed : int
        In [0, 2^64).
    name : str
        Canonical name.
    start : int
        First index, in [0, 2^58).
    n : int
        Number of words, >= 0.

    Returns
    -------
    words : ndarray of uint32, shape (n,)
        Uniform in [0, 2^32).

    Raises
    ------
    StreamIndexError
        If start or start + n lies outside the stream.

    Examples
    --------
    >>> [hex(word) for word in words(0, "", 0, 2)]
    ['0x90e2e300', '0x47f1bce9']
    """
    first, count = _stream_integer("start", start), _stream_integer("n", n)
    if first + count > STREAM_LIMIT:
        raise StreamIndexError(
            f"words {first} to {first + count}",
            "a stream has 2^58 words",
            "use a smaller start or n",
        )
    plan = FillPlan("words", (), (count,), dtype_of("uint32"), check_seed(seed), name)
    check_name(name)
    out = new_array((count,), np.dtype(np.uint32))
    memory = Memory(out.ctypes.data, out.strides, out)
    get_backend("cpu").fill(plan, memory, Window(first, (count,), (1,)), Options())
    return out


def _stream_integer(what: str, value: Any) -> int:
    try:
        number = -1 if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = -1
    if not 0 <= number <= STREAM_LIMIT:
        raise StreamIndexError(
            f"{what}={shown(value)}",
            f"{what} is an integer in [0, 2^58]",
            "pass a non-negative integer",
        )
    return number


def sample(
    spec: Spec | str,
    shape: Any,
    index: Any,
    seed: int = 0,
    name: str = "",
    *,
    dtype: Any = "float32",
    rounding: str = "nearest",
    index_shape: Any = None,
) -> Any:
    """Single elements of a tensor, without making the rest.

    Parameters
    ----------
    spec : Spec or str
        What the tensor is filled with.
    shape : sequence of int
        Its canonical shape, up to 2^58 elements, 2^57 of a complex dtype.
    index : int, slice, tuple, or array of int
        An array or list holds flat indices in C order; anything else indexes the
        tensor as NumPy's basic indexing does.
    seed, name : int, str
        Identity of the tensor.
    dtype : str, numpy.dtype or torch.dtype
        Of the tensor.
    rounding : {'nearest', 'stochastic'}
        How values are rounded to a low-precision dtype.
    index_shape : sequence of int, optional
        Its shape with padding, as `View` takes it; flat indices are positions in it.

    Returns
    -------
    values : ndarray or scalar
        A scalar for one element, else an array of the shape of the index.

    Raises
    ------
    StreamIndexError
        If an index lies outside the tensor.
    FastinitError
        If another argument is wrong.

    Examples
    --------
    >>> from fastinit import create
    >>> whole = create("normal", (3, 4), seed=1, name="w")
    >>> sample("normal", (3, 4), (2, 1), seed=1, name="w") == whole[2, 1]
    np.True_
    >>> sample("normal", (3, 4), [9, 0], seed=1, name="w").tolist() == [
    ...     whole[2, 1].item(), whole[0, 0].item()]
    True
    """
    kind = new_dtype(dtype)
    how: Any = {"seed": seed, "name": name, "rounding": rounding}
    plan = make_plan(spec, shape, kind.name, **how)
    if index_shape is not None:
        check_stream(plan.dtype, check_shape(index_shape))
    if isinstance(index, (np.ndarray, list, range)):
        indices = _flat_indices(View(plan.shape, index_shape=index_shape), index)
        out = new_array(indices.shape, kind)
        memory = Memory(out.ctypes.data, out.strides, out, not kind.isnative)
        get_backend("cpu").gather(plan, memory, indices.reshape(-1))
        return out[()]
    window = View(plan.shape, index, index_shape=index_shape).window
    out = new_array(window.shape, kind)
    memory = Memory(out.ctypes.data, out.strides, out, not kind.isnative)
    get_backend("cpu").fill(plan, memory, window, Options())
    return out[()]


def _flat_indices(whole: View, index: Any) -> Any:
    """Flat indices as a C-contiguous int64 array, checked."""
    size = math.prod(whole.index_shape)
    try:
        given = np.asarray(index)
    except (ValueError, OverflowError, MemoryError) as error:
        raise _no_flat_indices(shown(index), size) from error
    if isinstance(index, np.ma.MaskedArray):
        raise _no_flat_indices("with a mask", size)
    if given.size == 0:
        return np.empty(given.shape, np.int64)
    if given.dtype.kind not in "iu" or not (
        int(given.min()) >= 0 and int(given.max()) < size
    ):
        raise _no_flat_indices(f"{shown(index)} of dtype {given.dtype}", size)
    return np.ascontiguousarray(given, np.int64).reshape(given.shape)


def _no_flat_indices(given: str, size: int) -> StreamIndexError:
    return StreamIndexError(
        f"flat indices {given} for a tensor of {size} elements",
        f"flat indices are integers in [0, {size})",
        "correct the indices, or pass a tuple to index by axes",
    )
