"""The law of a tensor that no plan describes: a constant, or the scheme that fits."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from fastinit.auditing.tensor_audit import Origin, TensorAudit
from fastinit.checkpoints import Stored
from fastinit.conformance.battery import judge
from fastinit.conformance.diagnosis.identify import ranked_laws
from fastinit.conformance.streaming import Source
from fastinit.conformance.verdict import CheckResult
from fastinit.distributions import DISTRIBUTIONS
from fastinit.distributions.law import Law
from fastinit.errors import ArgumentError, DtypeError

__all__ = ["judge_unplanned"]

#: Elements that are looked at first, for constants.
_LOOK = 1 << 12
#: Tests that say that elements follow another law, not that they are broken.
_OF_LAW = frozenset(
    {
        "support",
        "kolmogorov_smirnov",
        "anderson_darling",
        "cramer_von_mises",
        "chi_square",
        "mean",
        "variance",
        "skewness",
        "kurtosis",
        "minimum",
        "maximum",
        "tails",
        "signs",
    }
)
#: Causes that are defects whatever the law was to be.
_DEFECTS = frozenset(
    {
        "nan",
        "infinite",
        "garbage",
        "partly_zero",
        "few_values",
        "coarse_grid",
        "duplicated_shard",
        "duplicated_chunk",
        "sorted",
    }
)


def judge_unplanned(
    stored: Stored, source: Source, shapes: Mapping[str, tuple[int, ...]], **how: Any
) -> TensorAudit:
    """Judge a tensor against the law that fits it best.

    Parameters
    ----------
    stored : Stored
        The tensor.
    source : Source
        Its elements.
    shapes : mapping of str to tuple of int
        Shapes of all tensors by name: the bias of a layer has the fan of its weight.
    **how : float
        alpha and margin of `fastinit.check`.

    Returns
    -------
    audit : TensorAudit
        With p-values of this tensor alone. A law that was chosen from the data makes
        a violation rarer, not more frequent.
    """
    row = TensorAudit(stored.name, stored.shape, stored.dtype.name, stored.n, "none")
    if not stored.n:
        return dataclasses.replace(row, note="no elements")
    constant = _constant_of(source, **how)
    if constant is not None:
        value = constant.facts.max
        return dataclasses.replace(
            row,
            origin="identified",
            law=_short("constant", (value,)),
            scheme=f"constant(val={value!r})",
            result=constant,
        )
    if not stored.dtype.is_float:
        return dataclasses.replace(row, note=f"{stored.dtype.name} of many values")
    return _identified(row, source, shapes, **how)


def _constant_of(source: Source, **how: Any) -> CheckResult | None:
    """Verdict on a constant, or None where elements differ."""
    values = np.asarray(source.read(0, min(source.n, _LOOK)))
    if not bool(np.all(values == values[0])):
        return None
    if source.dtype.is_complex:
        return None
    value = float(values[0])
    if not math.isfinite(value) or (
        not source.dtype.is_float and int(values[0]) != value
    ):
        return None
    law = DISTRIBUTIONS["constant"].law((value,))
    result = judge(source, law, subject="constant", **how)
    return None if result.verdict == "violates" else result


def _identified(
    row: TensorAudit,
    source: Source,
    shapes: Mapping[str, tuple[int, ...]],
    **how: Any,
) -> TensorAudit:
    """Row of a tensor of floats that is no constant."""
    try:
        others = _of_bias(row.name, row.shape, shapes)
        ranked = ranked_laws(source, others=others)
    except DtypeError as error:
        return dataclasses.replace(row, note=error.given)
    except ArgumentError:
        # No two finite elements differ: nothing but what is not finite can be told.
        ranked = []
    if not ranked:
        law = DISTRIBUTIONS["normal"].law((0.0, 1.0))
        result = judge(source, law, subject=row.name, **how)
        origin: Origin = "nearest" if _passes(result, "finite") else "identified"
        note = "no initializer that is known is near"
        return dataclasses.replace(row, origin=origin, result=result, note=note)
    best, law = ranked[0]
    result = judge(source, law, subject=f"{row.name}: {best.scheme}", **how)
    found = dataclasses.replace(
        row, law=_short(law.name, law.parameters), scheme=best.scheme, result=result
    )
    failed = {test.name for test in result.tests if test.p_value < how["alpha"]}
    names = {cause.name for cause in result.causes if cause.score > 0.9}
    if not failed & _OF_LAW or "finite" in failed or names & _DEFECTS:
        return dataclasses.replace(found, origin="identified")
    note = f"no initializer that is known; nearest, D = {best.distance:.2g}"
    return dataclasses.replace(found, origin="nearest", note=f"{note}: {best.scheme}")


def _passes(result: CheckResult, name: str) -> bool:
    return all(test.passed for test in result.tests if test.name == name)


def _short(name: str, parameters: tuple[float, ...]) -> str:
    """Law with parameters of four digits."""
    return f"{name}({', '.join(f'{value:.4g}' for value in parameters)})"


def _of_bias(
    name: str, shape: tuple[int, ...], shapes: Mapping[str, tuple[int, ...]]
) -> Iterator[tuple[str, Law, float]]:
    """Law that torch gives a bias: the fan is that of its weight."""
    weight: Any = shapes.get(f"{name.removesuffix('bias')}weight")
    if not name.endswith("bias") or len(shape) != 1 or not weight or len(weight) < 2:
        return
    fan = math.prod(weight[1:])
    if weight[0] == shape[0] and fan:
        bound = 1.0 / math.sqrt(fan)
        law = DISTRIBUTIONS["uniform"].law((-bound, bound))
        yield f"bias of torch, fan_in = {fan} of its weight", law, 1.0
