"""One array made in every way: its SHA-256, and those of torch and NumPy.

Run ``python docs/figures/one_hash.py``; it writes docs/one-hash.md. Each row changes
one thing only: threads, parts, storage, process, instruction set or backend. Exit
status 1 says that a hash of fastinit differs.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import importlib
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from same_array import (
    NAME,
    SEED,
    Shape,
    big_endian,
    fastinit_cuda,
    fastinit_file,
    fastinit_parts,
    fastinit_stored,
    fastinit_tensor,
    fastinit_whole,
    numpy_parts,
    numpy_whole,
    rows_of,
    stepped,
    steps_of,
    tiles_of,
    torch_parts,
    torch_transposed,
    torch_whole,
    transposed,
)

from fastinit.compare.contenders import CONTENDERS

__all__ = ["ROWS", "Row", "main", "matrix"]

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "one-hash.md"
SHAPE = (4096, 1024)
LIBRARIES = ("fastinit", "torch", "numpy")

Make = Callable[[Shape], Any]


@dataclass(frozen=True)
class Row:
    """One change.

    Attributes
    ----------
    axis : str
        What is changed.
    change : str
        To what.
    makes : dict of str to callable
        By library: make(shape) -> values; a library that is not there has no such way.
    settings : callable or None
        settings() -> environment of a process in which it is made, by library.
    reason : callable
        reason() -> why it cannot be made here, or ''.
    """

    axis: str
    change: str
    makes: dict[str, Make]
    settings: Callable[[], dict[str, dict[str, str]]] | None = None
    reason: Callable[[], str] = field(default=lambda: "")


def here() -> dict[str, dict[str, str]]:
    """No change of the environment: another process alone."""
    return {library: {} for library in LIBRARIES}


def instructions(cpu: str, torch: str, needs: tuple[str, ...]) -> dict[str, Any]:
    """Fields of a row in which code is made or chosen for a processor."""

    def settings() -> dict[str, dict[str, str]]:
        umath: Any = importlib.import_module("numpy._core._multiarray_umath")
        wide = ("AVX512", "V4") if torch == "avx2" else ("",)
        known = [] if torch == "avx512" else umath.__cpu_dispatch__
        off = [name for name in known if any(part in name for part in wide)]
        off = [name for name in off if umath.__cpu_features__.get(name)]
        numba = {"NUMBA_CPU_NAME": cpu, "NUMBA_CPU_FEATURES": ""}
        return {
            "fastinit": numba,
            "torch": {"ATEN_CPU_CAPABILITY": torch},
            "numpy": {"NPY_DISABLE_CPU_FEATURES": " ".join(off)} if off else {},
        }

    def reason() -> str:
        from llvmlite import binding

        if platform.machine() not in {"x86_64", "AMD64"}:
            return "another architecture"
        features = binding.get_host_cpu_features()
        lacking = [name for name in needs if not features.get(name)]
        return f"this processor has no {', '.join(lacking)}" if lacking else ""

    return {"makes": WHOLE, "settings": settings, "reason": reason}


def parts(indices: Callable[[Shape], list[Any]]) -> dict[str, Make]:
    """Everyone's way to make parts alone."""
    makers = (fastinit_parts, torch_parts, numpy_parts)
    made = (functools.partial(make, indices=indices) for make in makers)
    return dict(zip(LIBRARIES, made, strict=True))


def stored(store: Callable[[Shape], Any], **others: Make) -> dict[str, Make]:
    """Makers of other storage, of fastinit and of whoever can."""
    return {"fastinit": functools.partial(fastinit_stored, store=store), **others}


def with_threads(count: int) -> dict[str, Make]:
    """Makers that use a number of threads; NumPy uses one."""
    return {
        "fastinit": functools.partial(fastinit_whole, threads=count),
        "torch": functools.partial(torch_whole, threads=count),
        **({"numpy": numpy_whole} if count == 1 else {}),
    }


def missing_cuda() -> str:
    """Reason why no GPU can be used."""
    return CONTENDERS["fastinit-cuda"].reason


WHOLE: dict[str, Make] = dict(
    zip(LIBRARIES, (fastinit_whole, torch_whole, numpy_whole), strict=True)
)
ONLY_OURS = {"fastinit": fastinit_whole}
_V3 = ("avx2", "fma", "bmi2", "f16c")
_V4 = ("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl")
ROWS = (
    Row("threads", "all", WHOLE),
    *(Row("threads", str(count), with_threads(count)) for count in (1, 2, 7, 16)),
    Row("views", "two shards, each made alone", parts(rows_of)),
    Row("views", "even and odd rows, each made alone", parts(steps_of)),
    Row("views", "four uneven tiles, each made alone", parts(tiles_of)),
    Row("storage", "transposed", stored(transposed, torch=torch_transposed)),
    Row("storage", "every second element, backwards", stored(stepped)),
    Row("storage", "the other byte order", stored(big_endian)),
    Row("storage", "a torch tensor", {"fastinit": fastinit_tensor}),
    *(
        Row(
            "storage",
            f"a {ending} file",
            {"fastinit": functools.partial(fastinit_file, ending=ending)},
        )
        for ending in (".npy", ".safetensors")
    ),
    Row("process", "another one", WHOLE, here),
    Row("instruction set", "x86-64 baseline", **instructions("x86-64", "default", ())),
    Row("instruction set", "AVX2", **instructions("x86-64-v3", "avx2", _V3)),
    Row("instruction set", "AVX-512", **instructions("x86-64-v4", "avx512", _V4)),
    Row(
        "backend",
        "CPU, Numba's prange",
        ONLY_OURS,
        lambda: {"fastinit": {"FASTINIT_ENGINE": "prange"}},
    ),
    Row("backend", "CUDA", {"fastinit": fastinit_cuda}, reason=missing_cuda),
)


def digest(values: Any) -> str:
    """SHA-256 of the elements in C order, as little-endian float32."""
    return hashlib.sha256(np.ascontiguousarray(values, "<f4").tobytes()).hexdigest()


def in_process(row: Row, library: str, shape: Shape) -> str:
    """Digest that a process of its own finds."""
    assert row.settings is not None
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    sizes = "x".join(map(str, shape))
    chosen = ["--one", str(ROWS.index(row)), library, "--shape", sizes]
    with tempfile.TemporaryDirectory() as folder:
        settings = row.settings()[library]
        # Code for another processor has no place in the user's cache.
        cache = {"NUMBA_CACHE_DIR": folder} if "NUMBA_CPU_NAME" in settings else {}
        done = subprocess.run(
            [sys.executable, __file__, *chosen],
            env={**os.environ, "PYTHONPATH": path, **cache, **settings},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return done.stdout.strip()


def matrix(
    rows: tuple[Row, ...], shape: Shape
) -> Iterator[tuple[Row, str, dict[str, str]]]:
    """Reason and digests of each row.

    Yields
    ------
    row : Row
        The change.
    reason : str
        Why it cannot be made here, or ''.
    digests : dict of str to str
        By library.
    """
    for row in rows:
        reason = row.reason()
        found = {}
        for library, make in row.makes.items() if not reason else ():
            if row.settings is None:
                found[library] = digest(make(shape))
            else:
                found[library] = in_process(row, library, shape)
        yield row, reason, found


def cell(found: str | None, first: str) -> str:
    """Digest of a cell: in full words where it differs."""
    if found is None:
        return "-"
    mark = "✓" if found == first else "**differs**"
    return f"`{found[:12]}` {mark}"


def page(table: list[tuple[Row, str, dict[str, str]]], shape: Shape) -> str:
    """Text of the page."""
    first = table[0][2]
    torch: Any = importlib.import_module("torch")
    lines = [
        "# One array, one hash",
        "",
        f"The first twelve digits of the SHA-256 of {shape[0]} x {shape[1]} standard "
        f"normals in float32, seed {SEED}",
        f"(and, for fastinit, name `{NAME}`), made in every way by `python "
        "docs/figures/one_hash.py`. ✓ says that nothing changed.",
        "",
        f"| | | fastinit | torch {torch.__version__.partition('+')[0]} "
        f"| NumPy {np.__version__} |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row, reason, found in table:
        cells = [cell(found.get(name), first[name]) for name in LIBRARIES]
        shown = " | ".join([f"not here: {reason}", "-", "-"] if reason else cells)
        lines.append(f"| {row.axis} | {row.change} | {shown} |")
    lines += [
        "",
        f"fastinit's whole digest is `{first['fastinit']}`.",
        "",
        "A dash: the library has no such way; NumPy uses one thread. torch and NumPy "
        "make parts with a generator of the same",
        "seed for each, as a worker would that has nothing else. torch chooses its "
        "code by the processor: `ATEN_CPU_CAPABILITY`",
        "stands for other machines here, as `NUMBA_CPU_NAME` and "
        "`NPY_DISABLE_CPU_FEATURES` do.",
    ]
    return "\n".join(lines) + "\n"


def _shape(text: str) -> Shape:
    rows, columns = map(int, text.split("x"))
    return rows, columns


def main(arguments: list[str] | None = None) -> int:
    """Write the page, or print one digest."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--one", nargs=2, metavar=("ROW", "LIBRARY"))
    parser.add_argument("--shape", type=_shape, default=SHAPE)
    parser.add_argument("--output", type=Path, default=PAGE)
    chosen = parser.parse_args(arguments)
    if chosen.one:
        number, library = chosen.one
        print(digest(ROWS[int(number)].makes[library](chosen.shape)))
        return 0
    table = list(matrix(ROWS, chosen.shape))
    chosen.output.write_text(page(table, chosen.shape), encoding="utf-8")
    ours = {found["fastinit"] for _, _, found in table if "fastinit" in found}
    return int(len(ours) != 1)


if __name__ == "__main__":
    sys.exit(main())
