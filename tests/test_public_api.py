"""The public surface: the names, their homes, their documentation and examples."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import json
import pkgutil
import re
from pathlib import Path

import pytest

import fastinit

PACKAGE = Path(fastinit.__file__).parent


def module_names() -> list[str]:
    """Every module of the package that can be imported."""
    found = pkgutil.walk_packages([str(PACKAGE)], "fastinit.")
    return ["fastinit", *(m.name for m in found if not m.name.endswith("__main__"))]


#: Scalars and loops of the kernels: one line says what most of them are.
KERNEL_TEXT = ("fastinit.arithmetic", "fastinit.backends.loops")


def public_functions():
    """Functions and classes that a module of the package names in `__all__`."""
    for name in module_names():
        if name.startswith(KERNEL_TEXT):
            continue
        module = importlib.import_module(name)
        for public in getattr(module, "__all__", ()):
            item = getattr(module, public)
            if getattr(item, "__module__", None) == name:
                yield pytest.param(item, id=f"{name}.{public}")


# Names


def test_names_are_sorted_and_exist():
    assert sorted(fastinit.__all__) == fastinit.__all__
    for name in fastinit.__all__:
        assert getattr(fastinit, name) is not None
        assert name in dir(fastinit)


def test_each_name_has_one_home():
    named = [name for names in fastinit._HOMES.values() for name in names]
    assert sorted(named) == fastinit.__all__
    for home, names in fastinit._HOMES.items():
        module = importlib.import_module(f"fastinit.{home}")
        for name in names:
            assert getattr(fastinit, name) is getattr(module, name)
            assert name in module.__all__


def test_type_checkers_see_the_same_names():
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    guarded = next(
        node
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    seen = {
        (str(node.module).removeprefix("fastinit."), alias.name)
        for node in guarded.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    homes = fastinit._HOMES.items()
    assert seen == {(home, name) for home, names in homes for name in names}


def test_unknown_names_raise_as_python_does():
    with pytest.raises(AttributeError, match="no attribute 'no_such_name'"):
        _ = fastinit.no_such_name
    assert not hasattr(fastinit, "no_such_name")


def test_a_star_import_brings_the_public_names():
    names: dict[str, object] = {}
    exec("from fastinit import *", names)
    assert set(names) - {"__builtins__"} == set(fastinit.__all__)


@pytest.mark.parametrize("name", ["fill", "create", "sample", "Spec", "View", "check"])
def test_the_calls_of_the_design_are_public(name):
    assert name in fastinit.__all__


def test_importing_and_filling_load_no_framework(run_python):
    code = """
import json, sys
import numpy
before = set(sys.modules)
import fastinit
light = set(sys.modules) - before
fastinit.normal_(numpy.empty((8, 8), numpy.float32), seed=0)
fastinit.kaiming_uniform((8, 8), seed=0)
heavy = ["torch", "jax", "dask", "cupy", "pandas", "matplotlib", "ml_dtypes"]
print(json.dumps([
    sorted(n for n in light if n.partition(".")[0] in [*heavy, "numba", "scipy"]),
    # Numba itself imports scipy for its version, and no more of it.
    sorted(n for n in [*heavy, "scipy.special", "scipy.stats"] if n in sys.modules),
]))
"""
    assert json.loads(run_python(code)) == [[], []]


# Documentation


def sections(item) -> dict[str, str]:
    """Sections of a numpydoc docstring by their titles."""
    text = inspect.getdoc(item) or ""
    parts = re.split(r"^([A-Z][A-Za-z ]+)\n-{3,}\n", text, flags=re.MULTILINE)
    return {"Summary": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def parameters_of(item) -> list[str]:
    """Names of the parameters, as a docstring lists them."""
    kinds = {inspect.Parameter.VAR_KEYWORD: "**", inspect.Parameter.VAR_POSITIONAL: "*"}
    parameters = inspect.signature(item).parameters.values()
    return [kinds.get(p.kind, "") + p.name for p in parameters if p.name != "self"]


@pytest.mark.parametrize("item", list(public_functions()))
def test_public_things_are_documented(item):
    found = sections(item)
    assert found["Summary"].strip()
    first = found["Summary"].strip().splitlines()[0]
    assert first.endswith((".", ":")) or len(found["Summary"].strip().splitlines()) > 1
    if not inspect.isroutine(item):
        return
    listed = found.get("Parameters", "")
    for name in parameters_of(item):
        pattern = rf"^(?:.*, )?{re.escape(name)}(?:, .*)? :|^{re.escape(name)}$"
        assert re.search(pattern, listed, re.MULTILINE), f"{name} is not documented"


@pytest.mark.parametrize("name", [n for n in fastinit.__all__ if n[0].islower()])
def test_public_calls_have_every_section(name):
    item = getattr(fastinit, name)
    found = sections(item)
    expected = {"Parameters", "Returns", "Raises", "Examples"}
    assert expected <= set(found)
    assert ">>>" in found["Examples"]
    assert re.search(r"^\S*(?:Error|Exception)", found["Raises"], re.MULTILINE)
    assert inspect.signature(item).return_annotation is not inspect.Signature.empty or (
        type(item).__name__
        in {"builtin_function_or_method", "cython_function_or_method"}
    )


@pytest.mark.parametrize("name", module_names())
def test_modules_say_what_they_are_for(name):
    module = importlib.import_module(name)
    assert (module.__doc__ or "").strip()


@pytest.mark.parametrize("name", module_names())
def test_examples_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    result = doctest.testmod(module)
    assert result.failed == 0, f"{result.failed} of {result.attempted} examples"


def test_examples_are_found():
    finder = doctest.DocTestFinder()
    examples = [
        example
        for name in module_names()
        for found in finder.find(importlib.import_module(name))
        for example in found.examples
    ]
    assert len(examples) > 100
