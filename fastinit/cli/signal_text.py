"""The text of `fastinit signal`: a row a layer, findings, the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastinit.cli.check_text import STYLES
from fastinit.cli.terminal import print_line, print_table

if TYPE_CHECKING:
    from fastinit.signals import LayerSignal, SignalResult

__all__ = ["print_signal"]

_COLUMNS = (
    "layer",
    "fan_in>",
    "fan_out>",
    "gain>",
    "needed>",
    "signal>",
    "predicted signal>",
    "gradient>",
    "predicted gradient>",
)


def print_signal(result: SignalResult) -> None:
    """Print the verdict on a stack of weights.

    Parameters
    ----------
    result : SignalResult
        The verdict.
    """
    print_table(_COLUMNS, [_row(one) for one in result.layers])
    print_line("")
    for finding in result.findings:
        print_line(f"finding: {finding}")
    print_line(str(result.forward))
    print_line(str(result.backward))
    style = STYLES["conforms" if result.kept else "violates"]
    print_line(f"{result.verdict}: {result.summary}", result.verdict, style)


def _row(one: LayerSignal) -> tuple[str, ...]:
    """Cells of one layer; sizes are root mean squares."""
    sizes = (
        one.signal_square,
        one.signal_predicted,
        one.gradient_square,
        one.gradient_predicted,
    )
    return (
        one.name,
        f"{one.fan_in:,}",
        f"{one.fan_out:,}",
        f"{one.gain:.4g}",
        f"{one.forward_gain:.4g}",
        *(f"{square**0.5:.4g}" for square in sizes),
    )
