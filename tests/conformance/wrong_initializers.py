"""Initializers that are wrong, each with what it should have been and why it is not."""

from wrong_laws import WRONG_LAWS
from wrong_structures import WRONG_STRUCTURES

__all__ = ["WRONG"]

WRONG = (*WRONG_LAWS, *WRONG_STRUCTURES)
