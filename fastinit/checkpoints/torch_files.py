"""State dicts of torch, loaded without running what a pickle could name."""

from __future__ import annotations

import importlib
import importlib.util
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fastinit.checkpoints.in_memory import checkpoint_of
from fastinit.checkpoints.stored import Checkpoint
from fastinit.errors import FileFormatError, MissingPackageError, OutputError

__all__ = ["read"]

#: Keys under which training programs keep the state dict of the model.
_WRAPPERS = ("state_dict", "model_state_dict", "model")


def read(source: Path) -> Checkpoint:
    """Tensors of a state dict.

    Parameters
    ----------
    source : pathlib.Path
        Written by torch.save; mapped unless it is of the format before torch 1.6.

    Returns
    -------
    checkpoint : Checkpoint
        Of the model where a training program saved more: what stands under
        ``state_dict``, ``model_state_dict`` or ``model``. Names of nested containers
        are joined by dots. Tensors that share memory are tied.

    Raises
    ------
    MissingPackageError
        If torch is not installed.
    OutputError
        If the file cannot be opened.
    FileFormatError
        If it holds more than tensors and plain containers, or is damaged.
    """
    if importlib.util.find_spec("torch") is None:
        raise MissingPackageError(
            f"{str(source)!r} without torch",
            "torch's own files are read with torch",
            "pip install torch, or convert the file to .safetensors",
        )
    torch: Any = importlib.import_module("torch")
    try:
        # torch warns of old formats and of its own parts; they are read all the same.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            loaded = torch.load(
                source,
                map_location="cpu",
                weights_only=True,
                mmap=zipfile.is_zipfile(source),
            )
    except MemoryError:
        raise
    except OSError as error:
        raise OutputError(
            f"file {str(source)!r}",
            f"reading failed: {error.strerror or error}",
            "check the path and its permissions",
        ) from error
    except Exception as error:
        # An unpickler fails on foreign bytes as it likes, and torch's own words
        # recommend to run what the file says.
        raise FileFormatError(
            f"{str(source)!r}: not torch's format, or it holds objects other than "
            "tensors",
            "a state dict holds tensors in plain containers",
            "save model.state_dict(), or convert it to .safetensors",
        ) from error
    return _checkpoint(source, loaded, torch.Tensor)


def _checkpoint(source: Path, loaded: Any, tensor_class: Any) -> Checkpoint:
    for key in _WRAPPERS:
        if isinstance(loaded, Mapping) and isinstance(loaded.get(key), Mapping):
            loaded = loaded[key]
    return checkpoint_of(dict(_flat(loaded, "", tensor_class)), source)


def _flat(value: Any, name: str, tensor_class: Any) -> Iterator[tuple[str, Any]]:
    """Tensors of nested containers with their names."""
    if isinstance(value, tensor_class):
        yield name or "tensor", value
        return
    items: Any = ()
    if isinstance(value, Mapping):
        items = value.items()
    elif isinstance(value, (list, tuple)):
        items = enumerate(value)
    for key, one in items:
        yield from _flat(one, f"{name}.{key}" if name else str(key), tensor_class)
