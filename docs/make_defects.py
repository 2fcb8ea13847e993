"""Write the tables of defects.md: run its commands, and put down what they say.

``python docs/make_defects.py`` runs them all, which takes some minutes; with names
of tables, those alone. A test runs a few again
(tests/documentation/test_defects.py).
"""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from fastinit.cli import main

PAGE = Path(__file__).resolve().parent / "defects.md"
#: Keras reads it when it is imported.
KERAS_BACKEND = "jax"


@dataclass(frozen=True)
class Row:
    """A command, and the tests whose outcome the page shows."""

    library: str
    scheme: str
    options: str = ""
    shown: tuple[str, ...] = ()

    @property
    def words(self) -> list[str]:
        """Words of the command behind the program's name."""
        return ["conform", self.library, self.scheme, *shlex.split(self.options)]

    @property
    def command(self) -> str:
        """Command as it is typed."""
        backend = f"KERAS_BACKEND={KERAS_BACKEND} " if self.library == "keras" else ""
        return f"{backend}{shlex.join(['fastinit', *self.words])}"


def _rows(library: str, shown: str, *commands: str) -> tuple[Row, ...]:
    """Rows of one library that show the same tests; a command may add options."""
    made = []
    for command in commands:
        scheme, _, options = command.partition(" --")
        made.append(
            Row(
                library, scheme, f"--{options}" if options else "", tuple(shown.split())
            )
        )
    return tuple(made)


BFLOAT16, FLOAT16 = " --dtype bfloat16", " --dtype float16"

#: What violates, by the table of the page.
DEFECTS: dict[str, tuple[Row, ...]] = {
    "jax-narrow": (
        *_rows(
            "jax",
            "mean minimum maximum",
            f"normal(stddev=1){BFLOAT16}",
            f"normal(stddev=1){FLOAT16}",
        ),
        *_rows(
            "jax",
            "mean zeros maximum",
            f"he_normal{BFLOAT16}",
            f"he_normal{FLOAT16}",
            f"glorot_uniform{BFLOAT16}",
            f"glorot_uniform{FLOAT16}",
        ),
        *_rows("keras", "mean zeros maximum", f"HeNormal{BFLOAT16}"),
        *_rows("keras", "mean zeros maximum", f"GlorotUniform{FLOAT16}"),
    ),
    "torch-narrow": _rows(
        "torch",
        "mean zeros tails",
        f"uniform_{BFLOAT16}",
        f"uniform_{FLOAT16}",
        f"xavier_uniform_{BFLOAT16}",
        f"kaiming_uniform_(a=2.23606797749979){BFLOAT16}",
        f"kaiming_uniform_(a=2.23606797749979){FLOAT16}",
    ),
    "torch-truncated": _rows(
        "torch",
        "tails variance",
        f"trunc_normal_{BFLOAT16}",
        f"trunc_normal_{FLOAT16}",
    ),
    "jax-grid": (
        *_rows(
            "jax",
            "ties resolution",
            "normal(stddev=1)",
            "uniform(scale=1)",
            "he_normal",
            "glorot_uniform",
            "uniform(scale=1) --dtype float64",
        ),
        *_rows("keras", "ties resolution", "GlorotUniform"),
    ),
    "jax-far": _rows(
        "jax",
        "repeats minimum tails",
        "truncated_normal(stddev=1, lower=4, upper=6) --shape 512x512",
    ),
}
#: What was looked for and found right.
RIGHT = (
    *_rows(
        "torch",
        "",
        "normal_",
        f"normal_{BFLOAT16}",
        f"normal_{FLOAT16}",
        "normal_ --dtype float64",
        "normal_ --transposed",
        f"kaiming_normal_{BFLOAT16}",
        f"xavier_normal_{FLOAT16}",
        "uniform_",
        "xavier_uniform_",
        "trunc_normal_",
    ),
    *_rows(
        "jax",
        "",
        "normal(stddev=1) --dtype float64",
    ),
    *_rows(
        "numpy",
        "",
        "standard_normal",
        "standard_normal --dtype float32",
        "random",
        "random --dtype float32",
        "uniform(low=-1, high=1)",
        "randn",
        "rand",
    ),
)


def answer_of(row: Row) -> Any:
    """JSON document of a command, run in this process."""
    result = CliRunner().invoke(main, [*row.words, "--json"])
    return json.loads(result.stdout)


def chance(p: float) -> str:
    """p-value in two digits."""
    return "p < 1e-300" if p < 1e-300 else f"p = {p:.2g}"


def evidence(row: Row, document: Any) -> str:
    """What the shown tests say where they fail, and the names of the others."""
    failed = {
        test["name"]: test
        for result in document["results"]
        for test in result["tests"]
        if not test["passed"]
    }
    told = [
        f"{name}: {failed[name]['detail']}, {chance(failed[name]['adjusted_p_value'])}"
        for name in row.shown
        if name in failed
    ]
    others = [name for name in failed if name not in row.shown]
    if others:
        told.append(f"also {', '.join(others)}")
    return "<br>".join(told).replace("|", "\\|")


def defect_row(row: Row) -> str:
    """Line of a table of what violates."""
    document = answer_of(row)
    assert document["verdict"] == "violates", row.command
    return f"| `{row.command}` | {evidence(row, document)} |"


def right_row(row: Row) -> str:
    """Line of the table of what conforms."""
    document = answer_of(row)
    assert document["verdict"] == "conforms", row.command
    tests = [test for result in document["results"] for test in result["tests"]]
    smallest = min(test["adjusted_p_value"] for test in tests)
    # Of complex values, the part that is furthest off.
    offs = [test["effect"] for test in tests if test["name"] == "variance"]
    std = max(offs, key=abs)
    return f"| `{row.command}` | {std:+.4f} | {smallest:.2g} |"


def version_rows() -> Iterator[str]:
    """Versions of what was run."""
    for library in ("torch", "jax", "keras", "numpy"):
        scheme = {"torch": "ones_", "numpy": "random"}.get(library, "ones")
        document = answer_of(Row(library, scheme, "--shape 2"))
        yield f"- {library} {document['version']}"


def table(name: str) -> list[str]:
    """Lines of a table."""
    if name == "versions":
        return list(version_rows())
    if name == "right":
        head = ["| command | error of the std | smallest p |", "| --- | --- | --- |"]
        return [*head, *map(right_row, RIGHT)]
    head = ["| command | what the checker found |", "| --- | --- |"]
    return [*head, *map(defect_row, DEFECTS[name])]


def with_table(text: str, name: str, lines: list[str]) -> str:
    """Text of the page with one of its tables made anew."""
    mark = re.compile(
        rf"(<!-- table {name}, by make_defects.py -->\n).*?(<!-- end of table -->)",
        re.DOTALL,
    )
    assert mark.search(text), f"the page has no table {name}"
    inner = "\n".join(lines)
    return mark.sub(lambda m: f"{m[1]}\n{inner}\n\n{m[2]}", text)


if __name__ == "__main__":
    os.environ["KERAS_BACKEND"] = KERAS_BACKEND
    for name in sys.argv[1:] or ("versions", "right", *DEFECTS):
        made = table(name)
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(with_table(page, name, made), encoding="utf-8")
