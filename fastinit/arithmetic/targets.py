"""Instantiate the arithmetic for a target: pure Python or a compiler.

A plain function becomes a function of a target by rebinding its globals: the
functions that it calls are instantiated first, primitives are replaced by the
target's own, constants get the target's types, then the target decorates the
result. So the text of the arithmetic exists once, and a CUDA target needs nothing
but its own table of primitives, and this package needs no compiler.

The names of compiled functions end in a digest of the sources. Numba's disk cache
looks only at the file of the function itself and would return stale machine code
after an edit of a function that it calls; a new name cannot be stale.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from fastinit.arithmetic import primitives
from fastinit.arithmetic.primitives import Word, Word64

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["PYTHON", "Target", "instantiate", "source_digest"]

#: Sub-packages whose text ends up in compiled code; all of it feeds the digest.
_TEXT_PACKAGES = (
    "fastinit.arithmetic",
    "fastinit.distributions",
    "fastinit.backends",
)
#: Functions of these packages are short scalars, merged into their callers: a call
#: would keep LLVM from vectorising the loop (0.52 against 4.3 ns per element).
_SCALARS = ("fastinit.arithmetic.", "fastinit.distributions.")

Function = Callable[..., Any]
#: A scalar merged into its callers, a compiled loop, or a loop on several threads.
Kind = Literal["scalar", "loop", "parallel"]


@dataclass(frozen=True)
class Target:
    """What a target does to the text of the arithmetic.

    Attributes
    ----------
    name : str
        Name of the target, for messages and names of functions.
    primitives : mapping
        Replacements of `fastinit.arithmetic.primitives`, by name.
    decorate : callable
        decorate(function, kind) -> function of the target.
    typed_constants : bool
        True where a `Word` must become a typed NumPy scalar.
    lanes : int
        Blocks that a loop makes at a time.
    """

    name: str
    primitives: Mapping[str, Any]
    decorate: Callable[[Function, Kind], Any]
    typed_constants: bool
    lanes: int = 1
    _made: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)


def _names_used(code: CodeType) -> Iterator[str]:
    """Global names in a code object and in those nested in it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names_used(constant)


def _is_text(value: Any) -> bool:
    """True for a plain function whose text belongs to this package."""
    return isinstance(value, FunctionType) and value.__module__.startswith("fastinit.")


def _bound_value(name: str, value: Any, target: Target) -> Any:
    """Value of a global name on a target."""
    if getattr(primitives, name, None) is value:
        return target.primitives.get(name, value)
    if _is_text(value):
        return instantiate(value, target)
    if target.typed_constants and isinstance(value, Word):
        return np.uint32(value)
    if target.typed_constants and isinstance(value, Word64):
        return np.uint64(value)
    return value


def instantiate(
    function: Function,
    target: Target,
    bindings: Mapping[str, Any] | None = None,
    label: str = "",
) -> Any:
    """Make a target's instance of a plain function and of all that it calls.

    Parameters
    ----------
    function : callable
        A module-level function written in terms of the primitives.
    target : Target
        Where it is to run.
    bindings : mapping, optional
        Values for global names of `function`, already made for the target; they
        go before what its module holds.
    label : str, optional
        Distinguishes instances with different bindings; must differ if they do.

    Returns
    -------
    instance : callable
        The same function for the target; equal arguments give the same object.

    Examples
    --------
    >>> from fastinit.arithmetic.philox import philox4x32
    >>> instantiate(philox4x32, PYTHON)((0, 0, 0, 0), (0, 0))[0] == 0x6627E8D5
    True
    """
    identity = (function.__module__, function.__qualname__, label)
    made = target._made.get(identity)
    if made is not None:
        return made
    assert isinstance(function, FunctionType), function
    namespace: dict[str, Any] = {
        "__name__": function.__module__,
        "__file__": function.__code__.co_filename,
        "__builtins__": function.__globals__["__builtins__"],
    }
    given = bindings or {}
    for name in set(_names_used(function.__code__)):
        if name in given:
            namespace[name] = given[name]
        elif name in function.__globals__:
            namespace[name] = _bound_value(name, function.__globals__[name], target)
    suffix = "_".join(part for part in (label, target.name, source_digest()) if part)
    copy = FunctionType(function.__code__, namespace, f"{function.__name__}_{suffix}")
    copy.__qualname__ = copy.__name__
    copy.__module__ = function.__module__
    made = target._made[identity] = target.decorate(copy, _kind_of(function))
    return made


def _kind_of(function: Function) -> Kind:
    """How a function is compiled, from the place and name of its text."""
    if function.__module__.startswith(_SCALARS):
        return "scalar"
    return "parallel" if function.__name__.endswith("_parallel") else "loop"


def _sources(folder: Traversable) -> Iterator[Traversable]:
    """Files of a package folder that hold its text, compiled-only installs too."""
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.is_file() and entry.name.endswith((".py", ".pyc")):
            yield entry


@functools.cache
def source_digest() -> str:
    """Digest of all text that can end up in compiled code: 8 hexadecimal digits."""
    # 15 ms of imports that only a compiled fill has to pay.
    from importlib.resources import files

    digest = hashlib.blake2b(digest_size=4)
    for package in _TEXT_PACKAGES:
        for source in _sources(files(package)):
            digest.update(source.name.encode())
            digest.update(source.read_bytes())
    return digest.hexdigest()


#: The reference: the text as it stands.
PYTHON = Target("python", {}, lambda function, _: function, typed_constants=False)
