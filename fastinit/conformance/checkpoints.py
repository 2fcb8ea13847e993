"""Check every tensor of a checkpoint against its plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit.conformance.arrays import check
from fastinit.conformance.complex_arrays import ASPECTS
from fastinit.conformance.family import joint_verdict
from fastinit.conformance.verdict import CheckResult, Verdict, judge_family
from fastinit.destinations.safetensors import StoredTensor, read_safetensors
from fastinit.models import ModelPlan, TensorPlan

__all__ = [
    "CheckpointResult",
    "check_checkpoint",
    "fault_of",
    "judge_tensor",
    "untied",
]

#: Bytes that are compared at a time.
_PIECE = 1 << 24


@dataclass(frozen=True)
class CheckpointResult:
    """Verdict on a checkpoint.

    Attributes
    ----------
    names : tuple of str
        Tensors that are in both, in the plan's order; one that holds several has a
        row for each, with the part in brackets.
    results : tuple of CheckResult
        One per name; p-values adjusted by Holm over all of them.
    faults : tuple of str
        What is wrong apart from values: missing, unexpected or misshapen tensors,
        and aliases in the file that differ from the tensor that they are tied to.
    alpha : float
        Family-wise error, in (0, 1).
    """

    names: tuple[str, ...]
    results: tuple[CheckResult, ...]
    faults: tuple[str, ...]
    alpha: float

    @property
    def verdict(self) -> Verdict:
        """'violates' if any tensor does or is amiss, else the weakest verdict."""
        return "violates" if self.faults else joint_verdict(self.results)

    def to_dict(self) -> dict[str, Any]:
        """Result as plain values that JSON can hold.

        Returns
        -------
        values : dict
            verdict, alpha, faults and a list of results, each with its name.
        """
        return {
            "verdict": self.verdict,
            "alpha": self.alpha,
            "faults": list(self.faults),
            "results": [
                {"name": name, **result.to_dict()}
                for name, result in zip(self.names, self.results, strict=True)
            ],
        }


def check_checkpoint(
    path: Any,
    plan: ModelPlan,
    *,
    alpha: float = 1e-6,
    margin: float = 0.1,
    progress: Callable[[int], None] | None = None,
) -> CheckpointResult:
    """Judge whether every tensor of a .safetensors file follows its plan.

    Parameters
    ----------
    path : str or os.PathLike
        The checkpoint.
    plan : ModelPlan
        What it should hold.
    alpha : float
        Probability that a correct checkpoint is said to violate, in (0, 1).
    margin : float
        Tolerated relative error of the std, and of the mean in units of std, > 0.
    progress : callable, optional
        Called with the number of elements judged since the last call.

    Returns
    -------
    result : CheckpointResult
        A result for each canonical tensor, and what is missing or amiss.

    Raises
    ------
    OutputError
        If the file cannot be read.
    FileFormatError
        If it is not a whole .safetensors file.
    """
    stored = read_safetensors(path)
    planned = {one.name for one in plan.tensors}
    faults = [f"{name}: not in the plan" for name in stored.keys() - planned]
    faults += [fault for one in plan.tensors if (fault := untied(one, stored))]
    names: list[str] = []
    results: list[CheckResult] = []
    for tensor in plan.stored:
        held = stored.get(tensor.name)
        fault = fault_of(tensor, (held.values.shape, held.dtype.name) if held else None)
        if fault:
            faults.append(f"{tensor.name}: {fault}")
            continue
        found = stored[tensor.name].values
        for label, result in judge_tensor(found, tensor, alpha=alpha, margin=margin):
            names.append(label)
            results.append(result)
        if progress is not None:
            progress(tensor.n_elements)
    judged = judge_family(tuple(results), alpha)
    return CheckpointResult(tuple(names), judged, tuple(sorted(faults)), alpha)


def judge_tensor(
    values: Any, tensor: TensorPlan, **limits: float
) -> list[tuple[str, CheckResult]]:
    """Results of all canonical tensors that a stored one holds.

    Parameters
    ----------
    values : array or Source
        What is stored; an array where the tensor has sections.
    tensor : TensorPlan
        What it should be.
    **limits : float
        alpha and margin of `fastinit.check`.

    Returns
    -------
    results : list of (str, CheckResult)
        For each row of the tensor its label and result; of a complex tensor, for each
        of its aspects, with the aspect behind the label.
    """
    assert tensor.spec is not None
    how: dict[str, Any] = {"subject": tensor.name, "rounding": tensor.rounding}
    how |= limits
    result = check(values, tensor.spec, view=tensor.view, **how)
    labels = [row.label for row in tensor.rows]
    if isinstance(result, CheckResult):
        return [(labels[0], result)]
    # Of complex tensors there is a result for each aspect.
    each = len(result.results) // len(labels)
    suffixes = [""] if each == 1 else [f", {name}" for name in ASPECTS[:each]]
    names = [f"{label}{suffix}" for label in labels for suffix in suffixes]
    return list(zip(names, result.results, strict=True))


def fault_of(tensor: TensorPlan, found: tuple[tuple[int, ...], str] | None) -> str:
    """What is amiss with a stored tensor apart from its values, or ''.

    Parameters
    ----------
    tensor : TensorPlan
        What it should be.
    found : tuple of shape and name of the dtype, or None
        What the file holds under its name.

    Returns
    -------
    fault : str
        In words.
    """
    if found is None:
        return "missing from the file"
    shape, dtype = found
    if shape != tensor.shape:
        return f"shape {shape}, planned {tensor.shape}"
    if dtype != tensor.dtype:
        return f"dtype {dtype}, planned {tensor.dtype}"
    return ""


def untied(tensor: TensorPlan, stored: Mapping[str, StoredTensor]) -> str:
    """What is amiss with an alias that the file holds a copy of, or ''.

    Parameters
    ----------
    tensor : TensorPlan
        What it should be.
    stored : mapping of str to StoredTensor
        What the file holds.

    Returns
    -------
    fault : str
        In words.
    """
    copy, owner = stored.get(tensor.name), stored.get(tensor.alias_of or "")
    if tensor.alias_of is None or copy is None or owner is None:
        return ""
    if copy.dtype == owner.dtype and copy.values.shape == owner.values.shape:
        pair = [one.values.reshape(-1).view(np.uint8) for one in (copy, owner)]
        # In pieces: a comparison makes an array of its own.
        steps = range(0, pair[0].size, _PIECE)
        if all(np.array_equal(*(p[at : at + _PIECE] for p in pair)) for at in steps):
            return ""
    return f"{tensor.name}: differs from {tensor.alias_of}, which it is tied to"
