"""The disk cache of compiled kernels: private, checked, and never in the way.

Machine code is run and pickles are obeyed, so a kernel is read only from a folder
that nobody but its owner can write, and only if its digest is right. One kernel for
one processor is one file: no index can be torn, or name the code of another machine
in a home that both share. A cache that cannot be used costs time, never a fill.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite
import numba
from numba.core.caching import _Cache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps
from numba.misc.appdirs import AppDirs

from fastinit.arithmetic.targets import source_digest
from fastinit.backends.cpu_forks import wait_at_forks

__all__ = ["CodeCache", "cache_folders", "share_folder", "writable"]

#: Bytes of the digest in front of a file's data.
_DIGEST = 32
_SUFFIX = ".kernel"


def _roots() -> list[Path]:
    """Where a folder of kernels may stand, the best place first."""
    chosen = numba.config.CACHE_DIR  # type: ignore[attr-defined]
    if chosen:
        return [Path(chosen).absolute()]
    user = AppDirs(appname="fastinit", appauthor=False).user_cache_dir  # type: ignore[no-untyped-call]
    # A user without a home has a '~' that leads nowhere.
    places = (Path(__file__).parent / "__pycache__", Path(user))
    return [place for place in places if place.is_absolute()]


def _is_private(folder: Path) -> bool:
    """Whether nobody but this user and root can have written a folder."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    if not stat.S_ISDIR(found.st_mode):
        return False
    # Where there are no owners of this kind, profiles keep users apart.
    if not hasattr(os, "geteuid"):
        return True
    is_ours = found.st_uid in {0, os.geteuid()}
    return is_ours and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def writable(folder: Path) -> bool:
    """Whether files can be made in a folder.

    Parameters
    ----------
    folder : pathlib.Path
        One of `cache_folders`.

    Returns
    -------
    is_writable : bool
        As the system says; the disk may be full all the same.

    Examples
    --------
    >>> writable(Path("/no/such/folder"))
    False
    """
    return os.access(folder, os.W_OK | os.X_OK)


def cache_folders() -> list[Path]:
    """Folders that kernels may be read from, made where that is possible.

    Returns
    -------
    folders : list of pathlib.Path
        Those that can be written first; empty where no place is private.

    Notes
    -----
    They end in the digest of the arithmetic: other text, other folder. Below
    NUMBA_CACHE_DIR if it is set, else beside this module and in the user's cache.

    Examples
    --------
    >>> all(folder.name.startswith("fastinit-") for folder in cache_folders())
    True
    """
    found = []
    for root in _roots():
        folder = root / f"fastinit-{source_digest()}"
        # What cannot be made may be there, to be read.
        with contextlib.suppress(OSError):
            root.mkdir(parents=True, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)
        if _is_private(folder) and os.access(folder, os.R_OK | os.X_OK):
            found.append(folder)
    return sorted(found, key=writable, reverse=True)


def share_folder(folder: Path) -> None:
    """Let every user read a folder of kernels, as those of a container image.

    Parameters
    ----------
    folder : pathlib.Path
        One of `cache_folders`, owned by this user.

    Raises
    ------
    OSError
        If the system refuses.

    Examples
    --------
    >>> from pathlib import Path
    >>> share_folder(Path("/no/such/folder"))
    Traceback (most recent call last):
    ...
    FileNotFoundError: [Errno 2] No such file or directory: '/no/such/folder'
    """
    folder.chmod(0o755)
    for path in folder.glob(f"*{_SUFFIX}"):
        path.chmod(0o644)


class CodeCache(_Cache):
    """Files of one compiled function, in the form that Numba's dispatchers ask for.

    Parameters
    ----------
    function : callable
        Its name ends in the digest of the arithmetic.

    Attributes
    ----------
    is_kept : bool
        Whether code was found in the cache or put there.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        # Whatever is kept here gets compiled, on any thread.
        wait_at_forks()
        self._name = function.__qualname__
        self._folders = cache_folders()
        self._is_enabled = True
        self.is_kept = False

    @property
    def cache_path(self) -> str | None:
        """Folder that is written, or read where none can be; None without any."""
        return str(self._folders[0]) if self._folders else None

    def enable(self) -> None:
        """Use the cache, as from the start."""
        self._is_enabled = True

    def disable(self) -> None:
        """Neither load nor save from now on."""
        self._is_enabled = False

    def flush(self) -> None:
        """Forget all code of this function."""
        for folder in filter(writable, self._folders):
            for path in folder.glob(f"{self._name}-*{_SUFFIX}"):
                path.unlink(missing_ok=True)

    def load_overload(self, signature: Any, context: Any) -> Any:
        """Compiled code of a signature, or None where there is none.

        Parameters
        ----------
        signature : tuple of numba types
            Types of the arguments.
        context : numba target context
            What the code is for.

        Returns
        -------
        result : CompileResult or None
            As the compiler would return it.
        """
        context.refresh()
        if not self._is_enabled:
            return None
        name = self._file_name(signature, context.codegen())
        for folder in self._folders:
            data = _read(folder / name)
            if data is not None:
                self.is_kept = True
                return CompileResult._rebuild(context, *pickle.loads(data))  # type: ignore[no-untyped-call]
        return None

    def save_overload(self, signature: Any, result: Any) -> None:
        """Keep compiled code of a signature, if there is a place.

        Parameters
        ----------
        signature : tuple of numba types
            Types of the arguments.
        result : CompileResult
            What the compiler returned.
        """
        if not (self._is_enabled and self._folders and writable(self._folders[0])):
            return
        # Code with addresses of this process in it, which no loop of ours has.
        if result.library.has_dynamic_globals:
            return
        name = self._file_name(signature, result.codegen)
        # A full disk, or a folder that has gone: the code is used, and not kept.
        with contextlib.suppress(OSError):
            data = dumps(result._reduce())  # type: ignore[no-untyped-call]
            _write(self._folders[0] / name, data)
            self.is_kept = True

    def _file_name(self, signature: Any, codegen: Any) -> str:
        """Name of the file of a signature for a processor and these versions."""
        versions = (sys.version, numba.__version__, llvmlite.__version__)
        key = repr((signature, codegen.magic_tuple(), versions))
        digest = hashlib.blake2b(key.encode(), digest_size=8).hexdigest()
        return f"{self._name}-{digest}{_SUFFIX}"


def _read(path: Path) -> bytes | None:
    """Data of a file, or None where it is absent or damaged."""
    try:
        held = path.read_bytes()
    except OSError:
        return None
    digest, data = held[:_DIGEST], held[_DIGEST:]
    return (
        data if hashlib.blake2b(data, digest_size=_DIGEST).digest() == digest else None
    )


def _write(path: Path, data: bytes) -> None:
    """Write a file that is complete or absent, whoever writes it at the same time."""
    digest = hashlib.blake2b(data, digest_size=_DIGEST).digest()
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".unfinished-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(digest + data)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
