"""Signals and gradients through a stack of weights, held against theory."""

from fastinit.signals.propagation import propagate
from fastinit.signals.results import Direction, LayerSignal, SignalResult

__all__ = ["Direction", "LayerSignal", "SignalResult", "propagate"]
