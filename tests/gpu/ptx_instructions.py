"""What PTX instructions compute, with the meaning that PTX ISA 9.0 gives them.

Only those that occur; any other raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import ml_dtypes
import numpy as np
from numba import vectorize

from fastinit.backends.cpu_target import cpu_target

_FMA = cpu_target().primitives
_fma32, _fma64 = _FMA["fma32"], _FMA["fma64"]

#: NumPy type of each type suffix.
TYPES = {
    "pred": np.dtype(bool),
    **{
        f"{kind}{bits}": np.dtype(f"u{bits // 8}")
        for kind in "ub"
        for bits in (8, 16, 32, 64)
    },
    **{f"s{bits}": np.dtype(f"i{bits // 8}") for bits in (8, 16, 32, 64)},
    "f32": np.dtype("f4"),
    "f64": np.dtype("f8"),
}
HALVES = {"f16": np.dtype(np.float16), "bf16": np.dtype(ml_dtypes.bfloat16)}
#: What the kernels never take the root of: values of (0, 2^-100).
SQRT_FLOOR = np.float32(2.0**-100)

Read = Callable[[np.dtype], np.ndarray]


@vectorize(["float32(float32, float32, float32)"])
def fma_single(a, b, c):
    return _fma32(a, b, c)


@vectorize(["float64(float64, float64, float64)"])
def fma_double(a, b, c):
    return _fma64(a, b, c)


def reinterpret(value: np.ndarray, kind: np.dtype) -> np.ndarray:
    """Bits of a value as another type; integers are cut or extended with zeros."""
    if value.dtype.itemsize == kind.itemsize:
        return value.view(kind)
    return value.view(f"u{value.dtype.itemsize}").astype(f"u{kind.itemsize}").view(kind)


COMPARISONS: dict[str, Callable[..., Any]] = {
    "eq": np.equal,
    # False where one is NaN, as all of the first six are.
    "ne": lambda a, b: np.less(a, b) | np.greater(a, b),
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    # True where one is NaN.
    "equ": lambda a, b: ~(np.less(a, b) | np.greater(a, b)),
    "neu": np.not_equal,
    "ltu": lambda a, b: ~np.greater_equal(a, b),
    "leu": lambda a, b: ~np.greater(a, b),
    "gtu": lambda a, b: ~np.less_equal(a, b),
    "geu": lambda a, b: ~np.less(a, b),
}
#: Instructions whose operands and result have the type of their suffix.
PLAIN: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul.lo": np.multiply,
    "mul": np.multiply,
    "mul.rn": np.multiply,
    "add.rn": np.add,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "div.rn": np.divide,
    "neg": np.negative,
    "not": np.invert,
    "abs": np.abs,
    "sqrt.rn": np.sqrt,
    "mov": lambda a: a,
    "mad.lo": lambda a, b, c: a * b + c,
}


def compute(name: str, read: Sequence[Read], active: Any) -> np.ndarray:
    """Value that an instruction gives, its operands read as a type of its choice."""
    if name.startswith("cvt"):
        return convert(name, read)
    name, _, suffix = name.rpartition(".")
    kind = TYPES[suffix]
    if name in PLAIN:
        return PLAIN[name](*(one(kind) for one in read))
    if name.startswith("setp."):
        return COMPARISONS[name.split(".")[1]](*(one(kind) for one in read))
    return OTHERS[name](kind, read, active)


def _select(kind: np.dtype, read: Sequence[Read], active: Any) -> np.ndarray:
    return np.where(read[2](np.dtype(bool)), read[0](kind), read[1](kind))


def _multiply_wide(kind: np.dtype, read: Sequence[Read], active: Any) -> np.ndarray:
    wide = np.dtype(f"{kind.kind}{2 * kind.itemsize}")
    a, b = (one(kind).astype(wide) for one in read)
    return a * b


def _shift(operation: Callable[..., Any]) -> Callable[..., Any]:
    def shift(kind: np.dtype, read: Sequence[Read], active: Any) -> np.ndarray:
        amount = read[1](TYPES["u32"])
        assert (amount < 8 * kind.itemsize).all()
        return operation(read[0](kind), amount.astype(kind))

    return shift


def _fused(kind: np.dtype, read: Sequence[Read], active: Any) -> np.ndarray:
    fma = fma_single if kind == TYPES["f32"] else fma_double
    return fma(*(one(kind) for one in read))


def _funnel(is_left: bool) -> Callable[..., Any]:
    """shf: 32 bits of two words side by side, shifted by an amount modulo 32."""

    def shift(kind: np.dtype, read: Sequence[Read], active: Any) -> np.ndarray:
        low, high, amount = (one(TYPES["u32"]).astype(np.uint64) for one in read)
        both, n = (high << np.uint64(32)) | low, amount & np.uint64(31)
        moved = both >> (np.uint64(32) - n) if is_left else both >> n
        return moved.astype(np.uint32)

    return shift


def _insert(kind: np.dtype, read: Sequence[Read], active: Any) -> np.ndarray:
    """bfi: bits of the first operand put into the second."""
    a, b = (one(kind) for one in read[:2])
    position, length = (int(one(TYPES["u32"])[0]) for one in read[2:])
    mask = kind.type(((1 << length) - 1) << position)
    return (b & ~mask) | ((a << kind.type(position)) & mask)


def _permute(kind: np.dtype, read: Sequence[Read], active: Any) -> np.ndarray:
    """prmt: four bytes out of eight, chosen by the digits of the third operand."""
    a, b, chosen = (one(kind).astype(np.uint64) for one in read)
    both, out = a | (b << np.uint64(32)), np.uint64(0)
    for place in range(4):
        digit = (chosen >> np.uint64(4 * place)) & np.uint64(15)
        assert (digit < 8).all(), "copies of the sign do not occur"
        byte = (both >> (digit * np.uint64(8))) & np.uint64(255)
        out = out | (byte << np.uint64(8 * place))
    return out.astype(kind)


def _divide(kind: np.dtype, read: Sequence[Read], active: Any) -> np.ndarray:
    """Integer division; lanes that wait may hold a zero."""
    a, b = (one(kind) for one in read)
    return a // np.where(active, b, 1).astype(kind)


def _lesser(kind: np.dtype, read: Sequence[Read], active: Any) -> np.ndarray:
    a, b = (one(kind) for one in read)
    # Of a NaN, and of zeros of both signs, PTX and NumPy may make different things.
    assert (
        kind.kind in "iu" or ((a != 0) & (b != 0) & (a == a) & (b == b))[active].all()
    )
    return np.minimum(a, b)


def _greater(kind: np.dtype, read: Sequence[Read], active: Any) -> np.ndarray:
    """Maximum; where it guards a root, also a check of what the root is taken of."""
    a, b = (one(kind) for one in read)
    if kind == TYPES["f32"]:
        assert b == SQRT_FLOOR
        given = np.broadcast_to(a, active.shape)[active]
        if not ((given == 0) | ((given >= SQRT_FLOOR) & (given < np.inf))).all():
            raise ValueError(f"the root of {given.min()} or {given.max()}")
        return np.fmax(a, b)
    return np.maximum(a, b)


def _root(kind: np.dtype, read: Sequence[Read], active: Any) -> np.ndarray:
    """rsqrt.approx: the float32 nearest to 1 / sqrt(x).

    PTX promises 22.9 bits, and hardware may be off by one place. The steps that follow
    are ptxas's own for its hardware (gpu/test_square_root.py).
    """
    return (1 / np.sqrt(read[0](kind).astype("f8"))).astype("f4")


def _flushed(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Instruction that takes and gives zeros for subnormal numbers."""

    def flush(x: np.ndarray) -> np.ndarray:
        return np.where(np.abs(x) < np.float32(2.0**-126), x * np.float32(0), x)

    def run(kind: np.dtype, read: Sequence[Read], active: Any) -> np.ndarray:
        return flush(operation(*(flush(one(kind)) for one in read)))

    return run


OTHERS: dict[str, Callable[..., Any]] = {
    "shf.l.wrap": _funnel(True),
    "shf.r.wrap": _funnel(False),
    "selp": _select,
    "mul.wide": _multiply_wide,
    "shl": _shift(np.left_shift),
    "shr": _shift(np.right_shift),
    "fma.rn": _fused,
    "bfi": _insert,
    "prmt": _permute,
    "div": _divide,
    "rem": lambda kind, read, active: (
        read[0](kind) % np.where(active, read[1](kind), 1).astype(kind)
    ),
    "min": _lesser,
    "max": _greater,
    "rsqrt.approx.ftz": _root,
    "mul.rn.ftz": _flushed(np.multiply),
}


def convert(name: str, read: Sequence[Read]) -> np.ndarray:
    """Result of cvt[.rn].to.from."""
    _, *modes, to, source = name.split(".")
    if modes not in ([], ["rn"]):
        raise KeyError(name)
    values = [one(TYPES[source]) for one in read]
    half = re.fullmatch(r"(b?f16)(x2)?", to)
    if half is None:
        return values[0].astype(TYPES[to])
    rounded = [value.astype(HALVES[half[1]]).view("u2") for value in values]
    if not half[2]:
        return rounded[0]
    # The first operand becomes the upper half.
    upper, lower = (value.astype("u4") for value in rounded)
    return (upper << np.uint32(16)) | lower
