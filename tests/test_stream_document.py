"""docs/stream.md: its tables and test vectors, against the oracle and the library."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from oracle import document, vectors
from oracle.floats import FORMATS, from_double

from fastinit.api import make_plan
from fastinit.arithmetic import box_muller
from fastinit.arithmetic.low_precision import ENCODERS
from fastinit.arithmetic.philox import block_words, philox4x32, philox4x32_7
from fastinit.arithmetic.primitives import single_from_bits
from fastinit.arithmetic.stochastic import STOCHASTIC_ENCODERS
from fastinit.backends import get_backend
from fastinit.backends.protocol import Memory, Options
from fastinit.dtypes import dtype_of, rounded_dtype
from fastinit.generator import Generator
from fastinit.identity import STREAM_LIMIT, STREAM_VERSION, stream_key
from fastinit.plan import FillPlan
from fastinit.view import View
from fastinit.windows import Window

Row = Mapping[str, str]

BLOCKS = document.blocks("vectors")
ROWS = [(name, row) for name, rows in BLOCKS.items() for row in rows]


def _identity(row: Row) -> tuple[int, str]:
    return int(row["seed"]), document.text(row["name"])


def _words(row: Row) -> tuple[str, ...]:
    key, first = stream_key(*_identity(row)), int(row["first index"])
    indices = range(first, first + vectors.RUN)
    tag = int(row["tag"])
    return (vectors.hexadecimal(block_words(i // 4, tag, key)[i % 4] for i in indices),)


def _philox(row: Row) -> tuple[str, ...]:
    function = {"7": philox4x32_7, "10": philox4x32}[row["rounds"]]
    counter, key = document.words(row["counter"]), document.words(row["key"])
    return (vectors.hexadecimal(function(counter, key)),)


def _views(row: Row) -> tuple[str, ...]:
    shape, index = vectors.integers(row["shape"]), vectors.slices(row["index"])
    axes = None if row["axes"] == "-" else vectors.integers(row["axes"])
    reach = vectors.integers(row.get("index shape", row["shape"]))
    window = View(shape, index or ..., axes, index_shape=reach).window
    sizes = vectors.decimal(window.shape)
    return str(window.first), sizes, vectors.decimal(window.strides)


def _schemes(row: Row) -> tuple[str, ...]:
    plan = make_plan(row["scheme"], vectors.integers(row["shape"]))
    return (" ".join(float(value).hex() for value in plan.parameters),)


def _values(
    row: Row, law: str, *names: str, rounding: str = "nearest"
) -> tuple[str, ...]:
    parameters = tuple(float(row[name]) for name in names)
    dtype = rounded_dtype(row["dtype"], rounding)
    plan = FillPlan(law, parameters, (STREAM_LIMIT,), dtype, *_identity(row))
    out = np.empty(vectors.RUN, f"uint{8 * dtype.itemsize}")
    window = Window(int(row["first index"]), out.shape, (1,))
    memory = Memory(out.ctypes.data, out.strides, out)
    get_backend("cpu").fill(plan, memory, window, Options())
    return (vectors.hexadecimal(out.tolist(), 2 * dtype.itemsize),)


def _pairs(row: Row) -> tuple[str, ...]:
    words = document.words(row["words"])
    if row["dtype"] == "float32":
        pair: Any = box_muller.normal_pair_single(*words)
        bits = np.array(pair, np.float32).view(np.uint32)
    else:
        pair = box_muller.normal_pair_double(words[:2], words[2:])
        bits = np.array(pair).view(np.uint64)
    return tuple(vectors.hexadecimal([z], 2 * bits.itemsize) for z in bits.tolist())


def _rounding(row: Row) -> tuple[str, ...]:
    value = single_from_bits(int(row["float32"], 16))
    return tuple(_rounded(name, value) for name in vectors.NARROW)


def _rounded(name: str, value: np.float32) -> str:
    """Pattern of a rounded value, or - where it is an infinity."""
    pattern = ENCODERS[name](value)
    if pattern & 0x7FFF == {"float16": 0x7C00, "bfloat16": 0x7F80}.get(name):
        return "-"
    return vectors.hexadecimal([pattern], vectors.digits_of(name))


def _stochastic(row: Row) -> tuple[str, ...]:
    value, word = single_from_bits(int(row["float32"], 16)), int(row["R"], 16)
    return tuple(
        vectors.hexadecimal(
            [STOCHASTIC_ENCODERS[name](value, word)], vectors.digits_of(name)
        )
        for name in vectors.NARROW
    )


def _constants(row: Row) -> tuple[str, ...]:
    dtype = dtype_of(row["dtype"])
    value = float(row["value"]) if dtype.is_float else int(row["value"])
    pattern = FillPlan("constant", (value,), (1,), dtype).sampling.pattern
    return (vectors.hexadecimal([pattern], 2 * dtype.itemsize),)


def _complex(row: Row) -> tuple[str, ...]:
    law, *given = row["law"].split()
    values: tuple[Any, ...] = tuple(float(value) for value in given)
    if law == "complex_normal":
        values = complex(*values[:2]), values[2]
    dtype = dtype_of(row["dtype"])
    plan = FillPlan(law, values, (STREAM_LIMIT // 2,), dtype, *_identity(row))
    out = np.empty(vectors.PAIRS, dtype.name)
    window = Window(int(row["first index"]), out.shape, (1,))
    memory = Memory(out.ctypes.data, out.strides, out)
    get_backend("cpu").fill(plan, memory, window, Options())
    patterns = out.view(f"uint{4 * dtype.itemsize}").tolist()
    return (vectors.hexadecimal(patterns, dtype.itemsize),)


LIBRARY: dict[str, Callable[[Row], tuple[str, ...]]] = {
    "identity": lambda row: (vectors.hexadecimal(stream_key(*_identity(row))),),
    "philox": _philox,
    "words": _words,
    "views": _views,
    "padded-views": _views,
    "schemes": _schemes,
    "uniform": lambda row: _values(row, "uniform", "a", "b"),
    "pairs": _pairs,
    "normal": lambda row: _values(row, "normal", "mean", "std"),
    "truncated-normal": lambda row: _values(
        row, "truncated_normal", "mean", "std", "a", "b"
    ),
    "rounding": _rounding,
    "complex": _complex,
    "stochastic": _stochastic,
    "stochastic-normal": lambda row: _values(
        row, "normal", "mean", "std", rounding="stochastic"
    ),
    "stochastic-uniform": lambda row: _values(
        row, "uniform", "a", "b", rounding="stochastic"
    ),
    "constants": _constants,
}


def written(row: Row, results: tuple[str, ...]) -> tuple[str, ...]:
    """Cells of a row that hold results: the last ones."""
    return tuple(row.values())[-len(results) :]


def test_every_block_is_recomputed():
    assert set(BLOCKS) == set(vectors.ORACLE) == set(LIBRARY)
    assert all(len(rows) >= 5 for rows in BLOCKS.values())


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_oracle_recomputes_the_document(name, row):
    results = vectors.ORACLE[name](row)
    assert written(row, results) == results


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_library_recomputes_the_document(name, row):
    results = LIBRARY[name](row)
    assert written(row, results) == results


@pytest.mark.parametrize("name", sorted(document.blocks("table")))
def test_tables_say_the_same_twice(name):
    """The value and the bit pattern of each coefficient are one number."""
    target = FORMATS[name.partition("-")[2]]
    for row in document.blocks("table")[name]:
        number = from_double(float.fromhex(row["value"]))
        assert f"{target.encode(number):x}" == row["bits"]


@pytest.mark.parametrize(("dtype", "prefix"), [("float32", "F32"), ("float64", "F64")])
def test_tables_hold_the_coefficients_of_the_library(dtype, prefix):
    names = {
        "C": "TWO_LN2",
        "H": "HALF_PI",
        "L": "LOG_",
        "S": "SINE_",
        "K": "COSINE_",
    }
    seen = set()
    for table in (f"log-{dtype}", f"sine-{dtype}", f"cosine-{dtype}"):
        for row in document.blocks("table")[table]:
            name = f"{prefix}_{names[row['name'][0]]}{row['name'][1:]}"
            assert float(getattr(box_muller, name)) == float.fromhex(row["value"])
            seen.add(name)
    polynomials = {
        name
        for name in vars(box_muller)
        if name.startswith(tuple(f"{prefix}_{p}_" for p in ("LOG", "SINE", "COSINE")))
    }
    assert polynomials <= seen


def test_heading_names_the_version():
    first = document.PATH.read_text(encoding="utf-8").splitlines()[0]
    assert first == f"# The stream, version {STREAM_VERSION}"


def test_names_of_unnamed_tensors():
    generator = Generator(5)
    assert [generator.next_name() for _ in range(12)][::11] == ["#0", "#11"]
    assert generator.manual_seed(6).next_name() == "#0"
