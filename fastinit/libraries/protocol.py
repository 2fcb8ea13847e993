"""What a library has to say of itself so that its initializers can be judged."""

from __future__ import annotations

import difflib
import importlib
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, ClassVar

from fastinit.dtypes import Dtype
from fastinit.errors import (
    FastinitError,
    MissingPackageError,
    SpecError,
    UnknownSchemeError,
    shown,
)
from fastinit.spec import Spec, parse_call

__all__ = ["Call", "Library"]

#: Parameters that say nothing of a law, and our own additions to torch's signatures.
_OTHERS = frozenset(
    ("tensor", "generator", "sense", "key", "shape", "dtype", "out_sharding", "seed")
)


@dataclass(frozen=True)
class Call:
    """An initializer of a library with its arguments.

    Attributes
    ----------
    name : str
        The library's own name of it.
    arguments : mapping
        Numbers, words and bools by the library's own names.
    """

    name: str
    arguments: Mapping[str, Any]

    def __str__(self) -> str:
        inner = ", ".join(f"{key}={value}" for key, value in self.arguments.items())
        return f"{self.name}({inner})" if inner else self.name


class Library(ABC):
    """A library, imported when it draws.

    Attributes
    ----------
    package : str
        Name of its module, which is that of the library.
    home : str
        Where its initializers are, for texts.
    default_dtype : str
        Dtype of the values where none is asked for.
    """

    package: ClassVar[str]
    home: ClassVar[str]
    default_dtype: ClassVar[str] = "float32"
    #: Whether it fills memory of any order in place.
    fills_transposed: ClassVar[bool] = False

    @abstractmethod
    def initializers(self) -> Mapping[str, Callable[..., Any]]:
        """Initializers that can be judged, as functions with the library's parameters.

        Returns
        -------
        initializers : mapping
            By the library's own names.
        """

    @abstractmethod
    def law(self, call: Call, shape: tuple[int, ...], dtype: Dtype) -> Spec:
        """Law that the library's documentation promises.

        Parameters
        ----------
        call : Call
            What is called, with names that were checked.
        shape : tuple of int
            Shape of the array.
        dtype : Dtype
            Of the values.

        Returns
        -------
        spec : Spec
            In our terms.
        """

    @abstractmethod
    def draw(
        self,
        call: Call,
        shape: tuple[int, ...],
        dtype: Dtype,
        seed: int,
        *,
        is_transposed: bool,
    ) -> Any:
        """Values that the library draws.

        Parameters
        ----------
        call : Call
            What is called.
        shape : tuple of int
            Shape of the array.
        dtype : Dtype
            Of the values.
        seed : int
            In [0, 2^64).
        is_transposed : bool
            True to fill the transpose of contiguous memory.

        Returns
        -------
        values : array
            What `fastinit.check` takes.
        """

    def version(self) -> str:
        """Version of the library that is installed."""
        return str(self.module().__version__)

    def module(self) -> ModuleType:
        """Module of the library.

        Raises
        ------
        MissingPackageError
            If it cannot be imported.
        """
        try:
            return importlib.import_module(self.package)
        except ImportError as error:
            raise MissingPackageError(
                f"initializers of {self.package} without {self.package}",
                f"a library is judged where it is installed ({error})",
                f"pip install {self.package}, or judge an array of it with "
                "'fastinit check'",
            ) from error
        except Exception as error:
            # A library that is set up wrongly fails as it likes.
            raise MissingPackageError(
                f"initializers of {self.package}, which cannot be imported",
                f"a library is judged where it works ({error})",
                "mend its settings and environment variables, or judge an array of "
                "it with 'fastinit check'",
            ) from error

    def parse(self, scheme: Any) -> Call:
        """Call that a text says, with names that exist.

        Parameters
        ----------
        scheme : str
            ``name`` or ``name(key=value, ...)`` with the library's own names.

        Returns
        -------
        call : Call
            The call.

        Raises
        ------
        UnknownSchemeError
            If the library has no such initializer, or it cannot be judged.
        SpecError
            If the text has another form, or an argument is unknown or missing.
        ArgumentTypeError
            If it is not text.
        """
        name, arguments = parse_call(scheme)
        known = self.initializers()
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            raise UnknownSchemeError(
                f"scheme {shown(name)} of {self.package}",
                f"those of {self.home} that can be judged are {', '.join(known)}",
                f"did you mean {close[0]!r}?" if close else "choose one of these",
            )
        parameters = _parameters(known[name])
        for key in arguments:
            if key not in parameters:
                raise SpecError(
                    f"argument {shown(key)} of {name} of {self.package}",
                    f"its arguments are {', '.join(parameters) or 'none'}",
                    "use one of these, or leave it out",
                )
        for key, default in parameters.items():
            if default is inspect.Parameter.empty and key not in arguments:
                raise SpecError(
                    f"{name} of {self.package} without {key}",
                    f"{key} has no default",
                    f"write {name}({key}=...)",
                )
        return Call(name, arguments)

    def promised(self, call: Call, shape: tuple[int, ...], dtype: Dtype) -> Spec:
        """Law of a call, whose arguments may be of any type.

        Parameters
        ----------
        call : Call
            What `parse` found.
        shape : tuple of int
            Shape of the array.
        dtype : Dtype
            Of the values.

        Returns
        -------
        spec : Spec
            In our terms.

        Raises
        ------
        FastinitError
            If an argument is wrong, or the shape has no fans.
        """
        try:
            return self.law(call, shape, dtype)
        except TypeError as error:
            if isinstance(error, FastinitError):
                raise
            raise SpecError(
                f"scheme {str(call)!r} of {self.package}",
                f"an argument is of the wrong type ({error})",
                "pass numbers where the library takes numbers",
            ) from error


def _parameters(function: Callable[..., Any]) -> dict[str, Any]:
    """Defaults of the parameters that say something of the law, by name."""
    return {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if name not in _OTHERS and parameter.kind is not parameter.VAR_KEYWORD
    }
