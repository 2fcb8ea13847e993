"""What `fastinit info` looks at: versions, machine, threads, cache, backends."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

from fastinit import __version__
from fastinit.errors import FastinitError

__all__ = [
    "backends",
    "cache",
    "clashes",
    "destinations",
    "facts",
    "processor",
    "threads",
    "versions",
]

_PACKAGES = ("numpy", "numba", "llvmlite", "scipy", "ml_dtypes")
_FEATURES = ("avx512f", "avx2", "fma", "neon", "sve")
_OURS = "fastinit-weights"
#: What the import of a package that is not ours may end with.
_BROKEN = (
    ImportError,
    AttributeError,
    TypeError,
    ValueError,
    OSError,
    RuntimeError,
    SyntaxError,
)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def versions() -> dict[str, str | None]:
    """Versions of what takes part in making a value.

    Returns
    -------
    versions : dict of str to str or None
        None where a package is not installed.

    Examples
    --------
    >>> sorted(versions())[:3]
    ['fastinit', 'llvmlite', 'ml_dtypes']
    """
    return {
        "fastinit": __version__,
        **{package: _version(package) for package in _PACKAGES},
        "python": platform.python_version(),
        "platform": platform.platform(),
    }


def processor() -> dict[str, Any]:
    """Processor as LLVM sees it.

    Returns
    -------
    processor : dict
        name, machine, and the features that matter to the kernels.

    Examples
    --------
    >>> sorted(processor())
    ['features', 'machine', 'name']
    """
    from llvmlite import binding

    try:
        features = binding.get_host_cpu_features()
    except RuntimeError:
        # LLVM cannot tell on every processor.
        features = {}
    return {
        "name": binding.get_host_cpu_name(),
        "machine": platform.machine(),
        "features": [name for name in _FEATURES if features.get(name)],
    }


def threads() -> dict[str, Any]:
    """How many threads a fill uses, and what decides it.

    Returns
    -------
    threads : dict
        used, processors, affinity and quota of the container (None without one),
        FASTINIT_NUM_THREADS (None where unset), and the engine.

    Raises
    ------
    ArgumentError
        If an environment variable of fastinit has a value that is not allowed.

    Examples
    --------
    >>> threads()["used"] >= 1
    True
    """
    from fastinit.backends import threads as sharing
    from fastinit.backends.threads import engine_name

    affinity = getattr(os, "sched_getaffinity", None)
    return {
        "used": sharing.available_threads(),
        "processors": os.cpu_count(),
        "affinity": None if affinity is None else len(affinity(0)),
        "quota": sharing._cgroup_cpus(),
        "FASTINIT_NUM_THREADS": os.environ.get("FASTINIT_NUM_THREADS") or None,
        "engine": engine_name(),
    }


def cache() -> dict[str, Any]:
    """Where compiled kernels are kept.

    Returns
    -------
    cache : dict
        folder, None where kernels are not kept, and whether it can be written.

    Examples
    --------
    >>> sorted(cache())
    ['folder', 'is_writable']
    """
    from fastinit.api import make_plan
    from fastinit.backends.cpu_target import cpu_target
    from fastinit.backends.kernels import kernel_of, make_loop

    # A dispatcher knows its folder before it has compiled anything.
    loop = make_loop("fill_blocks", kernel_of(make_plan("normal", (1,))), cpu_target())
    folder: str | None = loop.stats.cache_path
    is_writable = folder is not None and _is_writable(folder)
    return {"folder": folder, "is_writable": is_writable}


def _is_writable(folder: str) -> bool:
    """Whether a folder can be written, or made where it does not exist yet."""
    there = Path(folder)
    while not there.is_dir() and there.parent != there:
        there = there.parent
    return os.access(there, os.W_OK | os.X_OK)


def backends() -> dict[str, str]:
    """Reason why a backend cannot run here, by its name.

    Returns
    -------
    reasons : dict of str to str
        '' where it can.

    Examples
    --------
    >>> backends()["cpu"]
    ''
    """
    from fastinit.backends import backend_names

    return {name: _reason(name) for name in backend_names()}


def _reason(name: str) -> str:
    from fastinit.backends import load_backend

    try:
        return load_backend(name).unavailable()
    except (FastinitError, *_BROKEN) as error:
        return f"its package cannot be loaded ({type(error).__name__}: {error})"


def facts() -> dict[str, dict[str, str]]:
    """What backends say about themselves: versions, drivers, devices.

    Returns
    -------
    facts : dict of str to dict
        Texts by their names, for each backend that has any.

    Examples
    --------
    >>> "numba-cuda" in facts()["cuda"]
    True
    """
    from fastinit.backends import backend_names

    found = {name: _facts_of(name) for name in backend_names()}
    return {name: texts for name, texts in found.items() if texts}


def _facts_of(name: str) -> dict[str, str]:
    from fastinit.backends import load_backend

    try:
        tell = getattr(load_backend(name), "facts", None)
        return {} if tell is None else dict(tell())
    except (FastinitError, *_BROKEN) as error:
        return {"facts": f"cannot be told ({type(error).__name__}: {error})"}


def destinations() -> dict[str, str | None]:
    """Versions of the packages whose arrays can be filled, and file formats.

    Returns
    -------
    destinations : dict of str to str or None
        'built in' for a file format, None where a package is not installed.

    Examples
    --------
    >>> destinations()[".npy"]
    'built in'
    """
    from fastinit.destinations import DESTINATIONS

    found = {
        name: (_version(name) or "of unknown version")
        if importlib.util.find_spec(name)
        else None
        for name in DESTINATIONS
    }
    return {**found, ".npy": "built in", ".safetensors": "built in"}


def clashes(distributions: Iterable[metadata.Distribution]) -> list[str]:
    """Installed projects that bring a module or a command called fastinit too.

    Parameters
    ----------
    distributions : iterable of importlib.metadata.Distribution
        Installed projects.

    Returns
    -------
    clashes : list of str
        One sentence a project.

    Examples
    --------
    >>> clashes([])
    []
    """
    found = []
    for one in distributions:
        name = str(one.metadata["Name"] or "")
        if re.sub(r"[-_.]+", "-", name).lower() == _OURS:
            continue
        brings = [
            label
            for label, is_there in (
                ("a module", _has_module(one)),
                ("a command", _has_command(one)),
            )
            if is_there
        ]
        if brings or name.lower() == "fastinit":
            what = " and ".join(brings) or "a project"
            found.append(
                f"project {name} {one.version} installs {what} called fastinit too: "
                f"uninstall it, then reinstall {_OURS}"
            )
    return found


def _has_module(distribution: metadata.Distribution) -> bool:
    """Whether a project's list of files names our module."""
    # As text: parsing the lists of all projects would take a second.
    record = distribution.read_text("RECORD") or distribution.read_text("SOURCES.txt")
    return bool(re.search(r"^fastinit(/|\.py\b)", record or "", re.MULTILINE))


def _has_command(distribution: metadata.Distribution) -> bool:
    return any(
        entry.group == "console_scripts" and entry.name == "fastinit"
        for entry in distribution.entry_points
    )
