"""jax.nn.initializers with JAX's default generator."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from fastinit.dialects import jax as dialect
from fastinit.dtypes import Dtype
from fastinit.libraries.protocol import Call, Library
from fastinit.spec import Spec, spec_of

__all__ = ["Jax"]

#: Initializers themselves, where the others make one.
_PLAIN = frozenset(("ones", "zeros"))


class Jax(Library):
    """`jax.nn.initializers` with a key of the default generator."""

    package = "jax"
    home = "jax.nn.initializers"

    def initializers(self) -> Mapping[str, Callable[..., Any]]:
        """Initializers that draw single elements."""
        names = (name for name in dialect.__all__ if name != "Initializer")
        return {name: getattr(dialect, name) for name in names}

    def law(self, call: Call, shape: tuple[int, ...], dtype: Dtype) -> Spec:
        """Law of the dialect."""
        del dtype
        if call.name in _PLAIN:
            return spec_of(call.name)
        spec: Spec = getattr(dialect, call.name)(**call.arguments).spec(shape)
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
        """Call an initializer, with 64-bit types where they are asked for."""
        del is_transposed
        jax: Any = importlib.import_module("jax")
        found = getattr(jax.nn.initializers, call.name)
        # Else JAX makes float32 of float64.
        is_wide = dtype.name in {"float64", "complex128", "int64"}
        with jax.enable_x64(True) if is_wide else contextlib.nullcontext():
            initializer = found if call.name in _PLAIN else found(**call.arguments)
            made = initializer(jax.random.key(seed), shape, dtype.name)
            # A computation that failed, as for want of memory, raises here; NumPy's
            # look at such an array would abort the process.
            return np.asarray(jax.block_until_ready(made))
