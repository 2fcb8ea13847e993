"""Write the tables of the pages that are made from tables of the package.

``python docs/make_tables.py`` rewrites what stands between the marks; a test compares
(tests/test_document_tables.py).
"""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from fastinit.dialects import jax, keras, timm, torch
from fastinit.distributions import DISTRIBUTIONS
from fastinit.errors import ArgumentError
from fastinit.gain_table import ALIASES, GAINS
from fastinit.gains import calculate_gain
from fastinit.spec import Spec

DOCS = Path(__file__).resolve().parent

#: A dense layer of 256 inputs and 512 outputs, as each library stores it.
SHAPES = {
    "torch": (512, 256),
    "jax": (256, 512),
    "keras": (256, 512),
    "timm": (512, 256),
}

#: What is compared, and the name in torch, JAX, Keras and timm.
ROWS: dict[str, tuple[str, str, str, str]] = {
    "uniform": ("uniform_", "uniform", "RandomUniform", ""),
    "normal": ("normal_", "normal", "RandomNormal", ""),
    "truncated normal": (
        "trunc_normal_",
        "truncated_normal",
        "TruncatedNormal",
        "trunc_normal_tf_",
    ),
    "Glorot uniform": ("xavier_uniform_", "glorot_uniform", "GlorotUniform", ""),
    "Glorot normal": ("xavier_normal_", "glorot_normal", "GlorotNormal", ""),
    "He uniform": ("kaiming_uniform_", "he_uniform", "HeUniform", ""),
    "He normal": ("kaiming_normal_", "he_normal", "HeNormal", ""),
    "LeCun uniform": ("", "lecun_uniform", "LecunUniform", ""),
    "LeCun normal": ("", "lecun_normal", "LecunNormal", "lecun_normal_"),
    "variance scaling": (
        "",
        "variance_scaling",
        "VarianceScaling",
        "variance_scaling_",
    ),
}
LIBRARIES = {"torch": torch, "jax": jax, "keras": keras, "timm": timm}
#: Parameters that say nothing of the law.
OTHERS = {"tensor", "generator", "how", "seed", "dtype", "sense"}


def parameters_of(function: Callable[..., Any]) -> dict[str, Any]:
    """Defaults of the parameters of a law, by name."""
    parameters = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in parameters if p.name not in OTHERS}


def spec_of_default(library: str, name: str) -> Spec | None:
    """Law of an initializer called with its defaults; None where it has none."""
    function = getattr(LIBRARIES[library], name)
    given = parameters_of(function)
    if inspect.Parameter.empty in given.values():
        return None
    if library == "torch":
        return Spec(name.rstrip("_"), **given)
    if library == "timm":
        with mock.patch.object(timm, "fill") as filled:
            function(None)
        spec: Spec = filled.call_args.args[1]
        return spec
    made: Spec = function().spec(SHAPES[library])
    return made


def number(value: float) -> str:
    """Four digits, without a sign of zero."""
    return f"{value + 0.0:.4g}"


def law_text(spec: Spec, shape: tuple[int, ...]) -> str:
    """Law of a Spec in symbols, with the std that its values have."""
    parameters = spec.resolve(shape)
    if spec.distribution == "uniform":
        text = "$U[{}, {})$".format(*map(number, parameters))
    elif spec.distribution == "normal":
        text = "$N({}, {}^2)$".format(*map(number, parameters))
    else:
        text = "$N({}, {}^2)$ in $[{}, {}]$".format(*map(number, parameters))
    std = DISTRIBUTIONS[spec.distribution].law(parameters).std
    return f"{text}, std {number(std)}"


def call_text(name: str, function: Callable[..., Any]) -> str:
    """Call with the defaults of the parameters of the law."""
    shown = []
    for key, default in parameters_of(function).items():
        if default is inspect.Parameter.empty:
            shown.append(key)
        elif default is not None and "axis" not in key and "axes" not in key:
            shown.append(f"{key}={default!r}")
    return f"`{name}({', '.join(shown)})`"


def dialect_rows() -> Iterator[str]:
    """Rows of the difference table."""
    yield "| | torch | JAX | Keras | timm |"
    yield "| --- | --- | --- | --- | --- |"
    for what, names in ROWS.items():
        cells = []
        for library, name in zip(LIBRARIES, names, strict=True):
            if not name:
                cells.append("")
                continue
            call = call_text(name, getattr(LIBRARIES[library], name))
            spec = spec_of_default(library, name)
            law = "no defaults" if spec is None else law_text(spec, SHAPES[library])
            cells.append(f"{call}<br>{law}")
        yield f"| {what} | {' | '.join(cells)} |"


def gain_rows() -> Iterator[str]:
    """Rows of the table of gains."""
    yield "| activation | also called | forward | centred | backward | torch |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name, row in GAINS.items():
        aliases = ", ".join(f"`{a}`" for a, to in ALIASES.items() if to == name)
        digits = " | ".join(f"{gain:.15g}" for gain in row)
        try:
            of_torch = f"{calculate_gain(name):.15g}"
        except ArgumentError:
            of_torch = ""
        yield f"| `{name}` | {aliases} | {digits} | {of_torch} |"


def hash_rows() -> Iterator[str]:
    """Rows of docs/one-hash.md, those of one axis and equal hashes as one."""
    lines = (DOCS / "one-hash.md").read_text(encoding="utf-8").splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    # The first cells of the header are empty.
    yield f"| change of | to | {' | '.join(cells[0][-3:])} |"
    yield "| --- | --- | --- | --- | --- |"
    made = [row for row in cells[2:] if "not here" not in row[2]]
    for (axis, *hashes), group in itertools.groupby(
        made, key=lambda row: (row[0], *row[2:])
    ):
        changes = ", ".join(row[1] for row in group)
        yield f"| {axis} | {changes} | {' | '.join(hashes)} |"


TABLES: dict[str, Callable[[], Iterator[str]]] = {
    "dialects": dialect_rows,
    "gains": gain_rows,
    "one-hash": hash_rows,
}
#: Pages with tables, seen from docs/.
PAGES = ("dialects.md", "gains.md", "../README.md")


def with_tables(page: str) -> str:
    """Text of a page with its tables made anew."""
    text = (DOCS / page).read_text(encoding="utf-8")
    for name, rows in TABLES.items():
        mark = re.compile(
            rf"(<!-- table {name}, by make_tables.py -->\n).*?(<!-- end of table -->)",
            re.DOTALL,
        )
        if mark.search(text):
            made = "\n".join(rows())
            text = mark.sub(lambda m, made=made: f"{m[1]}\n{made}\n\n{m[2]}", text)
    return text


if __name__ == "__main__":
    for page in PAGES:
        (DOCS / page).write_text(with_tables(page), encoding="utf-8")
