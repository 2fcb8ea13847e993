"""`fastinit check`: whether a file follows its specification."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from fastinit.cli.arguments import (
    as_callback,
    output_options,
    read_index,
    read_path,
    read_shape,
    read_spec,
)
from fastinit.cli.check_text import print_checkpoint
from fastinit.cli.failures import FINE, VIOLATES
from fastinit.cli.judging import Judged, judging_options, told, write_report
from fastinit.cli.reports import (
    html_options,
    refuse_html,
    refuse_reports,
    write_junit,
)
from fastinit.cli.terminal import print_json, printable, progress_bar
from fastinit.errors import ArgumentError, OutputError

if TYPE_CHECKING:
    from fastinit.conformance.checkpoints import CheckpointResult
    from fastinit.models import ModelPlan
    from fastinit.spec import Spec

__all__ = ["check"]


@dataclass(frozen=True)
class _Request:
    """What the command line asks for."""

    file: Path
    spec: Spec | None
    plan: Path | None
    name: str | None
    shape: tuple[int, ...] | None
    index: tuple[Any, ...] | None
    index_shape: tuple[int, ...] | None
    rounding: str | None
    is_exact: bool
    alpha: float
    margin: float
    junit: Path | None
    html: Path | None
    is_forced: bool
    as_json: bool
    is_quiet: bool


@click.command(epilog="Example: fastinit check w.npy 'kaiming_normal(mode=fan_out)'")
@click.argument("file", callback=as_callback(read_path))
@click.argument("spec", required=False, callback=as_callback(read_spec))
@click.option(
    "--plan",
    metavar="FILE",
    callback=as_callback(read_path),
    help="TOML file that describes all tensors of the checkpoint.",
)
@click.option("--name", metavar="TEXT", help="The one tensor of a checkpoint to check.")
@click.option(
    "--shape",
    metavar="SIZES",
    callback=as_callback(read_shape),
    help="Shape of the whole tensor where the array is a shard; fans come from it.",
)
@click.option(
    "--index",
    metavar="SLICES",
    callback=as_callback(read_index),
    help="Which part of it the array holds, e.g. '0:4096, :'.",
)
@click.option(
    "--index-shape",
    metavar="SIZES",
    callback=as_callback(read_shape),
    help="Its shape with padding, which slices may reach.",
)
@click.option(
    "--rounding",
    metavar="HOW",
    help="How values were rounded to a narrow dtype: nearest, or stochastic.",
)
@click.option(
    "--exact",
    "is_exact",
    is_flag=True,
    help="Make the distances of large arrays exact, in further passes.",
)
@judging_options
@html_options
@output_options
def check(**options: Any) -> int:
    """Judge whether FILE holds what its SPEC, or its plan, says.

    FILE is a .npy array or a .safetensors checkpoint. The answer is 'conforms',
    'violates' (exit status 1) or 'inconclusive': nothing speaks against the array,
    but it has too few elements to tell.
    """
    request = _Request(**options)
    _refuse_contradictions(request)
    reports = {"--junit": request.junit, "--html": request.html}
    refuse_reports(reports, {"the file": request.file, "the plan": request.plan})
    if request.html is not None:
        refuse_html(request.html, is_forced=request.is_forced)
    judge = _check_one if request.plan is None else _check_all
    judged = judge(request)
    if request.junit is not None:
        write_junit(request.junit, judged.named, request.file.name)
    if request.html is not None:
        source = str(request.file)
        write_report(request.html, source, judged, overwrite=request.is_forced)
    if request.as_json:
        print_json({"file": str(request.file), **judged.document})
    return VIOLATES if judged.document["verdict"] == "violates" else FINE


def _refuse_contradictions(request: _Request) -> None:
    """Raise where the arguments do not go together, before any file is read."""
    file, ending = str(request.file), request.file.suffix.lower()
    if ending not in {".npy", ".safetensors"}:
        raise ArgumentError(
            f"file {file!r}",
            "check reads .npy arrays and .safetensors checkpoints",
            "convert it to one of these, or correct its name",
        )
    if (request.plan is None) == (request.spec is None):
        raise ArgumentError(
            "no SPEC and no --plan" if request.plan is None else "SPEC and --plan",
            "check takes either a SPEC for one array or a plan for a checkpoint",
            "write e.g. fastinit check w.npy kaiming_normal",
        )
    if request.plan is not None and ending == ".npy":
        raise ArgumentError(
            f"file {file!r} with a plan",
            "a plan describes a .safetensors file",
            "give the SPEC of the one array",
        )
    if request.plan is not None:
        _refuse_beside_plan(request)
    elif ending == ".npy" and request.name is not None:
        raise ArgumentError(
            f"--name {request.name!r} for {file!r}",
            "the one array of a .npy file has no name",
            "leave out --name",
        )
    for option in ("index", "index_shape"):
        if getattr(request, option) is not None and request.shape is None:
            raise ArgumentError(
                f"--{option.replace('_', '-')} without --shape",
                "it is one of the whole tensor, whose shape decides its fans",
                "add --shape with the shape of the whole tensor",
            )
    # A pipe would be waited for without an end, and cannot be mapped.
    if request.file.exists() and not request.file.is_file():
        raise OutputError(
            f"file {file!r}",
            "it is a folder or a device, not a regular file",
            "name the file itself",
        )


def _refuse_beside_plan(request: _Request) -> None:
    for key in ("name", "shape", "index", "index_shape", "rounding", "is_exact"):
        value = getattr(request, key)
        if value is not None and value is not False:
            option = key.removeprefix("is_").replace("_", "-")
            raise ArgumentError(
                f"--{option} beside --plan",
                "a plan checks all tensors of a checkpoint, with their own shapes",
                f"leave out --{option}, or give a SPEC in place of the plan",
            )


def _check_all(request: _Request) -> Judged:
    """Judge a checkpoint by its plan, and print the answer."""
    from fastinit.conformance.checkpoints import check_checkpoint
    from fastinit.models import read_plan

    assert request.plan is not None
    plan = read_plan(request.plan)
    label = f"checking {request.file.name}"
    limits = {"alpha": request.alpha, "margin": request.margin}
    with progress_bar(label, plan.n_elements, is_quiet=request.is_quiet) as advance:
        result = check_checkpoint(request.file, plan, progress=advance, **limits)
    if not (request.as_json or request.is_quiet):
        print_checkpoint(result, plan, margin=request.margin)
    named = list(zip(result.names, result.results, strict=True))
    document = {"margin": request.margin, **_with_shapes(result, plan)}
    return Judged(document, named)


def _with_shapes(result: CheckpointResult, plan: ModelPlan) -> dict[str, Any]:
    """Result as plain values, with shape, canonical name and Spec of every tensor."""
    document = result.to_dict()
    rows = {row.label: (tensor, row) for tensor, row in plan.rows}
    for entry in document["results"]:
        tensor, row = rows[entry["name"]]
        entry.update(shape=list(row.held), canonical=row.canonical)
        entry["spec"] = str(tensor.spec)
    return document


def _check_one(request: _Request) -> Judged:
    """Judge one array by its Spec, and print the answer."""
    from fastinit.conformance.arrays import check as check_array
    from fastinit.view import View

    assert request.spec is not None
    name, values = _read_one(request)
    view = None
    if request.shape is not None:
        index = ... if request.index is None else request.index
        view = View(request.shape, index, index_shape=request.index_shape)
    label = f"checking {request.file.name}"
    with progress_bar(label, None, is_quiet=request.is_quiet):
        result = check_array(
            values,
            request.spec,
            view=view,
            alpha=request.alpha,
            margin=request.margin,
            rounding="nearest" if request.rounding is None else request.rounding,
            exact=request.is_exact,
            subject=printable(name or str(request.file)),
        )
    return told(
        result,
        (name, name or request.file.name),
        (values.shape, request.spec),
        margin=request.margin,
        is_shown=not (request.as_json or request.is_quiet),
    )


def _read_one(request: _Request) -> tuple[str, Any]:
    """Name, '' in a .npy file, and values of the one array to check."""
    if request.file.suffix.lower() == ".npy":
        from fastinit.destinations.npy import read_npy

        return "", read_npy(request.file)
    from fastinit.destinations.safetensors import read_safetensors

    stored = read_safetensors(request.file)
    if request.name is None:
        raise ArgumentError(
            f"{str(request.file)!r} with a SPEC and without --name",
            f"a SPEC is for one tensor, the file holds {len(stored)}",
            "add --name, or check all tensors with --plan",
        )
    if request.name not in stored:
        near = difflib.get_close_matches(request.name, stored, 1)
        raise ArgumentError(
            f"--name {request.name!r}",
            f"{str(request.file)!r} holds {len(stored)} tensors, none of that name",
            f"did you mean {near[0]!r}?" if near else "take a name from the file",
        )
    return request.name, stored[request.name].values
