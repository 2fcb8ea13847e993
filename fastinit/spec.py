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

from fastinit._spec_arguments import check_values, complete, laid_out
from fastinit.dtypes import Dtype
from fastinit.errors import ArgumentTypeError, SpecError, shown
from fastinit.scheme_formulas import as_complex
from fastinit.schemes import REQUIRED, find_scheme
from fastinit.view import check_shape

__all__ = ["Spec", "as_spec", "parse_call", "spec_of"]

_CALL = re.compile(r"\s*([A-Za-z_]\w*)\s*(?:\((.*)\))?\s*", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]\w*")
#: What looks like a word and is a number.
_NUMBERS = frozenset(("nan", "inf", "infinity", "nanj", "infj"))
#: Types whose equal values mean the same Spec, but for the sign of a zero.
_EXACT_TYPES = frozenset((bool, int, float, str, type(None)))


@dataclass(frozen=True, init=False, eq=False)
class Spec:
    """A scheme with its arguments; equal to another where the texts are equal.

    Parameters
    ----------
    scheme : str
        Name or alias of a scheme.
    **arguments
        Its arguments, by the names of torch.nn.init, and where it needs fans also
        layout, groups, fan_in and fan_out (`fastinit.fans`). JAX's in_axis, out_axis
        and batch_axis become a layout.

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
        If an argument is unknown or missing.
    ArgumentTypeError
        If the scheme is not text or an argument is of the wrong type.
    ArgumentError
        If an argument has a value that is wrong for every shape.

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
        object.__setattr__(self, "items", complete(row, laid_out(row, arguments)))
        check_values(row.name, dict(self.items))

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
        ArgumentTypeError
            If it is not text.

        Examples
        --------
        >>> Spec.parse("he_normal(mode=fan_out)").arguments["mode"]
        'fan_out'
        """
        scheme, arguments = parse_call(text)
        try:
            return cls(scheme, **arguments)
        except ArgumentTypeError as error:
            # A text is of the right type; what it says is not.
            raise SpecError(error.given, error.allowed, error.remedy) from error

    @property
    def arguments(self) -> Mapping[str, Any]:
        """All arguments by name, defaults included; read-only."""
        return MappingProxyType(dict(self.items))

    @property
    def distribution(self) -> str:
        """Name of the distribution that the scheme samples."""
        return find_scheme(self.scheme).distribution_of(dict(self.items))

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
        row = find_scheme(self.scheme)
        return row.resolve(dict(self.items), check_shape(shape))

    def law(self, shape: Any, dtype: Dtype) -> tuple[str, tuple[Any, ...]]:
        """Distribution of the values of a dtype, with its parameters.

        Parameters
        ----------
        shape : sequence of int
            Canonical shape.
        dtype : Dtype
            Of the values; complex ones have laws of their own.

        Returns
        -------
        distribution : str
            Row of `fastinit.distributions.DISTRIBUTIONS`.
        parameters : tuple
            As it orders them, in float64.

        Raises
        ------
        FanError
            If the scheme needs fans that the shape does not have.
        DtypeError
            If the scheme has no meaning for complex numbers.

        Examples
        --------
        >>> from fastinit.dtypes import DTYPES
        >>> Spec("xavier_uniform").law((4, 4), DTYPES["complex64"])
        ('disc', (0.7071067811865475,))
        """
        distribution, parameters = self.distribution, self.resolve(shape)
        if not dtype.is_complex:
            return distribution, parameters
        is_scaled = find_scheme(self.scheme).needs_fans
        return as_complex(self.scheme, distribution, parameters, is_scaled=is_scaled)

    @property
    def _text(self) -> str:
        # Not a cached_property: its lock would not survive a fork.
        text: str | None = vars(self).get("_written_text")
        if text is None:
            text = vars(self)["_written_text"] = self._written()
        return text

    def _written(self) -> str:
        row = find_scheme(self.scheme)
        given = [
            f"{parameter.name}={_format(value)}"
            for parameter, (_, value) in zip(
                row.all_parameters, self.items, strict=True
            )
            if parameter.default is REQUIRED or not _same(value, parameter.default)
        ]
        return f"{self.scheme}({', '.join(given)})" if given else self.scheme

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"Spec({self._text!r})"

    # By the text and not by the values: -0.0 and 0.0 fill different bits, and a NaN
    # is to be equal to itself.
    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, Spec) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)


def parse_call(text: Any) -> tuple[str, dict[str, Any]]:
    """Name and arguments of a text in the form of a Spec.

    Parameters
    ----------
    text : str
        ``name`` or ``name(key=value, ...)``; values are numbers or words.

    Returns
    -------
    name : str
        What stands in front of the parenthesis.
    arguments : dict
        Numbers, words and bools by name, as they stand.

    Raises
    ------
    SpecError
        If the text is not of that form.
    ArgumentTypeError
        If it is not text.

    Examples
    --------
    >>> parse_call("GlorotUniform"), parse_call("normal(stddev=2, mode=fan_in)")
    (('GlorotUniform', {}), ('normal', {'stddev': 2, 'mode': 'fan_in'}))
    """
    if not isinstance(text, str):
        raise ArgumentTypeError(
            f"spec {shown(text)} of type {type(text).__name__}",
            "a spec is a fastinit.Spec or its text",
            "write e.g. 'normal(std=0.02)'",
        )
    match = _CALL.fullmatch(text)
    if not match:
        raise _malformed(text)
    arguments: dict[str, Any] = {}
    inner = (match[2] or "").strip()
    for part in inner.split(",") if inner else ():
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not _WORD.fullmatch(key) or key in arguments:
            raise _malformed(text)
        arguments[key] = value if key == "layout" else _parse_value(text, value)
    return match[1], arguments


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
    ArgumentTypeError
        If it is neither.
    FastinitError
        If the text is wrong.

    Examples
    --------
    >>> as_spec("ones").scheme
    'ones'
    """
    if isinstance(spec, Spec):
        return spec
    return _parsed(spec) if type(spec) is str else Spec.parse(spec)


_parsed = functools.lru_cache(maxsize=1024)(Spec.parse)
_made = functools.lru_cache(maxsize=1024, typed=True)(Spec)


def spec_of(scheme: str, **arguments: Any) -> Spec:
    """Spec of a scheme, made once for the same arguments.

    Parameters
    ----------
    scheme : str
        Name of a scheme.
    **arguments
        Its arguments.

    Returns
    -------
    spec : Spec
        Equal to ``Spec(scheme, **arguments)``; where it was made before, it takes
        a tenth of the time.

    Raises
    ------
    FastinitError
        As `Spec` does.

    Examples
    --------
    >>> spec_of("normal", std=0.5) is spec_of("normal", std=0.5)
    True
    """
    for value in arguments.values():
        # 0.0 and -0.0 would be one key; an object of another type may change.
        if type(value) not in _EXACT_TYPES or (
            value == 0 and math.copysign(1.0, value) < 0
        ):
            return Spec(scheme, **arguments)
    return _made(scheme, **arguments)


def _malformed(text: Any) -> SpecError:
    return SpecError(
        f"spec {shown(text)}",
        "a spec reads name or name(key=value, ...)",
        "write e.g. 'kaiming_normal(mode=fan_out, nonlinearity=relu)'",
    )


def _parse_value(text: str, value: str) -> Any:
    """Number or word of a spec's text."""
    if value in {"True", "False"}:
        return value == "True"
    if _WORD.fullmatch(value) and value.lower() not in _NUMBERS:
        return value
    try:
        if re.fullmatch(r"[+-]?\d+", value):
            return int(value)
        return complex(value) if value.endswith(("j", "j)")) else float(value)
    except ValueError as error:
        raise _malformed(text) from error


def _same(value: Any, default: Any) -> bool:
    """Equal, and of equal sign: -0.0 is not the default 0.0."""
    if isinstance(value, float) and value == 0 == default:
        return math.copysign(1, value) == math.copysign(1, default)
    return bool(value == default)


def _format(value: Any) -> str:
    if isinstance(value, complex):
        return repr(value).strip("()")
    return value if isinstance(value, str) else repr(value)
