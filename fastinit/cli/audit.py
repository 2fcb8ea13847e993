"""`fastinit audit`: all tensors of a model, each by itself and all together."""

from __future__ import annotations

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
from fastinit.cli.reports import (
    html_options,
    refuse_html,
    refuse_reports,
    write_junit,
)
from fastinit.cli.terminal import print_json, progress_bar

if TYPE_CHECKING:
    from fastinit.auditing import AuditResult

__all__ = ["audit"]


@dataclass(frozen=True)
class _Request:
    """What the command line asks for."""

    checkpoint: Path
    plan: Path | None
    seed: int | None
    tied: tuple[str, ...]
    alpha: float
    margin: float
    junit: Path | None
    html: Path | None
    is_forced: bool
    as_json: bool
    is_quiet: bool


@click.command(epilog="Example: fastinit audit model.safetensors --html report.html")
@click.argument("checkpoint", callback=as_callback(read_path))
@click.option(
    "--plan",
    metavar="FILE",
    callback=as_callback(read_path),
    help="TOML file that describes all tensors; laws are identified without one.",
)
@click.option(
    "--seed",
    metavar="N",
    callback=as_callback(read_seed),
    help="Compare values with those of this seed in the place of the plan's.",
)
@click.option(
    "--tied",
    metavar="NAMES",
    multiple=True,
    help="Names or globs with commas between them that may be copies; several times.",
)
@click.option(
    "--alpha",
    metavar="P",
    default="1e-6",
    show_default=True,
    callback=as_callback(read_real),
    help="Probability that a correct model is said to violate, over all tests.",
)
@click.option(
    "--margin",
    metavar="X",
    default="0.1",
    show_default=True,
    callback=as_callback(read_real),
    help="Tolerated relative error of the standard deviation.",
)
@click.option(
    "--junit",
    metavar="FILE",
    callback=as_callback(read_path),
    help="Write the outcome of every test to a JUnit file too, for CI.",
)
@html_options
@output_options
def audit(**options: Any) -> int:
    """Judge all tensors of CHECKPOINT, each by itself and all together.

    CHECKPOINT is a .safetensors, .npz, .npy, .pt, .pth or .bin file, an index of
    several or a folder with one, or a Zarr store. Told are the law of each tensor and
    whether it follows it, tensors that are copies of others or repeat themselves, and
    tensors that look trained. Exit status 1 says that something is wrong.
    """
    request = _Request(**options)
    reports = {"--junit": request.junit, "--html": request.html}
    refuse_reports(
        reports, {"the checkpoint": request.checkpoint, "the plan": request.plan}
    )
    if request.html is not None:
        refuse_html(request.html, is_forced=request.is_forced)
    result = _result(request)
    if request.junit is not None:
        named = [
            (one.name, one.result)
            for one in result.tensors
            if one.is_judged and one.result is not None
        ]
        faults = [(one.kind, one.text) for one in result.findings]
        faults += [("fault", text) for text in result.faults]
        write_junit(request.junit, named, request.checkpoint.name, faults)
    if request.html is not None:
        from fastinit.auditing.page import page_of
        from fastinit.report import write_page

        write_page(page_of(result), request.html, overwrite=request.is_forced)
    if request.as_json:
        print_json({"file": str(request.checkpoint), **result.to_dict()})
    elif not request.is_quiet:
        from fastinit.cli.audit_text import print_audit

        print_audit(result)
    return VIOLATES if result.verdict == "violates" else FINE


def _result(request: _Request) -> AuditResult:
    """Audit with a bar."""
    from fastinit.auditing.auditor import audit as audit_all
    from fastinit.checkpoints import read_checkpoint

    checkpoint = read_checkpoint(request.checkpoint)
    label = f"auditing {request.checkpoint.name}"
    total = checkpoint.n_elements
    with progress_bar(label, total, is_quiet=request.is_quiet) as advance:
        return audit_all(
            checkpoint,
            request.plan,
            seed=request.seed,
            tied=request.tied,
            alpha=request.alpha,
            margin=request.margin,
            progress=advance,
        )
