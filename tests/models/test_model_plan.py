"""Counts of a model against their definitions."""

from __future__ import annotations

from fastinit.models import ModelPlan, TensorPlan
from fastinit.spec import Spec

ZEROS = Spec.parse("zeros")
TENSORS = (
    TensorPlan("a", "a", (2, 3), "float32", ZEROS, None),
    TensorPlan("b", "b", (), "float64", ZEROS, None),
    TensorPlan("c", "c", (0, 9), "float16", ZEROS, None),
    TensorPlan("d", "d", (5,), "int16", ZEROS, None),
    TensorPlan("e", "e", (7,), "bool", ZEROS, None),
    TensorPlan("f", "a", (2, 3), "float32", None, "a"),
)


def test_elements_and_bytes_of_each_tensor() -> None:
    assert [one.n_elements for one in TENSORS] == [6, 1, 0, 5, 7, 6]
    assert [one.n_bytes for one in TENSORS] == [24, 8, 0, 10, 7, 0]


def test_a_model_counts_what_it_stores() -> None:
    plan = ModelPlan(0, TENSORS, "x.toml")
    assert plan.stored == TENSORS[:5]
    assert (plan.n_elements, plan.n_parameters, plan.n_bytes) == (19, 7, 49)


def test_sums_are_exact_beyond_64_bits() -> None:
    large = TensorPlan("w", "w", (2**29, 2**28), "float64", ZEROS, None)
    plan = ModelPlan(0, (large,) * 256, "x.toml")
    assert plan.n_bytes == 2**68


def test_plans_can_be_keys() -> None:
    assert len({ModelPlan(0, TENSORS, "x"), ModelPlan(0, TENSORS, "x")}) == 1
