"""Instances of the arithmetic, and names that no stale machine code can answer to."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import fastinit
from fastinit.arithmetic import philox, unit_interval
from fastinit.arithmetic.primitives import Word, Word64
from fastinit.arithmetic.targets import PYTHON, Target, instantiate, source_digest
from fastinit.backends.cpu import _dispatcher, cpu_target
from fastinit.backends.kernels import Kernel

PACKAGE = Path(fastinit.__file__).parent
FILL = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from fastinit.backends.cpu import _dispatcher
from fastinit.backends.kernels import Kernel
out = np.empty(8, np.float32)
loop = _dispatcher("fill_run", Kernel("uniform_symmetric", "float32", "float32"))
loop(out.ctypes.data, 8, 0, (1, 2, 3, 4), (2.0**-24, 0.0, 0.0, 0.0))
print(out.tobytes().hex(), sum(loop.stats.cache_hits.values()))
"""


def copied(folder: Path) -> Path:
    """Copy of the package without caches."""
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(PACKAGE, folder / "fastinit", ignore=ignored))


@pytest.fixture
def digest_of(monkeypatch):
    """Digest of the sources of a copy of the package."""

    def digest(package: Path) -> str:
        def files(name: str) -> Path:
            return package.joinpath(*name.split(".")[1:])

        monkeypatch.setattr("importlib.resources.files", files)
        return source_digest.__wrapped__()

    return digest


def test_digest_is_that_of_the_sources(tmp_path, digest_of):
    assert digest_of(copied(tmp_path)) == source_digest()
    assert len(bytes.fromhex(source_digest())) == 4


@pytest.mark.parametrize("folder", ["arithmetic", "distributions", "backends"])
def test_an_edit_of_any_source_changes_the_digest(tmp_path, digest_of, folder):
    package = copied(tmp_path)
    sources = sorted((package / folder).glob("*.py"))
    digests = {digest_of(package)}
    for source in sources:
        source.write_bytes(source.read_bytes() + b"\n")
        digests.add(digest_of(package))
    assert len(digests) == 1 + len(sources)


def test_a_new_or_renamed_source_changes_the_digest(tmp_path, digest_of):
    package = copied(tmp_path)
    before = digest_of(package)
    source = package / "arithmetic" / "philox.py"
    source.rename(source.with_name("philox2.py"))
    assert digest_of(package) != before


def test_names_of_compiled_functions_contain_the_digest():
    scalar = instantiate(philox.philox4x32, cpu_target())
    loop = _dispatcher("fill_run", Kernel("words", "uint32", "uint32"))
    for function in (scalar.py_func, loop.py_func):
        assert source_digest() in function.__name__
        assert source_digest() in function.__qualname__
        assert "cpu" in function.__name__


def test_an_edit_never_meets_old_machine_code(tmp_path, run_python):
    """The file of the cached loop stays as it is; a function that it calls changes."""
    package = copied(tmp_path)
    source = package / "arithmetic" / "philox.py"
    original = source.read_text()
    edited = original.replace("Word(0x9E3779B9)", "Word(0x9E3779BB)")
    assert edited != original
    cache = str(tmp_path / "cache")

    def fill():
        return run_python(FILL, str(tmp_path), NUMBA_CACHE_DIR=cache).split()

    first, _ = fill()
    source.write_text(edited)
    second, _ = fill()
    source.write_text(original)
    third, hits = fill()
    assert first != second
    assert first == third
    assert int(hits) > 0


def test_an_instance_is_made_once():
    for target in (PYTHON, cpu_target()):
        made = instantiate(philox.philox4x32, target)
        assert instantiate(philox.philox4x32, target) is made
    assert instantiate(philox.philox4x32, PYTHON) is not philox.philox4x32


def probe():
    """Stand for a text with constants of both widths."""
    return NARROW, WIDE


NARROW, WIDE = Word(5), Word64(6)


@pytest.mark.parametrize("typed", [False, True])
def test_constants_get_the_types_of_the_target(typed):
    target = Target("probe", {}, lambda function, _: function, typed_constants=typed)
    narrow, wide = instantiate(probe, target)()
    assert (int(narrow), int(wide)) == (5, 6)
    assert isinstance(narrow, np.uint32) == typed
    assert isinstance(wide, np.uint64) == typed


def test_primitives_and_callees_are_rebound():
    """A target sees its own primitives, in callees of callees too."""
    seen = []

    def multiply_wide(a, b):
        seen.append((a, b))
        product = int(a) * int(b)
        return product >> 32, product & 0xFFFFFFFF

    target = Target(
        "spy",
        {"multiply_wide": multiply_wide},
        lambda function, _: function,
        typed_constants=False,
    )
    words = instantiate(philox.philox4x32, target)((0, 0, 0, 0), (0, 0))
    assert words == philox.philox4x32((0, 0, 0, 0), (0, 0))
    assert len(seen) == 20


def test_kinds_of_functions():
    kinds = {}

    def decorate(function, kind):
        kinds[function.__name__.split("_")[0]] = kind
        return function

    target = Target("kinds", {}, decorate, typed_constants=False)
    instantiate(unit_interval.join_words, target)
    assert kinds == {"join": "scalar"}


def test_bindings_replace_names_of_the_module():
    label = "bound_for_this_test"
    bound = instantiate(
        philox.philox4x32_7, PYTHON, {"_round": lambda counter, _: counter}, label
    )
    assert bound((1, 2, 3, 4), (0, 0)) == (1, 2, 3, 4)
    assert philox.philox4x32_7((1, 2, 3, 4), (0, 0)) != (1, 2, 3, 4)
