"""`fastinit.testing` and the JUnit form of results."""

from xml.etree import ElementTree

import numpy as np
import pytest

import fastinit
from fastinit import Sections
from fastinit.conformance import check
from fastinit.conformance.junit import to_junit
from fastinit.errors import ArgumentError, FastinitError, NonconformanceError
from fastinit.testing import assert_conforms, assert_verdict

WEIGHTS = fastinit.kaiming_normal((300, 200), nonlinearity="relu", seed=0, name="w")
RELU = "kaiming_normal(nonlinearity=relu)"


def test_correct_array_is_returned_with_its_evidence():
    assert assert_conforms(WEIGHTS, RELU).verdict == "conforms"


def test_violation_is_an_assertion_error_with_the_cause():
    with pytest.raises(AssertionError) as caught:
        assert_conforms(WEIGHTS / np.float32(2**0.5), RELU, subject="fc.weight")
    assert isinstance(caught.value, FastinitError)
    text = str(caught.value)
    assert text.startswith("violates: fc.weight: kaiming_normal")
    assert "the gain left out" in text
    assert "name the specification that was meant" in text


def test_inconclusive_array_passes_unless_strict():
    few = WEIGHTS[:3, :3]
    view = fastinit.View(WEIGHTS.shape, np.s_[:3, :3])
    assert assert_conforms(few, RELU, view=view).verdict == "inconclusive"
    with pytest.raises(NonconformanceError, match="leave out strict"):
        assert_conforms(few, RELU, view=view, strict=True)


def test_sections_are_judged_together():
    halves = Sections(0, (150, 150), ("a", "b"))
    fused = fastinit.xavier_normal((300, 400), seed=0, view=halves)
    assert assert_conforms(fused, "xavier_normal", view=halves).names == ("a", "b")
    fused[150:] *= np.float32(1.5)
    with pytest.raises(NonconformanceError, match="violates: b"):
        assert_conforms(fused, "xavier_normal", view=halves)


def test_wrong_arguments_are_no_violations():
    with pytest.raises(ArgumentError):
        assert_conforms(WEIGHTS, "kaiming", alpha=2.0)


def test_results_of_any_check_can_be_asserted():
    result = check(np.ones(4), "zeros")
    with pytest.raises(NonconformanceError, match="4 of 4 elements differ"):
        assert_verdict(result)


def test_junit_has_a_case_for_every_test():
    bad, few = check(WEIGHTS * np.float32(2), RELU), check(WEIGHTS[:2, :2], "normal")
    root = ElementTree.fromstring(to_junit([("bad\x00", bad), ("few", few)], "model"))
    assert root.attrib["name"] == "model"
    cases = root.findall("testcase")
    assert len(cases) == int(root.attrib["tests"])
    wanted = 2 + sum(len(r.tests) + len(r.omitted) for r in (bad, few))
    assert len(cases) == wanted
    failures = root.findall("testcase/failure")
    assert len(failures) == int(root.attrib["failures"])
    assert {case.attrib["classname"] for case in cases} == {"bad", "few"}
    verdict = cases[0].find("failure")
    assert verdict.attrib["message"] == bad.hint
    assert "FAILED" in verdict.text
    assert len(root.findall("testcase/skipped")) == int(root.attrib["skipped"])
