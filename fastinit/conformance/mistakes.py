"""What goes wrong with a scheme on a shape: the std that each mistake gives."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from fastinit.conformance.diagnosis.candidates import Alternative
from fastinit.distributions import DISTRIBUTIONS
from fastinit.errors import FastinitError
from fastinit.fan_gain import fans
from fastinit.spec import Spec

__all__ = ["mistakes_of"]

#: Arguments that people mean instead: cause, words, arguments of schemes with them.
_ARGUMENTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("fans_swapped", "fan_out in the place of fan_in", {"mode": "fan_out"}),
    ("fans_swapped", "fan_in in the place of fan_out", {"mode": "fan_in"}),
    ("gain_missing", "the gain left out", {"nonlinearity": "linear"}),
    ("gain_missing", "the gain left out", {"gain": 1.0}),
    ("gain_missing", "the scale left out", {"scale": 1.0}),
    ("groups_missing", "groups left out", {"groups": 1}),
    ("layout_swapped", "the layout ...IO of JAX and Keras", {"layout": "...IO"}),
    ("layout_swapped", "the layout OI... of torch", {"layout": "OI..."}),
)


def mistakes_of(spec: Spec, shape: tuple[int, ...]) -> tuple[Alternative, ...]:
    """The std that likely mistakes would give, with their causes.

    Parameters
    ----------
    spec : Spec
        What was specified.
    shape : tuple of int
        The canonical shape.

    Returns
    -------
    alternatives : tuple of Alternative
        None with the std of the specification itself.

    Examples
    --------
    >>> [one.name for one in mistakes_of(Spec("kaiming_normal"), (384, 640))][:2]
    ['fans_swapped', 'gain_missing']
    """
    std = _std_of(spec, shape)
    if std is None or not std > 0.0:
        return ()
    found: dict[float, Alternative] = {}
    for one in (*_by_arguments(spec, shape), *_by_fans(spec, shape, std)):
        is_new = abs(math.log(one.std / std)) > 1e-6 and one.std not in found
        if is_new:
            found[one.std] = one
    return (*found.values(), *_never_ran(shape))


def _never_ran(shape: tuple[int, ...]) -> Iterator[Alternative]:
    """What torch's layers hold until an initializer runs."""
    if len(shape) < 2:
        return
    fan_in, _ = fans(shape)
    if fan_in:
        text = "torch's default for a layer of this shape: no initializer ran"
        std = 1.0 / math.sqrt(3.0 * fan_in)
        yield Alternative("torch_default", text, std, 0.995, "uniform")


def _std_of(spec: Spec, shape: tuple[int, ...]) -> float | None:
    """Std of a specification, None where the shape has no such fan."""
    try:
        parameters = spec.resolve(shape)
    except FastinitError:
        # A fan of zero elements: that mistake cannot have been made.
        return None
    return DISTRIBUTIONS[spec.distribution].law(parameters).std


def _by_arguments(spec: Spec, shape: tuple[int, ...]) -> Iterator[Alternative]:
    """Mistakes in the arguments of a scheme."""
    for name, text, changes in _ARGUMENTS:
        if not changes.keys() <= spec.arguments.keys():
            continue
        std = _std_with(spec, shape, changes)
        if std is not None and std > 0.0:
            yield Alternative(name, text, std)


def _std_with(
    spec: Spec, shape: tuple[int, ...], changes: dict[str, Any]
) -> float | None:
    """Std with other arguments, None where the scheme does not take them together."""
    try:
        changed = Spec(spec.scheme, **{**spec.arguments, **changes})
    except FastinitError:
        # Arguments that exclude each other: that mistake cannot have been made.
        return None
    return _std_of(changed, shape)


def _by_fans(spec: Spec, shape: tuple[int, ...], std: float) -> Iterator[Alternative]:
    """Mistakes in what is taken for a fan."""
    if not spec.scheme.startswith(("kaiming", "xavier")):
        return
    fan_in, fan_out = fans(shape)
    if not fan_in or not fan_out:
        return
    average = 0.5 * (fan_in + fan_out)
    taken = average
    if spec.scheme.startswith("kaiming"):
        taken = fan_in if spec.arguments["mode"] == "fan_in" else fan_out
    field = math.prod(shape[2:])
    others: list[tuple[str, str, float]] = [
        ("receptive_field", "a fan without the receptive field", taken / field),
        (
            "fan_geometric",
            "the geometric mean of both fans",
            math.sqrt(fan_in * fan_out),
        ),
    ]
    if spec.scheme.startswith("kaiming"):
        words = "the average of both fans in the place of one"
        others.insert(0, ("fan_average", words, average))
    else:
        words = "the sum of both fans in the place of their average"
        others.append(("fan_sum", words, 2 * average))
        others += [
            ("fan_single", "fan_in in the place of the average", float(fan_in)),
            ("fan_single", "fan_out in the place of the average", float(fan_out)),
        ]
    if len(shape) > 2:
        outer = math.prod(shape[:-2])
        last = (shape[-2] * outer, shape[-1] * outer)
        words = "a fan in the layout of Keras, (..., in, out)"
        others += [("layout", words, float(fan)) for fan in last]
    for name, text, fan in others:
        prior = 0.9 if name == "fan_geometric" else 0.98
        yield Alternative(name, text, std * math.sqrt(taken / fan), prior)
    yield from _by_schemes(spec, average, float(fan_in))


def _by_schemes(spec: Spec, average: float, fan_in: float) -> Iterator[Alternative]:
    """The std of other schemes on the same shape."""
    if spec.scheme.startswith("kaiming"):
        stds = {"Xavier's formula in the place of Kaiming's": average**-0.5}
    else:
        stds = {
            "Kaiming's formula in the place of Xavier's": math.sqrt(2.0 / fan_in),
            "LeCun's formula in the place of Xavier's": fan_in**-0.5,
        }
    for text, std in stds.items():
        yield Alternative("other_scheme", text, std, 0.97)
