"""What all classes of `fastinit.dialects.keras` have in common."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from typing import Any, Self

from fastinit.api import create
from fastinit.dialects._specs import check_random_dtype
from fastinit.errors import ArgumentError, ArgumentTypeError, shown
from fastinit.generator import Generator, check_identity
from fastinit.identity import check_seed, stream_key
from fastinit.spec import Spec

__all__ = ["Initializer", "RandomInitializer", "SpecInitializer"]


class Initializer:
    """Base class of initializers, as keras.initializers.Initializer."""

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        """Make an array; a subclass says how.

        Parameters
        ----------
        shape : sequence of int
            Shape of the array.
        dtype : dtype, optional
            keras.config.floatx() where Keras is loaded, else float32.

        Raises
        ------
        NotImplementedError
            Always.
        """
        msg = "Initializer subclasses must implement the `__call__()` method."
        raise NotImplementedError(msg)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the class, as plain values.

        Returns
        -------
        config : dict
            What `from_config` takes.
        """
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Make an initializer of a config.

        Parameters
        ----------
        config : dict
            Of `get_config`.

        Returns
        -------
        initializer : Initializer
            Equal in law, and in seed where one was given.

        Raises
        ------
        ArgumentTypeError
            If it is no dict, or names an argument that the class does not have.
        """
        _check_config(cls, config)
        return cls(**config)

    def clone(self) -> Self:
        """Make an initializer of the same config.

        Returns
        -------
        initializer : Initializer
            Equal in law, and in seed where one was given.
        """
        return self.from_config(self.get_config())

    def __repr__(self) -> str:
        inner = ", ".join(f"{k}={v!r}" for k, v in self.get_config().items())
        return f"{type(self).__name__}({inner})"


class SpecInitializer(Initializer):
    """Initializer whose law is a Spec."""

    def spec(self, shape: Any) -> Spec:
        """Law of the values of a shape; a subclass says which.

        Parameters
        ----------
        shape : sequence of int
            Shape of the whole array.

        Returns
        -------
        spec : Spec
            In our terms: bounds are values, fans are numbers.
        """
        raise NotImplementedError

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        """Make an array.

        Parameters
        ----------
        shape : sequence of int
            Shape of the array.
        dtype : dtype, optional
            keras.config.floatx() where Keras is loaded, else float32.

        Returns
        -------
        array : numpy.ndarray
            Of the shape; Keras makes a tensor of its backend of it.

        Raises
        ------
        FastinitError
            If an argument is wrong.
        """
        return create(self.spec(shape), shape, dtype=dtype_for(dtype))


class RandomInitializer(SpecInitializer):
    """Initializer with a seed.

    Parameters
    ----------
    seed : int or Generator, optional
        An int, in [0, 2^64), gives the same values in each call for one shape and
        name; so does None, with a seed that is drawn here (`fastinit.manual_seed`). A
        `fastinit.Generator`, in the place of a SeedGenerator, gives others in each.

    Raises
    ------
    ArgumentError
        If the seed is none of these.
    """

    def __init__(self, seed: Any = None) -> None:
        self._given = seed
        if isinstance(seed, dict):
            self._given = seed = _generator_of(seed)
        if seed is None:
            seed = _drawn_seed()
        elif not isinstance(seed, Generator):
            seed = _checked_seed(seed)
        self.seed = seed

    def get_config(self) -> dict[str, Any]:
        """Arguments of the class, as plain values.

        Returns
        -------
        config : dict
            What `from_config` takes.
        """
        seed = self._given
        if isinstance(seed, Generator):
            seed = {"class_name": "Generator", "config": {"seed": seed.seed}}
        return {"seed": seed}

    def __call__(self, shape: Any, dtype: Any = None, *, name: str = "") -> Any:
        """Make an array.

        Parameters
        ----------
        shape : sequence of int
            Shape of the array.
        dtype : dtype, optional
            keras.config.floatx() where Keras is loaded, else float32.
        name : str
            Canonical name, beside the seed part of what decides the values.

        Returns
        -------
        array : numpy.ndarray
            Of the shape; Keras makes a tensor of its backend of it.

        Raises
        ------
        ReportedValueError
            If the dtype holds no random values.
        FastinitError
            If another argument is wrong.
        """
        kind = dtype_for(dtype)
        check_random_dtype(kind)
        identity: dict[str, Any] = {"seed": self.seed, "name": name}
        if isinstance(self.seed, Generator):
            identity = {"generator": self.seed, "name": name or None}
        return create(self.spec(shape), shape, dtype=kind, **identity)


def _check_config(owner: type, config: Any) -> None:
    """Refuse, as a TypeError, a config that the class cannot be called with."""
    taken = inspect.signature(owner).parameters
    is_open = any(one.kind is one.VAR_KEYWORD for one in taken.values())
    if isinstance(config, Mapping) and all(
        name in taken or (is_open and isinstance(name, str)) for name in config
    ):
        return
    raise ArgumentTypeError(
        f"config {shown(config)} of {owner.__name__}",
        f"a config is a dict of its arguments, which are {', '.join(taken) or 'none'}",
        "pass what get_config returns",
    )


def _generator_of(config: dict[str, Any]) -> Generator:
    """Generator of the config that `get_config` makes of one."""
    inner = config.get("config")
    if isinstance(inner, dict) and "seed" in inner:
        return Generator(inner["seed"])
    raise ArgumentError(
        f"seed {shown(config)}",
        "a dict as a seed is {'class_name': 'Generator', 'config': {'seed': ...}}",
        "pass what get_config returns, or an int",
    )


def _drawn_seed() -> int:
    """Seed of the process-wide generator, another one in each call."""
    low, high, _, _ = stream_key(*check_identity(None, None, None).take())
    return high << 32 | low


def _checked_seed(seed: Any) -> int:
    """Seed in [0, 2^64); all else is a ValueError, as in Keras."""
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise ArgumentError(
            f"seed {shown(seed)} of type {type(seed).__name__}",
            "a seed is an int in [0, 2^64), a fastinit.Generator or None",
            "pass an int; of a SeedGenerator make a fastinit.Generator",
        )
    return check_seed(seed)


def dtype_for(dtype: Any) -> Any:
    """Dtype of a call, that of keras.config.floatx() where none is given."""
    if dtype is not None:
        return dtype
    keras = sys.modules.get("keras")
    return "float32" if keras is None else keras.config.floatx()
