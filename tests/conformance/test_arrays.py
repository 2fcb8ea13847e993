"""Checks of arrays that hold parts of tensors, or several."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

import fastinit
from fastinit import Sections, View, check
from fastinit.conformance import CheckResult, SectionsResult
from fastinit.testing import assert_conforms

QKV = Sections(0, (256, 128, 128), ("q", "k", "v"))
SPEC = "xavier_normal"


@pytest.fixture(scope="module")
def fused() -> np.ndarray:
    return fastinit.create(SPEC, (512, 256), seed=2, view=QKV)


def test_each_section_has_its_own_law(fused):
    result = check(fused, SPEC, view=QKV, subject="qkv")
    assert isinstance(result, SectionsResult)
    assert (result.verdict, result.conforms) == ("conforms", True)
    assert result.names == ("q", "k", "v")
    assert [one.n for one in result.results] == [65536, 32768, 32768]
    assert [one.subject for one in result.results] == [
        f"qkv[{name}]: {SPEC}" for name in "qkv"
    ]
    assert result.results[0].law != result.results[1].law == result.results[2].law


def test_sections_are_judged_as_their_tensors(fused):
    result = check(fused, SPEC, view=QKV)
    key = fastinit.create(SPEC, (128, 256), seed=2, name="k")
    assert result.results[1].facts == check(key, SPEC).facts
    family = result.results[1].tests, check(key, SPEC).tests
    for joint, single in zip(*family, strict=True):
        assert joint.p_value == single.p_value
        assert joint.adjusted_p_value >= single.adjusted_p_value


def test_fans_of_the_fused_array_violate(fused):
    single = check(fused, SPEC)
    assert isinstance(single, CheckResult)
    assert single.verdict == "violates"
    wrong = fastinit.create(SPEC, (512, 256), seed=2, name="qkv")
    assert check(wrong, SPEC, view=QKV).verdict == "violates"


def test_one_wrong_section_is_enough(fused):
    wrong = fused.copy()
    wrong[300:384] *= 1.5
    result = check(wrong, SPEC, view=QKV)
    assert [one.verdict for one in result.results] == [
        *("conforms", "violates", "conforms")
    ]
    assert (result.verdict, result.conforms) == ("violates", False)
    data = result.to_dict()
    assert data["verdict"] == "violates"
    assert [one["name"] for one in data["results"]] == ["q", "k", "v"]
    assert str(result).count("\nviolates") == 1
    assert "violates: k: xavier_normal" in str(result)


def test_groups_and_stacks():
    heads = Sections(0, (32, 16), ("q", "k"), groups=16)
    array = fastinit.create(SPEC, (768, 256), seed=2, view=heads)
    assert check(array, SPEC, view=heads).verdict == "conforms"
    stack = Sections.stack(["a", "b"])
    array = fastinit.create(SPEC, (2, 256, 256), seed=2, view=stack)
    assert check(array, SPEC, view=stack).verdict == "conforms"


def test_few_elements_are_inconclusive():
    stack = Sections.stack(["a", "b"])
    array = fastinit.create("normal", (2, 9), seed=2, view=stack)
    assert check(array, "normal", view=stack).verdict == "inconclusive"


def test_padding_does_not_change_the_law():
    view = View((300, 256), np.s_[:320], index_shape=(320, 256))
    array = fastinit.create(
        "kaiming_normal(mode=fan_out)", (320, 256), seed=2, view=view
    )
    result = check(array, "kaiming_normal(mode=fan_out)", view=view)
    assert result.verdict == "conforms"
    assert result.law == f"normal(0.0, {math.sqrt(2.0) / math.sqrt(300.0)!r})"


@pytest.mark.parametrize(
    "spec", ["lecun_normal", "trunc_normal", "variance_scaling(distribution=uniform)"]
)
@pytest.mark.parametrize("shape", [(0, 3), (3, 0)])
def test_no_elements_are_inconclusive_under_any_law(spec, shape):
    assert check(np.empty(shape, np.float32), spec).verdict == "inconclusive"


def test_a_layout_decides_the_law():
    array = fastinit.create("lecun_normal(layout=IO)", (200, 500), seed=0)
    assert check(array, "lecun_normal(layout=IO)").verdict == "conforms"
    assert check(array, "variance_scaling(layout=IO)").verdict == "conforms"
    assert check(array, "lecun_normal").verdict == "violates"


def test_a_child_that_is_forked_during_a_check_checks(run_python):
    code = """
import os, signal, threading
import fastinit
array = fastinit.normal((300, 700), seed=0)
fastinit.check(array, "normal")
is_done = threading.Event()

def keep_checking():
    while not is_done.is_set():
        fastinit.check(array, "normal")

others = [threading.Thread(target=keep_checking, daemon=True) for _ in range(3)]
for one in others:
    one.start()
for _ in range(12):
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        os._exit(fastinit.check(array, "normal").verdict != "conforms")
    assert os.waitpid(child, 0)[1] == 0
is_done.set()
for one in others:
    one.join()
"""
    run_python(code)


def test_a_fork_waits_for_the_compiler_of_checks(run_python, tmp_path):
    # The first check compiles its loops in the thread, and again in the child.
    code = """
import os, signal, threading
import numpy as np
import fastinit
from numba.core.compiler_lock import global_compiler_lock
array = np.random.default_rng(0).standard_normal((300, 700), np.float32)
is_compiling = threading.Event()

def check():
    return fastinit.check(array, "normal").verdict

other = threading.Thread(target=check, daemon=True)
take = global_compiler_lock.acquire
global_compiler_lock.acquire = lambda: (take(), is_compiling.set())
other.start()
is_compiling.wait(60)
child = os.fork()
if child == 0:
    signal.alarm(100)
    os._exit(check() != "conforms")
assert os.waitpid(child, 0)[1] == 0
other.join()
"""
    run_python(code, NUMBA_CACHE_DIR=str(tmp_path))


def test_distances_of_large_arrays_are_exact_where_asked_for():
    # 2^18 elements are scored one by one; these are more.
    array = fastinit.normal((300_000,), seed=4)
    expected = stats.kstest(array.astype(np.float64), "norm").statistic

    def distance(result):
        return next(t for t in result.tests if t.name == "kolmogorov_smirnov").statistic

    for judged in (check, assert_conforms):
        assert abs(distance(judged(array, "normal", exact=True)) - expected) < 1e-12
