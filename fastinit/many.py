"""Many arrays as one job: a whole model in one call."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from fastinit.api import _options, _section_fills, _unnamed_plan, _view_of
from fastinit.backends import check_reach, get_backend
from fastinit.backends.protocol import Fill
from fastinit.destinations import open_destination
from fastinit.destinations.protocol import Opened
from fastinit.destinations.sharing import first_shared
from fastinit.dtypes import rounded_dtype
from fastinit.errors import ArgumentError, ArgumentTypeError, shown
from fastinit.generator import Identity, check_identity
from fastinit.sections import Sections
from fastinit.spec import as_spec

__all__ = ["fill_many"]


class _Checked(NamedTuple):
    """One tensor of an item, known to be right; its identity is still to be taken."""

    opened: Opened
    fill: Fill
    identity: Identity


def fill_many(
    items: Iterable[Any],
    *,
    generator: Any = None,
    seed: int | None = None,
    rounding: str = "nearest",
    backend: str | None = None,
    threads: int | None = None,
    progress: Any = None,
    cuda_stream: Any = None,
) -> int:
    """Fill many arrays in place, as one job that all threads share to its end.

    Small arrays are done several at a time and large ones in parts, so a model of
    thousands of tensors costs no more than one array of its size. On a CUDA device
    small ones share a launch.

    Parameters
    ----------
    items : iterable of (array, spec, name) or (array, spec, name, view)
        What `fill` takes: an array or tensor, a Spec or its text, the
        canonical name (None takes a name from the generator), a `View` or None.
        With `Sections` in the place of a View the name is None.
    generator : Generator, optional
        Source of the seed, and of names where none are given.
    seed : int, optional
        In [0, 2^64); excludes `generator`.
    rounding : {'nearest', 'stochastic'}
        How values are rounded to low-precision dtypes; other dtypes refuse
        'stochastic'.
    backend : str, optional
        For each array the one that reaches it by default.
    threads : int, optional
        Threads to use, >= 1; no bit depends on it.
    progress : callable, optional
        Called with the number of elements done since the last call.
    cuda_stream : int or stream, optional
        Stream to fill on, as `fill` takes it; then all arrays are on that device.

    Returns
    -------
    count : int
        Number of elements written.

    Raises
    ------
    FastinitError
        If any item is wrong, two arrays share memory, or two of one name are no parts
        of one tensor; nothing is written then.

    Notes
    -----
    Each array gets the bits that `fill` gives it. An interrupt leaves the arrays
    partly written.

    Examples
    --------
    >>> import numpy as np
    >>> weight, bias = np.empty((8, 4), np.float32), np.empty(8, np.float32)
    >>> fill_many([(weight, "kaiming_normal", "fc.weight"), (bias, "zeros", "fc.bias")],
    ...           seed=0)
    40
    """
    options = _options(threads, progress, cuda_stream)
    checked = [
        one
        for at, item in enumerate(_each(items))
        for one in _check_item(at, item, rounding, (generator, seed))
    ]
    _refuse_shared_names(checked)
    _refuse_shared_memory(checked)
    engines = {one.opened.backend: None for one in checked}
    found = {
        name: get_backend(name if backend is None else backend) for name in engines
    }
    for one in checked:
        check_reach(found[one.opened.backend], one.opened.memory, options)
    fills: dict[str, list[Fill]] = {name: [] for name in engines}
    for opened, fill, identity in checked:
        plan = fill.plan.of_tensor(*identity.take())
        fills[opened.backend].append(fill._replace(plan=plan))
    for opened in {id(one.opened): one.opened for one in checked}.values():
        opened.before()
    for name, engine in found.items():
        engine.fill_many(fills[name], options)
    return sum(one.fill.window.size for one in checked)


def _each(items: Any) -> Iterator[Any]:
    try:
        return iter(items)
    except TypeError as error:
        raise ArgumentTypeError(
            f"items {shown(items)}",
            "items are an iterable of tuples (array, spec, name)",
            "pass a list of them",
        ) from error


def _check_item(
    at: int, item: Any, rounding: Any, source: tuple[Any, Any]
) -> list[_Checked]:
    """Everything that can be wrong with one item, before anything is written."""
    if not isinstance(item, (tuple, list)) or len(item) not in {3, 4}:
        length = f" of {len(item)}" if isinstance(item, (tuple, list)) else ""
        raise ArgumentTypeError(
            f"item {at} of fill_many, a {type(item).__name__}{length}",
            "an item is a tuple (array, spec, name) or (array, spec, name, view)",
            "pass None as the name of a tensor that has none",
        )
    array, spec, name, view = (*item, None)[:4]
    opened = open_destination(array)
    opened = opened._replace(dtype=rounded_dtype(opened.dtype.name, rounding))
    identity = check_identity(*source, name)
    if isinstance(view, Sections):
        fills = _section_fills(opened, as_spec(spec), view, identity)
        return [
            _Checked(opened, fill, identity._replace(name=fill.plan.name))
            for fill in fills
        ]
    held = _view_of(opened, view)
    unnamed = _unnamed_plan(as_spec(spec), held.shape, opened.dtype)
    return [_Checked(opened, Fill(unnamed, opened.memory, held.window), identity)]


def _refuse_shared_names(checked: list[_Checked]) -> None:
    """Raise where one name stands for two tensors, which would hold equal values."""
    first: dict[tuple[int, str], _Checked] = {}
    wholes = set()
    for one in checked:
        source, seed, name = one.identity
        if name is None and source is not None:
            continue
        key = seed, name or ""
        other = first.setdefault(key, one)
        is_twin = _is_whole(one) and key in wholes
        if _is_whole(one):
            wholes.add(key)
        if is_twin or not _is_of_one_tensor(other, one):
            raise ArgumentError(
                f"two arrays of the name {shown(name or '')}",
                "arrays of one name must be parts (views) of one tensor: otherwise "
                "two tensors would hold the same values",
                "give each tensor its own name; fill a tied one once",
            )


def _refuse_shared_memory(checked: list[_Checked]) -> None:
    """Raise where two arrays share elements: which value is last would be chance."""
    # The sections of one array are disjoint, and have one object in common.
    one_each = {id(one.opened): one for one in checked}.values()
    for backend in {one.opened.backend for one in one_each}:
        there = [one for one in one_each if one.opened.backend == backend]
        pair = first_shared([one.opened for one in there])
        if pair is not None:
            names = [shown(there[at].identity.name or "") for at in pair]
            raise ArgumentError(
                f"arrays {names[0]} and {names[1]}, which share memory",
                "each element is filled once: with two values the last one wins, and "
                "which that is depends on the threads",
                "leave one of them out; of tied weights fill one",
            )


def _is_of_one_tensor(one: _Checked, other: _Checked) -> bool:
    has_one_shape = one.fill.plan.shape == other.fill.plan.shape
    return has_one_shape and _law(one) == _law(other)


def _is_whole(one: _Checked) -> bool:
    return one.fill.window.size >= math.prod(one.fill.plan.shape)


def _law(one: _Checked) -> tuple[str, tuple[Any, ...]]:
    return one.fill.plan.distribution, one.fill.plan.parameters
