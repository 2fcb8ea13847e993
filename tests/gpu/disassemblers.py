"""NVIDIA's programs that read machine code, from the packages that bring them."""

from __future__ import annotations

import functools
import subprocess
import tempfile
from importlib import metadata
from pathlib import Path


@functools.cache
def _path_of(name: str) -> str:
    for file in metadata.files(f"nvidia-cuda-{name}") or ():
        if file.name in {name, f"{name}.exe"}:
            return str(Path(str(file.locate())).resolve())
    raise FileNotFoundError(name)


def run_on(cubin: bytes, name: str, *options: str) -> str:
    """What `nvdisasm` or `cuobjdump` says about machine code."""
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(cubin)
        file.flush()
        command = [_path_of(name), *options, file.name]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
    return run.stdout
