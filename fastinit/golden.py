"""Golden vectors: bits of the stream that this installation must reproduce.

golden.json comes with the package. An independent implementation in exact integers
wrote it (tests/long/make_golden.py), not the code that it judges.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np

from fastinit.arithmetic.philox import philox4x32, philox4x32_7
from fastinit.arithmetic.targets import PYTHON
from fastinit.backends import get_backend
from fastinit.backends.kernels import kernel_of, make_loop
from fastinit.backends.protocol import Memory, Options
from fastinit.dtypes import rounded_dtype
from fastinit.identity import stream_key
from fastinit.plan import FillPlan
from fastinit.windows import Window

__all__ = ["GoldenResult", "read_golden", "verify"]

Vector = dict[str, Any]
Run = Callable[[FillPlan, Any, int], None]
#: Dtype whose kernels a quick run compiles.
_QUICK = "float32"
_ROUNDS = {7: philox4x32_7, 10: philox4x32}


@dataclass(frozen=True)
class GoldenResult:
    """Outcome of one golden vector.

    Attributes
    ----------
    vector : str
        What was computed, e.g. ``'normal(0.0, 1.0) float32 seed=0 name="" at 3'``.
    expected : str
        Bit patterns in hexadecimal, or a SHA-256 of a longer run of them.
    computed : str
        The same of this installation.
    """

    vector: str
    expected: str
    computed: str

    @property
    def is_equal(self) -> bool:
        """True where this installation reproduces the vector."""
        return self.expected == self.computed


@functools.cache
def _golden() -> dict[str, Any]:
    text = (files("fastinit") / "golden.json").read_text(encoding="utf-8")
    groups: dict[str, Any] = json.loads(text)
    return groups


def read_golden() -> dict[str, Any]:
    """Golden vectors of the package, by group.

    Returns
    -------
    groups : dict
        'stream' is the version; 'philox', 'keys', 'words', 'values' and 'fills' are
        lists of dicts. Patterns are hexadecimal, seeds and indices decimal text,
        since JSON has no exact 64-bit integers in every language.

    Examples
    --------
    >>> read_golden()["stream"]
    1
    """
    return {
        name: list(group) if isinstance(group, list) else group
        for name, group in _golden().items()
    }


def verify(*, quick: bool = False) -> tuple[GoldenResult, ...]:
    """Recompute golden vectors, the values through the CPU backend.

    Parameters
    ----------
    quick : bool
        True to compile the kernels of float32 alone: vectors of other dtypes run in
        plain Python, and their large fills are left out.

    Returns
    -------
    results : tuple of GoldenResult
        One per vector, in the order of the file.

    Notes
    -----
    Takes a second with the kernels in Numba's cache. Where they must be compiled
    first, a quick run takes some 5 s and a whole one half a minute.

    Examples
    --------
    >>> all(result.is_equal for result in verify(quick=True))
    True
    """
    groups = _golden()
    fills = [v for v in groups["fills"] if not quick or v["dtype"] == _QUICK]
    return (
        *_verify_philox(groups["philox"]),
        *_verify_keys(groups["keys"]),
        *(_verify_words(vector) for vector in groups["words"]),
        *(_verify_values(vector, quick=quick) for vector in groups["values"]),
        *(_verify_fill(vector) for vector in fills),
    )


def _run_compiled(plan: FillPlan, out: Any, first: int) -> None:
    """Fill an array through the CPU backend."""
    memory = Memory(out.ctypes.data, out.strides, out)
    window = Window(first, out.shape, (1,))
    get_backend("cpu").fill(plan, memory, window, Options(threads=1))


def _run_plain(plan: FillPlan, out: Any, first: int) -> None:
    """Fill an array with the plain text of the loops."""
    loop = make_loop("fill_run", kernel_of(plan), PYTHON)
    loop(out.ctypes.data, out.size, first, plan.key, plan.sampling.parameters)


def _hexadecimal(values: Any, digits: int = 8) -> str:
    """Integers as they stand in the file."""
    return " ".join(f"{value:0{digits}x}" for value in values)


def _pattern(text: str) -> tuple[int, ...]:
    return tuple(int(word, 16) for word in text.split())


def _verify_philox(vectors: list[Vector]) -> Iterator[GoldenResult]:
    """Known answers of Random123, which no tensor reaches, from the plain text."""
    for vector in vectors:
        c0, c1, c2, c3 = _pattern(vector["counter"])
        k0, k1 = _pattern(vector["key"])
        words = _ROUNDS[vector["rounds"]]((c0, c1, c2, c3), (k0, k1))
        what = f"philox4x32-{vector['rounds']} {vector['counter']} | {vector['key']}"
        yield GoldenResult(what, vector["words"], _hexadecimal(words))


def _verify_keys(vectors: list[Vector]) -> Iterator[GoldenResult]:
    for vector in vectors:
        key = stream_key(int(vector["seed"]), vector["name"])
        what = f"key {_identity(vector)}"
        yield GoldenResult(what, vector["key"], _hexadecimal(key))


def _identity(vector: Vector) -> str:
    return f"seed={vector['seed']} name={json.dumps(vector['name'])}"


def _verify_words(vector: Vector) -> GoldenResult:
    what = f"words {_identity(vector)} at {vector['first']}"
    count = len(vector["words"].split())
    words = _filled({"distribution": "words", "dtype": "uint32", **vector}, count)
    return GoldenResult(what, vector["words"], _hexadecimal(words))


def _verify_values(vector: Vector, *, quick: bool) -> GoldenResult:
    run = _run_plain if quick and vector["dtype"] != _QUICK else _run_compiled
    values = _filled(vector, len(vector["bits"].split()), run)
    computed = _hexadecimal(values, 2 * values.dtype.itemsize)
    return GoldenResult(_tensor(vector), vector["bits"], computed)


def _verify_fill(vector: Vector) -> GoldenResult:
    values = _filled(vector, vector["count"])
    little = values.astype(values.dtype.newbyteorder("<"))
    what = f"{_tensor(vector)}, {vector['count']} elements"
    computed = hashlib.sha256(little.tobytes()).hexdigest()
    return GoldenResult(what, vector["sha256"], computed)


def _tensor(vector: Vector) -> str:
    """Tensor and first element of a vector in words."""
    parameters = ", ".join(repr(value) for value in _parameters(vector))
    dtype = " ".join(vector[key] for key in ("dtype", "rounding") if key in vector)
    law = f"{vector['distribution']}({parameters}) {dtype}"
    return f"{law} {_identity(vector)} at {vector['first']}"


def _parameters(vector: Vector) -> tuple[float, ...]:
    return tuple(float.fromhex(text) for text in vector.get("parameters", ()))


def _filled(vector: Vector, count: int, run: Run = _run_compiled) -> Any:
    """Bit patterns of `count` elements of a vector's tensor."""
    dtype = rounded_dtype(vector["dtype"], vector.get("rounding", "nearest"))
    plan = FillPlan(
        vector["distribution"],
        _parameters(vector),
        (count,),
        dtype,
        int(vector["seed"]),
        vector["name"],
    )
    first = int(vector["first"])
    if dtype.is_complex:
        # Patterns are those of the parts, which are real numbers side by side.
        plan, first = plan.of_parts(), 2 * first
    out = np.empty(count, f"uint{8 * dtype.part.itemsize}")
    run(plan, out, first)
    return out
