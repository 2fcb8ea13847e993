"""From a Spec to values: the calls that everything public goes through."""

from __future__ import annotations

import functools
import math
import operator
from typing import Any

import numpy as np

from fastinit.backends import get_backend
from fastinit.backends.protocol import Memory, Options
from fastinit.backends.threads import check_threads
from fastinit.destinations import open_destination
from fastinit.destinations.protocol import Opened
from fastinit.dtypes import dtype_of, native_dtype_of, numpy_dtype
from fastinit.errors import (
    ArgumentError,
    ArgumentTypeError,
    StreamIndexError,
    ViewError,
    shown,
)
from fastinit.generator import check_identity
from fastinit.identity import STREAM_LIMIT, check_name, check_seed
from fastinit.plan import FillPlan
from fastinit.spec import Spec, as_spec
from fastinit.view import View, check_shape
from fastinit.windows import Window

__all__ = ["create", "fill", "make_plan", "sample", "words"]


def make_plan(
    spec: Spec | str,
    shape: Any,
    dtype: Any = "float32",
    *,
    seed: int = 0,
    name: str = "",
) -> FillPlan:
    """Plan of one tensor: everything about its values, checked, nothing computed.

    Parameters
    ----------
    spec : Spec or str
        What to fill with.
    shape : sequence of int
        Canonical shape.
    dtype : str, numpy.dtype or torch.dtype
        What the values are rounded to.
    seed : int
        In [0, 2^64).
    name : str
        Canonical name.

    Returns
    -------
    plan : FillPlan
        The plan, its sampler prepared.

    Raises
    ------
    FastinitError
        If any argument is wrong, or they do not fit each other.

    Examples
    --------
    >>> make_plan("xavier_normal", (4, 4)).parameters
    (0.0, 0.5)
    """
    chosen, sizes = as_spec(spec), check_shape(shape)
    return _plan(chosen, sizes, dtype, check_seed(seed), check_name(name))


@functools.lru_cache(maxsize=1024)
def _unnamed_plan(spec: Spec, shape: tuple[int, ...], dtype: str) -> FillPlan:
    """Plan but for its identity, prepared once for tensors that differ in it."""
    return _plan(spec, shape, dtype, 0, "")


def _plan(
    spec: Spec, shape: tuple[int, ...], dtype: Any, seed: int, name: str
) -> FillPlan:
    """Plan from checked parts."""
    # An empty tensor has no fans; what else could be wrong is found all the same.
    parameters = spec.resolve((1, 1) if 0 in shape else shape)
    return FillPlan(spec.distribution, parameters, shape, dtype_of(dtype), seed, name)


def fill(
    array: Any,
    spec: Spec | str,
    *,
    generator: Any = None,
    seed: int | None = None,
    name: str | None = None,
    view: View | None = None,
    backend: str | None = None,
    threads: int | None = None,
    progress: Any = None,
) -> Any:
    """Fill an array in place.

    Parameters
    ----------
    array : numpy.ndarray or torch.Tensor
        Any shape, strides without overlap, writable; on the CPU.
    spec : Spec or str
        What to fill with, e.g. ``'kaiming_normal(mode=fan_out)'``.
    generator : Generator, optional
        Source of the seed, and of a name where none is given.
    seed : int, optional
        In [0, 2^64); excludes `generator`.
    name : str, optional
        Canonical name of the tensor.
    view : View, optional
        Which part of which tensor the array holds; the whole one by default.
    backend : str, optional
        'cpu' by default.
    threads : int, optional
        Threads to use, >= 1; no bit depends on it.
    progress : callable, optional
        Called with the number of elements done since the last call.

    Returns
    -------
    array : object
        The same object.

    Raises
    ------
    FastinitError
        If any argument is wrong; nothing is written then.

    Notes
    -----
    An interrupt (KeyboardInterrupt) leaves the array partly written.

    Examples
    --------
    >>> shard = fill(np.empty((2, 4)), "xavier_normal", seed=0, name="w",
    ...              view=View((8, 4), np.s_[2:4]))
    >>> whole = fill(np.empty((8, 4)), "xavier_normal", seed=0, name="w")
    >>> bool((shard == whole[2:4]).all())
    True
    """
    opened = open_destination(array)
    chosen = as_spec(spec)
    held = _view_of(opened, view)
    engine = get_backend(opened.backend if backend is None else backend)
    options = Options(check_threads(threads), _check_progress(progress))
    identity = check_identity(generator, seed, name)
    unnamed = _unnamed_plan(chosen, held.shape, opened.dtype.name)
    plan = unnamed.of_tensor(*identity.take())
    opened.before()
    engine.fill(plan, opened.memory, held.window, options)
    return array


def _check_progress(progress: Any) -> Any:
    if progress is not None and not callable(progress):
        raise ArgumentTypeError(
            f"progress {shown(progress)}",
            "progress is a function of the number of elements done, or None",
            "pass a callable such as bar.update",
        )
    return progress


_whole_view = functools.lru_cache(maxsize=1024)(View)


def _view_of(opened: Opened, view: Any) -> View:
    """View that an opened object holds."""
    if view is None:
        return _whole_view(opened.shape)
    if not isinstance(view, View):
        raise ArgumentTypeError(
            f"view {shown(view)} of type {type(view).__name__}",
            "view is a fastinit.View or None",
            "write View(whole_shape, index), e.g. View((8, 4), np.s_[2:4])",
        )
    if view.held_shape != opened.shape:
        raise ViewError(
            f"an array of shape {opened.shape} for a view of shape {view.held_shape}",
            "the array must have the shape that the view selects",
            "correct the view's index or pass the array that it describes",
        )
    return view


def create(
    spec: Spec | str,
    shape: Any,
    *,
    dtype: Any = "float32",
    device: Any = None,
    **how: Any,
) -> Any:
    """Make a new filled array.

    Parameters
    ----------
    spec : Spec or str
        What to fill with.
    shape : int or sequence of int
        Shape of the array; with `view`, the shape that the view selects.
    dtype : str, numpy.dtype or torch.dtype
        Of the array; bfloat16 comes from ml_dtypes.
    device : 'cpu', optional
        Where the array lives.
    **how
        Keywords of `fill`.

    Returns
    -------
    array : numpy.ndarray, shape `shape`
        C-contiguous.

    Raises
    ------
    FastinitError
        If any argument is wrong; before anything is allocated where possible.

    Examples
    --------
    >>> create("ones", (2, 2)).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    sizes, row = check_shape(shape), native_dtype_of(dtype)
    if device is not None and not _is_host(device):
        raise ArgumentError(
            f"device {shown(device)}",
            "new arrays are made in host memory: device is 'cpu' or None",
            "make the array on its device and fill it in place",
        )
    # Wrong arguments must not cost the allocation of a huge array first.
    held = how.get("view")
    _plan(
        as_spec(spec), held.shape if isinstance(held, View) else sizes, row.name, 0, ""
    )
    return fill(np.empty(sizes, numpy_dtype(row.name)), spec, **how)


def _is_host(device: Any) -> bool:
    """True for 'cpu', as a text or as a device of a framework."""
    return device == "cpu" or getattr(device, "type", None) == "cpu"


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
    out = np.empty(count, np.uint32)
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
) -> Any:
    """Single elements of a tensor, without making the rest.

    Parameters
    ----------
    spec : Spec or str
        What the tensor is filled with.
    shape : sequence of int
        Its canonical shape, up to 2^58 elements.
    index : int, slice, tuple, or array of int
        An array or list holds flat indices in C order; anything else indexes the
        tensor as NumPy's basic indexing does.
    seed, name : int, str
        Identity of the tensor.
    dtype : str, numpy.dtype or torch.dtype
        Of the tensor.

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
    >>> whole = create("normal", (3, 4), seed=1, name="w")
    >>> sample("normal", (3, 4), (2, 1), seed=1, name="w") == whole[2, 1]
    np.True_
    >>> sample("normal", (3, 4), [9, 0], seed=1, name="w").tolist() == [
    ...     whole[2, 1].item(), whole[0, 0].item()]
    True
    """
    plan = make_plan(spec, shape, native_dtype_of(dtype).name, seed=seed, name=name)
    kind = numpy_dtype(plan.dtype.name)
    if isinstance(index, (np.ndarray, list, range)):
        indices = _flat_indices(plan.shape, index)
        out = np.empty(indices.shape, kind)
        memory = Memory(out.ctypes.data, out.strides, out)
        get_backend("cpu").gather(plan, memory, indices.reshape(-1))
        return out[()]
    window = View(plan.shape, index).window
    out = np.empty(window.shape, kind)
    memory = Memory(out.ctypes.data, out.strides, out)
    get_backend("cpu").fill(plan, memory, window, Options())
    return out[()]


def _flat_indices(shape: tuple[int, ...], index: Any) -> Any:
    """Flat indices as a C-contiguous int64 array, checked."""
    size = math.prod(shape)
    try:
        given = np.asarray(index)
    except (ValueError, OverflowError) as error:
        raise _no_flat_indices(shown(index), size) from error
    if given.size == 0:
        return np.empty(given.shape, np.int64)
    if given.dtype.kind not in "iu" or not (
        int(given.min()) >= 0 and int(given.max()) < size
    ):
        raise _no_flat_indices(f"of dtype {given.dtype}", size)
    return np.ascontiguousarray(given, np.int64).reshape(given.shape)


def _no_flat_indices(given: str, size: int) -> StreamIndexError:
    return StreamIndexError(
        f"flat indices {given} for a tensor of {size} elements",
        f"flat indices are integers in [0, {size})",
        "correct the indices, or pass a tuple to index by axes",
    )
