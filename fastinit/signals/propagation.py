"""Propagate a signal forward and a gradient backward through a stack of weights."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from fastinit import _fan_arguments as arguments
from fastinit.conformance.verdict import require_alpha
from fastinit.errors import ArgumentError
from fastinit.fan_gain import mode_fan
from fastinit.identity import check_seed
from fastinit.layout import DEFAULT_LAYOUT
from fastinit.signals.activations import Activation, activation_of
from fastinit.signals.findings import findings_of, unlike
from fastinit.signals.layers import Layer, read_layers
from fastinit.signals.passage import Passage, input_maps, pass_through
from fastinit.signals.results import (
    Direction,
    LayerSignal,
    SignalResult,
    SignalVerdict,
)
from fastinit.signals.theory import Field, Prediction, predict

__all__ = ["propagate"]

_DTYPES = ("float64", "float32")
#: Ratio of the ends of what counts as kept, from which on that says little.
_WEAK = 1e4


def propagate(
    weights: Any,
    activation: Any = "relu",
    *,
    slope: float | None = None,
    derivative: Callable[..., Any] | None = None,
    layout: str = DEFAULT_LAYOUT,
    mode: str = "fan_in",
    inputs: Any = None,
    batch: int = 8,
    side: int = 8,
    seed: int = 0,
    dtype: str = "float64",
    alpha: float = 1e-6,
) -> SignalResult:
    """Judge whether a stack of weights keeps signals and gradients through its depth.

    Each layer is x' = f(W x): dense, or a convolution of stride 1 with circular
    padding; without biases, normalisation and shortcuts.

    Parameters
    ----------
    weights : sequence of array, or mapping of str to array
        In the order in which the signal passes them: NumPy arrays or CPU tensors of
        torch, of two axes (dense) or more (convolutions), of any real floating dtype.
    activation : str, callable, or sequence of these
        Behind each weight: a name of `fastinit.gains.ACTIVATIONS`, a function of
        an array or of a float; or one for each weight.
    slope : float, optional
        Negative slope of 'leaky_relu', dimensionless, 0.01 if not given.
    derivative : callable, optional
        Derivative of an activation that is a function. By default central differences
        of step ``6e-6 max(1, |z|)``, whose relative error is about 1e-10.
    layout : str
        Order of the axes of every weight: 'OI...' as in torch, '...IO' as in JAX.
    mode : {'fan_in', 'fan_out', 'fan_avg', 'fan_geo_avg'}
        Fan that the variances are meant for: 'fan_in' keeps the signal, 'fan_out'
        the gradient, and 'fan_avg' is Xavier's; where widths differ, each loses the
        ratio of the first and last widths in the other direction, which is allowed.
    inputs : array, optional
        Input, of shape (batch, in) or (batch, in, s1, s2, ...). By default normal
        values of the mean square that the activation has behind normal values.
    batch : int
        Number of inputs where none are given, >= 1.
    side : int
        Side of their maps where there are convolutions, >= 1; a kernel's if larger.
    seed : int
        Seed of the inputs and of the gradient at the end, in [0, 2^64).
    dtype : {'float64', 'float32'}
        Of the computation.
    alpha : float
        Probability, in (0, 1), that an ideal network of these widths is not said to
        keep both signal and gradient: approximate, and conservative for maps and
        batches of more than one element.

    Returns
    -------
    result : SignalResult
        Frozen: verdict ('kept', 'vanishes' or 'explodes'), a row for each layer with
        measured and predicted mean squares, findings in words; `str` gives readable
        text, `plot` a drawing.

    Raises
    ------
    FastinitError
        If an argument is wrong, or outputs do not meet as many inputs.

    References
    ----------
    Glorot & Bengio (2010), section 4.2; He et al. (2015), section 2.2; Poole et al.
    (2016); docs/howto/signal.md.

    Examples
    --------
    >>> from fastinit import kaiming_normal, xavier_normal
    >>> shapes = [(256, 256)] * 20
    >>> stack = [kaiming_normal(s, seed=0, name=f"{at}") for at, s in enumerate(shapes)]
    >>> propagate(stack, "relu").verdict
    'kept'
    >>> stack = [xavier_normal(s, seed=0, name=f"{at}") for at, s in enumerate(shapes)]
    >>> result = propagate(stack, "relu")
    >>> result.verdict, result.findings[0][-27:]
    ('vanishes', 'the gain of relu is missing')
    """
    require_alpha(alpha)
    check_seed(seed)
    arguments.choice(dtype, "dtype", _DTYPES)
    arguments.mode_number(mode)
    layers = read_layers(weights, layout)
    functions = _activations(activation, len(layers), slope, derivative)
    fields = _fields(functions)
    square = fields[0].moments(1.0).value
    start = input_maps(inputs, layers, square, (batch, side, seed))
    run = pass_through(layers, functions, _in_range(start, dtype), seed)
    stack = _Stack(layers, functions, fields, mode.lower())
    own, ideal = (stack.predicted(run, is_ideal=one) for one in (False, True))
    rows = _rows(stack, run, own)
    both = (
        _direction("forward", run, own, ideal, alpha),
        _direction("backward", run, own, ideal, alpha),
    )
    findings = [
        *findings_of(layers, rows, stack.mode),
        *_departures(run, own, rows, alpha),
        *_chances(both),
    ]
    return SignalResult(
        rows,
        *both,
        tuple(findings),
        run.signal[0].square,
        run.gradient[-1].square,
        stack.mode,
        alpha,
    )


def _in_range(start: np.ndarray[Any, Any], dtype: str) -> np.ndarray[Any, Any]:
    """Input in the dtype of the computation, its mean square a number above 0."""
    with np.errstate(all="ignore"):
        cast = start.astype(dtype)
        square = float(np.square(cast).mean())
    if not 0.0 < square < math.inf:
        raise ArgumentError(
            f"inputs of mean square {square:.4g} in {dtype}",
            "inputs have a finite mean square above 0",
            "scale the inputs, or leave them out",
        )
    return cast


def _activations(
    given: Any, depth: int, slope: Any, derivative: Any
) -> tuple[Activation, ...]:
    """Activation behind each layer."""
    if not isinstance(given, (list, tuple)):
        return (activation_of(given, slope, derivative),) * depth
    if len(given) != depth:
        raise ArgumentError(
            f"{len(given)} activations for {depth} weights",
            "there is one activation, or one for each weight",
            "pass a list of as many, with 'linear' where there is none",
        )
    if derivative is not None:
        raise ArgumentError(
            "a derivative beside several activations",
            "a derivative belongs to one function",
            "leave it out: it is taken numerically",
        )
    return tuple(
        activation_of(one, slope if one == "leaky_relu" else None) for one in given
    )


def _fields(functions: Sequence[Activation]) -> list[Field]:
    """Fields of the activations, one for each that differs."""
    made = {one: Field(one) for one in dict.fromkeys(functions)}
    for one, field in made.items():
        square = field.moments(1.0).value
        if not 0.0 < square < math.inf:
            raise ArgumentError(
                f"activation {one.name} of mean square {square:.4g}",
                "behind normal values an activation has a finite mean square > 0",
                "pass an activation that is finite everywhere and not 0",
            )
    return [made[one] for one in functions]


@dataclass(frozen=True)
class _Stack:
    """Weights, activations and the fan that the variances are meant for."""

    layers: Sequence[Layer]
    functions: Sequence[Activation]
    fields: Sequence[Field]
    mode: str

    def fan(self, layer: Layer) -> float:
        """Fan that the mode chooses."""
        return mode_fan(layer.fan_in, layer.fan_out, self.mode)

    def predicted(self, run: Passage, *, is_ideal: bool) -> Prediction:
        """What is expected of these variances, or of gain^2 / fan."""
        gains = []
        for layer, field in zip(self.layers, self.fields, strict=True):
            one = field.moments(1.0)
            fans = (layer.fan_in, layer.fan_out)
            if is_ideal:
                share = [fan / self.fan(layer) for fan in fans]
                slope = one.slope if one.slope > 0.0 else math.nan
                gains.append((share[0] / one.value, share[1] / slope))
            else:
                gains.append((fans[0] * layer.square, fans[1] * layer.square))
        widths = [self.layers[0].values.shape[1]]
        widths += [one.values.shape[0] for one in self.layers]
        ends = run.signal[0].square, run.gradient[-1].square
        return predict(self.fields, widths, gains, *ends)


def _rows(stack: _Stack, run: Passage, expected: Prediction) -> tuple[LayerSignal, ...]:
    """A row for each layer."""
    spreads = [
        np.sqrt(one.variance)
        for one in (expected.signal_chance, expected.gradient_chance)
    ]
    rows = []
    for at, layer in enumerate(stack.layers):
        one = stack.fields[at].moments(1.0)
        std = math.sqrt(layer.square)
        before, behind, back = run.before[at], run.signal[at + 1], run.gradient[at]
        rows.append(
            LayerSignal(
                layer.name,
                stack.functions[at].name,
                layer.fan_in,
                layer.fan_out,
                std,
                std * math.sqrt(stack.fan(layer)),
                1.0 / math.sqrt(one.value),
                1.0 / math.sqrt(one.slope) if one.slope > 0.0 else math.inf,
                before.std,
                before.square,
                behind.std,
                behind.square,
                float(expected.signal[at + 1]),
                float(spreads[0][at + 1]),
                back.std,
                back.square,
                float(expected.gradient[at]),
                float(spreads[1][at]),
            )
        )
    return tuple(rows)


def _departures(
    run: Passage, own: Prediction, rows: Sequence[LayerSignal], alpha: float
) -> list[str]:
    """Sentences on what independent weights of these variances would not do."""
    found = []
    forward = [one.square for one in run.signal]
    places = unlike(forward, own.signal.tolist(), own.signal_chance, alpha)
    if places:
        one = rows[places[0] - 1]
        found.append(
            f"from weight {one.name} on the signal is not that of independent weights: "
            f"its mean square is {one.signal_ratio:.3g} times the predicted one"
        )
    backward = [one.square for one in run.gradient]
    places = unlike(backward, own.gradient.tolist(), own.gradient_chance, alpha)
    if places:
        one = rows[places[-1]]
        found.append(
            f"from weight {one.name} back the gradient is not that of independent "
            f"weights: its mean square is {one.gradient_ratio:.3g} times the predicted "
            "one"
        )
    return found


def _chances(both: Sequence[Direction]) -> list[str]:
    """Sentences on directions in which chance alone does much."""
    return [
        f"{one.name}, even ideal weights of these widths change the root mean square "
        f"by factors from {one.low:.3g} to {one.high:.3g}: the verdict is weak"
        for one in both
        # Also of an interval that is unknown, from 0 to inf.
        if not one.high <= _WEAK * one.low
    ]


def _direction(
    name: Literal["forward", "backward"],
    run: Passage,
    own: Prediction,
    ideal: Prediction,
    alpha: float,
) -> Direction:
    """Verdict on one direction, from its two ends."""
    if name == "forward":
        first, last, at = run.signal[0].square, run.signal[-1].square, -1
        expected, wanted, chance = own.signal, ideal.signal, ideal.signal_chance
    else:
        first, last, at = run.gradient[-1].square, run.gradient[0].square, 0
        expected, wanted, chance = own.gradient, ideal.gradient, ideal.gradient_chance
    # The two directions have half of the false alarms each.
    low, high = chance.quantiles(at, alpha / 2.0)
    centre = math.log(wanted[at] / first) if wanted[at] > 0.0 else math.nan
    low, high = centre + low, centre + high
    if math.isnan(low) or math.isnan(high):
        low, high = -math.inf, math.inf
    change = _log(last / first)
    return Direction(
        name,
        _verdict(change, low, high),
        _root(change),
        _root(change / len(run.before)),
        _root(_log(float(expected[at]) / first)),
        _root(centre),
        _root(low),
        _root(high),
    )


def _log(value: float) -> float:
    # inf - inf on the way makes NaN of what has grown beyond all numbers.
    if math.isnan(value):
        return math.inf
    return math.log(value) if value > 0.0 else -math.inf


def _root(logarithm: float) -> float:
    """Factor of the root mean square, from the logarithm of that of the mean square."""
    with np.errstate(over="ignore"):
        return float(np.exp(np.float64(logarithm) / 2.0))


def _verdict(change: float, low: float, high: float) -> SignalVerdict:
    if change == -math.inf or change < low:
        return "vanishes"
    return "kept" if low <= change <= high and change < math.inf else "explodes"
