"""Wrong stacks, inputs and activations are refused in three parts."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from fastinit import FastinitError, kaiming_normal, propagate


def _no_number(z: Any) -> Any:
    return z * math.nan


W = np.full((4, 3), 0.1)
NEXT = np.full((2, 4), 0.1)

WRONG: list[tuple[type[Exception], str, tuple[Any, ...], dict[str, Any]]] = [
    (ValueError, "at least one weight", ([],), {}),
    (TypeError, "a list of arrays", (W,), {}),
    (TypeError, "a list of arrays", ("w.npy",), {}),
    (TypeError, "a list of arrays", (None,), {}),
    (ValueError, "'2' of 3 inputs behind '1' of 4", ([W, W],), {}),
    (ValueError, "as many inputs", ({"a": W, "b": W},), {}),
    (ValueError, "leave biases out", ([W, np.ones(4)],), {}),
    (ValueError, "leave empty weights out", ([np.ones((0, 3))],), {}),
    (TypeError, "real floating weights", ([np.ones((2, 3), int)],), {}),
    (TypeError, "real floating weights", ([np.ones((2, 3), complex)],), {}),
    (TypeError, "fastinit knows arrays of", ([[1.0, 2.0]],), {}),
    (ValueError, "finite numbers", ([np.full((2, 3), math.inf)],), {}),
    (ValueError, "finite numbers", ([np.full((2, 3), math.nan)],), {}),
    (ValueError, "no copies or groups", ([np.ones((2, 3, 4))],), {"layout": "EIO"}),
    (ValueError, "axes I and O", ([np.ones((2, 3))],), {"layout": "IW"}),
    (ValueError, "marks are", ([W],), {"layout": "??"}),
    (
        ValueError,
        "kernels of as many axes",
        ([np.ones((2, 3, 1)), np.ones((2, 2, 1, 1))],),
        {},
    ),
    (ValueError, "did you mean", ([W], "reluu"), {}),
    (TypeError, "an activation is a name", ([W], 3), {}),
    (ValueError, "only 'leaky_relu'", ([W], "relu"), {"slope": 0.1}),
    (ValueError, "slope nan", ([W], "leaky_relu"), {"slope": math.nan}),
    (ValueError, "a name brings its own", ([W], "relu"), {"derivative": np.cos}),
    (TypeError, "a derivative is", ([W], np.sin), {"derivative": 1}),
    (ValueError, "one for each weight", ([W, NEXT], ["relu"]), {}),
    (ValueError, "belongs to one function", ([W], [np.sin]), {"derivative": np.cos}),
    (ValueError, "finite mean square > 0", ([W], lambda z: 0 * z), {}),
    (ValueError, "finite mean square > 0", ([W], np.log), {}),
    (TypeError, "acts on each element", ([W], lambda z: z[:1]), {}),
    (ValueError, "the choices are", ([W],), {"mode": "fan"}),
    (ValueError, "the choices are", ([W],), {"dtype": "float16"}),
    (ValueError, "alpha = 0", ([W],), {"alpha": 0}),
    (ValueError, "batch=0", ([W],), {"batch": 0}),
    (TypeError, "sizes and fans are integers", ([W],), {"side": 1.5}),
    (ValueError, "seed", ([W],), {"seed": -1}),
    (ValueError, "(batch, 3)", ([W],), {"inputs": np.ones((3, 2))}),
    (ValueError, "(batch, 3)", ([W],), {"inputs": np.ones(3)}),
    (
        ValueError,
        "(batch, 3, s, s)",
        ([np.ones((4, 3, 2, 2))],),
        {"inputs": np.ones((1, 3))},
    ),
    (ValueError, "all 0", ([W],), {"inputs": np.zeros((1, 3))}),
    (ValueError, "all 0, or not finite", ([W],), {"inputs": np.full((1, 3), np.inf)}),
    (
        ValueError,
        "finite mean square above",
        ([W],),
        {"inputs": np.full((1, 3), 1e200)},
    ),
    (
        ValueError,
        "mean square 0 in float64",
        ([W],),
        {"inputs": np.full((1, 3), 1e-300)},
    ),
    (
        ValueError,
        "in float32",
        ([W],),
        {"inputs": np.full((1, 3), 1e30), "dtype": "float32"},
    ),
    (TypeError, "dtype complex128", ([W],), {"inputs": np.ones((1, 3), complex)}),
    (TypeError, "dtype <U1", ([W],), {"inputs": np.full((1, 3), "a")}),
    (TypeError, "dtype object", ([W],), {"inputs": np.ones((1, 3), object)}),
    (TypeError, "torch.from_numpy", ([W], torch.tanh), {}),
    (TypeError, "acts on a NumPy array", ([W], lambda _: "a"), {}),
    (ValueError, "derivative are numbers", ([W], np.sin), {"derivative": _no_number}),
    (ValueError, "about 1e-150", ([W * 1e200],), {}),
    (ValueError, "up to 1e-201", ([W * 1e-200],), {}),
    (ValueError, "batch=-1", ([W],), {"batch": -1}),
    (TypeError, "a seed is an integer", ([W],), {"seed": None}),
]


@pytest.mark.parametrize(
    ("error", "words", "arguments", "how"), WRONG, ids=[row[1] for row in WRONG]
)
def test_wrong_calls_are_refused(
    error: type[Exception], words: str, arguments: tuple[Any, ...], how: dict[str, Any]
) -> None:
    with pytest.raises(error) as caught:
        propagate(*arguments, **how)
    assert isinstance(caught.value, FastinitError)
    assert words in str(caught.value)


def test_an_activation_without_a_number_is_refused_where_it_is_met() -> None:
    def rooted(z: Any) -> Any:
        # Finite where moments look, up to 12, and no number beyond.
        return np.where(z < 30, np.maximum(z, 0), math.nan)

    with pytest.raises(ValueError, match="derivative are numbers everywhere"):
        propagate([np.full((4, 3), 1e3)], rooted)


def test_activations_may_work_in_place() -> None:
    def in_place(z: Any) -> Any:
        return np.maximum(z, 0, out=z)

    stack = [kaiming_normal((64, 64), seed=0, name=f"{at}") for at in range(3)]
    found = propagate(stack, in_place)
    named = propagate(stack, "relu")
    for one, other in zip(found.layers, named.layers, strict=True):
        assert one.signal_square == pytest.approx(other.signal_square, rel=1e-12)
        assert one.gradient_square == pytest.approx(other.gradient_square, rel=1e-6)


def test_an_unknown_interval_makes_the_verdict_weak() -> None:
    stack = [kaiming_normal((16, 16), seed=0, name=f"{at}") for at in range(60)]
    result = propagate(stack, "relu_squared")
    for one in (result.forward, result.backward):
        assert 0 <= one.low <= one.high
    assert any("the verdict is weak" in text for text in result.findings)


def test_drawings_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    result = propagate([W, NEXT])
    for ending in ("svg", "png"):
        path = tmp_path / f"signal.{ending}"
        result.plot(path)
        assert path.stat().st_size > 5000
    with pytest.raises(OSError, match="exists"):
        result.plot(tmp_path / "signal.svg")
    result.plot(tmp_path / "signal.svg", overwrite=True)
    with pytest.raises(ValueError, match=r"\.svg, \.png, \.pdf"):
        result.plot(tmp_path / "signal.txt")


def test_a_drawing_shows_what_was_measured() -> None:
    weights = [np.full((4, 3), 0.1), np.zeros((4, 4)), np.full((2, 4), 0.1)]
    left, right = propagate(weights).figure().axes
    assert left.get_title() == "signal, forward: vanishes (times 0)"
    assert right.get_title().startswith("gradient, backward: vanishes")
    # What is 0 has no place on a logarithmic axis.
    assert len(left.lines[0].get_xdata()) == 2
    ideal = propagate([W * 10, NEXT * 10])
    lines = ideal.figure().axes[0].lines[0]
    expected = [ideal.input_square, *(one.signal_square for one in ideal.layers)]
    np.testing.assert_allclose(lines.get_ydata(), np.sqrt(expected))
