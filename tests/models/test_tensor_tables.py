"""Plans that do not hold together: each message names file, table and key."""

from __future__ import annotations

import pytest

from fastinit.errors import FastinitError, PlanError
from fastinit.models import parse_plan

STREAM, SEED, DTYPE = "stream = 1\n", "seed = 7\n", '[defaults]\ndtype = "float32"\n'
HEADER = STREAM + SEED + DTYPE
WEIGHT = '[[tensor]]\nname = "w"\nshape = [2, 3]\nscheme = "ones"\n'
RULE = '[[rule]]\nmatch = "*"\nscheme = "ones"\n'


def _tensor(**keys: str) -> str:
    """Plan with one tensor w, of which the given keys differ; '' leaves one out."""
    entries = {"name": '"w"', "shape": "[2, 3]", "scheme": '"ones"'} | keys
    lines = [f"{key} = {value}\n" for key, value in entries.items() if value]
    return HEADER + "[[tensor]]\n" + "".join(lines)


def _constants(text: str) -> str:
    return HEADER + "[constants]\n" + text + WEIGHT


def _two(first: str, second: str) -> str:
    return HEADER + "".join(
        f'[[tensor]]\nshape = [2, 3]\nscheme = "ones"\n{one}\n'
        for one in (first, second)
    )


def _alias(text: str) -> str:
    return HEADER + WEIGHT + '[[tensor]]\nname = "tied"\n' + text


TOP, DEFAULTS, CONSTANTS = "x.toml", "x.toml, [defaults]", "x.toml, [constants]"
W, RULE_1 = "x.toml, [[tensor]] 1 'w'", "x.toml, [[rule]] 1 '*'"
SECOND, TIED = "x.toml, [[tensor]] 2 'w'", "x.toml, [[tensor]] 2 'tied'"

#: Text of a plan, then what its message has to say, in this order.
BAD_PLANS: list[tuple[str, tuple[str, ...]]] = [
    # The document
    ("seed = \nstream = 1", (TOP, "line 1", "TOML")),
    ("seed = 1\nseed = 2\n", (TOP, "line 2", "TOML")),
    ("x = " + "[" * 5000, (TOP, "TOML")),
    ("seed = " + "9" * 5000, (TOP, "TOML")),
    ("seed = 2021-13-45", (TOP, "TOML")),
    ("\ufeff" + HEADER + WEIGHT, (TOP, "TOML")),
    # Keys at the top
    ("", (TOP, "'stream'", "missing")),
    (SEED + DTYPE + WEIGHT, (TOP, "'stream'", "missing")),
    (STREAM + DTYPE + WEIGHT, (TOP, "'seed'", "missing")),
    ("sede = 7\n" + HEADER + WEIGHT, (TOP, "'sede'", "stream, seed", "mean 'seed'?")),
    (HEADER + WEIGHT + '[[rules]]\nmatch = "*"', (TOP, "'rules'", "mean 'rule'?")),
    (HEADER + "[zzz]\n" + WEIGHT, (TOP, "'zzz'", "stream, seed", "remove")),
    ("stream = 2\n" + SEED + DTYPE + WEIGHT, (TOP, "'stream' is 2", "integer")),
    ("stream = 0\n" + SEED + DTYPE + WEIGHT, (TOP, "'stream' is 0", "integer")),
    ("stream = 1.0\n" + SEED + DTYPE + WEIGHT, (TOP, "'stream' is 1.0", "integer")),
    ("stream = true\n" + SEED + DTYPE + WEIGHT, (TOP, "'stream' is True", "integer")),
    (STREAM + "seed = -1\n" + DTYPE + WEIGHT, (TOP, "'seed' is -1", "[0, 18446744")),
    (STREAM + f"seed = {2**64}\n" + DTYPE + WEIGHT, (TOP, "'seed' is 184467440")),
    (STREAM + f"seed = 0x{'f' * 5000}\n" + WEIGHT, (TOP, "'seed' is <integer of 2")),
    (STREAM + "seed = 1.5\n" + DTYPE + WEIGHT, (TOP, "'seed' is 1.5")),
    (STREAM + 'seed = "7"\n' + DTYPE + WEIGHT, (TOP, "'seed' is '7'")),
    (STREAM + "seed = false\n" + DTYPE + WEIGHT, (TOP, "'seed' is False")),
    (HEADER, (TOP, "no [[tensor]]", "one tensor or more")),
    (STREAM + SEED + "tensor = []\n", (TOP, "no [[tensor]]")),
    (HEADER + '[tensor]\nname = "w"\n', (TOP, "'tensor'", "[[tensor]]", "brackets")),
    (STREAM + SEED + "tensor = 1\n", (TOP, "'tensor' is 1")),
    (STREAM + SEED + "tensor = [1]\n", (TOP, "'tensor' is [1]")),
    (HEADER + WEIGHT + '[rule]\nmatch = "*"\n', (TOP, "'rule'", "[[rule]]")),
    (STREAM + SEED + "defaults = 1\n" + WEIGHT, (TOP, "'defaults' is 1", "[defaults]")),
    (STREAM + SEED + "[[constants]]\nn = 1\n" + WEIGHT, (TOP, "'constants'")),
    # Defaults
    (HEADER + "dytpe = 1\n" + WEIGHT, (DEFAULTS, "'dytpe'", "mean 'dtype'?")),
    (HEADER + 'layout = "IQ"\n' + WEIGHT, (DEFAULTS, "layout 'IQ'", "marks are")),
    (HEADER + 'layout = "HW"\n' + WEIGHT, (DEFAULTS, "layout 'HW'", "an axis O")),
    (HEADER + "layout = 1\n" + WEIGHT, (DEFAULTS, "'layout' is 1", "text")),
    (HEADER.replace("float32", "float31") + WEIGHT, (DEFAULTS, "'dtype'", "float31")),
    (HEADER.replace('"float32"', "32") + WEIGHT, (DEFAULTS, "'dtype' is 32", "text")),
    (HEADER.replace("float32", "") + WEIGHT, (DEFAULTS, "'dtype' is ''", "not empty")),
    # Constants
    (_constants("n = true\n"), (CONSTANTS, "'n'", "True", "a number")),
    (_constants("n = [1]\n"), (CONSTANTS, "'n'", "[1]", "a number")),
    (_constants("n = inf\n"), (CONSTANTS, "'n'", "no finite value")),
    (_constants("n = nan\n"), (CONSTANTS, "'n'", "no finite value")),
    (_constants("n = 2021-01-01\n"), (CONSTANTS, "'n'", "a number")),
    (_constants(f"n = 0x{'f' * 5000}\n"), (CONSTANTS, "'n'", "no finite value")),
    (_constants('n = ""\n'), (CONSTANTS, "'n'", "arithmetic")),
    (_constants('n = "1 +"\n'), (CONSTANTS, "'n'", "'1 +'")),
    (_constants('n = "n + 1"\n'), (CONSTANTS, "'n'", "name 'n'", "before its use")),
    (_constants('a = "b"\nb = 1\n'), (CONSTANTS, "'a'", "name 'b'")),
    (_constants('n = "9**9**9"\n'), (CONSTANTS, "'n'", "no finite value")),
    (_constants('n = "1/0"\n'), (CONSTANTS, "'n'", "no finite value", "divisors")),
    (_constants('n = "abs(1)"\n'), (CONSTANTS, "'n'", "'abs'", "sqrt, exp")),
    (_constants("n-x = 1\n"), (CONSTANTS, "'n-x'", "letters")),
    (_constants('"" = 1\n'), (CONSTANTS, "''", "letters")),
    (_constants("pi = 3\n"), (CONSTANTS, "'pi'", "meaning of its own")),
    (_constants("sqrt = 3\n"), (CONSTANTS, "'sqrt'", "meaning of its own")),
    (_constants("lambda = 3\n"), (CONSTANTS, "'lambda'", "meaning of its own")),
    # Keys of a tensor
    (_tensor(shpe="[2]"), (W, "'shpe'", "name, shape, dtype", "mean 'shape'?")),
    (_tensor(std="0.02"), (W, "'std'", "name, shape, dtype", "remove")),
    (_tensor(layout='"HWOI"', scheme='"lecun_normal"'), (W, "HWOI", "4 axes")),
    (_tensor(layout="3"), (W, "'layout' is 3", "text")),
    (_tensor(groups="0"), (W, "'groups' is 0", "integer >= 1")),
    (_tensor(groups='"x"'), (W, "'groups'", "name 'x'")),
    (
        _tensor(layout='"OI"', scheme='"lecun_normal(in_axis=0, out_axis=1)"'),
        (W, "'layout' stands beside", "says layout already"),
    ),
    (_tensor(name=""), ("x.toml, [[tensor]] 1", "'name'", "missing")),
    (_tensor(shape=""), (W, "'shape'", "missing")),
    (_tensor(scheme=""), (W, "'scheme'", "missing", "no rule matches 'w'")),
    # Names
    (_tensor(name="1"), ("x.toml, [[tensor]] 1", "'name' is 1", "text")),
    (_tensor(name='""'), ("x.toml, [[tensor]] 1 ''", "'name' is ''", "not empty")),
    (_tensor(name='" w"'), ("[[tensor]] 1 ' w'", "'name'", "no name")),
    (_tensor(name=r'"a\nb"'), ("[[tensor]] 1", "'name'", "control characters")),
    (_tensor(name='"h.{0..3"'), ("[[tensor]] 1", "'name'", "brace")),
    (_tensor(name='"h.{3..0}"'), ("[[tensor]] 1", "'name'", "ascends")),
    (_tensor(name='"h.{a}"'), ("[[tensor]] 1", "'name'", "{a}", "list")),
    (_tensor(name='"{0..1000000}"'), ("[[tensor]] 1", "'name'", "more than 1000000")),
    (_tensor(name='"{a,a}"'), ("[[tensor]] 1", "'name'", "'a' a second time")),
    (_two('name = "w"', 'name = "w"'), (SECOND, "'name'", "second time", W)),
    (_two('name = "h.1"', 'name = "h.{0..3}"'), ("[[tensor]] 2", "'h.1'", "1 'h.1'")),
    # Shapes
    (_tensor(shape="2"), (W, "'shape' is 2", "array")),
    (_tensor(shape='"[2]"'), (W, "'shape' is '[2]'", "array")),
    (_tensor(shape="[-1]"), (W, "'shape'", "size -1", "[0, 2^58)")),
    (_tensor(shape="[2.0]"), (W, "'shape'", "size 2.0", "integer")),
    (_tensor(shape="[true]"), (W, "'shape'", "True")),
    (_tensor(shape="[[2]]"), (W, "'shape'", "[2]")),
    (_tensor(shape='["7 / 2"]'), (W, "'shape'", "'7 / 2' is 3.5", "remainder")),
    (_tensor(shape='["sqrt(16)"]'), (W, "'shape'", "4.0", "integer")),
    (_tensor(shape='["n_embd"]'), (W, "'shape'", "name 'n_embd'", "[constants]")),
    (_tensor(shape='["9**9**9"]'), (W, "'shape'", "no finite value")),
    (_tensor(shape=f"[{2**58}]"), (W, "'shape'", "size 288230376151711744")),
    (_tensor(shape=f"[0x{'f' * 5000}]"), (W, "'shape'", "<integer of 20000 bits>")),
    (_tensor(shape=f"[{'1000000000,' * 64}]"), (W, "'shape'", "elements", "2^58")),
    (_tensor(shape='["2**29", "2**29"]'), (W, "'shape'", "elements", "2^58")),
    (_tensor(shape=f"[{'1, ' * 65}]"), (W, "'shape'", "at most 64")),
    # Dtypes
    (_tensor(dtype='"half"'), (W, "'dtype'", "'half'", "float16")),
    (_tensor(dtype='"complex256"'), (W, "'dtype'", "'complex256'")),
    (_tensor(dtype="16"), (W, "'dtype' is 16", "text")),
    # Schemes
    (_tensor(scheme="1"), (W, "'scheme' is 1", "text")),
    (_tensor(scheme='""'), (W, "'scheme' is ''", "not empty")),
    (_tensor(scheme='"nromal(std=1.0)"'), (W, "'scheme'", "nromal")),
    (_tensor(scheme='"normal(std=1.0"'), (W, "'scheme'", "normal(std=1.0")),
    (_tensor(scheme='"normal(sdt=1.0)"'), (W, "'scheme'", "sdt")),
    (_tensor(scheme='"normal(std=1/0)"'), (W, "'scheme'", "'1/0'", "finite")),
    (_tensor(scheme='"normal(std=0.02 / n)"'), (W, "'scheme'", "name 'n'")),
    (_tensor(scheme='"normal(std=nan)"'), (W, "'scheme'", "'nan'", "finite")),
    (_tensor(scheme='"normal(std=-inf)"'), (W, "'scheme'", "'-inf'", "finite")),
    (_tensor(scheme='"normal(std=pi)"'), (W, "'scheme'", "ambiguous", "(pi)")),
    (
        _constants("n = 1\n")
        + '[[tensor]]\nname="b"\nshape=[]\nscheme="normal(std=n)"',
        ("[[tensor]] 2 'b'", "'scheme'", "'std=n'", "ambiguous", "'std=(n)'"),
    ),
    (_tensor(scheme='"xavier_uniform"', shape="[2]"), (W, "'scheme'", "(2,)", "2 dim")),
    (_tensor(scheme='"kaiming_normal"', shape="[]"), (W, "'scheme'", "()", "2 dim")),
    (
        _tensor(scheme='"normal(std=1.0)"', dtype='"int64"'),
        (W, "'scheme'", "dtype int64", "constant, zeros or ones"),
    ),
    (
        _tensor(scheme='"uniform(a=0.0, b=1.0)"', dtype='"bool"'),
        (W, "'scheme'", "dtype bool", "constant, zeros or ones"),
    ),
    (
        _tensor(scheme="", dtype='"uint8"') + RULE.replace("ones", "normal(std=1.0)"),
        (W, "'scheme'", "dtype uint8"),
    ),
    # Rules
    (HEADER + WEIGHT + RULE + "name = 1\n", (RULE_1, "'name'", "match, scheme")),
    (HEADER + WEIGHT + '[[rule]]\nscheme = "ones"', ("[[rule]] 1", "'match'", "miss")),
    (HEADER + WEIGHT + '[[rule]]\nmatch = "*"', (RULE_1, "'scheme'", "missing")),
    (HEADER + WEIGHT + '[[rule]]\nmatch = 1\nscheme = "ones"', ("[[rule]] 1", "is 1")),
    (HEADER + WEIGHT + RULE.replace("ones", "twos"), (RULE_1, "'scheme'", "twos")),
    (
        HEADER + WEIGHT + RULE.replace('"*"', '"{q,k}"'),
        ("[[rule]] 1", "'match'", "braces"),
    ),
    # Canonical names
    (_tensor(canonical='""'), (W, "'canonical' is ''", "not empty")),
    (_tensor(canonical='"{0..1}"'), (W, "'canonical'", "pair up")),
    (
        _tensor(name='"h.{0..1}"', canonical='"h"'),
        ("[[tensor]] 1", "'canonical' of 'h.1' is 'h'", "that of 'h.0'", "alias_of"),
    ),
    (
        _two('name = "a"\ncanonical = "b"', 'name = "b"'),
        ("[[tensor]] 2 'b'", "'canonical' of 'b' is 'b'", "that of 'a'"),
    ),
    # Aliases
    (_alias('alias_of = "v"\n'), (TIED, "'alias_of' is 'v'", "another tensor")),
    (_alias('alias_of = "tied"\n'), (TIED, "'alias_of'", "alias itself")),
    (_alias('alias_of = ""\n'), (TIED, "'alias_of' is ''", "not empty")),
    (_alias("alias_of = 1\n"), (TIED, "'alias_of' is 1", "text")),
    (_alias('alias_of = "{0..1}"\n'), (TIED, "'alias_of'", "pair up")),
    (_alias('alias_of = "w"\nshape = [3, 2]\n'), (TIED, "'shape'", "(3, 2)", "(2, 3)")),
    (_alias('alias_of = "w"\nshape = 6\n'), (TIED, "'shape' is 6", "array")),
    (_alias('alias_of = "w"\ndtype = "float64"\n'), (TIED, "'dtype'", "float32")),
    (_alias('alias_of = "w"\nscheme = "ones"\n'), (TIED, "'scheme'", "name, alias_of")),
    (_alias('alias_of = "w"\ncanonical = "w"\n'), (TIED, "'canonical'", "alias_of")),
    (_alias('alias_of = "w"\naxes = [1, 0]\n'), (TIED, "'axes'", "alias_of")),
    (
        _alias('alias_of = "w"\n[[tensor]]\nname = "again"\nalias_of = "tied"\n'),
        ("[[tensor]] 3 'again'", "'alias_of'", "alias itself"),
    ),
]


@pytest.mark.parametrize(("text", "parts"), BAD_PLANS)
def test_messages_name_file_table_and_key(text: str, parts: tuple[str, ...]) -> None:
    with pytest.raises(PlanError) as caught:
        parse_plan(text, "x.toml")
    error = caught.value
    assert error.given.startswith("x.toml")
    assert error.allowed
    assert error.remedy
    message = str(error)
    position = 0
    for part in parts:
        position = message.find(part, position)
        assert position >= 0, f"no {part!r} in its place in: {message}"
    assert len(message) < 1000


def test_there_are_many_bad_plans_and_they_differ() -> None:
    assert len({text for text, _ in BAD_PLANS}) == len(BAD_PLANS) >= 80


def test_the_reason_of_an_error_is_kept() -> None:
    with pytest.raises(PlanError) as caught:
        parse_plan(_tensor(scheme='"nromal"'))
    assert isinstance(caught.value.__cause__, FastinitError)
    assert caught.value.allowed == caught.value.__cause__.allowed


@pytest.mark.parametrize("plan", [HEADER + WEIGHT, _alias('alias_of = "w"\n')])
def test_the_plans_that_these_are_made_from_hold(plan: str) -> None:
    assert parse_plan(plan).tensors[0].name == "w"
