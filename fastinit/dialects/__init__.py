"""Other libraries' initializers under their names: torch, jax, keras and timm.

Names, signatures, defaults, laws and errors are theirs, the values are those of our
stream. Nothing here imports the library that it speaks for. docs/dialects.md compares
them.
"""

from __future__ import annotations

import importlib
from types import ModuleType

__all__ = ["jax", "keras", "timm", "torch"]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return importlib.import_module(f"fastinit.dialects.{name}")
    msg = f"module 'fastinit.dialects' has no attribute {name!r}"
    raise AttributeError(msg)
