"""`fastinit signal`: whether the weights of a checkpoint keep signals and gradients."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from fastinit.cli.arguments import (
    as_callback,
    output_options,
    read_path,
    read_real,
    read_seed,
)
from fastinit.cli.failures import FINE, VIOLATES
from fastinit.cli.reports import html_options, refuse_html, refuse_reports
from fastinit.cli.terminal import print_json
from fastinit.errors import ArgumentError

if TYPE_CHECKING:
    from fastinit.checkpoints import Checkpoint
    from fastinit.signals import SignalResult

__all__ = ["signal"]


@dataclass(frozen=True)
class _Request:
    """What the command line asks for."""

    checkpoint: Path
    activation: str
    tensors: str | None
    layout: str
    mode: str
    seed: int
    alpha: float
    plot: Path | None
    html: Path | None
    is_forced: bool
    as_json: bool
    is_quiet: bool


@click.command(epilog="Example: fastinit signal mlp.safetensors --activation gelu")
@click.argument("checkpoint", callback=as_callback(read_path))
@click.option(
    "--activation",
    metavar="NAME",
    default="relu",
    show_default=True,
    help="Activation behind each weight, or one for each with commas between them.",
)
@click.option(
    "--tensors",
    metavar="NAMES",
    help="Names or globs with commas between them, in the order of the layers; by "
    "default all tensors of two axes or more, by name.",
)
@click.option(
    "--layout",
    metavar="TEXT",
    default="OI...",
    show_default=True,
    help="Axes of the weights, e.g. ...IO for JAX and Keras.",
)
@click.option(
    "--mode",
    metavar="NAME",
    default="fan_in",
    show_default=True,
    help="Fan that the variances are meant for: fan_in, fan_out, fan_avg.",
)
@click.option(
    "--seed",
    metavar="N",
    default="0",
    callback=as_callback(read_seed),
    help="Seed of the input and of the gradient.",
)
@click.option(
    "--alpha",
    metavar="P",
    default="1e-6",
    show_default=True,
    callback=as_callback(read_real),
    help="Probability that an ideal network is not said to keep both.",
)
@click.option(
    "--plot",
    metavar="FILE",
    callback=as_callback(read_path),
    help="Write the drawing, as .svg, .png or .pdf.",
)
@html_options
@output_options
def signal(**options: Any) -> int:
    """Propagate a signal and a gradient through the weights of CHECKPOINT.

    CHECKPOINT is of any format that `fastinit audit` reads; its chosen weights are
    taken for a chain of dense layers or convolutions with an activation behind each.
    Exit status 1 says that the signal or the gradient vanishes or explodes.
    """
    request = _Request(**options)
    reports = {"--plot": request.plot, "--html": request.html}
    refuse_reports(reports, {"the checkpoint": request.checkpoint})
    if request.html is not None:
        refuse_html(request.html, is_forced=request.is_forced)
    if request.plot is not None:
        from fastinit.signals.drawing import check_figure

        check_figure(request.plot, overwrite=request.is_forced)
    result = _result(request)
    if request.html is not None:
        from fastinit.report import write_page
        from fastinit.signals.page import page_of

        page = page_of(result, str(request.checkpoint))
        write_page(page, request.html, overwrite=request.is_forced)
    if request.plot is not None:
        result.plot(request.plot, overwrite=request.is_forced)
    if request.as_json:
        print_json({"file": str(request.checkpoint), **result.to_dict()})
    elif not request.is_quiet:
        from fastinit.cli.signal_text import print_signal

        print_signal(result)
    return FINE if result.kept else VIOLATES


def _result(request: _Request) -> SignalResult:
    """Signal test of the chosen weights."""
    import numpy as np

    from fastinit.checkpoints import read_checkpoint
    from fastinit.signals import propagate

    checkpoint = read_checkpoint(request.checkpoint)
    stored = {one.name: one for one in checkpoint.tensors}
    names = _chosen(checkpoint, request.tensors)
    activations = [one.strip() for one in request.activation.split(",")]
    return propagate(
        {name: np.asarray(stored[name].open()[...]) for name in names},
        activations[0] if len(activations) == 1 else activations,
        layout=request.layout,
        mode=request.mode,
        seed=request.seed,
        alpha=request.alpha,
    )


def _chosen(checkpoint: Checkpoint, patterns: str | None) -> list[str]:
    """Names of the weights, in the order of the layers."""
    from fnmatch import fnmatchcase

    tensors = sorted(checkpoint.tensors, key=lambda one: _natural(one.name))
    if patterns is None:
        names = [one.name for one in tensors if len(one.shape) > 1]
        if names:
            return names
        raise ArgumentError(
            f"checkpoint {str(checkpoint.path)!r} without a tensor of two axes",
            "a stack has at least one weight of two axes or more",
            "check the file with fastinit audit",
        )
    chosen: dict[str, None] = {}
    for pattern in map(str.strip, patterns.split(",")):
        found = [one.name for one in tensors if fnmatchcase(one.name, pattern)]
        if not found:
            raise ArgumentError(
                f"tensors {pattern!r}",
                "each name or glob names at least one tensor of the checkpoint",
                "list the names with fastinit audit",
            )
        chosen |= dict.fromkeys(found)
    return list(chosen)


def _natural(name: str) -> list[tuple[int, str]]:
    """Key by which layer 10 comes behind layer 9."""
    parts = re.split(r"(\d+)", name)
    return [(int(one), "") if one.isdecimal() else (-1, one) for one in parts]
