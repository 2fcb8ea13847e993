"""Runs: every case by everyone who can, with verdicts, gaps and reasons."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from test_results import validate

from fastinit.compare.cases import SIZES, Case
from fastinit.compare.contenders import CONTENDERS
from fastinit.compare.contenders.numpy import NumpyGenerator
from fastinit.compare.measuring import measure, steps_of
from fastinit.compare.timing import Effort
from fastinit.compare.workload import (
    Workload,
    chosen_cases,
    default_workload,
    thread_counts,
)

EFFORT = Effort(repetitions=2, turn=0.001, pause=0.0, settle=0.0)
CASES = (
    Case("normal", "float32", SIZES["1Mi"], 2),
    Case("normal", "bfloat16", SIZES["1Mi"], 2),
    Case("uniform", "float32", SIZES["4Ki"], 2),
    Case("normal", "float32", SIZES["1Mi"], 2, touch="first"),
)


def workload(*rows, cases=CASES):
    return Workload(cases, rows, EFFORT, 2, 0, is_quick=True)


def run(*rows, cases=CASES):
    told = []
    load = workload(*rows, cases=cases)
    results = measure(load, "fastinit bench", told.append)
    assert sum(told) == steps_of(load)
    validate(results.to_dict())
    return results


class Scaled(NumpyGenerator):
    """A generator whose normals are one per cent too wide."""

    def bind(self, case, generator, array):
        draw = super().bind(case, generator, array)
        return lambda: (draw(), np.multiply(array, 1.01, out=array))


class Lazy(NumpyGenerator):
    """One that does nothing at all."""

    def bind(self, *_):
        return lambda: None


def test_everyone_who_can_is_measured_and_the_rest_has_a_reason():
    ours, numpy = CONTENDERS["fastinit"], CONTENDERS["numpy-pcg64"]
    results = run(ours, numpy, CONTENDERS["fill-numpy"])
    assert len(results.measurements) == 4 + 3 + 4
    assert [(gap.case.dtype, gap.contender) for gap in results.gaps] == [
        ("bfloat16", "numpy-pcg64")
    ]
    assert all(one.counts for one in results.measurements)
    for case in CASES:
        mine = results.table[case.id, "fastinit"]
        assert len(mine.seconds) == 2
        assert results.share(mine) is not None


@pytest.mark.parametrize("engine", [Scaled, Lazy])
def test_what_does_not_conform_does_not_count(engine):
    cheat = dataclasses.replace(
        CONTENDERS["numpy-pcg64"], name="cheat", engine=engine("PCG64")
    )
    # After a contender that filled the same memory well.
    results = run(CONTENDERS["fastinit"], cheat)
    mine = [one for one in results.measurements if one.contender == "cheat"]
    normal = [one for one in mine if one.case.size.name == "1Mi"]
    assert normal
    assert {one.verdict for one in normal} == {"violates"}
    assert not any(results.ratio(one) for one in normal)


def test_few_elements_are_judged_by_more():
    case = Case("normal", "float32", SIZES["4Ki"], 2)
    results = run(CONTENDERS["fastinit"], cases=(case,))
    assert results.measurements[0].verdict == "conforms"
    cheat = dataclasses.replace(CONTENDERS["numpy-pcg64"], engine=Scaled("PCG64"))
    results = run(cheat, cases=(case,))
    assert results.measurements[0].verdict == "violates"


def test_a_contender_that_is_not_here_is_listed_with_its_reason():
    class Absent(NumpyGenerator):
        package = "no_such_package_here"

    row = dataclasses.replace(CONTENDERS["numpy-pcg64"], engine=Absent("PCG64"))
    results = run(row, CONTENDERS["fastinit"])
    assert results.entrants[0].reason == "no_such_package_here is not installed"
    assert results.gaps == ()
    assert {one.contender for one in results.measurements} == {"fastinit"}


class Failing(NumpyGenerator):
    """A library that finds no memory for new pages."""

    def bind(self, case, generator, array):
        if case.touch == "first":
            raise RuntimeError("out of memory\nwith details")
        return super().bind(case, generator, array)


def test_a_library_that_fails_is_a_gap_with_its_words():
    row = dataclasses.replace(
        CONTENDERS["numpy-pcg64"], name="failing", engine=Failing("PCG64")
    )
    results = run(CONTENDERS["fastinit"], row)
    mine = [gap for gap in results.gaps if "fails" in gap.reason]
    assert {gap.reason for gap in mine} == {"it fails: RuntimeError: out of memory"}
    assert [gap.case.touch for gap in mine] == ["first"]
    assert (CASES[0].id, "failing") in results.table


def test_a_failure_of_ours_is_not_hidden():
    row = dataclasses.replace(CONTENDERS["fastinit"], engine=Failing("PCG64"))
    with pytest.raises(RuntimeError, match="out of memory"):
        run(row, cases=CASES[-1:])


def test_a_library_that_cannot_be_imported_is_missing(tmp_path, monkeypatch):
    (tmp_path / "broken_library.py").write_text("raise OSError('libx.so is missing')")
    monkeypatch.syspath_prepend(str(tmp_path))
    row = dataclasses.replace(CONTENDERS["numpy-pcg64"], library="broken_library")
    assert row.reason == "it fails: OSError: libx.so is missing"


def test_the_usual_runs_hold_every_kind_of_case():
    for is_quick in (False, True):
        load = default_workload(4, is_quick=is_quick)
        ids = [case.id for case in load.cases]
        assert len(ids) == len(set(ids))
        assert {case.touch for case in load.cases} == {"warm", "first"}
        assert "transposed" in {case.layout for case in load.cases}
        assert {case.threads for case in load.cases} == {1, 2, 4}
        assert min(case.size.elements for case in load.cases) == 4096
        assert load.effort.repetitions >= 6
    assert thread_counts(1) == (1,)
    assert thread_counts(6) == (1, 2, 4, 6)


def test_all_combinations_of_what_was_named():
    sizes = [SIZES["4Ki"], SIZES["64Ki"]]
    cases = chosen_cases(["normal", "uniform"], ["float32"], sizes, [1, 2])
    assert len(cases) == 8
    assert len({case.id for case in cases}) == 8
