"""Make the checkpoint that a plan describes."""

from __future__ import annotations

import json
from typing import Any

from fastinit.api import make_plan
from fastinit.destinations.safetensors import write_safetensors
from fastinit.filling import Filling, filling_of
from fastinit.identity import STREAM_VERSION
from fastinit.models.model_plan import ModelPlan, TensorPlan
from fastinit.plan import FillPlan
from fastinit.sections import Section
from fastinit.spec import Spec
from fastinit.view import View

__all__ = ["create_checkpoint", "fill_plans", "fillings"]


def fill_plans(plan: ModelPlan) -> dict[str, FillPlan]:
    r"""Fill plans of all canonical tensors, by their labels.

    Parameters
    ----------
    plan : ModelPlan
        The model.

    Returns
    -------
    plans : dict of str to FillPlan
        In the plan's order; aliases have none. A label is the name of the stored
        tensor, with the part in brackets where it holds several.

    Examples
    --------
    >>> from fastinit.models import parse_plan
    >>> table = '[[tensor]]\nname = "w"\nshape = [2, 2]\nscheme = "ones"\n'
    >>> text = "stream = 1\nseed = 0\n" + table
    >>> list(fill_plans(parse_plan(text, "example")))
    ['w']
    """
    return {
        row.label: make_plan(
            tensor.spec,
            row.shape,
            tensor.dtype,
            seed=plan.seed,
            name=row.canonical,
            rounding=tensor.rounding,
        )
        for tensor, row in plan.rows
        if tensor.spec is not None
    }


def fillings(plan: ModelPlan) -> dict[str, Filling]:
    r"""What every stored tensor holds, by its name in the file.

    Parameters
    ----------
    plan : ModelPlan
        The model.

    Returns
    -------
    fillings : dict of str to Filling
        In the plan's order; aliases have none.

    Examples
    --------
    >>> from fastinit.models import parse_plan
    >>> table = '[[tensor]]\nname = "w"\nshape = [2, 2]\nscheme = "ones"\n'
    >>> text = "stream = 1\nseed = 0\n" + table
    >>> fillings(parse_plan(text, "example"))["w"].elements
    4
    """
    made: dict[str, Filling] = {}
    for tensor in plan.stored:
        spec = tensor.spec
        if spec is None:
            continue

        def plan_of(
            section: Section, tensor: TensorPlan = tensor, spec: Spec = spec
        ) -> FillPlan:
            name = section.name or tensor.canonical
            shape = section.view.shape
            how: Any = {"seed": plan.seed, "rounding": tensor.rounding}
            return make_plan(spec, shape, tensor.dtype, name=name, **how)

        view = View(tensor.shape) if tensor.view is None else tensor.view
        made[tensor.name] = filling_of(tensor.shape, view, plan_of)
    return made


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
        fillings(plan),
        metadata={"format": "pt", "fastinit": json.dumps(made)},
        threads=threads,
        progress=progress,
        overwrite=overwrite,
    )
