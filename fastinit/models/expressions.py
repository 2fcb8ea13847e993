"""Numbers written as expressions of named constants, evaluated without `eval`.

The text is cut into tokens first, so that nothing but arithmetic reaches the
Python grammar; what it parses to is walked by a whitelist of nodes. Length,
nesting and the size of every intermediate integer are bounded, so no text can
hang or exhaust the process, and every intermediate result must be finite.
"""

from __future__ import annotations

import ast
import keyword
import math
import operator
import re
from collections.abc import Callable, Mapping

from fastinit.errors import PlanError
from fastinit.models.toml_tables import did_you_mean, shown

__all__ = ["MAX_LENGTH", "check_constant_name", "evaluate", "substitute"]

Number = int | float

#: Longest expression or scheme text, characters.
MAX_LENGTH = 500
#: Deepest nesting of operations; the walk recurses once per level.
MAX_DEPTH = 64
#: Largest integer, in bits: each converts to a finite float64.
MAX_BITS = 1023

_TOKEN = re.compile(
    r"[ \t]+"
    r"|(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+)?"
    r"(?![\w.])"
    r"|[A-Za-z_][A-Za-z0-9_]*"
    r"|\*\*|[-+*/(),]",
    re.ASCII,
)
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_SCHEME_CALL = re.compile(r"\s*([A-Za-z_]\w*)\s*\((.*)\)\s*", re.ASCII | re.DOTALL)
_ARGUMENT = re.compile(r"\s*([A-Za-z_]\w*)\s*=\s*(.*?)\s*", re.ASCII | re.DOTALL)
_ALLOWED = "numbers, constants, + - * / **, parentheses, sqrt exp log min max and pi"


def _divide(left: Number, right: Number) -> Number:
    """Quotient that stays an integer where it is one, as sizes must."""
    if isinstance(left, int) and isinstance(right, int) and left % right == 0:
        return left // right
    return left / right


def _power(base: Number, exponent: Number) -> Number:
    """Power whose size is known to be bounded before it is computed."""
    if isinstance(base, int) and isinstance(exponent, int):
        if (base.bit_length() - 1) * exponent > MAX_BITS:
            raise OverflowError
        if exponent < 0:
            return float(base) ** exponent
    result: Number = base**exponent
    return result


_UNARY: dict[type[ast.unaryop], Callable[[Number], Number]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}
_BINARY: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: _divide,
    ast.Pow: _power,
}
_FUNCTIONS: dict[str, Callable[..., Number]] = {
    "sqrt": math.sqrt,
    "exp": math.exp,
    "log": math.log,
    "min": min,
    "max": max,
}
_BUILT_IN: dict[str, Number] = {"pi": math.pi}
# Spec reads these words as numbers, in any case of letters.
_NOT_FINITE = {"inf", "infinity", "nan"}


def evaluate(expression: object, constants: Mapping[str, int | float]) -> int | float:
    """Value of a number, or of an arithmetic expression of named constants.

    Integers stay exact; `/` gives an integer where it divides two integers without
    a remainder, and otherwise the correctly rounded float64.

    Parameters
    ----------
    expression : int, float or str
        A number, or at most 500 characters: numbers, names of constants,
        ``+ - * / **``, parentheses, ``sqrt exp log min max`` (log is natural), ``pi``.
    constants : mapping of str to int or float
        Finite values by name, dimensionless.

    Returns
    -------
    value : int or float
        Finite; an integer has at most 1023 bits.

    Raises
    ------
    PlanError
        If the expression is anything else, names an unknown constant, or has no
        finite real value.

    Examples
    --------
    >>> evaluate("3 * n_embd", {"n_embd": 768})
    2304
    >>> evaluate("0.02 / sqrt(2 * n_layer)", {"n_layer": 8})
    0.005
    """
    try:
        if type(expression) in {int, float}:
            return _finite(expression)
        tree = _parse(expression)
        return _value(tree, {**_BUILT_IN, **constants}, 0)
    except (ArithmeticError, ValueError) as error:
        # A NaN or an infinity would pass silently through min, max and products
        # with 0, so each step raises, and PlanErrors of the walk pass unchanged.
        if isinstance(error, PlanError):
            raise
        raise PlanError(
            f"expression {shown(expression)} has no finite value",
            f"each step is a real number below 2^{MAX_BITS}, and integers are exact",
            "check divisors, arguments of sqrt and log, and exponents",
        ) from error


def substitute(text: str, constants: Mapping[str, int | float]) -> str:
    """Text of a scheme with each number expression replaced by its value.

    Identifiers and quoted strings stay as they are, and so does text that is not
    ``name(argument=value, ...)``: judging it is left to `fastinit.spec.Spec`.

    Parameters
    ----------
    text : str
        Text of a scheme, at most 500 characters.
    constants : mapping of str to int or float
        Finite values by name, dimensionless.

    Returns
    -------
    text : str
        The text with numbers by `repr`, which round-trips.

    Raises
    ------
    PlanError
        If an expression has no value, or if a value is the bare name of a constant,
        which reads as an identifier too.

    Examples
    --------
    >>> substitute("kaiming_uniform(a=sqrt(n), mode=fan_out)", {"n": 4})
    'kaiming_uniform(a=2.0, mode=fan_out)'
    """
    _check_length(text, "scheme")
    call = _SCHEME_CALL.fullmatch(text)
    if call is None:
        return text
    name, arguments = call.groups()
    parts = [_substitute_one(part, constants) for part in _split(arguments)]
    return f"{name}({', '.join(parts)})"


def check_constant_name(name: str) -> None:
    """Check that a name can stand for a constant in an expression.

    Parameters
    ----------
    name : str
        The name.

    Raises
    ------
    PlanError
        If it is not an ASCII identifier, or has a meaning of its own.

    Examples
    --------
    >>> check_constant_name("n_layer")
    """
    if not _IDENTIFIER.fullmatch(name):
        problem = "letters, digits and _ make a name, and it starts with no digit"
    elif keyword.iskeyword(name) or name in _FUNCTIONS or name in _BUILT_IN:
        # A constant of such a name would change what a text means to its reader.
        problem = f"{name} has a meaning of its own in expressions"
    elif name.lower() in _NOT_FINITE:
        problem = f"{name} reads as a number that is not finite"
    else:
        return
    raise PlanError(
        f"constant {shown(name)} cannot be used",
        problem,
        "choose another name, like n_layer",
    )


def _check_length(text: str, kind: str) -> None:
    if len(text) > MAX_LENGTH:
        raise PlanError(
            f"{kind} {shown(text)} has {len(text)} characters",
            f"at most {MAX_LENGTH} are read",
            "split it into named [constants]",
        )


def _parse(text: object) -> ast.expr:
    """Syntax tree of a text that consists of allowed tokens."""
    if not isinstance(text, str):
        raise PlanError(
            f"expression {shown(text)}",
            "a number, or the text of an expression",
            'write it like 12 or "4 * n_embd"',
        )
    _check_length(text, "expression")
    position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise PlanError(
                f"expression {shown(text)} stops making sense at "
                f"{shown(text[position : position + 12])}",
                f"an expression has {_ALLOWED}",
                "correct it, or write a plain number",
            )
        position = token.end()
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise PlanError(
            f"expression {shown(text)} is not complete arithmetic",
            f"an expression has {_ALLOWED}",
            "check operators and parentheses",
        ) from error


def _value(node: ast.expr, constants: Mapping[str, Number], depth: int) -> Number:
    """Finite value of a node; the only place that decides what is allowed."""
    if depth > MAX_DEPTH:
        raise PlanError(
            f"expression with more than {MAX_DEPTH} nested operations",
            f"at most {MAX_DEPTH} operations nest or follow one another",
            "split it into named [constants]",
        )
    result: object
    match node:
        case ast.Constant(value=result) if type(result) in {int, float}:
            pass
        case ast.Name(id=name):
            result = _lookup(name, constants)
        case ast.UnaryOp(op=sign, operand=operand) if type(sign) in _UNARY:
            result = _UNARY[type(sign)](_value(operand, constants, depth + 1))
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _BINARY:
            result = _BINARY[type(sign)](
                _value(left, constants, depth + 1), _value(right, constants, depth + 1)
            )
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            function = _function(name, len(arguments))
            result = function(*(_value(one, constants, depth + 1) for one in arguments))
        case _:
            raise PlanError(
                f"expression part {shown(ast.unparse(node))} is not allowed",
                f"an expression has {_ALLOWED}",
                "write it with these alone",
            )
    return _finite(result)


def _finite(value: object) -> Number:
    """Return the value itself, if it is a real number within bounds."""
    if isinstance(value, int) and value.bit_length() <= MAX_BITS:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    # A complex root of a negative number lands here too.
    raise OverflowError


def _lookup(name: str, constants: Mapping[str, Number]) -> Number:
    if name in constants:
        return constants[name]
    if name.lower() in _NOT_FINITE:
        raise OverflowError
    raise PlanError(
        f"expression uses the name {shown(name)}",
        f"known names are {', '.join(sorted(constants))}",
        did_you_mean(name, constants) or "define it in [constants], before its use",
    )


def _function(name: str, count: int) -> Callable[..., Number]:
    """Return the function of a name, if it takes that many arguments."""
    if name not in _FUNCTIONS:
        raise PlanError(
            f"expression calls {shown(name)}",
            f"the functions are {', '.join(_FUNCTIONS)}",
            did_you_mean(name, _FUNCTIONS) or "write it with these",
        )
    several = name in {"min", "max"}
    if (count < 2) if several else (count != 1):
        raise PlanError(
            f"expression calls {name} with {count} arguments",
            f"{name} takes {'two or more' if several else 'one'}",
            "correct the call",
        )
    return _FUNCTIONS[name]


def _split(arguments: str) -> list[str]:
    """Arguments at the commas outside parentheses and quotes."""
    parts, depth = [""], 0
    for token in re.findall(r"'[^']*'|\"[^\"]*\"|.", arguments, re.DOTALL):
        depth += (token == "(") - (token == ")")
        if token == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += token
    return parts


def _substitute_one(part: str, constants: Mapping[str, Number]) -> str:
    argument = _ARGUMENT.fullmatch(part)
    if argument is None:
        return part.strip()
    key, value = argument.groups()
    if value in constants or value in _BUILT_IN:
        raise PlanError(
            f"argument '{key}={value}' is ambiguous",
            f"{value} is the name of a constant and may be an identifier",
            f"write '{key}=({value})' for the constant, or rename it",
        )
    is_word = _IDENTIFIER.fullmatch(value) and value.lower() not in _NOT_FINITE
    # Dots and parentheses of a layout, such as (GO)IHW, are no arithmetic.
    is_word = is_word or key == "layout"
    if not value or value[0] in "'\"" or is_word:
        return f"{key}={value}"
    return f"{key}={evaluate(value, constants)!r}"
