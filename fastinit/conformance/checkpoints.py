"""Check every tensor of a checkpoint against its plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit.conformance.arrays import check
from fastinit.conformance.family import joint_verdict
from fastinit.conformance.verdict import CheckResult, Verdict, judge_family
from fastinit.destinations.safetensors import StoredTensor, read_safetensors
from fastinit.models import ModelPlan, TensorPlan
from fastinit.sections import Sections

__all__ = ["CheckpointResult", "check_checkpoint"]

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
    faults += [fault for one in plan.tensors if (fault := _untied(one, stored))]
    names: list[str] = []
    results: list[CheckResult] = []
    for tensor in plan.stored:
        fault = _fault(tensor, stored.get(tensor.name))
        if fault:
            faults.append(f"{tensor.name}: {fault}")
            continue
        found = stored[tensor.name].values
        names += [row.label for row in tensor.rows]
        results += _judged(found, tensor, alpha=alpha, margin=margin)
        if progress is not None:
            progress(tensor.n_elements)
    judged = judge_family(tuple(results), alpha)
    return CheckpointResult(tuple(names), judged, tuple(sorted(faults)), alpha)


def _judged(values: Any, tensor: TensorPlan, **limits: float) -> list[CheckResult]:
    """Results of all canonical tensors that a stored one holds."""
    assert tensor.spec is not None
    how: dict[str, Any] = {"subject": tensor.name, "rounding": tensor.rounding}
    how |= limits
    if isinstance(tensor.view, Sections):
        return list(check(values, tensor.spec, view=tensor.view, **how).results)
    return [check(values, tensor.spec, view=tensor.view, **how)]


def _fault(tensor: TensorPlan, found: StoredTensor | None) -> str:
    """What is amiss with a stored tensor apart from its values, or ''."""
    if found is None:
        return "missing from the file"
    if found.values.shape != tensor.shape:
        return f"shape {found.values.shape}, planned {tensor.shape}"
    if found.dtype.name != tensor.dtype:
        return f"dtype {found.dtype.name}, planned {tensor.dtype}"
    return ""


def _untied(tensor: TensorPlan, stored: Mapping[str, StoredTensor]) -> str:
    """What is amiss with an alias that the file holds a copy of, or ''."""
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
