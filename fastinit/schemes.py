"""The schemes: one row each, with parameters, distribution and source.

A scheme turns its arguments and a canonical shape into the parameters of a
distribution. docs/schemes.md derives the formulas.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastinit.errors import ArgumentTypeError, UnknownSchemeError, shown
from fastinit.layout import DEFAULT_LAYOUT
from fastinit.scheme_formulas import (
    LECUN,
    Arguments,
    Shape,
    as_normal,
    as_uniform,
    kaiming,
    variance_scaling,
    xavier,
)

__all__ = ["SCHEMES", "Parameter", "Scheme", "find_scheme"]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a scheme.

    Attributes
    ----------
    name : str
        Name, as in torch.nn.init.
    default : object
        Default value; `REQUIRED` where there is none.
    kind : type
        `float` for real numbers, `complex` for any, `int` for counts, `str` for
        names. A count whose default is None may be None.
    """

    name: str
    default: Any
    kind: type


#: Default of a parameter that must be given.
REQUIRED: Any = object()


@dataclass(frozen=True)
class Scheme:
    """A row of the table of schemes.

    Attributes
    ----------
    name : str
        Canonical name, as in torch.nn.init without the underscore.
    aliases : tuple of str
        Other names that a Spec accepts.
    parameters : tuple of Parameter
        In torch's order.
    distribution : str
        Row of `fastinit.distributions.DISTRIBUTIONS`; '' where the argument of that
        name chooses it.
    resolve : callable
        resolve(arguments, canonical shape) -> parameters of the distribution.
    needs_fans : bool
        True where the shape must have at least 2 dimensions.
    reference : str
        Where the scheme comes from.
    """

    name: str
    aliases: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    distribution: str
    resolve: Callable[[Arguments, Shape], tuple[Any, ...]]
    needs_fans: bool
    reference: str

    @property
    def options(self) -> tuple[Parameter, ...]:
        """Parameters that are given by keyword, behind the others."""
        return _FAN_OPTIONS if self.needs_fans else ()

    @property
    def all_parameters(self) -> tuple[Parameter, ...]:
        """Parameters and options."""
        return (*self.parameters, *self.options)

    @property
    def distributions(self) -> frozenset[str]:
        """Distributions that the scheme can sample."""
        return frozenset((self.distribution,) if self.distribution else _DISTRIBUTIONS)

    def distribution_of(self, arguments: Arguments) -> str:
        """Distribution that the scheme samples with some arguments.

        Parameters
        ----------
        arguments : mapping
            All arguments by name.

        Returns
        -------
        distribution : str
            Row of `fastinit.distributions.DISTRIBUTIONS`.
        """
        return self.distribution or str(arguments["distribution"])


#: Where the fans come from, for every scheme that needs them.
_FAN_OPTIONS = (
    Parameter("layout", DEFAULT_LAYOUT, str),
    Parameter("groups", 1, int),
    Parameter("fan_in", None, int),
    Parameter("fan_out", None, int),
)
_DISTRIBUTIONS = ("uniform", "normal", "truncated_normal")
_GAIN = (Parameter("gain", 1.0, float),)
_KAIMING = (
    Parameter("a", 0.0, float),
    Parameter("mode", "fan_in", str),
    Parameter("nonlinearity", "leaky_relu", str),
    Parameter("sense", "torch", str),
)
_GLOROT = "Glorot & Bengio (2010), AISTATS, eq. 12 and 16"
_HE = "He, Zhang, Ren, Sun (2015), ICCV, eq. 10 and 14"
_LECUN = "LeCun, Bottou, Orr, Mueller (1998), Efficient BackProp, eq. 16"

#: Every scheme, by canonical name.
SCHEMES: dict[str, Scheme] = {
    row.name: row
    for row in (
        Scheme(
            "constant",
            (),
            (Parameter("val", REQUIRED, complex),),
            "constant",
            lambda arguments, _: (arguments["val"],),
            needs_fans=False,
            reference="every element is val",
        ),
        Scheme(
            "zeros",
            (),
            (),
            "constant",
            lambda *_: (0,),
            needs_fans=False,
            reference="every element is 0",
        ),
        Scheme(
            "ones",
            (),
            (),
            "constant",
            lambda *_: (1,),
            needs_fans=False,
            reference="every element is 1",
        ),
        Scheme(
            "uniform",
            (),
            (Parameter("a", 0.0, float), Parameter("b", 1.0, float)),
            "uniform",
            lambda arguments, _: (float(arguments["a"]), float(arguments["b"])),
            needs_fans=False,
            reference="uniform on [a, b)",
        ),
        Scheme(
            "normal",
            (),
            (Parameter("mean", 0.0, complex), Parameter("std", 1.0, float)),
            "normal",
            lambda arguments, _: (arguments["mean"], float(arguments["std"])),
            needs_fans=False,
            reference="normal with mean and std",
        ),
        Scheme(
            "trunc_normal",
            ("truncated_normal",),
            (
                Parameter("mean", 0.0, float),
                Parameter("std", 1.0, float),
                Parameter("a", -2.0, float),
                Parameter("b", 2.0, float),
            ),
            "truncated_normal",
            lambda arguments, _: tuple(float(value) for value in arguments.values()),
            needs_fans=False,
            reference="normal with mean and std, truncated to the values of [a, b]",
        ),
        Scheme(
            "xavier_uniform",
            ("glorot_uniform",),
            _GAIN,
            "uniform",
            lambda arguments, shape: as_uniform(xavier(arguments, shape)),
            needs_fans=True,
            reference=_GLOROT,
        ),
        Scheme(
            "xavier_normal",
            ("glorot_normal",),
            _GAIN,
            "normal",
            lambda arguments, shape: as_normal(xavier(arguments, shape)),
            needs_fans=True,
            reference=_GLOROT,
        ),
        Scheme(
            "kaiming_uniform",
            ("he_uniform",),
            _KAIMING,
            "uniform",
            lambda arguments, shape: as_uniform(kaiming(arguments, shape)),
            needs_fans=True,
            reference=_HE,
        ),
        Scheme(
            "kaiming_normal",
            ("he_normal",),
            _KAIMING,
            "normal",
            lambda arguments, shape: as_normal(kaiming(arguments, shape)),
            needs_fans=True,
            reference=_HE,
        ),
        Scheme(
            "lecun_uniform",
            (),
            (),
            "uniform",
            lambda arguments, shape: variance_scaling(
                {**arguments, **LECUN, "distribution": "uniform"}, shape
            ),
            needs_fans=True,
            reference=_LECUN,
        ),
        Scheme(
            "lecun_normal",
            (),
            (),
            "truncated_normal",
            lambda arguments, shape: variance_scaling(
                {**arguments, **LECUN, "distribution": "truncated_normal"}, shape
            ),
            needs_fans=True,
            reference=_LECUN,
        ),
        Scheme(
            "variance_scaling",
            (),
            (
                Parameter("scale", 1.0, float),
                Parameter("mode", "fan_in", str),
                Parameter("distribution", "truncated_normal", str),
            ),
            "",
            variance_scaling,
            needs_fans=True,
            reference="variance scale / fan, as JAX and Keras have it",
        ),
    )
}

_BY_NAME = {name: row for row in SCHEMES.values() for name in (row.name, *row.aliases)}


def find_scheme(name: str) -> Scheme:
    """Row of a scheme by its name or an alias.

    Parameters
    ----------
    name : str
        Such as 'kaiming_normal' or 'he_normal'.

    Returns
    -------
    scheme : Scheme
        The row.

    Raises
    ------
    UnknownSchemeError
        If no row has that name or alias.
    ArgumentTypeError
        If it is not text.

    Examples
    --------
    >>> find_scheme("glorot_uniform").name
    'xavier_uniform'
    """
    if not isinstance(name, str):
        raise ArgumentTypeError(
            f"scheme {shown(name)} of type {type(name).__name__}",
            f"schemes are {', '.join(_BY_NAME)}",
            "pass the name of one of these",
        )
    row = _BY_NAME.get(name)
    if row is None:
        close = difflib.get_close_matches(name, _BY_NAME, n=1)
        hint = f"did you mean {close[0]!r}?" if close else "choose one of these"
        raise UnknownSchemeError(
            f"scheme {shown(name)}", f"schemes are {', '.join(_BY_NAME)}", hint
        )
    return row
