"""Arguments for the campaign of bad inputs: sense and junk, by what they stand for."""

from __future__ import annotations

import decimal
import fractions
from typing import Any

import numpy as np

import fastinit
from fastinit import Generator, Spec, View

HUGE = 10**5000


class Text(str):
    """A text of a class of its own."""

    __slots__ = ()


class Number(int):
    """An integer of a class of its own."""


ANYTHING: list[Any] = [
    *(None, True, False, 0, -1, 1, 3, HUGE, -HUGE, 2**59, 2**63, 2**64, 0.5, 1e308),
    *(float("nan"), float("inf"), 1j, "", "x", "\0", "\ud800", "9" * 5000, b"x"),
    *([], {}, (), set(), [[]], [1, [2]], object, object(), len, Ellipsis, slice(None)),
    *(np.array(1), np.array([1.5]), np.zeros((2, 2), bool), np.str_("w"), np.bool_(1)),
    *(np.int8(3), np.uint64(2**63), np.float32(2), np.datetime64("2000"), np.array({})),
    *(
        decimal.Decimal(3),
        fractions.Fraction(1, 3),
        range(3),
        range(0),
        memoryview(b""),
    ),
    *(Text("normal"), Number(3), Spec("normal"), View((2,)), Generator(1), print),
]
SCHEMES = ["normal", "uniform", "zeros", "ones", "constant", "kaiming_normal"]
SCHEMES += ["xavier_uniform", "he_normal", "glorot_uniform", "kaiming_uniform"]
ARGUMENTS = ["std=0.1", "std=-1", "std=nan", "mean=1e39", "a=-1", "a=1e400", "b=2"]
ARGUMENTS += ["val=3", "val=0.5", "val=-0.0", "gain=2", "gain=x", "mode=fan_out", "a=0"]
ARGUMENTS += [
    "mode=fan",
    "nonlinearity=relu",
    "std=0",
    "b=-1e308",
    "=",
    ",",
    "std=1e-45",
]
ARGUMENTS += ["val=1e39", "val=inf", "val=nan", "val=" + "9" * 400, "mean=\0", "a=1_0"]
SPECS: list[Any] = [
    *SCHEMES,
    *SCHEMES,
    *(f"{scheme}({argument})" for scheme in SCHEMES for argument in ARGUMENTS),
    *("normal()", "normal( std = 0.1 )", "NORMAL", "normal(", "(normal)", "normal\n"),
    *("uniform(a=-1, b=1)", "uniform(a=1, b=1)", "uniform(a=0, b=1e-320)", "n" * 99999),
    *("normal(mean=0, std=1e-310)", "normal(std=3e38)", "uniform(a=-3e38, b=3e38)"),
    *("(" * 5000, "normal(std=" + "(" * 5000, "nörmal", "kaiming_normal(a=1e200)"),
    *(Spec("normal"), Spec("constant", val=1), Spec("uniform", a=-0.0, b=0.0)),
]
SHAPES: list[Any] = [
    *(3, 0, (), (3,), (4, 3), [2, 2], (0, 3), (2, 0), np.int8(3), np.array([2, 3])),
    *(
        (2, 3, 4),
        (1,) * 64,
        (1,) * 65,
        (-1,),
        (2.0, 3),
        (True, 2),
        "34",
        ("3",),
        {3, 4},
    ),
    *(
        (2**58 + 1,),
        (2**70, 0),
        (HUGE,),
        -HUGE,
        (3, None),
        ((3,), 2),
        (np.float64(2), 2),
    ),
    *(range(2, 4), iter((2, 3)), (Number(2), 2), np.array([[2]]), np.zeros(0, int)),
]
INDICES: list[Any] = [
    *(0, -1, 5, (0, 1), ..., (..., 0), (..., ...), slice(1, None), (slice(None), 1)),
    *(
        slice(None, None, -1),
        slice(None, None, 0),
        slice(0, HUGE),
        slice("a"),
        (1, 2, 3),
    ),
    *(
        [0, 1],
        [[0, 1], [2, 3]],
        [],
        [-1],
        [0.5],
        ["0"],
        [HUGE],
        [[0], [1, 2]],
        range(3),
    ),
    *(np.array([0, 2]), np.array([2], np.uint64), np.array([0.0]), np.array([True])),
    *(
        np.array(0),
        np.array([2**63], np.uint64),
        (np.array([0]),),
        None,
        (None, 0),
        True,
    ),
    *((slice(2, 1), 0), (slice(-2, None), slice(None, None, 2)), np.int64(1), 1.0, "0"),
]
VIEWS: list[Any] = [
    *(None, None, None, View((4, 3)), View((3,)), View((8, 3), slice(2, 6)), (4, 3)),
    *(
        View((3, 4), axes=(1, 0)),
        View((8, 6), np.s_[::2, ::-2]),
        View((4, 3), np.s_[::-1]),
    ),
    *(View(()), View((3,), 0), View((2**58,), slice(2**58 - 3, None)), View, "view"),
    *(View((2**29, 2**29), np.s_[-4:, -3:]), View((2, 3, 4), axes=(2, 0, 1))),
]
POOLS: dict[str, list[Any]] = {
    "anything": ANYTHING,
    "spec": SPECS,
    "shape": SHAPES,
    "index": INDICES,
    "view": VIEWS,
    "axes": [None, (1, 0), (0,), (0, 0), (1, 2), [0, 1], "01", (0.0, 1), -1, (2, 1, 0)],
    "seed": [0, 0, 1, 2**64 - 1, 2**64, -1, True, 0.0, "0", np.uint8(3), None, HUGE],
    "name": [
        "",
        "w",
        "w",
        None,
        "\ud800",
        "é",
        b"w",
        3,
        "x" * 10**5,
        np.str_("w"),
        "\0",
    ],
    "generator": [
        None,
        Generator,
        Generator,
        3,
        "g",
        np.random.default_rng(0),
        object(),
    ],
    "backend": [
        "cpu",
        "cpu",
        None,
        "gpu",
        "CPU",
        "",
        3,
        b"cpu",
        [],
        Text("cpu"),
        "x" * 999,
    ],
    "threads": [None, 1, 2, 1024, 1025, 0, -1, 1.0, True, "2", np.int16(2), HUGE, []],
    "progress": [None, None, 3, "print", [].append],
    "device": [None, "cpu", "cuda", "meta", 0, "", object(), HUGE, ["cpu"]],
    "dtype": [
        *("float32", "float64", "float16", "bfloat16", "int8", "bool", "uint64", "f4"),
        *(
            np.float32,
            float,
            int,
            bool,
            None,
            "complex64",
            np.dtype(">f4"),
            "",
            object(),
        ),
        *(
            np.dtype("M8"),
            np.dtype([("a", "f4")]),
            HUGE,
            "float8_e4m3",
            "O",
            str,
            [],
            3,
        ),
    ],
    "number": [
        0,
        1,
        5,
        -1,
        2**58,
        2**58 - 3,
        2**64,
        HUGE,
        1.0,
        True,
        "1",
        None,
        np.int8(2),
    ],
    "nonlinearity": [
        "relu",
        "tanh",
        "leaky_relu",
        "ReLU",
        "",
        None,
        3,
        b"relu",
        "linear",
    ],
    "values": [
        np.zeros(9),
        np.ones((3, 3), "i4"),
        np.full(9, np.nan),
        np.array({}),
        "x",
    ],
}
#: What is likely to be accepted, so that calls are not refused for six reasons at once.
SENSE: dict[str, list[Any]] = {
    "spec": ["normal", "uniform(a=-1, b=1)", "ones", "uniform", "constant(val=1)"],
    "shape": [3, (4, 3), (2, 3, 4), [2, 2], (1, 5)],
    "index": [0, (0, 1), ..., slice(None, None, -1), [0, 1], np.array([[2, 0]])],
    "view": [None],
    "axes": [None, (1, 0)],
    "seed": [0, 1, 2**64 - 1],
    "name": ["", "w", "é"],
    "generator": [None],
    "backend": ["cpu"],
    "threads": [None, 1, 2],
    "progress": [None, [].append],
    "device": ["cpu"],
    "dtype": ["float32", "float64", "bfloat16", "float16", np.float32],
    "number": [0, 1, 5],
    "nonlinearity": ["relu", "tanh"],
}

#: Public calls: what their arguments stand for, and the call.
LINES: list[tuple[tuple[str, ...], Any]] = [
    (("spec",), Spec),
    (("spec", "number"), lambda spec, std: Spec(spec, std=std)),
    (("spec", "number"), lambda spec, val: Spec(spec, val=val)),
    (("shape", "index"), View),
    (("shape", "index", "axes"), View),
    (("seed",), Generator),
    (("seed",), lambda seed: Generator(0).manual_seed(seed)),
    (("seed", "name", "number", "axes"), fastinit.words),
    (("seed", "name", "number", "number"), lambda *a: fastinit.words(*a[:3], 3)),
    (("nonlinearity",), fastinit.calculate_gain),
    (("nonlinearity", "number"), fastinit.calculate_gain),
    (("shape",), fastinit.fans),
    (("spec", "shape", "dtype"), fastinit.make_plan),
    (("values", "spec"), fastinit.check),
    (("number", "number"), lambda a, b: fastinit.uniform(3, a, b)),
    (("number", "number"), lambda a, b: fastinit.normal(3, a, b)),
    (("number",), lambda val: fastinit.constant(3, val)),
    (("anything",), lambda val: fastinit.constant_(np.zeros(3), val)),
    (("anything",), lambda a: fastinit.kaiming_normal((3, 3), a)),
    (
        ("anything", "nonlinearity"),
        lambda m, n: fastinit.kaiming_normal((3, 3), 0, m, n),
    ),
    (("anything",), lambda gain: fastinit.xavier_uniform_(np.zeros((3, 3)), gain)),
]
COMMANDS: dict[str, Any] = {
    "command": ["create", "create", "check", "info", "", "nonsense", "--version", "-h"],
    "files": ["a.npy", "b.safetensors", "none/x.npy", "", "-", ".", "a", "\udcff.npy"],
    "options": {
        "--shape": ["8x4", "8", "", "x", "0x3", "-1", "8x4x", "9" * 400, "2" * 19],
        "--spec": ["normal", "uniform(a=0)", "nope", "", "normal(std=-1)", "constant"],
        "--dtype": ["float32", "bfloat16", "nope", "", "O"],
        "--seed": ["0", "-1", "x", str(2**64), "", "1.0", "٣"],
        "--name": ["w", "", "é", "\udcff", "x" * 9999],
        "--threads": ["1", "0", "x", "99999"],
        "--plan": ["none.toml", "", ".", "a.npy"],
        "--json": [None],
        "--force": [None],
        "--nope": [None, "x"],
    },
}
