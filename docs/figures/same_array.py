"""Makers of one array, each in another way; the rows of `one_hash.py`."""

from __future__ import annotations

import importlib
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import fastinit
from fastinit.compare.cases import Case, Size
from fastinit.compare.contenders.device import device_memory

SEED, NAME = 0, "w"

Shape = tuple[int, int]


def by_fastinit(array: Any, view: Any = None, **how: Any) -> Any:
    """Fill an array, or the part of the whole one that a view names."""
    return fastinit.normal_(array, seed=SEED, name=NAME, view=view, **how)


def empty(shape: Shape) -> Any:
    """Array that nobody has filled: NaN."""
    return np.full(shape, np.nan, np.float32)


def fastinit_whole(shape: Shape, **how: Any) -> Any:
    """One call."""
    return by_fastinit(empty(shape), **how)


def fastinit_parts(shape: Shape, indices: Callable[[Shape], list[Any]]) -> Any:
    """Parts as windows of the whole tensor, the last one first."""
    array = empty(shape)
    for index in reversed(indices(shape)):
        by_fastinit(array[index], fastinit.View(shape, index))
    return array


def fastinit_stored(shape: Shape, store: Callable[[Shape], Any]) -> Any:
    """Array in other memory."""
    return by_fastinit(store(shape))


def fastinit_tensor(shape: Shape) -> Any:
    """Tensor of torch."""
    torch: Any = importlib.import_module("torch")
    return by_fastinit(torch.empty(shape)).numpy()


def fastinit_file(shape: Shape, ending: str) -> Any:
    """File that the command line writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / f"w{ending}")
        sizes = "x".join(map(str, shape))
        command = ["create", path, "normal", "--shape", sizes, "--name", NAME, "-q"]
        subprocess.run([sys.executable, "-m", "fastinit", *command], check=True)
        if ending == ".npy":
            return np.load(path)
        from fastinit.destinations.safetensors import read_safetensors

        return np.array(read_safetensors(Path(path))[NAME].values)


def fastinit_cuda(shape: Shape) -> Any:
    """Array in the memory of a GPU."""
    memory = device_memory()
    array = memory.empty(Case("normal", "float32", Size("one", shape)))
    by_fastinit(array, backend="cuda")
    memory.wait()
    return memory.values(array)


def rows_of(shape: Shape) -> list[Any]:
    """Two parts of rows, as shards are."""
    # A place that is no multiple of anything.
    cut = shape[0] * 3 // 8 - 3
    return [np.s_[:cut, :], np.s_[cut : shape[0], :]]


def steps_of(shape: Shape) -> list[Any]:
    """Even and odd rows, as samplers of data take them."""
    return [np.s_[0 : shape[0] : 2, :], np.s_[1 : shape[0] : 2, :]]


def tiles_of(shape: Shape) -> list[Any]:
    """Four tiles, cut at odd places on both axes."""
    rows, columns = shape
    down, across = rows // 3 | 1, columns // 3 | 1
    return [
        np.s_[top:bottom, left:right]
        for top, bottom in ((0, down), (down, rows))
        for left, right in ((0, across), (across, columns))
    ]


def transposed(shape: Shape) -> Any:
    """Fortran order."""
    return empty(shape[::-1]).T


def stepped(shape: Shape) -> Any:
    """Every second element of memory, backwards."""
    return empty((shape[0], 2 * shape[1]))[::-1, ::-2]


def big_endian(shape: Shape) -> Any:
    """The other byte order."""
    return np.full(shape, np.nan, ">f4" if sys.byteorder == "little" else "<f4")


def torch_generator() -> tuple[Any, Any]:
    """Library, and a seeded generator."""
    torch: Any = importlib.import_module("torch")
    return torch, torch.Generator().manual_seed(SEED)


def torch_whole(shape: Shape, threads: int | None = None) -> Any:
    """One call."""
    torch, generator = torch_generator()
    before = torch.get_num_threads()
    torch.set_num_threads(threads or before)
    tensor = torch.nn.init.normal_(torch.empty(shape), generator=generator)
    torch.set_num_threads(before)
    return tensor.numpy()


def torch_parts(shape: Shape, indices: Callable[[Shape], list[Any]]) -> Any:
    """Parts from the same seed, the last one first."""
    torch, _ = torch_generator()
    tensor = torch.empty(shape)
    for index in reversed(indices(shape)):
        torch.nn.init.normal_(tensor[index], generator=torch_generator()[1])
    return tensor.numpy()


def torch_transposed(shape: Shape) -> Any:
    """Transposed storage."""
    torch, generator = torch_generator()
    tensor = torch.empty(shape[::-1]).T
    return torch.nn.init.normal_(tensor, generator=generator).numpy()


def numpy_whole(shape: Shape) -> Any:
    """One call."""
    return np.random.default_rng(SEED).standard_normal(shape, np.float32)


def numpy_parts(shape: Shape, indices: Callable[[Shape], list[Any]]) -> Any:
    """Parts from the same seed, the last one first."""
    array = empty(shape)
    for index in reversed(indices(shape)):
        array[index] = numpy_whole(array[index].shape)
    return array
