"""The report of a signal test: verdict and findings, both drawings, a row a layer."""

from __future__ import annotations

from fastinit import __version__
from fastinit.report import (
    Cell,
    Column,
    Facts,
    Figure,
    Figures,
    Page,
    Prose,
    Section,
    Table,
    Tile,
    Tiles,
    Tone,
)
from fastinit.report.drawing import SERIES, css, new_figure, to_svg
from fastinit.signals.drawing import TITLES, draw_direction
from fastinit.signals.results import Direction, SignalResult

__all__ = ["page_of"]

_METHOD = (
    "A normal input is propagated forward through the weights with their activations, "
    "a normal gradient backward; biases, normalisation and shortcuts are left out, and "
    "convolutions have stride 1 and circular padding.",
    "A direction is kept where the root mean square changes by a factor that ideal "
    "weights, independent and of the variance gain^2 / fan, have too but for the "
    "false-alarm rate. The predicted values are those of independent weights of the "
    "variances that these have.",
)
_COLUMNS = (
    Column("layer", note="name of the weight"),
    Column("fan_in", is_number=True),
    Column("fan_out", is_number=True),
    Column("gain", is_number=True, note="std of the weights times the root of the fan"),
    Column("needed", is_number=True, note="gain that keeps the signal"),
    Column("signal", is_number=True, note="root mean square behind the layer"),
    Column("by prediction", is_number=True, note="mean square by the predicted one"),
    Column("gradient", is_number=True, note="root mean square in front of the layer"),
    Column("by prediction", is_number=True, note="mean square by the predicted one"),
)


def page_of(result: SignalResult, source: str) -> Page:
    """Report of a signal test.

    Parameters
    ----------
    result : SignalResult
        The test.
    source : str
        Where the weights come from.

    Returns
    -------
    page : Page
        For `fastinit.report.write_page`.
    """
    both = (result.forward, result.backward)
    legend = ((css(SERIES[0]), "measured"), (css(SERIES[1]), "predicted, 3 sigma"))
    figures = Figures(tuple(_drawn(result, one) for one in both), legend)
    sections = [Section("Through the layers", (figures,))]
    if result.findings:
        sections.insert(0, Section("Findings", (Prose(result.findings),)))
    sections.append(Section("Layers", (_table(result),)))
    facts = Facts(
        (
            ("source", source),
            ("mode", result.mode),
            ("false-alarm rate", f"{result.alpha:g}"),
        )
    )
    sections.append(Section("Method", (Prose(_METHOD), facts)))
    return Page(
        f"Signal through {source.rpartition('/')[2]}",
        f"{result.verdict}: {result.summary}.",
        (Tiles(tuple(map(_tile, both))),),
        tuple(sections),
        f"fastinit {__version__}",
    )


def _tile(one: Direction) -> Tile:
    tone: Tone = "good" if one.verdict == "kept" else "bad"
    note = f"times {one.factor:.3g}, kept from {one.low:.3g} to {one.high:.3g}"
    return Tile(one.verdict, TITLES[one.name], note, tone)


def _drawn(result: SignalResult, one: Direction) -> Figure:
    with new_figure() as (figure, axes):
        draw_direction(axes, result, one.name, (SERIES[0], SERIES[1]))
        svg = to_svg(figure, one.name)
    caption = f"Root mean square by layer: {one.verdict}, times {one.factor:.3g}."
    return Figure(TITLES[one.name], svg, caption)


def _table(result: SignalResult) -> Table:
    rows = tuple(
        (
            Cell(one.name),
            *(Cell(f"{fan:,}", fan) for fan in (one.fan_in, one.fan_out)),
            *(
                Cell(f"{value:.4g}", value)
                for value in (
                    one.gain,
                    one.forward_gain,
                    one.signal_square**0.5,
                    one.signal_ratio,
                    one.gradient_square**0.5,
                    one.gradient_ratio,
                )
            ),
        )
        for one in result.layers
    )
    return Table("layers", _COLUMNS, rows)
