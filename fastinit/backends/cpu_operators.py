"""The operators of Python on vectors of numbers.

A number among vectors counts for all lanes. Two vectors have one scalar type, and a
float that meets a vector has its type: anything else would be a promotion that nobody
wrote, and Numba says so.
"""

from __future__ import annotations

import operator
from typing import Any

from numba import types
from numba.core.imputils import lower_builtin
from numba.core.typing import templates

from fastinit.backends.cpu_lanes import (
    Lanes,
    Mask,
    Words,
    as_lanes,
    as_words,
    count_of,
    element_of,
    is_vector,
    plain_type,
)

__all__ = ["register_operators"]

# Numba is not typed here.
_lower: Any = lower_builtin
_infer_global: Any = templates.infer_global
_signature: Any = templates.signature

#: Names of LLVM's instructions for integers and for floats.
_ARITHMETIC: dict[Any, tuple[str, str]] = {
    operator.add: ("add", "fadd"),
    operator.sub: ("sub", "fsub"),
    operator.mul: ("mul", "fmul"),
    operator.and_: ("and_", ""),
    operator.or_: ("or_", ""),
    operator.xor: ("xor", ""),
    operator.lshift: ("shl", ""),
    operator.rshift: ("lshr", ""),
}
_COMPARISONS: dict[Any, str] = {
    operator.lt: "<",
    operator.le: "<=",
    operator.gt: ">",
    operator.ge: ">=",
    operator.eq: "==",
    operator.ne: "!=",
}
_PAIRS = tuple(
    (left, right)
    for left in (Lanes, Words, types.Number)
    for right in (Lanes, Words, types.Number)
    if (left, right) != (types.Number, types.Number)
)


def _common_element(kinds: Any) -> Any:
    """Scalar type of an operation; None where the text mixes what it must not mix."""
    elements = {element_of(kind) for kind in kinds if is_vector(kind)}
    if len(elements) != 1:
        return None
    (element,) = elements
    is_float = isinstance(element, types.Float)
    for kind in kinds:
        plain = plain_type(kind)
        fits = plain == element if is_float else isinstance(plain, types.Integer)
        if not is_vector(kind) and not fits:
            return None
    return element


def _result(key: Any, kinds: Any) -> Any:
    """Type of the result of an operator, None where it has none."""
    element = _common_element(kinds)
    if element is None or (isinstance(element, types.Float) and not _real_name(key)):
        return None
    count = count_of(kinds)
    if key in _COMPARISONS:
        return Mask(element.bitwidth, count)
    # What stands in the upper halves does not matter to an exclusive or.
    if key is operator.xor and any(isinstance(kind, Words) for kind in kinds):
        return Words(count)
    return Lanes(element, count)


def _real_name(key: Any) -> str:
    """What LLVM calls an operator of floats; '' where there is none."""
    return _COMPARISONS.get(key) or _ARITHMETIC[key][1]


def _register_types(key: Any) -> None:
    """Tell Numba the type of an operator's result."""

    class Operation(templates.AbstractTemplate):
        def generic(self, args: Any, kws: Any) -> Any:
            if kws or not any(is_vector(kind) for kind in args):
                return None
            result = _result(key, args)
            return None if result is None else _signature(result, *args)

    _infer_global(key)(Operation)


def _given(context: Any, builder: Any, sig: Any, args: Any, element: Any) -> list[Any]:
    """Arguments of an operator as vectors of one scalar type."""
    count = sig.return_type.count
    return [
        as_lanes(context, builder, value, kind, element, count)
        for value, kind in zip(args, sig.args, strict=True)
    ]


def _emit_arithmetic(key: Any) -> Any:
    """Generator of the code of an operator."""
    integer, real = _ARITHMETIC[key]

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        result = sig.return_type
        if isinstance(result, Words):
            words = [
                as_words(context, builder, value, kind, result.count)
                for value, kind in zip(args, sig.args, strict=True)
            ]
            return builder.xor(*words)
        given = _given(context, builder, sig, args, result.element)
        if isinstance(result.element, types.Float):
            return getattr(builder, real)(*given)
        is_signed_shift = key is operator.rshift and result.element.signed
        return getattr(builder, "ashr" if is_signed_shift else integer)(*given)

    return generate


def _emit_comparison(key: Any) -> Any:
    """Generator of the code of a comparison."""
    sign = _COMPARISONS[key]

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        element = _common_element(sig.args)
        given = _given(context, builder, sig, args, element)
        if isinstance(element, types.Float):
            compare = builder.fcmp_unordered if sign == "!=" else builder.fcmp_ordered
        else:
            compare = builder.icmp_signed if element.signed else builder.icmp_unsigned
        return compare(sign, *given)

    return generate


class _Negation(templates.AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        (kind,) = args
        is_float = isinstance(kind, Lanes) and isinstance(kind.element, types.Float)
        return _signature(kind, kind) if is_float and not kws else None


def _emit_negation(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return builder.fneg(args[0])


def register_operators() -> None:
    """Make the operators known to Numba; more than once is as good as once.

    Examples
    --------
    >>> register_operators()
    """
    if _registered:
        return
    for key in (*_ARITHMETIC, *_COMPARISONS):
        emit = _emit_comparison(key) if key in _COMPARISONS else _emit_arithmetic(key)
        _register_types(key)
        for left, right in _PAIRS:
            _lower(key, left, right)(emit)
    _infer_global(operator.neg)(_Negation)
    _lower(operator.neg, Lanes)(_emit_negation)
    _registered.append(True)


_registered: list[bool] = []
