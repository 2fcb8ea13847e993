"""Braces in names: an independent expansion, and every way to write them wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastinit.errors import PlanError
from fastinit.models.names import (
    MAX_NAME_LENGTH,
    MAX_NAMES,
    count,
    expand,
    expand_in_step,
)

WORDS = st.text("abcxyz_./", max_size=4)
ITEMS = st.text("qkv123_", min_size=1, max_size=3)
LISTS = st.lists(ITEMS, min_size=2, max_size=4).map(
    lambda items: ("{" + ",".join(items) + "}", items)
)
RANGES = st.tuples(st.integers(0, 120), st.integers(0, 4)).map(
    lambda ends: (
        "{" + f"{ends[0]}..{ends[0] + ends[1]}" + "}",
        [str(number) for number in range(ends[0], ends[0] + ends[1] + 1)],
    )
)
GROUPS = st.lists(st.tuples(WORDS, LISTS | RANGES), max_size=3)


def _expanded(prefixes: list[str], groups: list[tuple[str, list[str]]]) -> list[str]:
    """The same names from nested loops, outermost group first."""
    names = [""]
    for prefix, items in groups:
        names = [name + prefix + item for name in names for item in items]
    return [name + "".join(prefixes) for name in names]


@settings(max_examples=200, deadline=None)
@given(GROUPS)
def test_expansion_equals_nested_loops(
    groups: list[tuple[str, tuple[str, list[str]]]],
) -> None:
    text = "".join(word + braces for word, (braces, _) in groups) + "end"
    expected = _expanded(["end"], [(word, items) for word, (_, items) in groups])
    assert list(expand(text)) == expected
    assert count(text) == len(expected)


@settings(max_examples=100, deadline=None)
@given(GROUPS, WORDS)
def test_steps_pair_up_with_the_same_braces(
    groups: list[tuple[str, tuple[str, list[str]]]], other: str
) -> None:
    name = "".join(word + braces for word, (braces, _) in groups) + "end"
    paired = "x" + "".join(other + braces for _, (braces, _) in groups) + "/w"
    expected = _expanded(["/w"], [(other, items) for _, (_, items) in groups])
    texts = expand_in_step(paired, name)
    assert list(texts) == ["x" + one for one in expected]
    assert len(texts) == count(name)


@settings(max_examples=300, deadline=None)
@given(st.text("{}.,0123ab ", max_size=16))
def test_any_text_expands_or_is_refused(text: str) -> None:
    try:
        names = expand(text)
    except PlanError:
        with pytest.raises(PlanError):
            count(text)
        return
    assert len(names) == count(text)
    assert not any(set("{}") & set(name) for name in names)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("w", ("w",)),
        ("a b", ("a b",)),
        ("h.{0..2}.w", ("h.0.w", "h.1.w", "h.2.w")),
        ("{3..3}", ("3",)),
        ("{q,k,v}", ("q", "k", "v")),
        ("{0..1}{a,b}", ("0a", "0b", "1a", "1b")),
        ("{a,b}{0..1}", ("a0", "a1", "b0", "b1")),
        ("{8..11}", ("8", "9", "10", "11")),
        ("{08..11}", ("08", "09", "10", "11")),
        ("{000..002}", ("000", "001", "002")),
        ("{0..0}{0,0}", ("00", "00")),
        ("poids.é", ("poids.é",)),
    ],
)
def test_known_expansions(text: str, expected: tuple[str, ...]) -> None:
    assert expand(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        " w",
        "w ",
        "a\nb",
        "a\x00b",
        "a\u2028b",
        "{",
        "}",
        "a{0..1",
        "a0..1}",
        "}{",
        "{{0..1}}",
        "{a,{b,c}}",
        "{}",
        "{a}",
        "{0}",
        "{,}",
        "{a,}",
        "{,a}",
        "{a,,b}",
        "{a, b}",
        "{a ,b}",
        "{0..}",
        "{..1}",
        "{0...1}",
        "{0..1..2}",
        "{0..1,5}",
        "{a..c}",
        "{-1..1}",
        "{0.. 1}",
        "{1..0}",
        "{0..05}",
        "{00..5}",
        "{\u0661..\u0662}",
        "{0..n_layer}",
        "{0..1000000}",
        "{0..999999999999999999}",
        "{0..9999999999999999999999}",
        "{0..999}.{0..999}.{0,1}",
        "{0..999999}" * 40,
        "n" * (MAX_NAME_LENGTH + 1),
    ],
)
def test_bad_braces(text: str) -> None:
    with pytest.raises(PlanError) as caught:
        expand(text)
    assert all((caught.value.given, caught.value.allowed, caught.value.remedy))
    assert len(str(caught.value)) < 600
    with pytest.raises(PlanError):
        count(text)


def test_the_largest_expansion_is_counted() -> None:
    assert count("{0..999}.{0..999}") == MAX_NAMES
    assert count("{0..999999}") == MAX_NAMES


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("x.{1..2}", "h.{0..1}", ("x.1", "x.2")),
        ("x.{a,b}", "h.{0..1}", ("x.a", "x.b")),
        ("x", "h.{0..2}", ("x", "x", "x")),
        ("x", "h", ("x",)),
        ("{a,b}{0..2}", "{0..1}{q,k,v}", ("a0", "a1", "a2", "b0", "b1", "b2")),
    ],
)
def test_known_steps(text: str, name: str, expected: tuple[str, ...]) -> None:
    assert expand_in_step(text, name) == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("x.{0..1}", "h"),
        ("x.{0..1}", "h.{0..2}"),
        ("x.{0..5}", "h.{0..1}.{q,k,v}"),
        ("x.{q,k,v}.{0..1}", "h.{0..1}.{q,k,v}"),
        ("x.{q,k,v}", "h.{0..1}.{q,k,v}"),
        ("x.{0..1}.{q,k}", "h.{0..3}"),
    ],
)
def test_steps_that_do_not_pair_up(text: str, name: str) -> None:
    with pytest.raises(PlanError, match="pair up"):
        expand_in_step(text, name)
