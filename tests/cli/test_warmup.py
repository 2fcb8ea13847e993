"""`fastinit warmup`: kernels in the cache ahead of time, or a clear refusal."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

import fastinit
from fastinit.api import make_plan
from fastinit.backends import warming
from fastinit.backends.kernels import kernel_of

#: The cheapest kernels that there are.
FEW = ("warmup", "--dtype", "uint8", "--dtype", "bool", "--scheme", "ones")


@pytest.fixture
def warm(spawn, tmp_path):
    """Run the program on a cache of its own; its output and errors."""

    def run(*arguments, status=0, cache=tmp_path / "cache"):
        process = spawn(*arguments, env={"NUMBA_CACHE_DIR": str(cache)})
        output, errors = process.communicate()
        assert process.returncode == status, errors
        return output, errors

    return run


@pytest.mark.parametrize("given", [3, None, "float32"])
def test_dtypes_and_schemes_are_sequences(given):
    with pytest.raises(fastinit.FastinitError, match="dtypes are a sequence"):
        fastinit.warmup(given)
    with pytest.raises(fastinit.FastinitError, match="schemes are a sequence"):
        fastinit.warmup(["int8"], given)


def test_json_says_what_was_done(warm, tmp_path):
    first, second = (json.loads(warm(*FEW, "--json")[0]) for _ in range(2))
    # Dtypes of one width share the kernels of constants.
    assert (first["loops"], first["compiled"], first["shared"]) == (6, 6, False)
    assert (second["loops"], second["compiled"]) == (6, 0)
    folder = Path(first["folder"])
    assert folder.parent == tmp_path / "cache"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = list(folder.iterdir())
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_a_shared_cache_can_be_read_by_others_and_written_by_none(warm):
    found = json.loads(warm(*FEW, "--json", "--shared")[0])
    assert found["shared"]
    folder = Path(found["folder"])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {0o644}
    # It is still private enough to be used.
    assert json.loads(warm(*FEW, "--json")[0])["compiled"] == 0


def test_kernels_that_round_by_chance_are_others():
    to_nearest = {kernel for _, kernel in warming._asked([], [], "nearest")}
    by_chance = {kernel for _, kernel in warming._asked([], [], "stochastic")}
    narrow = {"float16", "bfloat16", "float8_e4m3fn", "float8_e5m2"}
    assert {kernel.dtype for kernel in by_chance if kernel.is_stochastic} == narrow
    assert not any(kernel.is_stochastic for kernel in to_nearest)
    # Constants are bit patterns, and words are not rounded.
    same = {kernel for kernel in by_chance if not kernel.is_stochastic}
    assert {kernel.sampler for kernel in same} == {"constant", "words"}
    plan = make_plan("uniform", (4,), "bfloat16", rounding="stochastic")
    assert kernel_of(plan) in by_chance


def test_rounding_is_for_narrow_dtypes(run_json):
    options = ("warmup", "--rounding", "stochastic", "--dtype", "float32")
    error = run_json(*options, status=2)["error"]
    assert error["given"] == "rounding 'stochastic' for dtype float32"
    error = run_json("warmup", "--rounding", "up", status=2)["error"]
    assert error["given"] == "rounding 'up'"


def test_text_says_it_too(warm):
    output, errors = warm(*FEW)
    assert output.startswith("6 loops compiled, 0 were there, in ")
    assert (len(output.splitlines()), errors) == (2, "")
    assert warm(*FEW, "--quiet") == ("", "")


def test_no_place_is_status_2(warm):
    output, errors = warm(*FEW, "--json", status=2, cache="/dev/null/cache")
    error = json.loads(output)["error"]
    assert error["type"] == "OutputError"
    assert error["remedy"] == "set NUMBA_CACHE_DIR to one"
    assert errors.startswith("error: cache of kernels (no folder): ")
    assert len(errors.splitlines()) == 1


@pytest.mark.parametrize(
    ("option", "value", "kind"),
    [("--dtype", "float12", "DtypeError"), ("--scheme", "h", "UnknownSchemeError")],
)
def test_unknown_names_are_status_2(run_json, option, value, kind):
    error = run_json("warmup", option, value, status=2)["error"]
    assert error["type"] == kind
    assert value in error["given"]
