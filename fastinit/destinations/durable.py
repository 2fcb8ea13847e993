"""Durable files: complete or absent, never torn.

Data goes to a hidden temporary name in the same folder, is flushed to the disk,
and only then takes its own name; the folder is flushed last.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastinit.errors import OutputError, shown

__all__ = ["check_output", "durable_file", "write_at"]


def check_output(path: Any, *, overwrite: bool) -> Path:
    """Path that a new file can take.

    Parameters
    ----------
    path : str or os.PathLike
        Where the file is to be.
    overwrite : bool
        True to replace a file that is there.

    Returns
    -------
    path : pathlib.Path
        The same path.

    Raises
    ------
    OutputError
        If the folder does not exist, or the path is taken.

    Examples
    --------
    >>> check_output("new.npy", overwrite=True).name
    'new.npy'
    """
    try:
        target = Path(path)
        # Where Python only answers "no", the system says what is wrong with a path.
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            os.lstat(target)
        # A link that leads nowhere has taken the name too.
        is_taken, is_folder = os.path.lexists(target), target.is_dir()
    except (TypeError, ValueError, OSError) as error:
        raise OutputError(
            f"output {shown(path)}",
            "it must be a path that the system can have",
            "write a shorter one, without NUL",
        ) from error
    if not target.name or is_folder:
        raise OutputError(
            f"output {str(path)!r}", "it must name a file", "add a file name"
        )
    if not target.parent.is_dir():
        raise OutputError(
            f"output {str(path)!r}",
            f"its folder {str(target.parent)!r} must exist",
            "create the folder or choose another",
        )
    if target.exists() and not target.is_file():
        raise OutputError(
            f"output {str(path)!r}",
            "what has that name is no regular file, but a device or a pipe",
            "choose another name",
        )
    if is_taken and not overwrite:
        raise OutputError(
            f"output {str(path)!r}",
            "a file of that name exists",
            "choose another name, or ask to overwrite it",
        )
    return target


def _explain(path: Path, error: OSError) -> OutputError:
    """Error of the operating system in three parts."""
    remedy = "check the folder's permissions"
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        remedy = "free space on the disk or choose another one; nothing was left behind"
    return OutputError(
        f"output {str(path)!r}",
        f"writing failed: {error.strerror or error}",
        remedy,
    )


def _temporary_name(path: Path) -> Path:
    # Forty characters are at most 160 bytes, which leaves room within 255.
    return path.with_name(f".{path.name[:40]}.{secrets.token_hex(8)}.partial")


def _open_new(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.open(path, flags, 0o600)


def _reserve(descriptor: int, size: int) -> None:
    """Claim the space at once, so that a full disk is known before the work."""
    if hasattr(os, "posix_fallocate") and size:
        try:
            os.posix_fallocate(descriptor, 0, size)
        except OSError as error:
            # Some file systems cannot reserve; they fail, if at all, on writing.
            if error.errno not in {errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS}:
                raise
    os.truncate(descriptor, size)


def _linked(temporary: Path, path: Path) -> bool:
    """Give the file its name unless it was taken meanwhile; False without links."""
    if not hasattr(os, "link"):
        return False
    try:
        os.link(temporary, path)
    except OSError as error:
        # Some file systems have no hard links: a rename does it, and can only
        # replace a file that appeared since the path was checked.
        if error.errno not in {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS}:
            raise
        return False
    temporary.unlink()
    return True


def _publish(descriptor: int, temporary: Path, path: Path, *, overwrite: bool) -> None:
    """Flush the data and give the file its name."""
    os.fsync(descriptor)
    if hasattr(os, "fchmod"):
        mask = os.umask(0)
        os.umask(mask)
        os.fchmod(descriptor, 0o666 & ~mask)
    os.close(descriptor)
    if overwrite or not _linked(temporary, path):
        temporary.replace(path)
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextlib.contextmanager
def durable_file(path: Path, size: int, *, overwrite: bool) -> Iterator[int]:
    """Descriptor of a new file that appears only when the block ends well.

    Parameters
    ----------
    path : pathlib.Path
        Where the file is to be (`check_output`).
    size : int
        Bytes of the file, >= 0.
    overwrite : bool
        True to replace a file that is there.

    Yields
    ------
    descriptor : int
        Open for reading and writing, `size` bytes of zeros.

    Raises
    ------
    OutputError
        If the file cannot be written; the path is untouched then.
    """
    descriptor = -1
    # Named before it is made: an interrupt in between must not leave it behind.
    temporary = _temporary_name(path)
    try:
        descriptor = _open_new(temporary)
        _reserve(descriptor, size)
        yield descriptor
        finished, descriptor = descriptor, -1
        _publish(finished, temporary, path, overwrite=overwrite)
    except OutputError:
        raise
    except OSError as error:
        raise _explain(path, error) from error
    finally:
        if descriptor >= 0:
            os.close(descriptor)
        temporary.unlink(missing_ok=True)


def write_at(descriptor: int, data: Any, offset: int) -> None:
    """Write all of a buffer at an offset; safe on several threads.

    Parameters
    ----------
    descriptor : int
        File open for writing.
    data : buffer
        What to write.
    offset : int
        First byte, >= 0.

    Raises
    ------
    OSError
        If the system refuses, e.g. on a full disk.
    """
    rest = memoryview(data).cast("B")
    while rest:
        done = os.pwrite(descriptor, rest, offset)
        rest, offset = rest[done:], offset + done
