"""keras.initializers on the backend that Keras is set to."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from fastinit.dialects import keras as dialect
from fastinit.dtypes import Dtype
from fastinit.errors import MissingPackageError
from fastinit.libraries.protocol import Call, Library
from fastinit.spec import Spec, spec_of

__all__ = ["Keras"]

_NOT_JUDGED = frozenset(("Initializer", "RandomInitializer", "get"))
#: Classes without a seed, in either spelling.
_CONSTANTS = frozenset(("constant", "ones", "zeros"))


class Keras(Library):
    """`keras.initializers` on the backend of KERAS_BACKEND or Keras's own settings."""

    package = "keras"
    home = "keras.initializers"

    def module(self) -> ModuleType:
        """Module of Keras.

        Raises
        ------
        MissingPackageError
            If Keras or its backend is not installed, or there is no such backend.
        """
        try:
            return super().module()
        except MissingPackageError as error:
            cause = error.__cause__
            lacks_keras = isinstance(cause, ImportError) and (
                not isinstance(cause, ModuleNotFoundError) or cause.name == "keras"
            )
            if not lacks_keras:
                raise MissingPackageError(
                    "initializers of keras on a backend that is not installed",
                    f"Keras draws with its backend ({cause})",
                    "set KERAS_BACKEND to one that is, e.g. jax, and start again",
                ) from error
            raise

    def version(self) -> str:
        """Version of Keras, with its backend and that of it."""
        keras: Any = self.module()
        backend = keras.config.backend()
        module: Any = importlib.import_module(backend)
        return f"{keras.__version__} on {backend} {module.__version__}"

    def initializers(self) -> Mapping[str, Callable[..., Any]]:
        """Initializers that draw single elements."""
        names = (name for name in dialect.__all__ if name not in _NOT_JUDGED)
        return {name: getattr(dialect, name) for name in names}

    def law(self, call: Call, shape: tuple[int, ...], dtype: Dtype) -> Spec:
        """Law of the dialect."""
        del dtype
        if call.name.lower() == "constant":
            return spec_of("constant", val=call.arguments.get("value", 0.0))
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
        """Make an initializer and call it."""
        del is_transposed
        keras: Any = self.module()
        how = {} if call.name.lower() in _CONSTANTS else {"seed": seed}
        made = getattr(keras.initializers, call.name)(**call.arguments, **how)
        return keras.ops.convert_to_numpy(made(shape, dtype=dtype.name))
