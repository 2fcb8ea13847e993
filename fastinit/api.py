"""From a Spec to values: the calls that everything public goes through."""

from __future__ import annotations

import functools
from typing import Any

from fastinit.backends import check_reach, get_backend
from fastinit.backends.protocol import Fill, Memory, Options, Place
from fastinit.backends.threads import check_threads
from fastinit.destinations import open_destination
from fastinit.destinations.creation import Home, home_of
from fastinit.destinations.protocol import Opened
from fastinit.destinations.streams import stream_handle
from fastinit.dtypes import Dtype, new_dtype, rounded_dtype
from fastinit.errors import (
    ArgumentError,
    ArgumentTypeError,
    shown,
)
from fastinit.generator import Identity, check_identity
from fastinit.identity import check_name, check_seed
from fastinit.plan import FillPlan, check_stream
from fastinit.sections import Sections, sections_of
from fastinit.spec import Spec, as_spec
from fastinit.view import View, check_shape
from fastinit.windows import Window, split_axis, within

__all__ = ["create", "fill", "make_plan"]


def make_plan(
    spec: Spec | str,
    shape: Any,
    dtype: Any = "float32",
    *,
    seed: int = 0,
    name: str = "",
    rounding: str = "nearest",
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
    rounding : {'nearest', 'stochastic'}
        How values are rounded to a low-precision dtype.

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
    row = rounded_dtype(dtype, rounding)
    return _plan(chosen, sizes, row, check_seed(seed), check_name(name))


@functools.lru_cache(maxsize=1024)
def _unnamed_plan(spec: Spec, shape: tuple[int, ...], dtype: Dtype) -> FillPlan:
    """Plan but for its identity, prepared once for tensors that differ in it."""
    return _plan(spec, shape, dtype, 0, "")


def _plan(
    spec: Spec, shape: tuple[int, ...], dtype: Dtype, seed: int, name: str
) -> FillPlan:
    """Plan from checked parts."""
    sizes = shape if 0 not in shape else _filled_out(spec, shape)
    return FillPlan(*spec.law(sizes, dtype), shape, dtype, seed, name)


def _filled_out(spec: Spec, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Shape with fans in the place of an empty one, which has none.

    What else could be wrong with the arguments is found all the same.
    """
    size = spec.arguments.get("groups", 1)
    return tuple(one or size for one in shape) if len(shape) > 1 else (size, size)


def fill(
    array: Any,
    spec: Spec | str,
    *,
    generator: Any = None,
    seed: int | None = None,
    name: str | None = None,
    view: View | Sections | None = None,
    rounding: str = "nearest",
    backend: str | None = None,
    threads: int | None = None,
    progress: Any = None,
    cuda_stream: Any = None,
) -> Any:
    """Fill an array in place.

    Parameters
    ----------
    array : numpy.ndarray, torch.Tensor or an array on a CUDA device
        Any shape, strides without overlap and byte order, writable; on a device also
        CuPy's, Numba's and any with ``__cuda_array_interface__`` or DLPack.
    spec : Spec or str
        What to fill with, e.g. ``'kaiming_normal(mode=fan_out)'``.
    generator : Generator, optional
        Source of the seed, and of a name where none is given.
    seed : int, optional
        In [0, 2^64); excludes `generator`.
    name : str, optional
        Canonical name of the tensor; Sections bring names of their own.
    view : View or Sections, optional
        Which part of which tensor the array holds, or the tensors that it holds side
        by side; one whole tensor by default.
    rounding : {'nearest', 'stochastic'}
        How float32 values are rounded to float16, bfloat16 and float8: to the nearest
        value, or up with the probability that keeps the expectation.
    backend : str, optional
        The one that reaches the array by default: 'cpu', or 'cuda' on a device.
    threads : int, optional
        Threads to use, >= 1; no bit depends on it.
    progress : callable, optional
        Called with the number of elements done since the last call.
    cuda_stream : int or stream, optional
        Stream to fill on, of any library; by default torch's or CuPy's current one,
        else the default stream.

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
    On a device the call returns when the fill is on its stream, as those of torch and
    CuPy do. An interrupt (KeyboardInterrupt) leaves the array partly written.

    Examples
    --------
    >>> import numpy as np
    >>> shard = fill(np.empty((2, 4)), "xavier_normal", seed=0, name="w",
    ...              view=View((8, 4), np.s_[2:4]))
    >>> whole = fill(np.empty((8, 4)), "xavier_normal", seed=0, name="w")
    >>> bool((shard == whole[2:4]).all())
    True
    """
    opened = open_destination(array)
    row = rounded_dtype(opened.dtype.name, rounding)
    chosen = as_spec(spec)
    is_fused = isinstance(view, Sections)
    held = None if is_fused else _view_of(opened, view)
    engine = get_backend(opened.backend if backend is None else backend)
    options = _options(threads, progress, cuda_stream)
    check_reach(engine, opened.memory, options)
    identity = check_identity(generator, seed, name)
    if held is None:
        fills = _section_fills(opened._replace(dtype=row), chosen, view, identity)
        opened.before()
        engine.fill_many(fills, options)
        return array
    unnamed = _unnamed_plan(chosen, held.shape, row)
    plan = unnamed.of_tensor(*identity.take())
    opened.before()
    engine.fill(plan, opened.memory, held.window, options)
    return array


def _section_fills(
    opened: Opened, spec: Spec, view: Any, identity: Identity
) -> list[Fill]:
    """One fill for every section of an array."""
    if identity.name is not None:
        raise ArgumentError(
            f"name {shown(identity.name)} beside sections",
            "sections bring the canonical names of their tensors",
            "leave out name, or pass View for an array that holds one tensor",
        )
    # With a name at hand a generator gives its seed and counts no name.
    seed, _ = identity._replace(name="").take()
    memory = opened.memory
    whole = Window(memory.address, opened.shape, memory.strides)
    steps = split_axis(whole, *view.split(opened.shape))
    fills = []
    for one in view.of(opened.shape):
        plan = _unnamed_plan(spec, one.view.shape, opened.dtype)
        part = within(steps, one.start, one.window.shape)
        held = memory._replace(address=part.first, strides=part.strides)
        fills.append(Fill(plan.of_tensor(seed, one.name), held, one.window))
    return fills


def _options(threads: Any, progress: Any, cuda_stream: Any) -> Options:
    """Options from what a caller gives, checked."""
    threads, progress = check_threads(threads), _check_progress(progress)
    return Options(threads, progress, stream_handle(cuda_stream))


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
            "view is a fastinit.View, fastinit.Sections or None",
            "write View(whole_shape, index), e.g. View((8, 4), np.s_[2:4])",
        )
    sections_of(opened.shape, view)
    check_stream(opened.dtype, view.index_shape)
    return view


def create(
    spec: Spec | str,
    shape: Any,
    *,
    dtype: Any = "float32",
    device: Any = None,
    array_type: str | None = None,
    **how: Any,
) -> Any:
    """Make a new filled array.

    Parameters
    ----------
    spec : Spec or str
        What to fill with.
    shape : int or sequence of int
        Shape of the array; with a View, the shape that it selects.
    dtype : str, numpy.dtype or torch.dtype
        Of the array; bfloat16 comes from ml_dtypes. Only a numpy.dtype such as
        ``np.dtype('>f4')`` tells a byte order, all else means the machine's own.
    device : str, torch.device or cupy.cuda.Device, optional
        Where the array lives: 'cpu', 'cuda' or 'cuda:1'; where the backend fills by
        default.
    array_type : {'numpy', 'torch', 'cupy', 'numba'}, optional
        Library of the array. By default that of a `device` which is torch's or CuPy's
        own, else NumPy in host memory and Numba on a CUDA device, whose arrays torch
        and CuPy take without a copy.
    **how
        Keywords of `fill`.

    Returns
    -------
    array : numpy.ndarray or as asked for, shape `shape`
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
    sizes, kind = check_shape(shape), new_dtype(dtype)
    home = home_of(device, array_type, how.get("backend"))
    # Wrong arguments must not cost the allocation of a huge array first.
    row = rounded_dtype(kind.name, how.get("rounding", "nearest"))
    for canonical in _canonical_shapes(sizes, how.get("view")):
        _plan(as_spec(spec), canonical, row, 0, "")
    if home.kind == "cuda" or how.get("backend") is not None:
        _check_home(home, how.get("backend"))
    return fill(home.new_array(sizes, kind), spec, **how)


def _check_home(home: Home, backend: str | None) -> None:
    """Raise unless a backend can fill where a new array is to live."""
    engine = get_backend(home.backend if backend is None else backend)
    number = -1 if home.device is None else home.device
    place = Place(number, 0) if home.kind == "cuda" else None
    check_reach(engine, Memory(0, (), None, place=place), Options())


def _canonical_shapes(shape: tuple[int, ...], view: Any) -> set[tuple[int, ...]]:
    """Shapes of the tensors that an array of a shape holds."""
    if isinstance(view, Sections):
        return {one.view.shape for one in view.of(shape)}
    return {view.shape if isinstance(view, View) else shape}
