"""Drawings of a signal test: root mean squares by layer, on a logarithmic scale."""

from __future__ import annotations

import importlib
import importlib.util
import io
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fastinit.destinations.durable import check_output, durable_file, write_at
from fastinit.errors import ArgumentError, MissingPackageError, shown

if TYPE_CHECKING:
    from fastinit.signals.results import SignalResult

__all__ = ["FORMATS", "check_figure", "draw_direction", "figure_of", "write_figure"]

#: Endings of files that a drawing can be written to.
FORMATS = (".svg", ".png", ".pdf")
#: Colours of what was measured and of what was predicted, legible on white and black.
MEASURED, PREDICTED = "#e06c2f", "#3f8fdf"
TITLES = {"forward": "signal, forward", "backward": "gradient, backward"}
#: Standard deviations of the band, which lies around the median.
_SIGMA = 3.0


def draw_direction(
    axes: Any,
    result: SignalResult,
    direction: str,
    colours: tuple[str, str] = (MEASURED, PREDICTED),
) -> None:
    """Draw one direction: a line of measured values, and a band of predicted ones.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where.
    result : SignalResult
        What.
    direction : {'forward', 'backward'}
        Which way.
    colours : tuple of str
        Of what was measured and of what was predicted.
    """
    places = np.arange(len(result.layers) + 1)
    measured, predicted, spread = _series(result, direction)
    is_shown = np.isfinite(measured) & (measured > 0.0)
    with np.errstate(all="ignore"):
        low, high = (
            np.exp(np.log(predicted) - spread**2 / 4.0 + sign * _SIGMA * spread)
            for sign in (-0.5, 0.5)
        )
    is_known = np.isfinite(low * high) & (low > 0.0)
    axes.fill_between(
        places[is_known],
        low[is_known],
        high[is_known],
        color=colours[1],
        alpha=0.25,
        linewidth=0.0,
        label="predicted",
    )
    axes.plot(
        places[is_shown],
        measured[is_shown],
        marker="o" if len(places) <= 60 else None,
        color=colours[0],
        markersize=3.0,
        label="measured",
    )
    axes.set_yscale("log")
    axes.set_xlabel("layer")
    axes.set_ylabel("root mean square")


def _series(result: SignalResult, direction: str) -> tuple[Any, Any, Any]:
    """Measured and predicted root mean squares in front of layer 1 and behind each."""
    if direction == "forward":
        ends = (result.input_square, result.input_square, 0.0)
        rows = [
            (one.signal_square, one.signal_predicted, one.signal_spread)
            for one in result.layers
        ]
        rows = [ends, *rows]
    else:
        last = result.output_gradient_square
        rows = [
            (one.gradient_square, one.gradient_predicted, one.gradient_spread)
            for one in result.layers
        ]
        rows = [*rows, (last, last, 0.0)]
    measured, predicted, spread = np.array(rows, dtype=np.float64).T
    return np.sqrt(measured), np.sqrt(predicted), spread


def figure_of(result: SignalResult) -> Any:
    """Drawing of both directions side by side.

    Parameters
    ----------
    result : SignalResult
        What is drawn.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Without a window, and unknown to pyplot.

    Raises
    ------
    MissingPackageError
        If matplotlib is not installed.
    """
    _require_matplotlib()
    figures: Any = importlib.import_module("matplotlib.figure")
    figure = figures.Figure(figsize=(8.0, 3.6), layout="constrained")
    pair = figure.subplots(1, 2, sharey=False)
    for axes, one in zip(pair, (result.forward, result.backward), strict=True):
        draw_direction(axes, result, one.name)
        factor = f"{one.factor:.3g}" if math.isfinite(one.factor) else "infinity"
        title = f"{TITLES[one.name]}: {one.verdict} (times {factor})"
        axes.set_title(title, fontsize=10.0)
        axes.grid(alpha=0.25)
    pair[0].legend()
    return figure


def check_figure(path: Any, *, overwrite: bool) -> Path:
    """Path of a drawing, refused where it could not be written.

    Parameters
    ----------
    path : str or os.PathLike
        Where the drawing goes.
    overwrite : bool
        True to replace a file that exists.

    Returns
    -------
    path : pathlib.Path
        The same.

    Raises
    ------
    MissingPackageError
        If matplotlib is not installed.
    ArgumentError
        If its ending is none of `FORMATS`.
    OutputError
        If the file exists, or its folder does not.
    """
    _require_matplotlib()
    target = check_output(path, overwrite=overwrite)
    if target.suffix.lower() not in FORMATS:
        raise ArgumentError(
            f"drawing {shown(str(path))}",
            f"drawings are written as {', '.join(FORMATS)}",
            "choose one of these endings",
        )
    return target


def write_figure(result: SignalResult, path: Any, *, overwrite: bool = False) -> None:
    """Write the drawing to a file, complete or not at all.

    Parameters
    ----------
    result : SignalResult
        What is drawn.
    path : str or os.PathLike
        Its ending is one of `FORMATS`.
    overwrite : bool
        True to replace a file that exists.

    Raises
    ------
    MissingPackageError, ArgumentError, OutputError
        As `check_figure` says.
    """
    target = check_figure(path, overwrite=overwrite)
    written = io.BytesIO()
    figure_of(result).savefig(written, format=target.suffix[1:].lower(), dpi=150)
    data = written.getvalue()
    with durable_file(target, len(data), overwrite=overwrite) as descriptor:
        write_at(descriptor, data, 0)


def _require_matplotlib() -> None:
    if importlib.util.find_spec("matplotlib") is None:
        raise MissingPackageError(
            "a drawing without matplotlib",
            "drawings are made with matplotlib",
            "pip install matplotlib, or take the numbers of `layers`",
        )
