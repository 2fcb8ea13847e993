"""Changes between runs: what is said of machines that are slower, noisier, or other."""

from __future__ import annotations

import dataclasses

import pytest
import synthetic

from fastinit.compare.changes import compare

EVERYONE = dict.fromkeys(synthetic.SPEEDS, 1.0)


def verdicts(changes, contender):
    return {one.verdict for one in changes.changes if one.contender == contender}


def test_equal_runs_have_no_change():
    changes = compare(synthetic.results(), synthetic.results())
    assert changes.beyond_noise == ()
    assert (changes.drift, changes.differences, changes.turned) == (1.0, (), ())
    assert changes.missing == ()
    assert changes.controls == 6 * len(synthetic.cases())
    assert len(changes.changes) == 7 * len(synthetic.cases()) + 4


@pytest.mark.parametrize(("factor", "verdict"), [(1.3, "slower"), (0.7, "faster")])
def test_ours_alone_is_a_change(factor, verdict):
    changes = compare(
        synthetic.results(), synthetic.results(scale={"fastinit": factor})
    )
    cases = [one for one in changes.beyond_noise if one.contender == "fastinit"]
    # With the import and the first fill of its process.
    assert len(cases) == len(synthetic.cases()) + 2
    assert {one.verdict for one in cases} == {verdict}
    assert cases[0].ratio == pytest.approx(factor)
    assert cases[0].low < factor < cases[0].high
    assert verdicts(changes, "torch") == {"within noise"}


def test_a_machine_that_is_slower_is_no_change():
    scale = dict.fromkeys(EVERYONE, 1.4)
    changes = compare(synthetic.results(), synthetic.results(scale=scale))
    assert changes.drift == pytest.approx(1.4)
    assert changes.beyond_noise == ()
    # Nor is one that is slower for all but us: then we are faster.
    changes = compare(
        synthetic.results(), synthetic.results(scale={**scale, "fastinit": 1.0})
    )
    assert verdicts(changes, "fastinit") == {"faster"}


def test_noise_of_the_controls_hides_what_is_smaller():
    noisy = {**EVERYONE, "torch": 1.3, "memset": 0.75, "fill-numpy": 1.25}
    new = synthetic.results(scale={**noisy, "fastinit": 1.2})
    changes = compare(synthetic.results(), new)
    assert changes.noise > 0.2
    assert "slower" not in verdicts(changes, "fastinit")


def test_without_controls_a_stated_noise_is_assumed():
    old, new = synthetic.results(), synthetic.results(scale={"fastinit": 1.1})
    only = [
        dataclasses.replace(
            one,
            measurements=tuple(
                m for m in one.measurements if m.contender == "fastinit"
            ),
        )
        for one in (old, new)
    ]
    changes = compare(*only)
    assert (changes.controls, changes.drift, changes.noise) == (0, 1.0, 0.15)
    assert changes.beyond_noise == ()


def test_a_library_of_another_version_is_no_control():
    new = synthetic.results(versions={"torch": "3.0"}, scale={"torch": 2.0})
    changes = compare(synthetic.results(), new)
    # Roofs that run through torch are of another version too.
    assert changes.controls == 4 * len(synthetic.cases())
    assert "slower" in verdicts(changes, "torch")
    assert "version of torch: 2.9 before, 3.0 now" in changes.differences


def test_other_machines_are_named():
    other = dataclasses.replace(
        synthetic.results(),
        machine={**synthetic.MACHINE, "processor": "B", "load": 9.0},
    )
    changes = compare(synthetic.results(), other)
    assert changes.differences == ("machine processor: a processor before, B now",)


def test_verdicts_and_bits_that_turn_are_told():
    new = synthetic.results(
        verdicts={"torch": "violates"},
        survives={**synthetic.SURVIVES, "threads": False},
    )
    changes = compare(synthetic.results(), new)
    assert "normal-float32-64Mi-4, torch: conforms, now violates" in changes.turned
    assert "bits of fastinit, threads: equal, now different" in changes.turned
    assert "normal-float32-64Mi-4: torch" in changes.missing
    assert verdicts(changes, "torch") == {"within noise"}  # of its process alone


def test_one_process_is_no_change():
    old, new = synthetic.results(), synthetic.results(scale={"fastinit": 3.0})
    few = [
        dataclasses.replace(
            run,
            measurements=(),
            processes=tuple(
                dataclasses.replace(one, import_seconds=one.import_seconds[:1])
                for one in run.processes
            ),
        )
        for run in (old, new)
    ]
    changes = compare(*few)
    assert [one.what for one in changes.beyond_noise] == ["first fill"]


def test_wide_intervals_are_no_change():
    old, new = synthetic.results(), synthetic.results()
    case = synthetic.cases()[0]
    wide = synthetic.measurement(case, "fastinit", 1.0, spread=0.5)
    wider = synthetic.measurement(case, "fastinit", 1.4, spread=0.5)
    changed = [
        dataclasses.replace(run, measurements=(one, *run.measurements[1:]))
        for run, one in ((old, wide), (new, wider))
    ]
    changes = compare(*changed)
    assert changes.changes[0].ratio == pytest.approx(1.4)
    assert changes.changes[0].verdict == "within noise"
