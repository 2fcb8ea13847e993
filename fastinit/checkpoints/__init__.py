"""Checkpoints of any format, read a tensor at a time."""

from fastinit.checkpoints.formats import FORMATS, read_checkpoint
from fastinit.checkpoints.stored import Checkpoint, Stored

__all__ = ["FORMATS", "Checkpoint", "Stored", "read_checkpoint"]
