"""Compile kernels into the disk cache ahead of time, for images and clusters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fastinit.backends import get_backend
from fastinit.backends.kernels import Kernel
from fastinit.backends.threads import engine_name
from fastinit.distributions import DISTRIBUTIONS
from fastinit.dtypes import DTYPES, ROUNDINGS, Dtype, rounded_dtype
from fastinit.errors import ArgumentTypeError, OutputError, shown
from fastinit.scheme_formulas import COMPLEX_LAWS
from fastinit.schemes import SCHEMES, find_scheme

__all__ = ["Warmth", "warmup"]

#: Loops of a kernel that fills and samples call; those compile what they call.
_LOOPS = ("fill_run", "fill_rows", "fill_gathered", "fill_crosswise", "fill_tiles")


@dataclass(frozen=True)
class Warmth:
    """What a warm-up left behind.

    Attributes
    ----------
    folder : str
        Where the kernels are kept.
    loops : int
        Compiled loops that are now there, of those asked for.
    compiled : int
        How many of them were not there before.
    """

    folder: str
    loops: int
    compiled: int


def _kernels(dtypes: Sequence[Dtype], distributions: set[str]) -> Iterator[Kernel]:
    """Kernels of distributions in dtypes; constants share one per width."""
    for dtype in dtypes:
        pattern = f"uint{8 * dtype.part.itemsize}"
        if "constant" in distributions:
            yield Kernel("constant", pattern, pattern)
        if dtype.is_complex:
            yield Kernel("constant_pair", pattern, pattern)
        for name in sorted(distributions - {"constant"}):
            if dtype.kind in DISTRIBUTIONS[name].kinds:
                for sampler in DISTRIBUTIONS[name].samplers:
                    yield Kernel(
                        *(sampler, dtype.part.name, dtype.storage),
                        is_stochastic=dtype.is_stochastic,
                    )


def _rows(dtypes: Sequence[Any], rounding: Any) -> list[Dtype]:
    """Rows of dtypes; of all that can be rounded so where none is named."""
    # An unknown rounding is refused by name; that of a dtype, beside the dtype.
    is_chance = rounded_dtype("bfloat16", rounding).is_stochastic
    every = [row for row in DTYPES.values() if row.is_low_precision or not is_chance]
    return [rounded_dtype(one, rounding) for one in dtypes or [r.name for r in every]]


def _asked(
    dtypes: Sequence[Any], schemes: Sequence[str], rounding: Any = ROUNDINGS[0]
) -> list[tuple[str, Kernel]]:
    """Loops and kernels, each once."""
    for what, given in (("dtypes", dtypes), ("schemes", schemes)):
        if isinstance(given, str) or not isinstance(given, Sequence):
            raise ArgumentTypeError(
                f"{what} {shown(given)}",
                f"{what} are a sequence, empty for all",
                "pass a list, also of one",
            )
    rows = _rows(dtypes, rounding)
    names = [find_scheme(one).name for one in schemes] or list(SCHEMES)
    # A fan, a std or a width of zero makes a constant of any of them.
    distributions = {"constant"}.union(*(SCHEMES[one].distributions for one in names))
    distributions |= {
        counterpart
        for one in names
        for (law, is_scaled), counterpart in COMPLEX_LAWS.items()
        if law in SCHEMES[one].distributions and is_scaled == SCHEMES[one].needs_fans
    }
    kernels = dict.fromkeys(_kernels(rows, distributions))
    found = []
    for kernel in kernels:
        loops = [*_LOOPS]
        if kernel.sampler == "constant":
            loops.append("fill_streamed")
        if engine_name() == "prange":
            loops.append("fill_parallel")
        found += [(loop, kernel) for loop in loops]
    if not dtypes and not schemes:
        found.append(("fill_run", Kernel("words", "uint32", np.uint32.__name__)))
    return found


def _folder() -> Path:
    """Folder that kernels are written to."""
    from fastinit.backends.code_cache import cache_folders, writable

    folders = cache_folders()
    if folders and writable(folders[0]):
        return folders[0]
    raise OutputError(
        f"cache of kernels ({folders[0] if folders else 'no folder'})",
        "a folder is needed that this user can write and nobody else",
        "set NUMBA_CACHE_DIR to one",
    )


def warmup(
    dtypes: Sequence[Any] = (),
    schemes: Sequence[str] = (),
    *,
    rounding: str = "nearest",
    shared: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Warmth:
    """Compile CPU kernels into the disk cache, so that no process has to later.

    Parameters
    ----------
    dtypes : sequence of dtypes, optional
        Dtypes to be filled; all by default.
    schemes : sequence of str, optional
        Schemes to be used; all by default.
    rounding : {'nearest', 'stochastic'}
        How values will be rounded; by chance, all dtypes are those that it exists for.
    shared : bool
        True to let other users read the folder: those of a container that runs what
        another user has built. Only this user can write it in any case.
    progress : callable, optional
        progress(done, of) after each compiled loop.

    Returns
    -------
    warmth : Warmth
        How many loops are in the cache, and where.

    Raises
    ------
    OutputError
        If the cache cannot be written, or does not take what is compiled.
    DtypeError, UnknownSchemeError
        If there is no such dtype or scheme.
    ArgumentError
        If there is no such rounding, or not to one of the dtypes.
    BackendUnavailableError
        If nothing can be compiled here.

    Notes
    -----
    Some minutes for everything, some seconds for a dtype and a scheme. Code is for
    this kind of processor and these versions of Numba and Python; where any differs,
    kernels are compiled anew.

    Examples
    --------
    >>> warmup(["uint8"], ["ones"]).loops
    6
    """
    asked = _asked(dtypes, schemes, rounding)
    get_backend("cpu")
    folder = _folder()
    from fastinit.backends import cpu

    compiled = 0
    for done, (loop, kernel) in enumerate(asked, 1):
        made: Any = cpu._dispatcher(loop, kernel)
        compiled += not made.stats.cache_hits
        if not made._cache.is_kept:
            raise OutputError(
                f"cache of kernels ({folder})",
                f"it did not take {loop} of {kernel.label}",
                "see whether its disk is full, then run the warm-up again",
            )
        if progress is not None:
            progress(done, len(asked))
    if shared:
        from fastinit.backends.code_cache import share_folder

        share_folder(folder)
    return Warmth(str(folder), len(asked), compiled)
