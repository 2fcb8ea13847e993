"""What a signal test says: numbers of each layer, and a verdict on each direction."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Literal

from fastinit.conformance.verdict import plain_values

__all__ = ["Direction", "LayerSignal", "SignalResult", "SignalVerdict"]

SignalVerdict = Literal["kept", "vanishes", "explodes"]


@dataclass(frozen=True)
class LayerSignal:
    """One layer: its weight, the signal behind it, the gradient in front of it.

    All numbers are dimensionless. A spread is the standard deviation, over networks of
    independent weights, of the natural logarithm of a mean square.

    Attributes
    ----------
    name : str
        Name of the weight, or its number from 1 on.
    activation : str
        Activation behind it.
    fan_in, fan_out : int
        Fans of the weight, without groups.
    weight_std : float
        Root mean square of the weight.
    gain : float
        `weight_std` times the root of the fan that the mode chooses.
    forward_gain, backward_gain : float
        Gains that keep the mean square of the signal, and that of the gradient, where
        pre-activations are standard normal.
    preactivation_std, preactivation_square : float
        Standard deviation and mean square in front of the activation.
    signal_std, signal_square : float
        The same behind it.
    signal_predicted, signal_spread : float
        Mean square that theory expects of weights of these variances, and its spread.
    gradient_std, gradient_square : float
        Of the gradient with respect to the input of the layer.
    gradient_predicted, gradient_spread : float
        What theory expects of it.
    """

    name: str
    activation: str
    fan_in: int
    fan_out: int
    weight_std: float
    gain: float
    forward_gain: float
    backward_gain: float
    preactivation_std: float
    preactivation_square: float
    signal_std: float
    signal_square: float
    signal_predicted: float
    signal_spread: float
    gradient_std: float
    gradient_square: float
    gradient_predicted: float
    gradient_spread: float

    @property
    def signal_ratio(self) -> float:
        """Mean square of the signal by its prediction."""
        return _ratio(self.signal_square, self.signal_predicted)

    @property
    def gradient_ratio(self) -> float:
        """Mean square of the gradient by its prediction."""
        return _ratio(self.gradient_square, self.gradient_predicted)


def _ratio(above: float, below: float) -> float:
    return above / below if below else math.nan


@dataclass(frozen=True)
class Direction:
    """Verdict on the way forward, or on the way back.

    Factors are those of the root mean square over the whole depth.

    Attributes
    ----------
    name : {'forward', 'backward'}
        Which way.
    verdict : {'kept', 'vanishes', 'explodes'}
        'kept' where `factor` lies in [`low`, `high`].
    factor : float
        By which the root mean square changes.
    per_layer : float
        The same, as the geometric mean over layers.
    predicted : float
        Expectation of independent weights of the variances that these have.
    ideal : float
        Expectation of weights whose variances are gain^2 / fan.
    low, high : float
        Interval of such ideal networks of these widths.
    """

    name: Literal["forward", "backward"]
    verdict: SignalVerdict
    factor: float
    per_layer: float
    predicted: float
    ideal: float
    low: float
    high: float

    def __str__(self) -> str:
        """One sentence."""
        return (
            f"{self.name}: {self.verdict}: root mean square times {self.factor:.3g} "
            f"({self.per_layer:.3g} a layer), predicted {self.predicted:.3g}, kept "
            f"between {self.low:.3g} and {self.high:.3g}"
        )


@dataclass(frozen=True)
class SignalResult:
    """Whether a stack of weights keeps signals and gradients.

    Ask for `kept` or compare `verdict`, never `if result`.

    Attributes
    ----------
    layers : tuple of LayerSignal
        In the order in which the signal passes them.
    forward, backward : Direction
        Verdicts on the signal and on the gradient.
    findings : tuple of str
        What is amiss with single layers, or with all of them, in sentences.
    input_square, output_gradient_square : float
        Mean squares of what was sent in at both ends.
    mode : str
        Fan that the variances are meant for.
    alpha : float
        Probability, about, that an ideal network is not said to keep both.
    """

    layers: tuple[LayerSignal, ...]
    forward: Direction
    backward: Direction
    findings: tuple[str, ...]
    input_square: float
    output_gradient_square: float
    mode: str
    alpha: float

    @property
    def verdict(self) -> SignalVerdict:
        """That of the way forward, unless it keeps the signal."""
        first = self.forward.verdict
        return self.backward.verdict if first == "kept" else first

    @property
    def kept(self) -> bool:
        """True where both directions are kept."""
        return self.verdict == "kept"

    def __str__(self) -> str:
        """Several lines of text, the verdict first."""
        return "\n".join(
            (
                f"{self.verdict}: {self.summary}",
                f"  {self.forward}",
                f"  {self.backward}",
                *(f"  finding: {one}" for one in self.findings),
            )
        )

    @property
    def summary(self) -> str:
        """One sentence on what was held against what."""
        named = dict.fromkeys(one.activation for one in self.layers)
        count = len(self.layers)
        return (
            f"{count:,} {'layer' if count == 1 else 'layers'} with {', '.join(named)}, "
            f"mode {self.mode}, false-alarm rate {self.alpha:g}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Result as plain values that JSON can hold.

        Returns
        -------
        values : dict
            The fields under their names, with the verdict; a number that is not
            finite is None.
        """
        values: dict[str, Any] = plain_values(dataclasses.asdict(self))
        for row, one in zip(values["layers"], self.layers, strict=True):
            row["signal_ratio"] = plain_values(one.signal_ratio)
            row["gradient_ratio"] = plain_values(one.gradient_ratio)
        return {"verdict": self.verdict, **values}

    def figure(self) -> Any:
        """Drawing of both directions, measured and predicted.

        Returns
        -------
        figure : matplotlib.figure.Figure
            Without a window, and unknown to pyplot.

        Raises
        ------
        MissingPackageError
            If matplotlib is not installed.
        """
        from fastinit.signals.drawing import figure_of

        return figure_of(self)

    def plot(self, path: Any, *, overwrite: bool = False) -> None:
        """Write the drawing to a file, complete or not at all.

        Parameters
        ----------
        path : str or os.PathLike
            Its ending says the format: .svg, .png or .pdf.
        overwrite : bool
            True to replace a file that exists.

        Raises
        ------
        MissingPackageError
            If matplotlib is not installed.
        ArgumentError
            If the format is another one.
        OutputError
            If the file exists, or the system refuses it.
        """
        from fastinit.signals.drawing import write_figure

        write_figure(self, path, overwrite=overwrite)
