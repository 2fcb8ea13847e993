"""What has to be installed for this backend, and what of it is missing."""

from __future__ import annotations

import functools
from importlib import metadata

__all__ = ["LEAST_CAPABILITY", "LEAST_DRIVER", "missing", "versions"]

#: From here on processors round two values to bfloat16 at once.
LEAST_CAPABILITY = (8, 0)
#: CUDA version of the driver that runs what the pinned toolkit makes.
LEAST_DRIVER = (13, 0)
#: Packages and the versions of them that are known to fit: from, and below.
_PACKAGES = {
    "numba-cuda": ((0, 30), (0, 31)),
    "cuda-bindings": ((12, 9), (14,)),
    "nvidia-nvvm": ((13, 0), (13, 1)),
    "nvidia-cuda-nvrtc": ((13, 0), (14,)),
    "nvidia-nvjitlink": ((13, 0), (13, 1)),
}
#: Libraries of these packages, which conda and CUDA's own installer bring too.
_LIBRARIES = {
    "nvidia-nvvm": "nvvm",
    "nvidia-cuda-nvrtc": "nvrtc",
    "nvidia-nvjitlink": "nvJitLink",
}
_REMEDY = "install the extra: pip install 'fastinit-weights[cuda]'"


def versions() -> dict[str, str]:
    """Versions of the packages that this backend needs.

    Returns
    -------
    versions : dict of str to str
        'not installed' where a package is not.

    Examples
    --------
    >>> list(versions())[0]
    'numba-cuda'
    """
    return {package: _version(package) or "not installed" for package in _PACKAGES}


@functools.cache
def missing() -> str:
    """Packages that are not there, or not of a version that fits; asked once.

    Returns
    -------
    reason : str
        '' where nothing is missing.

    Examples
    --------
    >>> isinstance(missing(), str)
    True
    """
    found = []
    for package, (least, below) in _PACKAGES.items():
        version = _version(package)
        wanted = f">={_dotted(least)},<{_dotted(below)}"
        if version is None and _is_there_otherwise(package):
            continue
        if version is None:
            found.append(f"{package}{wanted} is not installed")
        elif not least <= _numbers(version) < below:
            found.append(f"{package} is {version}, not {wanted}")
    return f"{'; '.join(found)} ({_REMEDY})" if found else ""


def _is_there_otherwise(package: str) -> bool:
    """Whether a library is there without its package of PyPI."""
    if package not in _LIBRARIES:
        return False
    try:
        from cuda.pathfinder import load_nvidia_dynamic_lib

        load_nvidia_dynamic_lib(_LIBRARIES[package])
    except (ImportError, RuntimeError):
        return False
    return True


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    """Leading numbers of a version, up to the first part that is none."""
    numbers = []
    for part in version.split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers)


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in numbers)
