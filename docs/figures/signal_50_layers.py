"""Draw the mean square of feature maps and gradients through 50 layers.

Run ``PYTHONPATH=tests python docs/figures/signal_50_layers.py``; it writes
``signal_50_layers.svg`` beside itself, the same bytes each time, and prints the table
of docs/schemes.md. The networks are those of ``tests/theory``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from theory.signal import Network, log_expectations, log_interval, mean_squares

DEPTH = 50
LAYERS = np.arange(DEPTH + 1)
#: Networks of each kind, with the seeds 0, 1, ...
NETWORKS = 8
#: Probability that one network is outside its band at one layer, at most.
ALPHA = 1e-3
#: The same for the mean of all networks, in the table.
TABLE_ALPHA = 1e-6
#: Ends of the vertical axis, in octaves.
LIMITS = (-65.0, 61.0)
#: Colours of middle lightness are legible on white and on black alike.
INK = "#7d8590"
CONVOLUTION = "3 \N{MULTIPLICATION SIGN} 3, 96 channels"
TITLES = (
    "signal, forward  \N{RIGHTWARDS ARROW}",
    "\N{LEFTWARDS ARROW}  gradient, backward",
)
STYLE: dict[Any, Any] = {
    "svg.hashsalt": "fastinit",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 10.5,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


@dataclass(frozen=True)
class Scheme:
    """One of the four lines; `height` is where its label stands, in octaves."""

    name: str
    activation: str
    rule: str
    color: str
    height: float

    def network(self, kind: str) -> Network:
        """Fifty layers of equal width."""
        spec, relu = f"{self.name.lower()}_normal", self.activation == "ReLU"
        if kind == "dense":
            return Network(spec, (1024,) * (DEPTH + 1), relu)
        return Network(spec, (96,) * (DEPTH + 1), relu, kernel=3, side=8)


SCHEMES = (
    Scheme("Kaiming", "no activation", "fan_in", "#a97bdc", 50.0),
    Scheme("Kaiming", "ReLU", "fan_in", "#1f9e8f", 7.5),
    Scheme("Xavier", "no activation", "xavier", "#3f8fdf", -7.5),
    Scheme("Xavier", "ReLU", "xavier", "#e06c2f", -50.0),
)


@lru_cache
def octaves_of(scheme: Scheme, kind: str) -> np.ndarray:
    """Mean squares of all networks as octaves, shape (networks, 2, DEPTH + 1)."""
    network = scheme.network(kind)
    squares = [mean_squares(network, seed) for seed in range(NETWORKS)]
    octaves: np.ndarray = np.log2(squares)
    return octaves


def band_of(scheme: Scheme, kind: str, direction: int) -> np.ndarray:
    """Interval of one network at each layer, in octaves, shape (DEPTH + 1, 2)."""
    network = scheme.network(kind)
    # Layers 0 to l are behind the signal at layer l, l to DEPTH behind the gradient.
    passed = [(slice(None, i + 1), slice(i, None))[direction] for i in LAYERS]
    ends = np.array([log_interval(network, part, 1, ALPHA) for part in passed])
    expected = log_expectations(network, scheme.rule)[direction]
    band: np.ndarray = (ends + expected[:, None]) / math.log(2.0)
    return band


def draw_scheme(axes: Axes, scheme: Scheme, direction: int) -> None:
    """Two bands, the dense networks as lines, the convolutional ones as dots."""
    for kind, alpha in (("convolution", 0.14), ("dense", 0.26)):
        # Digits that depend on the order of a sum would change the file.
        low, high = band_of(scheme, kind, direction).T.round(2)
        axes.fill_between(LAYERS, low, high, color=scheme.color, alpha=alpha, lw=0)
    for line in octaves_of(scheme, "dense")[:, direction].round(2):
        axes.plot(LAYERS, line, color=scheme.color, lw=0.8)
    for line in octaves_of(scheme, "convolution")[:, direction].round(2):
        axes.plot(LAYERS[5::10], line[5::10], ".", color=scheme.color, ms=3.6, mew=0)


def draw_panel(axes: Axes, direction: int) -> None:
    """All schemes in one direction."""
    for scheme in SCHEMES:
        draw_scheme(axes, scheme, direction)
    axes.set_title(TITLES[direction], fontsize=12, pad=10)
    axes.set_xlim(0, DEPTH)
    axes.set_ylim(*LIMITS)
    axes.set_xlabel("layer")
    exponents = range(-50, 51, 25)
    axes.set_yticks(exponents, ["1" if not e else f"$2^{{{e}}}$" for e in exponents])
    axes.grid(color=INK, alpha=0.22, lw=0.6)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, pad=6)


def draw_labels(axes: Axes) -> None:
    """Names of the lines between the panels, where the lines of both end."""
    axes.set_xlim(-1, 1)
    axes.set_ylim(*LIMITS)
    axes.axis("off")
    for scheme in SCHEMES:
        axes.text(
            0,
            scheme.height,
            f"{scheme.name}\n{scheme.activation}",
            color=scheme.color,
            ha="center",
            va="center",
            fontweight="bold",
        )


def draw_legend(axes: Axes) -> None:
    """What is a line, a dot and a band."""
    marks = (
        Line2D([], [], color=INK, lw=1.2, label="dense, 1024 wide"),
        Line2D([], [], color=INK, ls="", marker=".", label=CONVOLUTION),
        Patch(color=INK, alpha=0.35, lw=0, label="predicted"),
    )
    axes.legend(
        handles=marks, loc="lower left", frameon=False, fontsize=9.5, borderaxespad=0.0
    )


def draw() -> Figure:
    """The whole figure."""
    figure, (left, middle, right) = plt.subplots(
        1, 3, figsize=(9.6, 4.8), width_ratios=(1, 0.36, 1)
    )
    draw_panel(left, 0)
    draw_legend(left)
    draw_labels(middle)
    draw_panel(right, 1)
    right.yaxis.tick_right()
    left.set_ylabel("mean square")
    figure.subplots_adjust(0.08, 0.11, 0.935, 0.91, wspace=0.02)
    return figure


def print_table() -> None:
    """Rows of the table of docs/schemes.md, in octaves."""
    for scheme in SCHEMES:
        for kind in ("dense", "convolution"):
            network = scheme.network(kind)
            expected = log_expectations(network, scheme.rule)[0, -1]
            ends = log_interval(network, slice(None), NETWORKS, TABLE_ALPHA)
            low, high = ((end + expected) / math.log(2.0) for end in ends)
            mean = octaves_of(scheme, kind).mean(axis=0)
            print(
                f"| {scheme.name}, {scheme.activation} | {kind} "
                f"| {expected / math.log(2.0):.0f} | {low:.2f} to {high:.2f} "
                f"| {mean[0, -1]:.2f} | {mean[1, 0]:.2f} |"
            )


def main() -> None:
    """Write the figure and print the table."""
    mpl.use("svg")
    with mpl.rc_context(STYLE):
        draw().savefig(
            Path(__file__).with_suffix(".svg"),
            transparent=True,
            metadata={"Date": None, "Creator": None},
        )
    print_table()


if __name__ == "__main__":
    main()
