"""The cache of kernels: private, checked, never stale, never in the way of a fill."""

from __future__ import annotations

import dataclasses
import os
import pickle
import shutil
import stat
from hashlib import blake2b
from pathlib import Path

import cold_start
import numba
import pytest

import fastinit
from fastinit.backends import code_cache, cpu, warming
from fastinit.backends.code_cache import cache_folders
from fastinit.errors import OutputError

PACKAGE = Path(fastinit.__file__).parent
#: Fills with the package below a folder, if one is given, and says what the cache
#: was worth: hits, misses and the folder.
FILL = """
import sys
sys.path[:0] = sys.argv[1:]
import fastinit
from fastinit.backends import cpu
array = fastinit.constant(9, 3.0, dtype="uint16")
assert array.tolist() == [3] * 9
stats = [loop.stats for loop in cpu._dispatchers.values()]
hits = sum(sum(s.cache_hits.values()) for s in stats)
misses = sum(sum(s.cache_misses.values()) for s in stats)
print(hits, misses, stats[0].cache_path)
"""


def copied(folder):
    """Copy of the package without caches."""
    ignored = shutil.ignore_patterns("__pycache__")
    return shutil.copytree(PACKAGE, folder / "fastinit", ignore=ignored)


@pytest.fixture
def fill(run_python, tmp_path):
    """Fill in a fresh process: hits, misses and the folder."""

    def run(**environment):
        given = {"NUMBA_CACHE_DIR": str(tmp_path), **environment}
        hits, misses, folder = run_python(FILL, **given).split()
        return int(hits), int(misses), folder

    return run


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Folder that NUMBA_CACHE_DIR names, in this process."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    return tmp_path


def files_of(folder):
    return sorted(Path(folder).rglob("*.kernel"))


# Private


def test_nobody_else_can_read_or_write_it(root):
    before = os.umask(0)
    try:
        (folder,) = cache_folders()
    finally:
        os.umask(before)
    assert folder.parent == root
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o770, 0o702])
def test_a_folder_that_others_can_write_is_not_used(root, mode):
    (folder,) = cache_folders()
    folder.chmod(mode)
    assert cache_folders() == []


def test_a_link_to_a_folder_is_not_followed(root):
    (folder,) = cache_folders()
    elsewhere = folder.rename(root / "elsewhere")
    folder.symlink_to(elsewhere)
    assert cache_folders() == []


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="the system has no owners")
def test_a_folder_of_another_user_is_not_used(root, monkeypatch):
    (folder,) = cache_folders()
    owner = folder.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    # What root has made can be trusted: root can change this program, too.
    assert cache_folders() == ([folder] if owner == 0 else [])
    monkeypatch.setattr(code_cache.stat, "S_ISDIR", lambda _: True)
    monkeypatch.setattr(
        Path, "lstat", lambda _: os.stat_result((0o700, *[0] * 3, 1234, *[0] * 5))
    )
    assert cache_folders() == []


def test_a_planted_file_is_not_obeyed(fill, tmp_path):
    """Even with the right name and digest, in a folder that anyone could write."""
    marker = tmp_path / "obeyed"

    class Attack:
        def __reduce__(self):
            return os.mkdir, (str(marker),)

    *_, folder = fill()
    data = pickle.dumps(Attack())
    for path in files_of(tmp_path):
        path.write_bytes(blake2b(data, digest_size=32).digest() + data)
    Path(folder).chmod(0o777)
    hits, misses, used = fill()
    assert (hits, used) == (0, "None")
    assert misses > 0
    assert not marker.exists()


# Never stale, never torn


def test_a_second_process_compiles_nothing(fill):
    _, compiled, folder = fill()
    assert compiled > 0
    assert fill() == (compiled, 0, folder)


def test_each_processor_has_files_of_its_own(fill, tmp_path):
    plain = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
    _, compiled, _ = fill()
    assert fill(**plain)[:2] == (0, compiled)
    assert len(files_of(tmp_path)) == 2 * compiled
    assert fill()[:2] == fill(**plain)[:2] == (compiled, 0)


def test_other_text_has_a_folder_of_its_own(run_python, tmp_path):
    package = copied(tmp_path)
    source, seen = package / "distributions" / "constant.py", {}
    places = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    for added in ("", "\n# An edit.\n", ""):
        text = source.read_text().removesuffix("\n# An edit.\n")
        source.write_text(text + added)
        hits, _, folder = run_python(FILL, str(tmp_path), **places).split()
        assert (int(hits) > 0) == (folder in seen), added
        seen[folder] = added
    assert len(seen) == 2


DAMAGES = {
    "empty": lambda data: data[:0],
    "torn header": lambda data: data[:9],
    "torn": lambda data: data[:-1],
    "longer": lambda data: data + b"\0",
    "one byte": lambda data: data[: len(data) // 2] + b"!" + data[len(data) // 2 + 1 :],
    "garbage": lambda data: b"\x80\x05" * len(data),
}


def test_damaged_files_are_made_anew(fill, tmp_path):
    _, compiled, _ = fill()
    for name, damage in DAMAGES.items():
        for path in files_of(tmp_path):
            path.write_bytes(damage(path.read_bytes()))
        assert fill()[:2] == (0, compiled), name
    assert fill()[:2] == (compiled, 0)


def test_a_folder_in_the_place_of_a_file(fill, tmp_path):
    _, compiled, _ = fill()
    for path in files_of(tmp_path):
        path.unlink()
        path.mkdir()
    assert fill()[:2] == (0, compiled)


# Never in the way


def test_a_full_disk_costs_no_fill(run_python, tmp_path):
    # A limit on the size of files fails as a full disk does: in the middle.
    code = (
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "limit = resource.getrlimit(resource.RLIMIT_FSIZE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, limit))\n"
    )
    hits, misses, folder = run_python(
        code + FILL, NUMBA_CACHE_DIR=str(tmp_path), PYTHONDONTWRITEBYTECODE="1"
    ).split()
    assert (hits, int(misses) > 0) == ("0", True)
    assert list(Path(folder).iterdir()) == []


def test_a_read_only_cache_is_read(fill, tmp_path, monkeypatch, run_python):
    _, compiled, folder = fill()
    # Root writes everywhere, whatever the modes are.
    denied = (
        "from fastinit.backends import code_cache\n"
        "code_cache.writable = lambda folder: False\n"
    )
    found = run_python(denied + FILL, NUMBA_CACHE_DIR=str(tmp_path)).split()
    assert found == [str(compiled), "0", folder]


@pytest.mark.parametrize("place", ["/dev/null/cache", "/proc/fastinit-cache"])
def test_a_place_that_cannot_be_made(fill, place):
    hits, misses, folder = fill(NUMBA_CACHE_DIR=place)
    assert (hits, folder) == (0, "None")
    assert misses > 0


def test_without_a_home_and_beside_a_read_only_package(tmp_path, run_python):
    package = copied(tmp_path)
    # A file where the folder belongs: no modes would stop root.
    (package / "backends" / "__pycache__").touch()
    where = {"NUMBA_CACHE_DIR": ""}
    nowhere = {"HOME": "/dev/null", "XDG_CACHE_HOME": "/dev/null/cache"}
    hits, misses, folder = run_python(FILL, str(tmp_path), **where, **nowhere).split()
    assert (hits, folder) == ("0", "None")
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "home")}
    assert run_python(FILL, str(tmp_path), **where, **home).split()[:2] == ["0", misses]
    assert len(files_of(tmp_path / "home")) == int(misses)
    (package / "backends" / "__pycache__").unlink()
    assert run_python(FILL, str(tmp_path), **where, **nowhere).split()[:2] == [
        "0",
        misses,
    ]
    assert len(files_of(package)) == int(misses)


def test_cold_processes_on_one_folder(tmp_path):
    found = cold_start.run_cold(8, tmp_path)
    assert found == {cold_start.expected(): 8}
    kept = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(name.split("_uniform")[0] for name in kept) == [
        "fill_blocks",
        "fill_run",
    ]


# Warming


USES = """
import numpy as np
import fastinit
from fastinit.backends import cpu
how = {"seed": 1, "name": "w"}
fastinit.normal((7,), **how)
big = fastinit.normal((700, 1003), threads=2, **how)
fastinit.normal_(big[:, ::3], threads=2, **how)
fastinit.normal_(big.T, **how)
fastinit.normal_(np.empty((90000, 5), np.float32)[:, ::2], **how)
fastinit.sample("normal", (9, 9), [3, 1], dtype="float32", **how)
fastinit.zeros_(big)
fastinit.constant_(big[::2, ::2], 3.0)
fastinit.constant_(np.empty(1 << 23, np.float32), 3.0)
stats = [loop.stats for loop in cpu._dispatchers.values()]
print(sum(sum(s.cache_misses.values()) for s in stats), len(stats))
"""


def test_after_a_warm_up_a_process_compiles_nothing(run_python, tmp_path):
    code = "import fastinit; print(fastinit.warmup(['float32'], ['normal']).compiled)"
    where = {"NUMBA_CACHE_DIR": str(tmp_path)}
    # Five loops of the values, six of the constant that a std of 0 is.
    assert int(run_python(code, **where)) == 11
    assert int(run_python(code, **where)) == 0
    misses, used = run_python(USES, **where).split()
    assert (misses, int(used) >= 8) == ("0", True)


def test_everything_is_asked_for_once_by_default(all_cases):
    asked = warming._asked((), ())
    assert len(asked) == len(set(asked))
    kernels = {(kernel.sampler, kernel.dtype) for _, kernel in asked}
    for case in all_cases:
        if case.sampler != "constant":
            assert (case.sampler, case.dtype) in kernels
    assert {d for s, d in kernels if s == "constant"} == {
        f"uint{bits}" for bits in (8, 16, 32, 64)
    }
    assert ("words", "uint32") in kernels


def test_the_engine_of_the_environment_is_warmed(monkeypatch):
    loops = {loop for loop, _ in warming._asked(["int8"], ["ones"])}
    assert loops == {*warming._LOOPS, "fill_streamed"}
    monkeypatch.setenv("FASTINIT_ENGINE", "prange")
    assert ("fill_parallel") in {loop for loop, _ in warming._asked(["int8"], [])}


def test_a_warm_up_without_a_place_is_refused(root):
    cache_folders()[0].chmod(0o777)
    with pytest.raises(OutputError, match=r"no folder.*set NUMBA_CACHE_DIR"):
        warming.warmup(["uint8"], ["ones"])


def test_a_warm_up_that_is_not_kept_is_refused(root, monkeypatch):
    def refuse(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(code_cache, "_write", refuse)
    monkeypatch.setattr(cpu, "_loops", {})
    monkeypatch.setattr(cpu, "_dispatchers", {})
    fresh = dataclasses.replace(cpu.cpu_target(), _made={})
    monkeypatch.setattr(cpu, "cpu_target", lambda: fresh)
    with pytest.raises(OutputError, match="did not take fill_run of constant_uint8"):
        warming.warmup(["uint8"], ["ones"])
