"""Make the checkpoint that a plan describes."""

from __future__ import annotations

import json
from typing import Any

from fastinit.api import make_plan
from fastinit.destinations.safetensors import write_safetensors
from fastinit.identity import STREAM_VERSION
from fastinit.models.model_plan import ModelPlan
from fastinit.plan import FillPlan

__all__ = ["create_checkpoint", "fill_plans"]


def fill_plans(plan: ModelPlan) -> dict[str, FillPlan]:
    r"""Fill plans of all stored tensors, by their names in the file.

    Parameters
    ----------
    plan : ModelPlan
        The model.

    Returns
    -------
    plans : dict of str to FillPlan
        In the plan's order; aliases have none.

    Examples
    --------
    >>> from fastinit.models import parse_plan
    >>> table = '[[tensor]]\nname = "w"\nshape = [2, 2]\nscheme = "ones"\n'
    >>> text = "stream = 1\nseed = 0\n" + table
    >>> list(fill_plans(parse_plan(text, "example")))
    ['w']
    """
    return {
        tensor.name: make_plan(
            tensor.spec,
            tensor.shape,
            tensor.dtype,
            seed=plan.seed,
            name=tensor.canonical,
        )
        for tensor in plan.stored
        if tensor.spec is not None
    }


def create_checkpoint(
    plan: ModelPlan,
    path: Any,
    *,
    threads: int | None = None,
    progress: Any = None,
    overwrite: bool = False,
) -> None:
    """Write all tensors of a plan to one .safetensors file.

    Parameters
    ----------
    plan : ModelPlan
        The model.
    path : str or os.PathLike
        The file.
    threads : int, optional
        Threads to use; no byte depends on it.
    progress : callable, optional
        Called with the number of elements done since the last call.
    overwrite : bool
        True to replace a file that is there.

    Raises
    ------
    OutputError
        If the file cannot be written; the path is untouched then.

    Notes
    -----
    Tied weights are stored once, under the name of their owner; the header's
    metadata tells seed, stream version and aliases.
    """
    aliases = {one.name: one.alias_of for one in plan.tensors if one.alias_of}
    made = {"stream": STREAM_VERSION, "seed": plan.seed, "aliases": aliases}
    write_safetensors(
        path,
        fill_plans(plan),
        metadata={"format": "pt", "fastinit": json.dumps(made)},
        threads=threads,
        progress=progress,
        overwrite=overwrite,
    )
