"""Tables that know their place, and messages of bounded length."""

from __future__ import annotations

import pytest

from fastinit.errors import ArgumentTypeError, FanError, PlanError
from fastinit.models.toml_tables import Table, did_you_mean, located, shown


@pytest.mark.parametrize("error", [FanError, ArgumentTypeError])
def test_places_go_before_errors_of_fastinit(error: type[FanError]) -> None:
    with pytest.raises(PlanError) as caught, located("x.toml: key 'shape'"):
        raise error("given", "allowed", "remedy")
    assert str(caught.value) == "x.toml: key 'shape': given: allowed; remedy"
    assert type(caught.value.__cause__) is error


def test_other_errors_pass_unchanged() -> None:
    with pytest.raises(KeyError), located("x.toml"):
        raise KeyError("shape")


@pytest.mark.parametrize(
    "value",
    ["x" * 10_000, 10**9999, [-(10**9999)], [["y" * 99] * 99] * 99],
    ids=["text", "integer", "integers", "lists"],
)
def test_long_values_are_shortened(value: object) -> None:
    assert len(shown(value)) <= 123


@pytest.mark.parametrize("value", ["x" * 60, 2**64, -1.5, True, [1, "a"], None])
def test_short_values_are_shown_whole(value: object) -> None:
    assert shown(value) == repr(value)


@pytest.mark.parametrize(
    ("word", "question"),
    [("shpe", "did you mean 'shape'?"), ("zzz", ""), ("", "")],
)
def test_suggestions(word: str, question: str) -> None:
    assert did_you_mean(word, ["name", "shape"]) == question


def test_tables_are_numbered_from_one_and_labelled_by_text() -> None:
    top = Table({"tensor": [{"name": "a"}, {"name": 3}, {}]}, "x.toml")
    assert [one.where for one in top.tables("tensor", "name")] == [
        "x.toml, [[tensor]] 1 'a'",
        "x.toml, [[tensor]] 2",
        "x.toml, [[tensor]] 3",
    ]


def test_absent_tables_are_empty() -> None:
    top = Table({}, "x.toml")
    assert top.table("defaults", "[defaults]").entries == {}
    assert top.tables("rule", "match") == []
