"""`fastinit info`: what it looks at, and what it says of trouble."""

import dataclasses
import os
from importlib import metadata
from pathlib import Path

import pytest

import fastinit
from fastinit import backends, golden
from fastinit.cli import surroundings
from fastinit.destinations import DESTINATIONS
from fastinit.golden import GoldenResult


def facts(text: str) -> dict[str, str]:
    """Names and values, which two spaces or more separate."""
    return {
        name.strip(): value.strip()
        for name, _, value in (line.partition("  ") for line in text.splitlines())
    }


def test_text_and_json_agree(run, run_json):
    shown, found = facts(run("info").stdout), run_json("info")
    assert set(found) == {
        "versions",
        "processor",
        "threads",
        "cache",
        "backends",
        "facts",
        "destinations",
        "self_test",
        "clashes",
    }
    for name, version in found["versions"].items():
        assert shown[name] == version
    assert found["versions"]["fastinit"] == fastinit.__version__
    assert {f"backend {name}" for name in backends.backend_names()} <= set(shown)
    assert {f"destination {name}" for name in DESTINATIONS} <= set(shown)
    assert shown["backend cpu"] == "available"
    assert found["processor"]["name"] in shown["processor"]
    assert found["self_test"]["vectors"] == len(golden.verify(quick=True))
    assert "golden vectors" in shown["self-test"]
    assert shown["threads"].startswith(f"{found['threads']['used']}, of ")


def test_quiet_runs_the_self_test_in_silence(run):
    assert run("info", "--quiet").output == ""


def test_a_failed_self_test_is_status_1_and_named(run, run_json, monkeypatch):
    def verify(**_):
        return (GoldenResult("good", "00", "00"), GoldenResult("wrong", "00", "01"))

    monkeypatch.setattr(golden, "verify", verify)
    shown = facts(run("info", status=1).stdout)
    assert shown["self-test"] == "FAILED: 1 of 2 golden vectors differ: wrong"
    found = run_json("info", status=1)["self_test"]
    assert (found["passed"], found["vectors"]) == (False, 2)
    assert found["failed"] == [dataclasses.asdict(verify()[1])]


def test_no_golden_vectors_are_no_success(run, monkeypatch):
    monkeypatch.setattr(golden, "verify", lambda **_: ())
    assert "FAILED: there are no" in run("info", status=1).stdout


def test_threads_follow_the_environment(run_json, monkeypatch):
    monkeypatch.setenv("FASTINIT_NUM_THREADS", "3")
    monkeypatch.setenv("FASTINIT_ENGINE", "prange")
    found = run_json("info")["threads"]
    assert (found["used"], found["FASTINIT_NUM_THREADS"]) == (3, "3")
    assert found["engine"] == "prange"


def test_the_cache_is_where_kernels_are_kept(tmp_path, run_python):
    # Not the whole command: its self-test would compile every kernel for this folder.
    code = (
        "from fastinit.cli.surroundings import cache\n"
        "import fastinit\n"
        "fastinit.create('normal', (8,))\n"
        "print(cache()['folder'], cache()['is_writable'])"
    )
    shown = run_python(code, NUMBA_CACHE_DIR=str(tmp_path)).rsplit(maxsplit=1)
    assert shown[1] == "True"
    assert Path(shown[0]).is_relative_to(tmp_path)
    assert list(Path(shown[0]).glob("*.kernel"))


def test_no_cache_is_said(run, monkeypatch):
    nowhere = {"folder": None, "is_writable": False}
    monkeypatch.setattr(surroundings, "cache", lambda: nowhere)
    assert facts(run("info").stdout)["cache"].startswith("uncached: ")


def test_a_folder_that_does_not_exist_yet_counts_as_its_parent(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(os, "access", lambda path, _: asked.append(path) or False)
    assert not surroundings._is_writable(str(tmp_path / "a" / "b"))
    assert not surroundings._is_writable(str(tmp_path))
    assert asked == [tmp_path, tmp_path]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (
            "no_such_package_here:Backend",
            "ModuleNotFoundError: No module named 'no_such",
        ),
        ("fastinit.errors:NoSuchName", "AttributeError: "),
        ("fastinit.errors:OutputError", "TypeError: "),
    ],
)
def test_a_broken_backend_is_a_reason_not_a_crash(monkeypatch, entry, reason):
    monkeypatch.setitem(backends.BACKENDS, "broken", entry)
    found = surroundings.backends()
    assert found["broken"].startswith(f"its package cannot be loaded ({reason}")
    assert found["cpu"] == ""


def install(folder: Path, name: str, files: str, entries: str = "") -> None:
    """Lay down the records of an installed project."""
    home = folder / f"{name.replace('-', '_')}-1.2.dist-info"
    home.mkdir()
    (home / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n"
    )
    (home / "RECORD").write_text(files)
    (home / "entry_points.txt").write_text(entries)


COMMAND = "[console_scripts]\nfastinit = fastinit.cli:main\n"
MODULE = "fastinit/__init__.py,sha256=x,1\n"


@pytest.mark.parametrize(
    ("name", "files", "entries", "what"),
    [
        ("fastinit", MODULE, COMMAND, "a module and a command"),
        ("fastinit", "other.py,,\n", "", "a project"),
        ("FastInit", "fastinit.py,,\n", "", "a module"),
        ("another", "x.py,,\n", COMMAND, "a command"),
        ("fastinit-cli", MODULE, "", "a module"),
    ],
)
def test_projects_of_the_same_name_are_noticed(tmp_path, name, files, entries, what):
    install(tmp_path, name, files, entries)
    (found,) = surroundings.clashes(metadata.distributions(path=[str(tmp_path)]))
    assert found.startswith(f"project {name} 1.2 installs {what} called fastinit too: ")


@pytest.mark.parametrize(
    ("name", "files", "entries"),
    [
        ("fastinit-weights", MODULE, COMMAND),
        ("Fastinit_Weights", MODULE, COMMAND),
        ("fastinit-extras", "fastinit_extras/__init__.py,,\n", ""),
        ("other", "lib/fastinit/x.py,,\n", "[gui_scripts]\nfastinit = a:b\n"),
    ],
)
def test_other_projects_are_no_clash(tmp_path, name, files, entries):
    install(tmp_path, name, files, entries)
    assert surroundings.clashes(metadata.distributions(path=[str(tmp_path)])) == []


def test_a_clash_is_a_warning_and_no_failure(run, tmp_path, monkeypatch):
    install(tmp_path, "fastinit", MODULE, COMMAND)
    monkeypatch.setattr(
        surroundings.metadata,
        "distributions",
        lambda: metadata.Distribution.discover(path=[str(tmp_path)]),
    )
    text = run("info").stdout
    assert "\nwarning: project fastinit 1.2 installs a module and a command" in text
