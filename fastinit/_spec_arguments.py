"""What a Spec accepts as arguments of its scheme.

Each function returns its argument as one exact type, or raises.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Complex, Integral, Real
from typing import Any

import numpy as np

from fastinit.errors import ArgumentError, ArgumentTypeError, SpecError, shown
from fastinit.gain_table import SENSES
from fastinit.layout import layout_of_axes, parse_layout
from fastinit.scheme_formulas import TORCH, kaiming_gain
from fastinit.schemes import REQUIRED, Parameter, Scheme

#: Arguments whose values are one of few names; modes may be in any case, as in torch.
_CHOICES = {
    "mode": ("fan_in", "fan_out", "fan_avg", "fan_geo_avg"),
    "sense": (TORCH, *SENSES),
    "distribution": ("uniform", "normal", "truncated_normal"),
}
#: What JAX says in the place of a layout.
_AXES = ("in_axis", "out_axis", "batch_axis")


def complete(row: Scheme, given: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """All arguments in the row's order, checked for name and type."""
    names = [parameter.name for parameter in row.all_parameters]
    for name in given:
        if name not in names:
            raise SpecError(
                f"argument {shown(name)} of {row.name}",
                f"its arguments are {', '.join(names) or 'none'}",
                "use one of these, or leave it out",
            )
    return tuple(
        (parameter.name, _typed(row, parameter, given))
        for parameter in row.all_parameters
    )


def laid_out(row: Scheme, given: dict[str, Any]) -> dict[str, Any]:
    """Arguments with JAX's axes as a layout."""
    axes = {name: given[name] for name in _AXES if given.get(name) is not None}
    if not (axes and row.needs_fans):
        return given
    if given.get("layout") is not None:
        raise SpecError(
            f"{row.name} with layout and {', '.join(axes)}",
            "a layout and JAX's axes say the same",
            "give one or the other",
        )
    others = {name: value for name, value in given.items() if name not in _AXES}
    return {**others, "layout": layout_of_axes(**axes)}


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
        return _word(parameter, value)
    if parameter.kind is int and (value is None or _is_number(value)):
        return _count(row, parameter, value)
    if parameter.kind in {float, complex} and _is_number(value):
        return _number(row, value)
    if parameter.kind is complex and _is_complex(value):
        return _complex(row, complex(value))
    if row.name == "constant" and _is_bool(value):
        return bool(value)
    raise ArgumentTypeError(
        f"{row.name}({parameter.name}={shown(value)})",
        f"{parameter.name} is {_KINDS[parameter.kind]}",
        "pass a value of that type",
    )


_KINDS = {
    str: "a name",
    float: "a real number",
    complex: "a number",
    int: "an integer >= 1",
}


def _word(parameter: Parameter, value: str) -> str:
    """Name, in the one case that the text of a Spec has."""
    if parameter.name == "layout":
        return parse_layout(value).text
    return value.lower() if parameter.name == "mode" else str(value)


def _count(row: Scheme, parameter: Parameter, value: Any) -> int | None:
    """Integer in [1, 2^63), or None where that is the default."""
    if value is None and parameter.default is None:
        return None
    if isinstance(value, Integral) and 1 <= int(value) < 1 << 63:
        return int(value)
    raise SpecError(
        f"{row.name}({parameter.name}={shown(value)})",
        f"{parameter.name} is an integer in [1, 2^63)",
        "pass the number of one layer, or leave it out",
    )


def _number(row: Scheme, value: Any) -> int | float:
    """Finite or not, a float; integers stay exact for constants of integer dtypes."""
    try:
        number = float(value)
    except OverflowError as error:
        raise SpecError(
            f"{row.name} with a number beyond 1.8e308",
            "numbers must fit float64",
            "use a smaller number",
        ) from error
    if row.name == "constant" and isinstance(value, Integral):
        return int(value)
    # One NaN for all, so that equal texts fill equal bits.
    return math.nan if math.isnan(number) else number


def _complex(row: Scheme, value: complex) -> complex | float:
    """Complex number; without imaginary part a mean is a real one."""
    if row.name != "constant" and value.imag == 0:
        return value.real
    # One NaN for all, so that equal texts fill equal bits.
    parts = (math.nan if math.isnan(x) else x for x in (value.real, value.imag))
    return complex(*parts)


def _is_complex(value: Any) -> bool:
    """True for complex scalars of Python and NumPy, not for arrays and tensors."""
    return isinstance(value, Complex) and not isinstance(value, Real)


def _is_bool(value: Any) -> bool:
    return isinstance(value, (bool, np.bool_))


def _is_number(value: Any) -> bool:
    """True for real scalars of Python and NumPy, not for arrays and tensors."""
    return type(value) in {int, float} or (
        isinstance(value, Real) and not isinstance(value, bool)
    )


def check_values(scheme: str, arguments: Mapping[str, Any]) -> None:
    """Refuse values that are wrong for every shape."""
    for name, choices in _CHOICES.items():
        if name in arguments and arguments[name] not in choices:
            raise ArgumentError(
                f"{name} {shown(arguments[name])}",
                f"{name} is one of {', '.join(choices)}",
                "choose one of these",
            )
    if "nonlinearity" in arguments:
        kaiming_gain(arguments)
    for name in ("gain", "scale"):
        value = arguments.get(name, 1.0)
        if not (math.isfinite(value) and value >= 0):
            raise ArgumentError(
                f"{scheme}({name}={value!r})",
                f"{name} must be finite and >= 0",
                "use activation_gain to find the gain of an activation; its square "
                "is a scale",
            )
