"""NumPy's generators, filling in place with out=."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from fastinit.compare.cases import INITIALIZERS, Case
from fastinit.compare.contenders.protocol import SEED, Action, Engine
from fastinit.compare.memory import Memory

__all__ = ["NumpyGenerator", "law_of"]


def law_of(case: Case) -> tuple[str, float, float]:
    """Distribution of an initializer for libraries that know no fans.

    Parameters
    ----------
    case : Case
        Initializer and shape.

    Returns
    -------
    kind : str
        'constant', 'uniform', 'normal' or 'trunc_normal'.
    shift, scale : float
        What a standard value is multiplied by, and what is added then.

    Examples
    --------
    >>> from fastinit.compare.cases import SIZES
    >>> kind, shift, scale = law_of(Case("kaiming_normal", "float32", SIZES["4Ki"]))
    >>> kind, shift, round(scale, 6)
    ('normal', 0.0, 0.176777)
    """
    rows, columns = case.size.shape
    if case.initializer == "kaiming_normal":
        return "normal", 0.0, math.sqrt(2.0 / columns)
    if case.initializer == "xavier_uniform":
        bound = math.sqrt(6.0 / (rows + columns))
        return "uniform", -bound, 2.0 * bound
    if case.initializer == "constant":
        return "constant", INITIALIZERS["constant"]["val"], 1.0
    return case.initializer, 0.0, 1.0


class NumpyGenerator(Engine):
    """`numpy.random.Generator` of one bit generator.

    Parameters
    ----------
    bit_generator : str
        Name in numpy.random.
    """

    package = "numpy"

    def __init__(self, bit_generator: str) -> None:
        self.bit_generator = bit_generator

    def lacks(self, case: Case) -> str:
        """Say what numpy.random has no function for."""
        if case.initializer == "trunc_normal":
            return "numpy.random has no truncated normal"
        if case.layout != "contiguous" and case.initializer != "constant":
            return "numpy.random writes contiguous memory only"
        if case.initializer == "constant" or case.dtype in {"float32", "float64"}:
            return ""
        return "numpy.random makes float32 and float64 only"

    def array(self, case: Case, memory: Memory) -> Any:
        """Array on the shared memory."""
        return memory.array(case)

    def start(self, case: Case) -> Any:
        """Seeded generator."""
        del case
        made: Any = getattr(np.random, self.bit_generator)
        return np.random.Generator(made(SEED))

    def bind(self, case: Case, generator: Any, array: Any) -> Action:
        """Draw in place, then scale in place where the law is not the standard one."""
        kind, shift, scale = law_of(case)
        if kind == "constant":
            return functools.partial(array.fill, shift)
        method = generator.random if kind == "uniform" else generator.standard_normal
        draw = functools.partial(method, dtype=array.dtype, out=array)
        if (shift, scale) == (0.0, 1.0):
            return draw

        def scaled() -> None:
            draw()
            np.multiply(array, array.dtype.type(scale), out=array)
            if shift:
                np.add(array, array.dtype.type(shift), out=array)

        return scaled

    def values(self, array: Any) -> Any:
        """Array itself."""
        return array
