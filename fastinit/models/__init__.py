"""Plans: files that describe all tensors of a model."""

from fastinit.models.model_plan import ModelPlan, TensorPlan
from fastinit.models.plan_file import parse_plan, read_plan

__all__ = ["ModelPlan", "TensorPlan", "parse_plan", "read_plan"]
