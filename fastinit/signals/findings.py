"""What is amiss with the weights of a stack, in sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from fastinit.signals.layers import Layer
from fastinit.signals.results import LayerSignal
from fastinit.signals.theory import Chance

__all__ = ["findings_of", "unlike"]

#: Relative difference of a std that is told, beside six standard errors.
_NOTABLE = 0.1
#: The gain of torch's own layers, that of a leaky ReLU of slope sqrt(5).
_TORCH_DEFAULT = 1.0 / math.sqrt(3.0)


def findings_of(
    layers: Sequence[Layer], rows: Sequence[LayerSignal], mode: str
) -> tuple[str, ...]:
    """Sentences about single layers, and about all of them.

    Parameters
    ----------
    layers : sequence of Layer
        The weights.
    rows : sequence of LayerSignal
        What was measured.
    mode : str
        Fan that the variances are meant for.

    Returns
    -------
    findings : tuple of str
        Dead layers, layers of another scale than the others, and a scale of all that
        is not that of the activation, with its likely cause.
    """
    found = [f"weight {one.name} is zero" for one in rows if one.weight_std == 0.0]
    alive = [at for at, one in enumerate(rows) if one.weight_std > 0.0]
    found += _silent(rows)
    if not alive:
        return tuple(found)
    logs = np.log([rows[at].gain / rows[at].forward_gain for at in alive])
    limits = np.array([_limit(layers[at]) for at in alive])
    other = _other_mode([layers[at] for at in alive], mode)
    if other:
        return (*found, other)
    centre = float(np.median(logs))
    for at, distance, limit in zip(alive, logs - centre, limits, strict=True):
        if abs(distance) > limit and len(alive) > 2:
            found.append(
                f"weight {rows[at].name} is {math.exp(distance):.3g} times as large as "
                f"the others are for their fans: its gain is {rows[at].gain:.3g}, "
                f"theirs is {rows[at].forward_gain * math.exp(centre):.3g}"
            )
    if abs(centre) > float(np.median(limits)):
        found.append(_scale([rows[at] for at in alive], centre))
    return tuple(found)


def unlike(
    measured: Sequence[float],
    predicted: Sequence[float],
    chance: Chance,
    alpha: float,
) -> list[int]:
    """Places where independent weights of these variances would not be.

    Parameters
    ----------
    measured, predicted : sequence of float, of equal length
        Mean squares in front of layer 1 and behind each.
    chance : Chance
        What finite widths add to the logarithm of the prediction.
    alpha : float
        False-alarm rate of all places together.

    Returns
    -------
    places : list of int
        Places, from 0 on, where measured by predicted is beyond chance.
    """
    found = []
    for at, (one, expected) in enumerate(zip(measured, predicted, strict=True)):
        is_known = 0.0 < one < math.inf and 0.0 < expected < math.inf
        low, high = chance.quantiles(at, alpha / len(measured))
        # Rounding alone moves what has no chance to move.
        if is_known and not low - 1e-3 < math.log(one / expected) < high + 1e-3:
            found.append(at)
    return found


def _silent(rows: Sequence[LayerSignal]) -> list[str]:
    """First layer behind which nothing is left, though its weight is not zero."""
    for one in rows:
        if one.signal_square == 0.0:
            if one.weight_std == 0.0:
                return []
            return [f"nothing is left of the signal behind weight {one.name}"]
    return []


def _limit(layer: Layer) -> float:
    """Distance of logarithms of a std that chance does not reach."""
    # Six standard errors of a std, for weights of a kurtosis of up to 3.
    return math.log1p(_NOTABLE) + 6.0 / math.sqrt(2.0 * layer.values.size)


def _other_mode(layers: Sequence[Layer], mode: str) -> str:
    """Sentence, where the variances follow another fan than the one of the mode."""
    squares = np.log([one.square for one in layers])
    fans = np.array([(one.fan_in, one.fan_out) for one in layers], dtype=np.float64)
    kinds = {
        "fan_in": fans[:, 0],
        "fan_out": fans[:, 1],
        "fan_avg": fans.mean(axis=1),
        "fan_geo_avg": np.sqrt(fans.prod(axis=1)),
    }
    limit = 2.0 * max(map(_limit, layers))
    widths = {
        name: float(np.ptp(squares + np.log(kinds[name])))
        for name in ("fan_in", "fan_out", "fan_avg", mode)
    }
    best = min(widths, key=lambda name: widths[name])
    if widths[best] < limit < widths[mode]:
        return (
            f"the variances of the weights follow {best}, not {mode}: the std times "
            f"the root of {best} is the same in all layers"
        )
    return ""


def _scale(rows: Sequence[LayerSignal], centre: float) -> str:
    """Sentence about the std of all weights."""
    gain = float(np.median([one.gain for one in rows]))
    needed = float(np.median([one.forward_gain for one in rows]))
    named = ", ".join(dict.fromkeys(one.activation for one in rows))
    text = (
        f"the std of the weights is {math.exp(centre):.3g} times what keeps the "
        f"signal: the gain is {gain:.3g}, {named} needs {needed:.4g}"
    )
    causes = {
        f"the gain of {named} is missing": 1.0,
        "this is the default of torch's own layers": _TORCH_DEFAULT,
        "this is the gain of relu": math.sqrt(2.0),
    }
    for cause, value in causes.items():
        if abs(math.log(gain / value)) < math.log1p(_NOTABLE) / 2.0:
            return f"{text}; {cause}"
    return text
