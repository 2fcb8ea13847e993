"""`fastinit bench`: what is measured on request, written, shown, and refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

COMPARE = Path(__file__).resolve().parents[1] / "compare"
sys.path.insert(0, str(COMPARE))

import synthetic  # noqa: E402
from test_results import validate  # noqa: E402

SMALL = (
    *("--scheme", "normal", "--size", "64Ki", "--repetitions", "2", "--no-processes"),
    *("--contender", "fastinit", "--contender", "numpy-pcg64"),
    *("--contender", "fill-numpy"),
)


def save(path: Path, results) -> str:
    path.write_text(json.dumps(results.to_dict()), encoding="utf-8")
    return str(path)


def test_a_run_is_measured_and_told(run_json):
    found = run_json("bench", *SMALL, "--dtype", "float32", "--threads", "1")
    validate(found)
    assert found["command"].startswith("fastinit bench --contender fastinit")
    assert len(found["measurements"]) == 3
    assert {one["case"]["id"] for one in found["measurements"]} == {
        "normal-float32-64Ki-1"
    }
    assert [one["verdict"] for one in found["measurements"]] == [
        "conforms",
        "conforms",
        "roof",
    ]
    assert found["processes"] == []


def test_the_text_has_every_number(run):
    text = run("bench", *SMALL).stdout
    assert "64Ki elements, GB/s written" in text
    assert "normal float32" in text
    assert "numpy-pcg64" in text
    assert run("bench", *SMALL, "--quiet").output == ""


def test_files_are_written_and_shown_again(run, run_json, folder):
    run("bench", *SMALL, "--output", "a.json", "--html", "a.html", "--quiet")
    written = json.loads((folder / "a.json").read_text(encoding="utf-8"))
    validate(written)
    assert "<h2>Throughput</h2>" in (folder / "a.html").read_text(encoding="utf-8")
    assert run_json("bench", "--results", "a.json") == written
    error = run("bench", *SMALL, "--html", "a.html", status=2).stderr
    assert "a file of that name exists" in error
    run("bench", "--results", "a.json", "--html", "a.html", "--force", "--quiet")


def test_changes_are_told(run, run_json, folder):
    old = save(folder / "old.json", synthetic.results())
    new = save(folder / "new.json", synthetic.results(scale={"fastinit": 1.5}))
    text = run("bench", "--results", new, "--compare", old).stdout
    assert "changes since the earlier run" in text
    assert "slower" in text
    assert "1.500" in text
    found = run_json("bench", "--results", new, "--compare", old)
    validate(found)
    assert found["changes"]["drift"] == 1.0
    same = run("bench", "--results", old, "--compare", old).stdout
    assert "0 of 67 times changed beyond noise" in same


def test_the_text_names_who_is_missing_and_who_violates(run, folder):
    results = synthetic.results(verdicts={"torch": "violates"})
    text = run("bench", "--results", save(folder / "a.json", results)).stdout
    assert "missing: " in text
    assert "its process failed: ImportError: <no> jaxlib" in text
    assert "normal float32 64Mi violates: mean: z = 99" in text
    assert "parts alone" in text
    assert "differ" in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"verdicts": {"fastinit": "violates"}},
        {"survives": {**synthetic.SURVIVES, "alone": False}},
    ],
)
def test_status_1_is_ours_alone(run, folder, wrong):
    path = save(folder / "a.json", synthetic.results(**wrong))
    run("bench", "--results", path, status=1)
    # What others write is told, and is not our failure.
    path = save(folder / "b.json", synthetic.results(verdicts={"torch": "violates"}))
    run("bench", "--results", path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--contender", "numpy"), "contenders are fastinit, numpy-pcg64"),
        (("--scheme", "sparse"), "they are constant, uniform"),
        (("--dtype", "int8"), "they are float64, float32"),
        (("--size", "3"), "they are 4Ki, 64Ki"),
        (("--threads", "0"), "threads is an integer"),
        (("--repetitions", "x"), "repetitions is an integer"),
        (("--repetitions", "0"), "repetitions is an integer"),
        (("--results", "none.json"), "No such file"),
        (("--compare", "none.json"), "No such file"),
        (("--results", "none.json", "--quick"), "leave out --quick"),
        (("--output", "no/such/folder.json"), "must exist"),
    ],
)
def test_wrong_use_is_refused_before_anything_is_measured(run, arguments, message):
    assert message in run("bench", *arguments, status=2).stderr


def test_an_html_report_needs_its_packages(run, folder, monkeypatch):
    import importlib.util

    path = save(folder / "a.json", synthetic.results())
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    error = run("bench", "--results", path, "--html", "a.html", status=2).stderr
    assert "pip install jinja2 matplotlib" in error
    assert not (folder / "a.html").exists()
