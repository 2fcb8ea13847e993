"""Spec: a scheme with its arguments, as an object and as text.

The text is canonical: the scheme's own name, defaults left out, floats by repr;
parsing it gives an equal Spec.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from fastinit.errors import ArgumentError, SpecError
from fastinit.fan_gain import calculate_gain
from fastinit.schemes import REQUIRED, Parameter, Scheme, find_scheme
from fastinit.view import check_shape

__all__ = ["Spec", "as_spec"]

_CALL = re.compile(r"\s*([A-Za-z_]\w*)\s*(?:\((.*)\))?\s*", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]\w*")
_MODES = ("fan_in", "fan_out")


@dataclass(frozen=True, init=False)
class Spec:
    """A scheme with its arguments.

    Parameters
    ----------
    scheme : str
        Name or alias of a scheme.
    **arguments
        Its arguments, by the names of torch.nn.init.

    Attributes
    ----------
    scheme : str
        Canonical name of the scheme.
    items : tuple of (str, object)
        All arguments in order, defaults included.

    Raises
    ------
    UnknownSchemeError
        If no scheme has that name.
    SpecError
        If an argument is unknown, missing or of the wrong type.

    Examples
    --------
    >>> Spec("he_normal", mode="fan_out", nonlinearity="relu")
    Spec('kaiming_normal(mode=fan_out, nonlinearity=relu)')
    >>> Spec.parse("normal(std=0.02)").arguments["mean"]
    0.0
    """

    scheme: str
    items: tuple[tuple[str, Any], ...]

    def __init__(self, scheme: str, /, **arguments: Any) -> None:
        row = find_scheme(scheme)
        object.__setattr__(self, "scheme", row.name)
        object.__setattr__(self, "items", _complete(row, arguments))
        _check_values(self)

    @classmethod
    def parse(cls, text: str) -> Spec:
        """Spec from its text.

        Parameters
        ----------
        text : str
            ``name`` or ``name(key=value, ...)``; values are numbers or words.

        Returns
        -------
        spec : Spec
            The Spec that the text says.

        Raises
        ------
        UnknownSchemeError
            If no scheme has that name.
        SpecError
            If the text is not of that form or an argument is wrong.
        """
        if not isinstance(text, str) or not (match := _CALL.fullmatch(text)):
            raise _malformed(text)
        arguments: dict[str, Any] = {}
        inner = (match[2] or "").strip()
        for part in inner.split(",") if inner else ():
            key, equals, value = (piece.strip() for piece in part.partition("="))
            if not equals or not _WORD.fullmatch(key) or key in arguments:
                raise _malformed(text)
            arguments[key] = _parse_value(text, value)
        return cls(match[1], **arguments)

    @property
    def arguments(self) -> Mapping[str, Any]:
        """All arguments by name, defaults included; read-only."""
        return MappingProxyType(dict(self.items))

    @property
    def distribution(self) -> str:
        """Name of the distribution that the scheme samples."""
        return find_scheme(self.scheme).distribution

    def resolve(self, shape: Any) -> tuple[Any, ...]:
        """Parameters of the distribution for a canonical shape.

        Parameters
        ----------
        shape : sequence of int
            Canonical shape, torch's order (out, in, ...).

        Returns
        -------
        parameters : tuple
            As `fastinit.distributions` orders them, in float64.

        Raises
        ------
        FanError
            If the scheme needs fans that the shape does not have.

        Examples
        --------
        >>> Spec("xavier_normal").resolve((4, 4))
        (0.0, 0.5)
        """
        return _resolve(self, check_shape(shape))

    def __str__(self) -> str:
        row = find_scheme(self.scheme)
        given = [
            f"{parameter.name}={_format(value)}"
            for parameter, (_, value) in zip(row.parameters, self.items, strict=True)
            if parameter.default is REQUIRED or not _same(value, parameter.default)
        ]
        return f"{self.scheme}({', '.join(given)})" if given else self.scheme

    def __repr__(self) -> str:
        return f"Spec({str(self)!r})"


@functools.lru_cache(maxsize=1024)
def _resolve(spec: Spec, shape: tuple[int, ...]) -> tuple[Any, ...]:
    row = find_scheme(spec.scheme)
    return row.resolve(dict(spec.items), shape)


def as_spec(spec: Any) -> Spec:
    """Spec from a Spec or its text.

    Parameters
    ----------
    spec : Spec or str
        What to fill with.

    Returns
    -------
    spec : Spec
        The same Spec, or the parsed one.

    Raises
    ------
    SpecError
        If it is neither.

    Examples
    --------
    >>> as_spec("ones").scheme
    'ones'
    """
    return spec if isinstance(spec, Spec) else Spec.parse(spec)


def _malformed(text: Any) -> SpecError:
    return SpecError(
        f"spec {text!r}",
        "a spec reads name or name(key=value, ...)",
        "write e.g. 'kaiming_normal(mode=fan_out, nonlinearity=relu)'",
    )


def _parse_value(text: str, value: str) -> Any:
    """Number or word of a spec's text."""
    if _WORD.fullmatch(value) and value.lower() not in {"nan", "inf", "infinity"}:
        return value
    try:
        return int(value) if re.fullmatch(r"[+-]?\d+", value) else float(value)
    except ValueError as error:
        raise _malformed(text) from error


def _complete(row: Scheme, given: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """All arguments in the row's order, checked for name and type."""
    names = [parameter.name for parameter in row.parameters]
    for name in given:
        if name not in names:
            raise SpecError(
                f"argument {name!r} of {row.name}",
                f"its arguments are {', '.join(names) or 'none'}",
                "use one of these, or leave it out",
            )
    return tuple(
        (parameter.name, _typed(row, parameter, given)) for parameter in row.parameters
    )


def _typed(row: Scheme, parameter: Parameter, given: Mapping[str, Any]) -> Any:
    """One argument as int, float or str."""
    value = given.get(parameter.name, parameter.default)
    if value is REQUIRED:
        raise SpecError(
            f"{row.name} without {parameter.name}",
            f"{parameter.name} has no default",
            f"write {row.name}({parameter.name}=...)",
        )
    if parameter.kind is str and isinstance(value, str):
        return value
    if parameter.kind is float and _is_number(value, allow_bool=row.name == "constant"):
        if isinstance(value, (bool, int)) and row.name == "constant":
            return value
        return float(value) if not _is_integer(value) else _integral(row, value)
    raise SpecError(
        f"{row.name}({parameter.name}={value!r})",
        f"{parameter.name} is a {'name' if parameter.kind is str else 'real number'}",
        "pass a value of that type",
    )


def _is_integer(value: Any) -> bool:
    return hasattr(value, "__index__")


def _integral(row: Scheme, value: Any) -> Any:
    """Integers stay exact for constants, which go into int64 arrays too."""
    if row.name == "constant":
        return int(value)
    try:
        return float(value)
    except OverflowError as error:
        raise SpecError(
            f"{row.name} with a number of {int(value).bit_length()} bits",
            "numbers must fit float64",
            "use a smaller number",
        ) from error


def _is_number(value: Any, *, allow_bool: bool) -> bool:
    """True for real scalars of Python and NumPy; arrays and tensors are refused."""
    if type(value).__name__ in {"bool", "bool_"}:
        return allow_bool
    if getattr(value, "ndim", 0) != 0 or isinstance(value, (str, bytes, complex)):
        return False
    return hasattr(value, "__index__") or hasattr(value, "__float__")


def _check_values(spec: Spec) -> None:
    """Refuse values that are wrong for every shape."""
    arguments = dict(spec.items)
    if "mode" in arguments:
        if arguments["mode"].lower() not in _MODES:
            raise ArgumentError(
                f"mode {arguments['mode']!r}",
                f"modes are {' and '.join(_MODES)}",
                "choose one of these",
            )
        calculate_gain(arguments["nonlinearity"], arguments["a"])
    gain = arguments.get("gain", 1.0)
    if not (math.isfinite(gain) and gain >= 0):
        raise ArgumentError(
            f"{spec.scheme}(gain={gain!r})",
            "gain must be finite and >= 0",
            "use calculate_gain to find the gain of a nonlinearity",
        )


def _same(value: Any, default: Any) -> bool:
    """Equal, and of equal sign: -0.0 is not the default 0.0."""
    if isinstance(value, float) and value == 0 == default:
        return math.copysign(1, value) == math.copysign(1, default)
    return bool(value == default)


def _format(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)
