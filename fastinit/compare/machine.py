"""What the numbers depend on: the machine and the versions, recorded with them."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import fastinit
from fastinit.backends.threads import available_threads

__all__ = ["machine", "versions"]

#: Packages that make values or decide about their speed.
_PACKAGES = (
    "numpy",
    "numba",
    "llvmlite",
    "ml_dtypes",
    "torch",
    "jax",
    "jaxlib",
    "mkl_random",
    "cupy",
    "numba-cuda",
)
_FEATURES = ("avx2", "avx512f", "neon", "asimd", "sve")
_CPUINFO = Path("/proc/cpuinfo")
_MEMINFO = Path("/proc/meminfo")
_HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def _read(path: Path) -> str:
    """Text of a file of the kernel, '' on systems without it."""
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _fields(text: str) -> dict[str, str]:
    """Names and values of lines with a colon."""
    pairs = (line.split(":", 1) for line in text.splitlines() if ":" in line)
    return {name.strip(): value.strip() for name, value in pairs}


def _processor() -> dict[str, Any]:
    """Model and vector features of the first processor."""
    found = _fields(_read(_CPUINFO).split("\n\n", maxsplit=1)[0])
    flags = (found.get("flags") or found.get("Features") or "").split()
    numbers = (("family", "cpu family"), ("model", "model"))
    details = [f"{name} {found[key]}" for name, key in numbers if key in found]
    name = found.get("model name") or platform.processor() or platform.machine()
    return {
        "name": ", ".join([name, *details]),
        "features": [name for name in _FEATURES if name in flags],
    }


def _memory() -> int | None:
    """Bytes of memory, None where the system does not tell."""
    total = _fields(_read(_MEMINFO)).get("MemTotal", "").split()
    return int(total[0]) * 1024 if total else None


def _load() -> float | None:
    """Processes that wanted to run in the last minute, on average."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def machine() -> dict[str, Any]:
    """Machine that this process runs on.

    Returns
    -------
    machine : dict
        processor, features, cores, threads (that fastinit uses by default), memory in
        bytes, huge_pages, system, load (of the last minute); None where the system
        does not tell.

    Examples
    --------
    >>> machine()["threads"] >= 1
    True
    """
    processor = _processor()
    affinity = getattr(os, "sched_getaffinity", None)
    return {
        "processor": processor["name"],
        "features": processor["features"],
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "affinity": None if affinity is None else len(affinity(0)),
        "threads": available_threads(),
        "memory": _memory(),
        "huge_pages": _read(_HUGE_PAGES).strip() or None,
        "system": f"{platform.system()} {platform.release()}",
        "load": _load(),
    }


def versions() -> dict[str, str | None]:
    """Versions of what is compared.

    Returns
    -------
    versions : dict of str to str or None
        None where a package is not installed.

    Examples
    --------
    >>> import numpy
    >>> versions()["numpy"] == numpy.__version__
    True
    """
    found: dict[str, str | None] = {
        "python": ".".join(map(str, sys.version_info[:3])),
        "fastinit": fastinit.__version__,
    }
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = None
    return found
