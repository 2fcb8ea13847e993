"""Every wrong argument of fan_gain is refused with the right error in three parts."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fastinit.errors import ArgumentError, ArgumentTypeError, FanError, FastinitError
from fastinit.fan_gain import (
    NONLINEARITIES,
    calculate_gain,
    fan_of,
    fans,
    kaiming_std,
    uniform_bound,
    xavier_std,
)
from fastinit.model_fans import fans_of_shapes, kaiming_stds, xavier_stds

NAN, INF = math.nan, math.inf
ONE = np.ones((1, 2), dtype=np.int64)

TOO_FEW_SIZES = [(), (128,), [5], np.array([7]), range(1)]
NEGATIVE_SIZES = [(3, -1), (-1, 3), (3, 4, -(2**70)), (0, -1)]
LARGE_FANS = [
    *((2**63, 1), (1, 2**64), (2**32,) * 4, (1, 3, 2**62), (10**5000, 1)),
    # 64-bit products that wrap around to 0 after they have overflowed
    (1, 1, 2**62, 4, 2**62, 2, 2),
]
NO_SEQUENCES = [3, None, "34", b"34", bytearray(b"34"), {3: 4}, {3, 4}, 3.5]
NO_SHAPES = [np.ones((3, 4)), np.ones((3, 1), dtype=int), np.array(3), iter((3, 4))]
NO_SIZES = [(3, 4.0), (True, 4), (3, "4"), (3, None), (3, np.True_), ((3,), 4)]

#: Error, function, and the arguments of each call.
TABLE: list[tuple[type[FastinitError], Callable[..., Any], list[Any]]] = [
    (FanError, fans, [(s,) for s in (*TOO_FEW_SIZES, *NEGATIVE_SIZES, *LARGE_FANS)]),
    (ArgumentTypeError, fans, [(s,) for s in (*NO_SEQUENCES, *NO_SHAPES, *NO_SIZES)]),
    (FanError, fan_of, [((3,), "fan_in")]),
    (ArgumentError, fan_of, [((3, 4), m) for m in ("", "fan_mean", "in", "fan in")]),
    (ArgumentTypeError, fan_of, [((3, 4), m) for m in (None, 0, True, b"fan_in")]),
    (ArgumentError, calculate_gain, [("",), ("ReLU",), ("gelu",), ("identity",)]),
    (ArgumentTypeError, calculate_gain, [(None,), (1,), (math.tanh,), (b"relu",)]),
    (ArgumentTypeError, calculate_gain, [(np.array(["relu", "tanh"]),)]),
    (
        ArgumentError,
        calculate_gain,
        [("leaky_relu", s) for s in (NAN, INF, -INF, 1e200, 10**400, 10**5000)],
    ),
    (
        ArgumentTypeError,
        calculate_gain,
        [("leaky_relu", s) for s in (True, np.True_, "0.1", 1j, [0.1], np.ones(2))],
    ),
    (FanError, xavier_std, [(0, 0), (-1, 3), (3, -1), (2**63, 1), (1, 10**5000)]),
    (ArgumentError, xavier_std, [(3, 5, g) for g in (-1.0, NAN, INF, -1e-320)]),
    (ArgumentError, xavier_std, [(0, 1, 1.7e308)]),
    (ArgumentTypeError, xavier_std, [(3.0, 3), (3, "3"), (True, 3), (3, None)]),
    (ArgumentTypeError, xavier_std, [(3, 5, g) for g in (True, "1", None, 1j, b"1")]),
    (FanError, kaiming_std, [(f, 1.0) for f in (0, -3, 2**63, -(2**64))]),
    (ArgumentError, kaiming_std, [(3, g) for g in (-1, NAN, INF, 10**400)]),
    (
        ArgumentTypeError,
        kaiming_std,
        [(f, 1.0) for f in (NAN, -2.5, None, False, "9", (3,))],
    ),
    (ArgumentTypeError, kaiming_std, [(3, None), (3, False), (3, np.ones(2))]),
    (ArgumentError, uniform_bound, [(-0.1,), (NAN,), (INF,), (1.7e308,)]),
    (ArgumentTypeError, uniform_bound, [(None,), (True,), ("1",), (1 + 0j,)]),
    (FanError, fans_of_shapes, [([()],), ([(3, 4), (3, -4)],)]),
    (ArgumentTypeError, fans_of_shapes, [(3,), (None,), ("ab",), (np.array(3),)]),
    (ArgumentTypeError, fans_of_shapes, [((3, 4),), ({"w": 1},), ([(3, 4), 5],)]),
    (FanError, xavier_stds, [(ONE * p,) for p in ((0, 0), (-1, 1), (9, -2))]),
    (ArgumentError, xavier_stds, [(ONE[0],), (np.eye(3, dtype=np.int64),)]),
    (ArgumentError, xavier_stds, [(ONE * (0, 1), g) for g in (-1.0, NAN, 1.7e308)]),
    (ArgumentTypeError, xavier_stds, [([[3, 4]],), (None,), (np.ones((1, 2)),)]),
    (ArgumentTypeError, xavier_stds, [(ONE.astype(d),) for d in (">i8", "u8", "?")]),
    (FanError, kaiming_stds, [(ONE * (0, 1), 1.0), (ONE * (-1, 1), 1.0)]),
    (FanError, kaiming_stds, [(ONE * (1, 0), 1.0, "fan_out")]),
    (ArgumentError, kaiming_stds, [(ONE, 1.0, "fan_avg"), (ONE, -1.0)]),
    (ArgumentTypeError, kaiming_stds, [(ONE, "1"), (ONE, 1.0, 0), ([(1, 1)], 1.0)]),
]
BAD_CALLS = [
    (error, function, arguments)
    for error, function, calls in TABLE
    for arguments in calls
]


@pytest.mark.parametrize(("error", "function", "arguments"), BAD_CALLS)
def test_a_bad_call_is_refused_in_three_parts(
    error: type[FastinitError], function: Callable[..., Any], arguments: tuple[Any, ...]
) -> None:
    with pytest.raises(error) as caught:
        function(*arguments)
    raised = caught.value
    assert type(raised) is error
    builtin: type[Exception] = TypeError if error is ArgumentTypeError else ValueError
    assert issubclass(error, builtin)
    parts = (raised.given, raised.allowed, raised.remedy)
    assert all(isinstance(part, str) and part.strip() for part in parts)
    assert all(len(part) < 200 for part in parts)
    assert str(pickle.loads(pickle.dumps(raised))) == str(raised)


def test_a_shape_without_fans_is_told_what_to_do() -> None:
    with pytest.raises(FanError) as caught:
        fans((128,))
    assert str(caught.value) == (
        "shape (128,) has no fan: a fan needs at least 2 dimensions (out, in, ...); "
        "pass a 2-D or larger canonical shape, or use 'normal' or 'uniform'"
    )


def test_a_negative_size_is_shown_with_its_shape() -> None:
    with pytest.raises(FanError, match=r"^-1 was given in shape \(3, -1\): "):
        fans((3, -1))


def test_bulk_errors_name_the_row() -> None:
    with pytest.raises(FanError, match=r"^shapes\[1\]: shape \(7,\) has no fan"):
        fans_of_shapes([(3, 4), (7,)])
    with pytest.raises(FanError, match=r"^fans\[2\]: the fan is 0"):
        kaiming_stds(np.array([[3, 3], [1, 1], [0, 1]]), 1.0)


def test_an_error_of_a_generator_of_shapes_is_its_own() -> None:
    with pytest.raises(ZeroDivisionError):
        fans_of_shapes((3, 4 // size) for size in (1, 0))


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("ReLU", "relu"),
        ("leakyrelu", "leaky_relu"),
        ("tahn", "tanh"),
        ("Conv2d", "conv2d"),
    ],
)
def test_a_typing_error_is_told_the_name_meant(wrong: str, meant: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        calculate_gain(wrong)
    assert caught.value.remedy == f"did you mean {meant!r}?"
    assert all(name in caught.value.allowed for name in NONLINEARITIES)


@pytest.mark.parametrize("name", ["gelu", "GELU", "elu", "silu", "identity", "relu6"])
def test_a_nonlinearity_without_gain_is_not_taken_for_another(name: str) -> None:
    with pytest.raises(ArgumentError, match="torch has no gain"):
        calculate_gain(name)
