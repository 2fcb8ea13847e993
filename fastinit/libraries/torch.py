"""torch.nn.init on the CPU."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from fastinit.dialects import torch as dialect
from fastinit.dtypes import Dtype
from fastinit.libraries.protocol import Call, Library
from fastinit.spec import Spec, spec_of

__all__ = ["Torch"]

_CONSTANTS = frozenset(("constant_", "ones_", "zeros_"))


class Torch(Library):
    """`torch.nn.init` with a generator of its own, on the CPU."""

    package = "torch"
    home = "torch.nn.init"
    fills_transposed = True

    def initializers(self) -> Mapping[str, Callable[..., Any]]:
        """Initializers in place that draw single elements."""
        names = (name for name in dialect.__all__ if name.endswith("_"))
        return {name: getattr(dialect, name) for name in names}

    def law(self, call: Call, shape: tuple[int, ...], dtype: Dtype) -> Spec:
        """Scheme of the same name; torch's own laws in complex tensors."""
        spec = spec_of(call.name.rstrip("_"), **call.arguments)
        if not dtype.is_complex:
            return spec
        if spec.distribution == "uniform":
            # Either part is drawn from the interval of a real tensor.
            a, b = spec.resolve(shape)
            return spec_of("uniform", a=a, b=b)
        if spec.scheme == "normal" and spec.arguments["mean"]:
            mean = spec.arguments["mean"]
            return spec_of(
                "normal", mean=complex(mean, mean), std=spec.arguments["std"]
            )
        return spec

    def draw(
        self,
        call: Call,
        shape: tuple[int, ...],
        dtype: Dtype,
        seed: int,
        *,
        is_transposed: bool,
    ) -> Any:
        """Fill an empty tensor."""
        torch: Any = importlib.import_module("torch")
        axes = range(len(shape))
        stored = shape[::-1] if is_transposed else shape
        tensor = torch.empty(stored, dtype=getattr(torch, dtype.name))
        if is_transposed:
            tensor = tensor.permute(*reversed(axes))
        how: dict[str, Any] = {}
        if call.name not in _CONSTANTS:
            how["generator"] = torch.Generator().manual_seed(seed)
        return getattr(torch.nn.init, call.name)(tensor, **call.arguments, **how)
