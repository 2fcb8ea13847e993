"""Wrong calls: the error says what, why and what to do, and nothing has changed.

The calls are a table of their own, bad_inputs.txt: one line each.
"""

from __future__ import annotations

import builtins
import math
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import torch

import fastinit
from fastinit import FastinitError, Generator, Spec, View
from fastinit.backends import load_backend
from fastinit.dtypes import dtype_of, numpy_dtype

HUGE = 10**5000
TABLE = Path(__file__).with_name("bad_inputs.txt")


def lines() -> Iterator[Any]:
    """Each call of the table, with the builtin error that it must raise."""
    builtin = ""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            builtin = line.strip("[]")
        elif line and not line.startswith("#"):
            yield pytest.param(getattr(builtins, builtin), line, id=line)


LINES = list(lines())


def read_only(array: np.ndarray) -> np.ndarray:
    view = array.view()
    view.flags.writeable = False
    return view


def quietly(call: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call()


def test_the_table_is_large_and_has_no_line_twice():
    lines = [parameters.id for parameters in LINES]
    assert len(lines) == len(set(lines)) > 300


@pytest.fixture
def default(monkeypatch):
    """Give each test a process-wide generator of its own."""
    generator = Generator(0)
    monkeypatch.setattr("fastinit.generator._default", generator)
    return generator


@pytest.mark.parametrize(("builtin", "line"), LINES)
def test_wrong_calls_say_why_and_change_nothing(builtin, line, default):
    if 'backend="cuda"' in line and not load_backend("cuda").unavailable():
        pytest.skip("this machine has a CUDA device, so the call is right")
    things = {
        "a": np.full((4, 3), 7, np.float32),
        "i": np.full((4, 3), 7, np.int32),
        "t": torch.full((4, 3), 7.0),
        "g": Generator(1),
    }
    names = {name: getattr(fastinit, name) for name in fastinit.__all__}
    more = {"read_only": read_only, "quietly": quietly, "HUGE": HUGE, "math": math}
    more |= {"np": np, "torch": torch, "ml_dtypes": ml_dtypes}
    version = things["t"]._version
    with pytest.raises(builtin) as caught:
        eval(line, {**names, **more, **things})
    error = caught.value
    assert isinstance(error, FastinitError), repr(error)
    parts = (error.given, error.allowed, error.remedy)
    assert all(isinstance(part, str) and part.strip() for part in parts)
    assert all(part in str(error) for part in parts)
    assert len(str(error)) < 1000
    assert all((things[name] == 7).all() for name in "ait")
    assert things["t"]._version == version
    # A wrong call uses up no name, neither of a generator nor of the process.
    assert things["g"].next_name() == default.next_name() == "#0"
    assert things["g"].seed == 1
    assert default.seed == 0


@pytest.mark.parametrize("variable", ["FASTINIT_NUM_THREADS", "FASTINIT_ENGINE"])
@pytest.mark.parametrize("value", ["0", "-1", "1.5", "many", "9" * 5000, "٣ ٤"])
def test_wrong_surroundings_say_so(variable, value, monkeypatch, default):
    monkeypatch.setenv(variable, value)
    array = np.full((4, 3), 7, np.float32)
    with pytest.raises(ValueError, match=variable) as caught:
        fastinit.normal_(array)
    assert isinstance(caught.value, FastinitError)
    assert (array == 7).all()
    assert default.next_name() == "#0"


def test_a_right_call_after_all_is_right():
    array = fastinit.create(Spec("normal"), (4, 3), view=View((4, 3)), seed=0)
    assert dtype_of(array.dtype).name == "float32"
    assert array.dtype == numpy_dtype("float32")
