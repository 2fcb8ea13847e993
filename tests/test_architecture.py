"""The house rules: imports point one way, one arithmetic exists, parts are small."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import fastinit
from fastinit import errors

ROOT = Path(fastinit.__file__).parent.parent
SOURCES = sorted(
    path
    for package in ("fastinit", "fastinit_cuda")
    for path in (ROOT / package).rglob("*.py")
)
IDS = [str(path.relative_to(ROOT)) for path in SOURCES]
every_source = pytest.mark.parametrize("path", SOURCES, ids=IDS)

#: A member of the package may import those before it, and its own.
ORDER = (
    "errors",
    "gain_table",
    "c_lookups",
    "layout",
    "quadrature",
    "_fan_arguments",
    "dtypes",
    "identity",
    "windows",
    "arithmetic",
    "distributions",
    "gains",
    "fan_gain",
    "model_fans",
    "scheme_formulas",
    "schemes",
    "_spec_arguments",
    "view",
    "_section_arguments",
    "sections",
    "spec",
    "plan",
    "filling",
    "backends",
    "destinations",
    "golden",
    "generator",
    "keywords",
    "api",
    "random_access",
    "many",
    "initializers",
    "fan_initializers",
    "creators",
    "fan_creators",
    "truncated",
    "dialects",
    "models",
    "checkpoints",
    "report",
    "conformance",
    "libraries",
    "auditing",
    "signals",
    "compare",
    "testing",
    "cli",
    "__main__",
)
LEAVES = [
    item
    for item in vars(errors).values()
    if inspect.isclass(item) and item.__module__ == errors.__name__
]
FRAMEWORKS = {"torch", "jax", "flax", "keras", "tensorflow", "cupy", "dask", "zarr"}


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def member_of(path: Path) -> str:
    """Member of the package that a file belongs to."""
    return path.relative_to(ROOT / "fastinit").parts[0].removesuffix(".py")


def imports(tree: ast.AST, deferred: bool = False) -> Iterator[tuple[str, bool]]:
    """Names of imported modules, and whether the import waits for a call."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, deferred) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            if node.module == "fastinit":
                yield from ((f"fastinit.{a.name}", deferred) for a in node.names)
            else:
                yield str(node.module), deferred
        inner = isinstance(node, (ast.FunctionDef, ast.Lambda)) or (
            isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        )
        yield from imports(node, deferred or inner)


def test_every_member_has_its_place():
    members = {
        path.name.partition(".")[0]
        for path in (ROOT / "fastinit").iterdir()
        if path.suffix in {".py", ".pyx"} or (path / "__init__.py").exists()
    }
    assert members == {*ORDER, "__init__"}


@every_source
def test_imports_point_one_way(path):
    if path.parts[-2:] == ("fastinit", "__init__.py") or "fastinit_cuda" in path.parts:
        return
    own = ORDER.index(member_of(path))
    for name, _ in imports(tree_of(path)):
        parts = name.split(".")
        if parts[0] == "fastinit" and parts[1:] and parts[1] in ORDER:
            assert ORDER.index(parts[1]) <= own, f"{name} comes later"


@every_source
def test_frameworks_are_not_imported(path):
    found = {name.partition(".")[0] for name, _ in imports(tree_of(path))}
    assert not found & FRAMEWORKS


@every_source
def test_costly_packages_wait_until_they_are_needed(path):
    costly = {"scipy", "ml_dtypes", "rich", "rich_click"}
    if path.parent.name == "cli":
        costly -= {"rich", "rich_click"}
    now = {name.partition(".")[0] for name, late in imports(tree_of(path)) if not late}
    assert not now & costly


#: The compiler as a target, the engine that runs its code, and where that is kept.
COMPILER_PLACES = re.compile(r"fastinit/backends/(code_cache|cpu|cpu_\w+)\.py")


@every_source
def test_the_compiler_has_its_places(path):
    place = str(path.relative_to(ROOT))
    if place.startswith(("fastinit_cuda/", "fastinit/conformance/")):
        return
    names = {name.partition(".")[0] for name, _ in imports(tree_of(path))}
    assert "numba" not in names or COMPILER_PLACES.fullmatch(place)


def test_only_the_table_names_the_cuda_package():
    named = [
        (str(path.relative_to(ROOT)), line.strip())
        for path in [*SOURCES, *(ROOT / "fastinit").glob("*.p[yx]*")]
        if path.is_relative_to(ROOT / "fastinit")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "fastinit_cuda" in line
    ]
    assert set(named) == {
        (
            "fastinit/backends/__init__.py",
            '"cuda": "fastinit_cuda.backend:CudaBackend",',
        )
    }


@every_source
def test_the_arithmetic_exists_once(path):
    if path.parent.name == "arithmetic":
        return
    text = path.read_text(encoding="utf-8").replace("_", "").lower()
    for constant in (0xD2511F53, 0xCD9E8D57, 0x9E3779B9, 0xBB67AE85):
        assert f"{constant:x}" not in text
        assert str(constant) not in text


@every_source
def test_kernels_call_no_library_of_mathematics(path):
    kernel_text = ("arithmetic", "distributions", "backends", "fastinit_cuda")
    # Laws judge values, they make none.
    if path.parent.name not in kernel_text or path.stem == "disc_laws":
        return
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute):
            called = ast.unparse(node)
            assert not re.fullmatch(
                r"(math|np|cmath)\.(log\w*|sin|cos|tan|exp\w*)", called
            )


@every_source
def test_parts_are_small(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
    for node in ast.walk(tree_of(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            has_docstring = ast.get_docstring(node) is not None and len(node.body) > 1
            first = node.body[1 if has_docstring else 0]
            assert (node.end_lineno or 0) - first.lineno < 60, node.name


def test_files_of_tests_are_small():
    sizes = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in (ROOT / "tests").rglob("*.py")
    }
    assert {name: size for name, size in sizes.items() if size > 400} == {}


@every_source
def test_nothing_is_swallowed(path):
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None
            caught = {ast.unparse(n) for n in ast.walk(node.type)}
            ends_in_raise = isinstance(node.body[-1], ast.Raise)
            # The program reports whatever ended it: the one place above all others.
            # And an error that is being made outweighs a __repr__ that fails.
            package = ROOT / "fastinit"
            at_the_top = path in {package / "cli" / "program.py", package / "errors.py"}
            everything = caught & {"Exception", "BaseException"}
            assert not everything or ends_in_raise or at_the_top


@every_source
def test_errors_have_three_parts(path):
    leaves = {leaf.__name__ for leaf in LEAVES}
    for node in ast.walk(tree_of(path)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        if node.func.id in leaves:
            count = len(node.args) + len(node.keywords)
            spread = any(isinstance(argument, ast.Starred) for argument in node.args)
            assert count == 3 or spread, ast.unparse(node)


def test_errors_are_the_builtins_that_callers_expect():
    for leaf in LEAVES:
        assert issubclass(leaf, errors.FastinitError)
        error = leaf("given", "allowed", "remedy")
        assert str(error) == "given: allowed; remedy"
        builtin = {base for base in leaf.__mro__ if base.__module__ == "builtins"}
        expected = builtin - {Exception, BaseException, object}
        assert expected or leaf is errors.FastinitError
    drawn = set(re.findall(r"\+-- (\w+)", errors.__doc__ or ""))
    assert drawn | {"FastinitError"} == {leaf.__name__ for leaf in LEAVES}
    assert drawn < set(errors.__all__)


def test_no_module_has_a_name_that_says_nothing():
    empty = {"core", "common", "utils", "util", "helpers", "misc", "tools"}
    assert not {path.stem for path in SOURCES} & empty
    assert not {path.parent.name for path in SOURCES} & empty
