"""What is measured: one row per initializer, dtype and size, and the goals."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = [
    "CASES",
    "DTYPES",
    "GOALS",
    "INITIALIZERS",
    "LAYOUTS",
    "SIZES",
    "Case",
    "Goal",
    "Size",
]


@dataclass(frozen=True)
class Size:
    """A shape and how often it is worth repeating.

    Attributes
    ----------
    name : str
        As it stands in tables; Mi is 2^20.
    shape : tuple of int
        Shape of the array; square, so that fans exist.
    rounds : int
        Timed rounds in each repetition.
    calls : int
        Calls in a round, so that a round is long against the clock's resolution.
    pause : float
        Seconds before a contender starts: threads of the one before may spin on, and
        its memory be given back, for a while.
    is_quick : bool
        True where the size belongs to a quick run.
    """

    name: str
    shape: tuple[int, int]
    rounds: int
    calls: int
    pause: float
    is_quick: bool

    @property
    def elements(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Case:
    """One thing to do, for every contender.

    Attributes
    ----------
    initializer : str
        Name in `INITIALIZERS`.
    dtype : str
        NumPy or ml_dtypes name.
    size : Size
        Shape of the array.
    layout : str
        Name in `LAYOUTS`.
    """

    initializer: str
    dtype: str
    size: Size
    layout: str = "contiguous"

    @property
    def id(self) -> str:
        """Name of the case in results."""
        return "-".join((self.initializer, self.dtype, self.size.name, *self._order))

    @property
    def _order(self) -> tuple[str, ...]:
        """Layout as a part of names, which say nothing of a contiguous one."""
        return () if self.layout == "contiguous" else (self.layout,)

    @property
    def title(self) -> str:
        """Name of the case among those of one size."""
        return " ".join((self.initializer, self.dtype, *self._order))

    @property
    def n_bytes(self) -> int:
        """Bytes of the array."""
        itemsize = {"float64": 8, "float32": 4}.get(self.dtype, 2)
        return self.size.elements * itemsize

    @property
    def reach(self) -> int:
        """Bytes from the first of the array to the end of its last."""
        return self.n_bytes * LAYOUTS[self.layout]


@dataclass(frozen=True)
class Goal:
    """What fastinit is to reach on the reference machine with 2 threads.

    Attributes
    ----------
    case : str
        Id of a case.
    must : float
        Nanoseconds per element that must be reached.
    wish : float
        Nanoseconds per element that would be the goal.
    """

    case: str
    must: float
    wish: float


#: Initializers, with the arguments that every contender uses.
INITIALIZERS: dict[str, dict[str, float]] = {
    "constant": {"val": 0.5},
    "uniform": {"a": 0.0, "b": 1.0},
    "normal": {"mean": 0.0, "std": 1.0},
    "kaiming_normal": {},
}
DTYPES = ("float32", "float64", "float16", "bfloat16")
#: Orders of the elements in memory, with the bytes that they reach over per byte of
#: the array: transposed storage of the same shape, and every second element.
LAYOUTS = {"contiguous": 1, "transposed": 1, "stepped": 2}
SIZES = (
    Size("64x64", (64, 64), rounds=50, calls=20, pause=0.05, is_quick=True),
    Size("1Mi", (1 << 10, 1 << 10), rounds=10, calls=1, pause=0.1, is_quick=True),
    Size("64Mi", (1 << 13, 1 << 13), rounds=3, calls=1, pause=0.4, is_quick=False),
)
#: Every case, the largest first; all contenders run one before the next one begins.
CASES = tuple(
    Case(initializer, dtype, size)
    for size in reversed(SIZES)
    for initializer in INITIALIZERS
    for dtype in DTYPES
) + tuple(
    Case(initializer, "float32", size, layout)
    for size in reversed(SIZES)
    for initializer in ("uniform", "normal")
    for layout in LAYOUTS
    if layout != "contiguous"
)
#: Rows of the table of speed goals that the initializers of today cover.
GOALS = (
    Goal("constant-float32-64Mi", 0.15, 0.08),
    Goal("uniform-float32-64Mi", 0.25, 0.19),
    Goal("normal-float32-64Mi", 0.54, 0.35),
    Goal("normal-bfloat16-64Mi", 0.52, 0.35),
    Goal("normal-float64-64Mi", 1.5, 1.0),
)
