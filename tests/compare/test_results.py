"""Results as JSON: what the schema says, and read back as they were."""

from __future__ import annotations

import importlib.util
import json
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
import synthetic

from fastinit.compare.changes import compare
from fastinit.compare.reading import from_dict, read_results
from fastinit.errors import FileFormatError, OutputError

SCHEMA = json.loads(
    resources.files("fastinit.compare").joinpath("schema.json").read_text("utf-8")
)


def validate(document):
    """Raise unless a document, as JSON has it, follows the schema."""
    text = json.dumps(document, allow_nan=False)
    validator = jsonschema.Draft202012Validator(SCHEMA)
    validator.validate(json.loads(text))


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_results_follow_the_schema():
    document = synthetic.results().to_dict()
    validate(document)
    changes = compare(synthetic.results(), synthetic.results(scale={"torch": 2.0}))
    validate({**document, "changes": changes.to_dict()})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format",), "other"),
        (("measurements", 0, "verdict"), "fine"),
        (("measurements", 0, "seconds"), []),
        (("measurements", 0, "median"), 0.0),
        (("measurements", 0, "case", "dtype"), 8),
        (("processes", 0, "survives", "order"), True),
        (("surplus",), 1),
    ],
)
def test_the_schema_refuses_what_it_should(path, value):
    document = synthetic.results().to_dict()
    held = document
    for key in path[:-1]:
        held = held[key]
    held[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        validate(document)


def test_results_are_read_back_as_they_were(tmp_path):
    results = synthetic.results()
    path = tmp_path / "results.json"
    path.write_text(json.dumps(results.to_dict()), encoding="utf-8")
    assert read_results(path) == results
    assert read_results(path).to_dict() == results.to_dict()


def test_what_follows_is_computed_and_not_read():
    document = json.loads(json.dumps(synthetic.results().to_dict()))
    document["measurements"][0].update(median=9.0, counts=False, gb_per_s=1e9)
    assert from_dict(document) == synthetic.results()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no JSON"),
        ("[1]", "another program"),
        ('{"format": "fastinit-bench", "version": 2}', "another program or version"),
        ('{"format": "fastinit-bench", "version": 1}', "KeyError: 'created'"),
        ("\udcff", "no text"),
        ("[" * 100_000, "no JSON"),
    ],
)
def test_other_files_are_refused(tmp_path, text, reason):
    path = tmp_path / "results.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(FileFormatError, match=reason):
        read_results(path)


@pytest.mark.parametrize("seconds", [[], [0.0], [-1.0], ["x"], None, [None]])
def test_times_that_are_none_are_refused(tmp_path, seconds):
    document = json.loads(json.dumps(synthetic.results().to_dict()))
    document["measurements"][0]["seconds"] = seconds
    path = tmp_path / "results.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(FileFormatError, match="schema"):
        read_results(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(OutputError, match="nowhere"):
        read_results(tmp_path / "nowhere.json")


def test_shares_and_ratios_are_of_the_same_case():
    results = synthetic.results()
    case = results.cases[0]
    torch, ours = results.table[case.id, "torch"], results.table[case.id, "fastinit"]
    assert results.ratio(torch) == pytest.approx(8.0)
    assert results.ratio(ours) == 1.0
    # The fastest of the plain fills takes 0.3 of our time.
    assert results.share(ours) == pytest.approx(0.3)
    assert results.roof(case, "cpu", ["memset"]) == pytest.approx(10 * ours.bandwidth)
    assert results.roof(case, "gpu") is None
    assert ours.bandwidth == pytest.approx(16.0)
    assert ours.nanoseconds == pytest.approx(0.25)


@pytest.mark.parametrize("name", ["torch", "fastinit"])
def test_a_time_that_does_not_count_has_no_ratio(name):
    results = synthetic.results(verdicts={name: "violates"})
    assert results.ratio(results.table[results.cases[0].id, "torch"]) is None


def test_the_page_about_the_schema_is_up_to_date():
    folder = Path(__file__).resolve().parents[2] / "docs" / "benchmarks"
    spec = importlib.util.spec_from_file_location("page", folder / "write_schema.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written = (folder / "schema.md").read_text(encoding="utf-8")
    assert written == module.page(SCHEMA), "run docs/benchmarks/write_schema.py"
