"""Golden vectors: the file is the oracle's, and the library reproduces it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

import fastinit
from fastinit import golden
from fastinit.distributions import DISTRIBUTIONS
from fastinit.dtypes import DTYPES
from fastinit.identity import STREAM_VERSION

PATH = Path(fastinit.__file__).parent / "golden.json"
SCRIPT = Path(__file__).parent / "long" / "make_golden.py"


@pytest.fixture(scope="module")
def results():
    return golden.verify()


def test_library_reproduces_every_vector(results):
    assert [result for result in results if not result.is_equal] == []
    assert len(results) > 130


def test_one_result_per_vector_of_the_file(results):
    groups = json.loads(PATH.read_text(encoding="utf-8"))
    lists = [group for group in groups.values() if isinstance(group, list)]
    assert len(results) == sum(map(len, lists))
    assert len({result.vector for result in results}) == len(results)
    assert groups["stream"] == STREAM_VERSION


def test_the_file_is_what_the_oracle_computes():
    """All but the digests of the large fills, which take the oracle a minute."""
    spec = importlib.util.spec_from_file_location("make_golden", SCRIPT)
    make_golden = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_golden)
    groups = golden.read_golden()
    groups.pop("fills")
    assert groups == make_golden.golden()


def test_every_float_dtype_and_random_sampler_has_vectors():
    values = golden.read_golden()["values"]
    kinds = {"float", "complex"}
    floats = {row.name for row in DTYPES.values() if row.kind in kinds}
    assert {vector["dtype"] for vector in values} == floats
    laws = {name for name, row in DISTRIBUTIONS.items() if kinds.issuperset(row.kinds)}
    assert {vector["distribution"] for vector in values} == laws


def test_a_quick_run_leaves_out_large_fills_alone(results):
    quick = golden.verify(quick=True)
    left_out = {result.vector for result in results} - {r.vector for r in quick}
    assert all(result.is_equal for result in quick)
    assert left_out
    assert all(name.endswith("elements") for name in left_out)


@pytest.mark.parametrize("group", ["philox", "keys", "words", "values", "fills"])
def test_a_wrong_vector_is_told(monkeypatch, group):
    text = {"philox": "words", "keys": "key", "values": "bits", "fills": "sha256"}
    groups = golden.read_golden()
    vector = dict(groups[group][-1])
    key = text.get(group, group)
    last = "0" if vector[key][-1] != "0" else "1"
    vector[key] = vector[key][:-1] + last
    groups[group][-1] = vector
    monkeypatch.setattr(golden, "_golden", lambda: groups)
    wrong = [result for result in golden.verify() if not result.is_equal]
    assert len(wrong) == 1
    assert wrong[0].expected == vector[key] != wrong[0].computed


def test_reading_does_not_expose_the_cached_lists():
    golden.read_golden()["values"].clear()
    assert len(golden.read_golden()["values"]) > 0
