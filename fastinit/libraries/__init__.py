"""Initializers of other libraries, run and judged by the law that they promise."""

from fastinit.libraries.conforming import Drawing, conform, draw
from fastinit.libraries.protocol import Call, Library
from fastinit.libraries.table import LIBRARIES, library_of

__all__ = [
    "LIBRARIES",
    "Call",
    "Drawing",
    "Library",
    "conform",
    "draw",
    "library_of",
]
