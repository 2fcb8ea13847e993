"""`fastinit conform`: whether another library's initializer keeps its promise."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from fastinit.cli.arguments import (
    as_callback,
    output_options,
    read_seed,
    read_shape,
    read_spec,
)
from fastinit.cli.failures import FINE, VIOLATES
from fastinit.cli.judging import Judged, judging_options, told, write_report
from fastinit.cli.reports import (
    html_options,
    refuse_html,
    refuse_reports,
    write_junit,
)
from fastinit.cli.terminal import print_json, progress_bar

if TYPE_CHECKING:
    from fastinit.libraries import Drawing
    from fastinit.spec import Spec

__all__ = ["conform"]


@dataclass(frozen=True)
class _Request:
    """What the command line asks for."""

    library: str
    scheme: str
    shape: tuple[int, ...] | None
    dtype: str | None
    seed: int
    against: Spec | None
    is_transposed: bool
    alpha: float
    margin: float
    junit: Path | None
    html: Path | None
    is_forced: bool
    as_json: bool
    is_quiet: bool


@click.command(epilog="Example: fastinit conform torch 'xavier_uniform_(gain=2)'")
@click.argument("library")
@click.argument("scheme")
@click.option(
    "--shape",
    metavar="SIZES",
    callback=as_callback(read_shape),
    help="Shape of the array, whose fans are counted as the library counts them."
    "  [default: 2048x2048]",
)
@click.option(
    "--dtype",
    metavar="NAME",
    help="Dtype of the values.  [default: float64 of numpy and cupy, else float32]",
)
@click.option(
    "--seed",
    metavar="N",
    default="0",
    show_default=True,
    callback=as_callback(read_seed),
    help="Seed of the library's generator.",
)
@click.option(
    "--against",
    metavar="SPEC",
    callback=as_callback(read_spec),
    help="Law of ours in the place of the one that the name promises.",
)
@click.option(
    "--transposed",
    "is_transposed",
    is_flag=True,
    help="Have torch fill the transpose of contiguous memory.",
)
@judging_options
@html_options
@output_options
def conform(**options: Any) -> int:
    """Run SCHEME of LIBRARY, and judge what it draws.

    LIBRARY is torch, jax, keras, numpy or cupy; SCHEME the library's own name of an
    initializer, with its own arguments, such as 'normal_(std=0.02)'. The law is the
    one that the library documents. The answer is 'conforms', 'violates' (exit status
    1) or 'inconclusive'.
    """
    request = _Request(**options)
    reports = {"--junit": request.junit, "--html": request.html}
    refuse_reports(reports, {})
    if request.html is not None:
        refuse_html(request.html, is_forced=request.is_forced)
    drawing, judged = _answer(request)
    if request.junit is not None:
        write_junit(request.junit, judged.named, drawing.subject)
    if request.html is not None:
        source = drawing.subject
        write_report(request.html, source, judged, overwrite=request.is_forced)
    if request.as_json:
        told_of = {
            "library": drawing.library,
            "version": drawing.version,
            "scheme": drawing.call,
            "seed": request.seed,
        }
        print_json({**told_of, **judged.document})
    return VIOLATES if judged.document["verdict"] == "violates" else FINE


def _answer(request: _Request) -> tuple[Drawing, Judged]:
    """Draw, judge, and print the verdict."""
    from fastinit.conformance import check
    from fastinit.libraries import draw

    given = {} if request.shape is None else {"shape": request.shape}
    label = f"judging {request.scheme} of {request.library}"
    with progress_bar(label, None, is_quiet=request.is_quiet):
        drawing = draw(
            request.library,
            request.scheme,
            dtype=request.dtype,
            seed=request.seed,
            against=request.against,
            transposed=request.is_transposed,
            **given,
        )
        result = check(
            drawing.values,
            drawing.spec,
            alpha=request.alpha,
            margin=request.margin,
            subject=drawing.subject,
        )
    judged = told(
        result,
        (drawing.call, drawing.call),
        (tuple(drawing.values.shape), drawing.spec),
        margin=request.margin,
        is_shown=not (request.as_json or request.is_quiet),
    )
    return drawing, judged
