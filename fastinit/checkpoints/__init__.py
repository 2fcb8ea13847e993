"""Checkpoints of any format, read a tensor at a time."""

from fastinit.checkpoints.formats import FORMATS, is_part, read_checkpoint
from fastinit.checkpoints.stored import Checkpoint, Stored

__all__ = ["FORMATS", "Checkpoint", "Stored", "is_part", "read_checkpoint"]
