"""Tensors that a plan describes: faults, verdicts, and whether bits are the plan's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fastinit.auditing.elements import matrix_of, source_of
from fastinit.auditing.regenerated import equals_filling
from fastinit.auditing.tensor_audit import TensorAudit
from fastinit.auditing.training import Evidence
from fastinit.checkpoints import Checkpoint, Stored
from fastinit.conformance.checkpoints import fault_of, judge_tensor, untied
from fastinit.conformance.complex_arrays import laws_of
from fastinit.destinations.safetensors import StoredTensor
from fastinit.distributions.law import Law
from fastinit.models import ModelPlan, TensorPlan, fill_plans
from fastinit.models.build import fillings
from fastinit.sections import Sections

__all__ = ["PlannedRows", "planned_faults"]

#: Gives the signs of training of a matrix.
Look = Callable[[Any], tuple[Evidence, ...]]


def planned_faults(checkpoint: Checkpoint, plan: ModelPlan) -> tuple[str, ...]:
    """What is wrong with a checkpoint apart from values.

    Parameters
    ----------
    checkpoint : Checkpoint
        The checkpoint.
    plan : ModelPlan
        What it should hold.

    Returns
    -------
    faults : tuple of str
        Sorted; without tensors that an index lists and their files lack, which are
        faults with any plan and without one.
    """
    stored = {one.name: one for one in checkpoint.tensors}
    planned = {one.name for one in plan.tensors}
    faults = [f"{name}: not in the plan" for name in checkpoint.names - planned]
    lost = dict(checkpoint.lost)
    for tensor in plan.tensors:
        found = stored.get(tensor.name)
        if found is None and tensor.name in lost:
            continue
        if tensor.alias_of is None:
            held = None if found is None else (found.shape, found.dtype.name)
            fault = fault_of(tensor, held)
            faults += [f"{tensor.name}: {fault}"] if fault else []
        elif found is not None and tensor.alias_of in stored:
            pair = {one.name: _opened(one) for one in (found, stored[tensor.alias_of])}
            fault = untied(tensor, pair)
            faults += [fault] if fault else []
    return tuple(sorted(faults))


def _opened(stored: Stored) -> StoredTensor:
    return StoredTensor(stored.name, stored.dtype, np.asarray(stored.open()[...]))


@dataclass(frozen=True, eq=False)
class PlannedRows:
    """Rows of the tensors of a plan.

    Attributes
    ----------
    plan : ModelPlan
        What a checkpoint should hold.
    limits : dict
        alpha and margin of `fastinit.check`.
    look : callable
        Gives the signs of training of a matrix.
    """

    plan: ModelPlan
    limits: Mapping[str, float]
    look: Look
    _by_name: dict[str, TensorPlan] = field(init=False)

    def __post_init__(self) -> None:
        tensors = {one.name: one for one in self.plan.stored}
        object.__setattr__(self, "_by_name", tensors)
        object.__setattr__(self, "_laws", fill_plans(self.plan))
        object.__setattr__(self, "_fillings", fillings(self.plan))

    def __contains__(self, stored: Stored) -> bool:
        """Whether the plan describes a tensor as it is."""
        tensor = self._by_name.get(stored.name)
        held = (stored.shape, stored.dtype.name)
        return tensor is not None and not fault_of(tensor, held)

    def rows(self, stored: Stored) -> list[TensorAudit]:
        """Rows of one tensor.

        Parameters
        ----------
        stored : Stored
            A tensor that the plan describes.

        Returns
        -------
        rows : list of TensorAudit
            One for each canonical tensor that it holds, and of complex ones for each
            of their aspects.
        """
        tensor = self._by_name[stored.name]
        source = source_of(stored)
        is_fused = isinstance(tensor.view, Sections)
        values = stored.open()[...] if is_fused else source
        results = judge_tensor(values, tensor, **self.limits)
        parts = list(self._parts(values if is_fused else stored.open(), tensor))
        filling = self._fillings[stored.name]  # type: ignore[attr-defined]
        is_random = any(part.plan.distribution != "constant" for part in filling.parts)
        equals = equals_filling(source, filling) if is_random else None
        # Of complex tensors there is a result for each aspect.
        each = len(results) // len(tensor.rows)
        rows = []
        for place, (label, result) in enumerate(results):
            row, part = tensor.rows[place // each], parts[place // each]
            law = self._laws_of(row.label)[place % each]
            parameters = ", ".join(f"{value:.4g}" for value in law.parameters)
            is_matrix = len(row.held) > 1 and stored.dtype.is_float and law.std > 0.0
            rows.append(
                TensorAudit(
                    label,
                    row.held,
                    stored.dtype.name,
                    result.n,
                    "plan",
                    f"{law.name}({parameters})",
                    str(tensor.spec),
                    result,
                    self.look(matrix_of(part)) if is_matrix and result.n else (),
                    equals,
                )
            )
        return rows

    def _laws_of(self, label: str) -> list[Law]:
        """Law of a canonical tensor, or laws of the aspects of a complex one."""
        plan = self._laws[label]  # type: ignore[attr-defined]
        if plan.dtype.is_complex:
            return list(laws_of(plan).values())
        return [plan.law()]

    def _parts(self, values: Any, tensor: TensorPlan) -> Any:
        """Elements of each canonical tensor."""
        if not isinstance(tensor.view, Sections):
            return [values]
        grid = np.asarray(values).reshape(tensor.view.grid(tensor.shape))
        sections = tensor.view.of(tensor.shape)
        return [
            grid[one.box].reshape(row.held)
            for one, row in zip(sections, tensor.rows, strict=True)
        ]
