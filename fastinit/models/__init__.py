"""Plans: files that describe all tensors of a model, and the checkpoints they make."""

from fastinit.models.build import create_checkpoint, fill_plans
from fastinit.models.model_plan import ModelPlan, TensorPlan
from fastinit.models.plan_file import parse_plan, read_plan

__all__ = [
    "ModelPlan",
    "TensorPlan",
    "create_checkpoint",
    "fill_plans",
    "parse_plan",
    "read_plan",
]
