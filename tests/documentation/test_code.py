"""Code of the pages: it runs, and prints what is shown."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import pytest

from documentation.pages import PAGES, ROOT, blocks_of
from documentation.session import Session, commands_of, parse
from fastinit import backends

RUNNABLE = {"python", "sh", "console"}
#: Languages that are shown and not run.
SHOWN = {"", "text", "toml", "yaml", "cython", "dockerfile"}
#: What torchrun tells the one process that it starts; port 0 is any that is free.
ONE_PROCESS = {
    "RANK": "0",
    "WORLD_SIZE": "1",
    "MASTER_ADDR": "127.0.0.1",
    "MASTER_PORT": "0",
}
WITH_CODE = [
    page for page in PAGES if {block.language for block in blocks_of(page)} & RUNNABLE
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return an empty folder, which is the current one; what a page changes ends."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delenv("FASTINIT_NUM_THREADS", raising=False)
    for name, value in ONE_PROCESS.items():
        monkeypatch.setenv(name, value)
    yield tmp_path
    backends.load_backend.cache_clear()
    for path in tmp_path.rglob("*.safetensors"):
        path.unlink()


@pytest.mark.parametrize(
    "page", WITH_CODE, ids=[str(page.relative_to(ROOT)) for page in WITH_CODE]
)
def test_code_runs(page: Path, folder: Path, capsys: pytest.CaptureFixture[str]):
    session = Session(page, folder)
    for block in blocks_of(page):
        session.run(block)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_blocks_are_known(page: Path):
    for block in blocks_of(page):
        known = RUNNABLE | SHOWN
        assert block.language in known or block.language.startswith("{"), block
        name, _, value = block.note.partition(":")
        if name == "not run":
            assert len(value) > 10, "a block that is not run says why"


def test_the_example_of_a_failure_fails(folder: Path):
    """Wrong code, a wrong output, an unknown option and a missing file are found."""
    page = folder / "page.md"
    session = Session(page, folder)
    for text in (
        "```python\nimport fastinit\nassert fastinit.zeros(1) == 1\n```\n",
        "```sh\nfastinit create w.npy zeros --shappe 3\n```\n",
        "```sh\npython tests/no_such_file.py\n```\n",
        "```sh\n./run nothing\n```\n",
        "```sh\nrm -r folder\n```\n",
        "```console\n$ fastinit --version\nfastinit 99\n```\n",
    ):
        page.write_text(text, encoding="utf-8")
        (block,) = blocks_of(page)
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            session.run(block)


def test_an_unknown_option_is_found_without_running():
    with pytest.raises(click.UsageError, match="option"):
        parse(["bench", "--no-such-option"])


def test_comments_and_continued_lines():
    text = (
        "# what\nfastinit info   # why\nfastinit create w.npy \\\n  'normal(std=1)'\n"
    )
    assert commands_of(text) == [
        ["fastinit", "info"],
        ["fastinit", "create", "w.npy", "normal(std=1)"],
    ]
