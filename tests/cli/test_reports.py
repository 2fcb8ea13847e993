"""Reports never take the place of what is judged, of a plan, or of each other."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

import fastinit

#: Every report that a command on w.npy can write.
ASKED = [
    ("check", "w.npy", "normal", "--junit"),
    ("check", "w.npy", "normal", "--html"),
    ("audit", "w.npy", "--junit"),
    ("audit", "w.npy", "--html"),
    ("signal", "w.npy", "--html"),
    ("signal", "w.npy", "--plot"),
]


@pytest.fixture
def array(folder):
    """An array, and two other names of its file."""
    np.save("w.npy", fastinit.normal((64, 64), seed=0))
    Path("linked.svg").symlink_to("w.npy")
    os.link("w.npy", "same.svg")
    return Path("w.npy")


@pytest.mark.parametrize("name", ["w.npy", "./w.npy", "linked.svg", "same.svg"])
@pytest.mark.parametrize("asked", ASKED, ids="-".join)
def test_what_is_judged_is_never_replaced(array, run, asked, name):
    before = array.read_bytes()
    error = run(*asked, name, "-q", "--force", status=2).stderr
    assert f"{asked[-1]} {str(Path(name))!r}" in error
    assert "a report never replaces the" in error
    assert array.read_bytes() == before


@pytest.mark.parametrize("option", ["--junit", "--html"])
@pytest.mark.parametrize("command", ["check", "audit"])
def test_a_plan_is_never_replaced(plan, run, command, option):
    before = plan.read_bytes()
    asked = (command, "m.safetensors", "--plan", "model.toml", option, "model.toml")
    error = run(*asked, "--force", status=2).stderr
    assert "a report never replaces the plan, 'model.toml'" in error
    assert plan.read_bytes() == before


@pytest.mark.parametrize(
    "asked",
    [
        ("check", "w.npy", "normal", "--junit", "r.x", "--html"),
        ("audit", "w.npy", "--junit", "r.x", "--html"),
        ("conform", "numpy", "normal", "--junit", "r.x", "--html"),
        ("signal", "w.npy", "--plot", "r.x", "--html"),
        ("bench", "--output", "r.x", "--html"),
    ],
    ids=lambda one: one[0],
)
@pytest.mark.parametrize("exists", [False, True])
def test_two_reports_are_two_files(array, run, asked, exists):
    if exists:
        Path("r.x").write_text("an earlier one")
    error = run(*asked, "./r.x", "--force", status=2).stderr
    assert "each report is a file of its own" in error


@pytest.mark.parametrize("option", ["--results", "--compare"])
def test_results_of_a_bench_are_never_replaced(run, folder, option):
    Path("a.json").write_text("{}")
    error = run("bench", option, "a.json", "--html", "a.json", "--force", status=2)
    assert "a report never replaces the" in error.stderr
    assert Path("a.json").read_text() == "{}"


@pytest.fixture
def sharded(folder):
    """A folder with an index of one file."""
    Path("m").mkdir()
    save_file({"a": np.ones(40, np.float32)}, "m/one.safetensors")
    text = json.dumps({"weight_map": {"a": "one.safetensors"}})
    Path("m/m.index.json").write_text(text)
    return Path("m")


@pytest.mark.parametrize("checkpoint", ["m", "m/m.index.json"])
@pytest.mark.parametrize("part", ["m/one.safetensors", "m/m.index.json"])
def test_parts_of_a_checkpoint_are_never_replaced(sharded, run, checkpoint, part):
    before = Path(part).read_bytes()
    error = run("audit", checkpoint, "--junit", part, status=2).stderr
    assert "a report never replaces the checkpoint" in error
    assert Path(part).read_bytes() == before


def test_a_file_of_a_zarr_store_is_never_replaced(run, folder):
    zarr = pytest.importorskip("zarr", reason="zarr is not installed")
    store = zarr.open_group("m", mode="w", zarr_format=2)
    store.create_array("a", shape=(40,), dtype="f4")[...] = np.ones(40)
    error = run("audit", "m", "--junit", "m/a/0", status=2).stderr
    assert "a report never replaces the checkpoint" in error


def test_a_junit_file_is_replaced_and_may_stand_beside_tensors(sharded, run):
    for _ in range(2):
        run("audit", "m", "--junit", "m/found.xml", "-q")


@pytest.mark.parametrize("path", ["no/such.xml", "taken", "w.npy/found.xml"])
def test_a_junit_file_that_cannot_be_written_is_found_first(
    array, run, path, monkeypatch
):
    Path("taken").mkdir()
    monkeypatch.setattr("fastinit.cli.check._check_one", None)
    error = run("check", "w.npy", "normal", "--junit", path, status=2).stderr
    assert "a JUnit file is written where --junit says" in error


def test_a_folder_that_cannot_be_written_is_found_first(array, run, monkeypatch):
    monkeypatch.setattr("fastinit.cli.check._check_one", None)
    monkeypatch.setattr(os, "access", lambda *_: False)
    error = run("check", "w.npy", "normal", "--junit", "a.xml", status=2).stderr
    assert "it cannot be written" in error
