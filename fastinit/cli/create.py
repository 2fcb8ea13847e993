"""`fastinit create`: write one array, or all tensors of a plan."""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from fastinit.cli.arguments import (
    as_callback,
    output_options,
    read_count,
    read_index,
    read_path,
    read_seed,
    read_shape,
    read_spec,
)
from fastinit.cli.failures import FINE
from fastinit.cli.terminal import print_facts, print_json, progress_bar
from fastinit.errors import ArgumentError, OutputError

if TYPE_CHECKING:
    from fastinit.models import ModelPlan
    from fastinit.spec import Spec

__all__ = ["create"]


@dataclass(frozen=True)
class _Request:
    """What the command line asks for."""

    output: Path
    spec: Spec | None
    plan: Path | None
    shape: tuple[int, ...] | None
    index: tuple[Any, ...] | None
    index_shape: tuple[int, ...] | None
    dtype: str | None
    rounding: str | None
    name: str | None
    seed: int | None
    threads: int | None
    force: bool
    with_hash: bool
    as_json: bool
    is_quiet: bool


@click.command(epilog="Example: fastinit create gpt2.safetensors --plan gpt2.toml")
@click.argument("output", callback=as_callback(read_path))
@click.argument("spec", required=False, callback=as_callback(read_spec))
@click.option(
    "--plan",
    metavar="FILE",
    callback=as_callback(read_path),
    help="TOML file that describes all tensors of a model.",
)
@click.option(
    "--shape",
    metavar="SIZES",
    callback=as_callback(read_shape),
    help="Shape of the one array, e.g. 4096x1024; '()' is a scalar.",
)
@click.option(
    "--index",
    metavar="SLICES",
    callback=as_callback(read_index),
    help="Which part of it to write, e.g. '0:4096, :'; fans come from the whole.",
)
@click.option(
    "--index-shape",
    metavar="SIZES",
    callback=as_callback(read_shape),
    help="Its shape with padding, which slices may reach.",
)
@click.option("--dtype", metavar="NAME", help="Of the one array; float32 by default.")
@click.option(
    "--rounding",
    metavar="HOW",
    help="To a narrow dtype: nearest, the default, or stochastic.",
)
@click.option("--name", metavar="TEXT", help="Canonical name of the one array.")
@click.option(
    "--seed",
    metavar="N",
    callback=as_callback(read_seed),
    help="In [0, 2^64); that of the plan, or 0, by default.",
)
@click.option(
    "--threads",
    metavar="N",
    callback=as_callback(read_count),
    help="Threads to use; no byte depends on it.",
)
@click.option("--force", is_flag=True, help="Replace OUTPUT where it exists.")
@click.option("--hash", "with_hash", is_flag=True, help="Tell the file's SHA-256.")
@output_options
def create(**options: Any) -> int:
    """Write OUTPUT: one array by its SPEC, or all tensors of a plan.

    A .npy file holds one array, a .safetensors file one or many. SPEC is a scheme
    with its arguments, such as "kaiming_normal(mode=fan_out)". The file is complete
    or absent, whatever happens meanwhile.
    """
    request = _Request(**options)
    write = _writer(request)
    model = _model(request)
    label = f"writing {request.output.name}"
    start = time.perf_counter()
    with progress_bar(label, model.n_elements, is_quiet=request.is_quiet) as advance:
        write(model, request, advance)
    made = _made(request, model, time.perf_counter() - start)
    if request.as_json:
        print_json(made)
    elif not request.is_quiet:
        print_facts(_facts(made))
    return FINE


def _write_npy(model: ModelPlan, request: _Request, advance: Any) -> None:
    from fastinit.destinations.npy import write_npy
    from fastinit.models.build import fillings

    (plan,) = fillings(model).values()
    how = {"threads": request.threads, "progress": advance}
    write_npy(request.output, plan, overwrite=request.force, **how)


def _write_safetensors(model: ModelPlan, request: _Request, advance: Any) -> None:
    from fastinit.models.build import create_checkpoint

    how = {"threads": request.threads, "progress": advance}
    create_checkpoint(model, request.output, overwrite=request.force, **how)


def _writer(request: _Request) -> Callable[[ModelPlan, _Request, Any], None]:
    """Writer for the output's ending, once the output is known to be free."""
    shown, ending = str(request.output), request.output.suffix.lower()
    if ending not in {".npy", ".safetensors"}:
        raise ArgumentError(
            f"output {shown!r}",
            "an output ends in .npy (one array) or .safetensors (one or many)",
            "rename it",
        )
    if ending == ".npy" and request.plan is not None:
        raise ArgumentError(
            f"output {shown!r} for a plan",
            "a .npy file holds one array, a plan describes many",
            "name a .safetensors file",
        )
    if not request.force and request.output.exists() and not request.output.is_dir():
        raise OutputError(
            f"output {shown!r}",
            "a file of that name exists",
            "choose another name, or add --force to replace it",
        )
    return _write_npy if ending == ".npy" else _write_safetensors


def _model(request: _Request) -> ModelPlan:
    """Plan of what is to be written, of one tensor where there is no plan file."""
    if (request.plan is None) == (request.spec is None):
        raise ArgumentError(
            "no SPEC and no --plan" if request.plan is None else "SPEC and --plan",
            "create takes either a SPEC for one array or a plan for many",
            "write e.g. fastinit create w.npy kaiming_normal --shape 4096x1024",
        )
    if request.plan is None:
        return _one_tensor(request)
    for key in ("shape", "index", "index_shape", "dtype", "rounding", "name"):
        if getattr(request, key) is not None:
            option = key.replace("_", "-")
            raise ArgumentError(
                f"--{option} beside --plan",
                f"the plan says the {option} of every tensor",
                f"leave out --{option}, or change the plan",
            )
    from fastinit.models import read_plan

    plan = read_plan(request.plan)
    return (
        plan if request.seed is None else dataclasses.replace(plan, seed=request.seed)
    )


def _one_tensor(request: _Request) -> ModelPlan:
    """Plan of the one array that a SPEC describes."""
    from fastinit.dtypes import rounded_dtype
    from fastinit.models import ModelPlan, TensorPlan
    from fastinit.view import View

    if request.shape is None:
        raise ArgumentError(
            f"SPEC {str(request.spec)!r} without --shape",
            "one array needs a shape",
            "write e.g. --shape 4096x1024",
        )
    name = request.name or ""
    if not name and request.output.suffix.lower() == ".safetensors":
        raise ArgumentError(
            f"output {str(request.output)!r} without --name",
            "a .safetensors file holds tensors by their names",
            "write e.g. --name fc.weight, or name a .npy file",
        )
    rounding = "nearest" if request.rounding is None else request.rounding
    given = "float32" if request.dtype is None else request.dtype
    dtype = rounded_dtype(given, rounding).name
    index = ... if request.index is None else request.index
    view = View(request.shape, index, index_shape=request.index_shape)
    held = view.held_shape
    one = TensorPlan(name, name, held, dtype, request.spec, None, view, rounding)
    return ModelPlan(request.seed or 0, (one,), "command line")


def _made(request: _Request, model: ModelPlan, seconds: float) -> dict[str, Any]:
    """What was written, as plain values."""
    from fastinit.identity import STREAM_VERSION

    size = request.output.stat().st_size
    digest = None
    if request.with_hash:
        with request.output.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "file": str(request.output),
        "source": model.source,
        "stream": STREAM_VERSION,
        "seed": model.seed,
        "tensors": len(model.stored),
        "aliases": len(model.tensors) - len(model.stored),
        "parameters": model.n_parameters,
        "elements": model.n_elements,
        "bytes": size,
        "seconds": seconds,
        "gigabytes_per_second": size / seconds / 1e9,
        "sha256": digest,
    }


def _facts(made: dict[str, Any]) -> list[tuple[str, str]]:
    """Lines about what was written."""
    tensors = f"{made['tensors']:,}"
    if made["aliases"]:
        tensors += f", and {made['aliases']:,} tied to them"
    elements = f"{made['elements']:,}"
    if made["elements"] != made["parameters"]:
        elements += f", {made['parameters']:,} of them floating"
    seconds, rate = made["seconds"], made["gigabytes_per_second"]
    facts = [
        ("file", made["file"]),
        ("seed", str(made["seed"])),
        ("tensors", tensors),
        ("elements", elements),
        ("bytes", f"{made['bytes']:,}"),
        ("time", f"{seconds:.3g} s, {rate:.3g} GB/s"),
    ]
    return facts + ([("sha256", made["sha256"])] if made["sha256"] else [])
