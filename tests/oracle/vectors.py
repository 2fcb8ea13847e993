"""The test vectors of docs/stream.md: what each row's inputs must give.

A row is a mapping of column to cell as the document writes it; each function
returns the cells of the columns that are results.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from oracle import document, normal
from oracle.floats import FORMATS, Number
from oracle.philox import philox4x32
from oracle.stream import Tensor, stream_key, word

Row = Mapping[str, str]

#: Dtypes that a float32 value is rounded to, in the order of their columns.
NARROW = ("float16", "bfloat16", "float8_e4m3fn", "float8_e5m2")
#: Consecutive elements of a row of words or values.
RUN = 5
#: Consecutive complex numbers of a row.
PAIRS = 2


def hexadecimal(values: Any, digits: int = 8) -> str:
    """Patterns as the document writes them."""
    return " ".join(f"{value:0{digits}x}" for value in values)


def integers(cell: str) -> tuple[int, ...]:
    """Decimal integers of a cell; a dash stands for none."""
    return () if cell == "-" else tuple(int(part) for part in cell.split())


def decimal(values: Any) -> str:
    """Integers as the document writes them."""
    return " ".join(str(value) for value in values) or "-"


def _identity(row: Row) -> tuple[str, ...]:
    key = stream_key(int(row["seed"]), document.text(row["name"]))
    return (hexadecimal(key),)


def _philox(row: Row) -> tuple[str, ...]:
    counter, key = document.words(row["counter"]), document.words(row["key"])
    return (hexadecimal(philox4x32(counter, key, int(row["rounds"]))),)


def _words(row: Row) -> tuple[str, ...]:
    key = stream_key(int(row["seed"]), document.text(row["name"]))
    first, tag = int(row["first index"]), int(row["tag"])
    return (hexadecimal(word(key, first + k, tag) for k in range(RUN)),)


def slices(cell: str) -> tuple[slice | int, ...]:
    """Basic index of a cell such as ``2:8:2, 3``; a dash stands for none."""
    entries: list[slice | int] = []
    for part in () if cell == "-" else cell.split(", "):
        bounds = [int(bound) if bound else None for bound in part.split(":")]
        entries.append(slice(*bounds) if len(bounds) > 1 else int(part))
    return tuple(entries)


def _positions(entry: slice | int, size: int) -> range | int:
    """Positions on an axis of a size; written-out bounds may lie in its padding."""
    if isinstance(entry, int):
        return entry + size if entry < 0 else entry
    step = entry.step or 1
    ends = (0, size) if step > 0 else (size - 1, -1)
    bounds = [
        end if bound is None else bound + size if bound < 0 else bound
        for bound, end in zip((entry.start, entry.stop), ends, strict=True)
    ]
    return range(*bounds, step)


def _views(row: Row) -> tuple[str, ...]:
    shape, stride, axes = integers(row["shape"]), 1, []
    reach = integers(row.get("index shape", row["shape"]))
    first = 0
    index = slices(row["index"])
    index += (slice(None),) * (len(shape) - len(index))
    for size, limit, entry in reversed(list(zip(shape, reach, index, strict=True))):
        positions = _positions(entry, size)
        if isinstance(positions, range):
            axes.append((len(positions), positions.step * stride))
            positions = positions.start
        first += positions * stride
        stride *= limit
    axes.reverse()
    if row["axes"] != "-":
        axes = [axes[axis] for axis in integers(row["axes"])]
    return str(first), decimal(a[0] for a in axes), decimal(a[1] for a in axes)


def _gain(options: Mapping[str, str]) -> float:
    slope = float(options.get("a", "0"))
    table = {"linear": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2.0), "selu": 0.75}
    leaky = math.sqrt(2.0 / (1.0 + slope * slope))
    return table.get(options.get("nonlinearity", "leaky_relu"), leaky)


def _schemes(row: Row) -> tuple[str, ...]:
    """Python's floats are float64, and its + * / and sqrt round correctly."""
    scheme = row["scheme"].partition("(")[0]
    options = dict(re.findall(r"(\w+)=([\w.+-]+)", row["scheme"]))
    outputs, inputs, *field = integers(row["shape"])
    fan_in, fan_out = inputs * math.prod(field), outputs * math.prod(field)
    if scheme.startswith("xavier"):
        std = float(options.get("gain", "1")) * math.sqrt(2.0 / (fan_in + fan_out))
    else:
        fan = fan_out if options.get("mode") == "fan_out" else fan_in
        std = _gain(options) / math.sqrt(fan)
    bound = math.sqrt(3.0) * std
    parameters = (-bound, bound) if scheme.endswith("uniform") else (0.0, std)
    return (" ".join(value.hex() for value in parameters),)


def digits_of(dtype: str) -> int:
    """Hexadecimal digits of a pattern, of a part of a complex number."""
    if dtype.startswith("float8"):
        return 2
    wide = {"float64": 16, "float32": 8, "complex128": 16, "complex64": 8}
    return wide.get(dtype, 4)


def _run(tensor: Tensor, first: int) -> tuple[str, ...]:
    bits = (tensor.bits(first + k) for k in range(RUN))
    return (hexadecimal(bits, digits_of(tensor.dtype)),)


def _tensor(
    row: Row, distribution: str, *parameters: str, is_stochastic: bool = False
) -> tuple[str, ...]:
    values = tuple(float(row[name]) for name in parameters)
    identity = int(row["seed"]), document.text(row["name"])
    tensor = Tensor(distribution, values, row["dtype"], *identity, is_stochastic)
    return _run(tensor, int(row["first index"]))


def _complex(row: Row) -> tuple[str, ...]:
    law, *given = row["law"].split()
    values: tuple[Any, ...] = tuple(float(value) for value in given)
    if law == "complex_normal":
        values = complex(*values[:2]), values[2]
    identity = int(row["seed"]), document.text(row["name"])
    tensor = Tensor(law, values, row["dtype"], *identity)
    first = 2 * int(row["first index"])
    bits = (tensor.bits(first + k) for k in range(2 * PAIRS))
    return (hexadecimal(bits, digits_of(row["dtype"])),)


def _pairs(row: Row) -> tuple[str, ...]:
    words, dtype = document.words(row["words"]), row["dtype"]
    return tuple(
        hexadecimal([FORMATS[dtype].encode(z)], digits_of(dtype))
        for z in normal.pair(words)
    )


def _rounding(row: Row) -> tuple[str, ...]:
    value = FORMATS["float32"].decode(int(row["float32"], 16))
    return tuple(_rounded(name, value) for name in NARROW)


def _rounded(name: str, value: Number) -> str:
    """Pattern of the nearest number; beyond the largest that one, or - of 16 bits."""
    target = FORMATS[name]
    try:
        nearest = target.nearest(value)
    except OverflowError:
        if digits_of(name) == 4:
            return "-"
        largest = target.largest
        nearest = Number(value.sign, largest.mantissa, largest.exponent)
    return hexadecimal([target.encode(nearest)], digits_of(name))


def _stochastic(row: Row) -> tuple[str, ...]:
    value = FORMATS["float32"].decode(int(row["float32"], 16))
    patterns = (
        FORMATS[name].encode(FORMATS[name].by_chance(value, int(row["R"], 16)))
        for name in NARROW
    )
    return tuple(
        hexadecimal([pattern], digits_of(name))
        for name, pattern in zip(NARROW, patterns, strict=True)
    )


def _constants(row: Row) -> tuple[str, ...]:
    dtype, given = row["dtype"], row["value"]
    if dtype in FORMATS:
        pattern = Tensor("constant", (float(given),), dtype).bits(0)
        return (hexadecimal([pattern], digits_of(dtype)),)
    bits = 8 if dtype == "bool" else int(dtype.removeprefix("u").removeprefix("int"))
    return (hexadecimal([int(given) % 2**bits], bits // 4),)


#: Results of a row of each block, as cells.
ORACLE: dict[str, Callable[[Row], tuple[str, ...]]] = {
    "identity": _identity,
    "philox": _philox,
    "words": _words,
    "views": _views,
    "padded-views": _views,
    "schemes": _schemes,
    "uniform": lambda row: _tensor(row, "uniform", "a", "b"),
    "pairs": _pairs,
    "normal": lambda row: _tensor(row, "normal", "mean", "std"),
    "truncated-normal": lambda row: _tensor(
        row, "truncated_normal", "mean", "std", "a", "b"
    ),
    "rounding": _rounding,
    "complex": _complex,
    "stochastic": _stochastic,
    "stochastic-normal": lambda row: _tensor(
        row, "normal", "mean", "std", is_stochastic=True
    ),
    "stochastic-uniform": lambda row: _tensor(
        row, "uniform", "a", "b", is_stochastic=True
    ),
    "constants": _constants,
}
