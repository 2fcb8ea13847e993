"""Runs the code of a page, block after block, in a folder of its own."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
import sys
import tomllib
import warnings
from importlib import invalidate_caches
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from documentation.pages import ROOT, Block
from fastinit.cli import main

__all__ = ["Session", "commands_of"]

#: Commands that take long, whose own tests run them: options of the pages are parsed.
SLOW = {"bench", "info", "warmup"}
#: Plans of the pages' commands in a size that costs no time: what is changed, to what.
SMALLER = {
    "gpt2.toml": ("n_embd = 768", "n_embd = 72"),
    "resnet50.toml": (r"(?m)^(  \{ name = .*\n)(?:  \{ name = .*\n){1,7}", r"\1"),
}
#: Exit status of what begins with a word.
STATUS = {"violates": 1, "error": 2}
#: Other programs that a page may name, and how to see that the command can be right.
RUN = ROOT / "run"
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
    "optional-dependencies"
]


def commands_of(text: str) -> list[list[str]]:
    """Words of each command of a block for a shell, comments left out."""
    joined = text.replace("\\\n", " ")
    return [words for line in joined.splitlines() if (words := shlex.split(line, True))]


class Session:
    """One page.

    Parameters
    ----------
    page : Path
        For tracebacks.
    folder : Path
        Where its commands run; it has the plans of `examples`.
    """

    def __init__(self, page: Path, folder: Path) -> None:
        self.page, self.folder = page, folder
        self.names: dict[str, Any] = {"__name__": "page"}
        shutil.copytree(ROOT / "examples", folder / "examples")
        for name, (pattern, smaller) in SMALLER.items():
            plan = folder / "examples" / name
            text, count = re.subn(pattern, smaller, plan.read_text(encoding="utf-8"))
            assert count, "the example has changed"
            plan.write_text(text, encoding="utf-8")

    def run(self, block: Block) -> None:
        """Run one block, as its language and its note say."""
        if block.told("file"):
            (self.folder / block.told("file")).write_text(block.text, encoding="utf-8")
        if block.told("installed"):
            self.install(block.told("installed"))
        if block.language == "python":
            self.run_python(block)
        elif block.language == "sh":
            for words in commands_of(block.text):
                self.run_command(words, is_run=not block.told("not run"))
        elif block.language == "console":
            self.run_console(block)

    def run_python(self, block: Block) -> None:
        """Run Python in the names of the page, and call the tests that it defines."""
        code = compile("\n" * (block.line - 1) + block.text, str(self.page), "exec")
        if block.told("not run"):
            return
        if "import keras" in block.text:
            import_keras()
        before = set(self.names)
        exec(code, self.names)
        for name in sorted(set(self.names) - before):
            if name.startswith("test_"):
                self.names[name]()

    def run_console(self, block: Block) -> None:
        """Run commands behind a prompt, and compare what they print."""
        for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            command, _, wanted = part.partition("\n")
            got = self.run_command(shlex.split(command), is_shown=True)
            flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
            if wanted and not doctest.OutputChecker().check_output(wanted, got, flags):
                pytest.fail(
                    f"{self.page}, $ {command}\n--- wanted\n{wanted}--- got\n{got}"
                )

    def run_command(
        self, words: list[str], *, is_run: bool = True, is_shown: bool = False
    ) -> str:
        """Run a command of fastinit; of any other, see that what it names is there.

        It must succeed, unless its output is shown on the page and says otherwise.
        """
        program, *arguments = words
        if program != "fastinit":
            # What made a dated report is told as it was on that day.
            if not re.match(r"\d{4}-\d\d-\d\d", self.page.name):
                check_other(words)
            return ""
        if not is_run or arguments[0] in SLOW:
            parse(arguments)
            return ""
        result = CliRunner().invoke(main, arguments)
        wanted = STATUS.get(result.output.partition(":")[0], 0) if is_shown else 0
        assert result.exit_code == wanted, result.output
        return result.output

    def install(self, module: str) -> None:
        """Install a module of the folder, with the entry points of its pyproject."""
        project = tomllib.loads((self.folder / "pyproject.toml").read_text())["project"]
        home = self.folder / f"{module}-{project['version']}.dist-info"
        home.mkdir()
        lines = [f"Name: {project['name']}", f"Version: {project['version']}", ""]
        (home / "METADATA").write_text("\n".join(["Metadata-Version: 2.1", *lines]))
        (home / "entry_points.txt").write_text(
            "".join(
                f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in entries.items())
                for group, entries in project["entry-points"].items()
            )
        )
        sys.path.insert(0, str(self.folder))
        invalidate_caches()


def import_keras() -> None:
    """Import Keras on JAX; it warns of what it does not find."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("keras", reason="keras is not installed")


def parse(arguments: list[str]) -> None:
    """Parse a command of fastinit without running it."""
    name, *options = arguments
    with main.commands[name].make_context(name, options):
        pass


def check_other(words: list[str]) -> None:
    """See that a command of another program names what is there."""
    line = " ".join(words)
    if words[0] == "./run":
        assert re.search(rf"^{words[1]}\)$", RUN.read_text(), re.MULTILINE), line
    elif words[:4] == ["python", "-m", "pip", "install"]:
        for extras in re.findall(r"\[([\w,]+)\]", line):
            assert set(extras.split(",")) <= set(EXTRAS), line
    elif words[0] in {"python", "pytest"}:
        named = [word for word in words[1:] if "/" in word or word.endswith(".py")]
        assert named or words[0] == "pytest", line
        for word in named:
            assert (ROOT / word.partition("::")[0]).exists(), line
    else:
        pytest.fail(f"{line}: a command that nobody checks")
