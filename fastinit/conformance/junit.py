"""Results as a JUnit file, which every CI service reads."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree

from fastinit.conformance.verdict import CheckResult

__all__ = ["to_junit"]


def to_junit(
    results: Iterable[tuple[str, CheckResult]],
    suite: str,
    faults: Iterable[tuple[str, str]] = (),
) -> str:
    """Write results as one JUnit test suite.

    Parameters
    ----------
    results : iterable of (str, CheckResult)
        Names of arrays and their results.
    suite : str
        Name of the suite.
    faults : iterable of (str, str)
        What is wrong apart from laws: kind and text, a failed test case each.

    Returns
    -------
    text : str
        XML: one test case for each test of each array, a failure where it
        contradicts the law, skipped where it says nothing; and one for the verdict,
        skipped where it is inconclusive.

    Examples
    --------
    >>> import numpy as np
    >>> from fastinit.conformance import check
    >>> text = to_junit([("b", check(np.zeros(3), "zeros"))], "model")
    >>> text.count("<testcase"), "<failure" in text
    (2, False)
    """
    root = ElementTree.Element("testsuite", name=suite)
    n_failed = n_skipped = n_cases = 0
    for name, result in results:
        verdict = _case(root, name, "verdict")
        n_cases += 1
        if result.verdict == "violates":
            n_failed += 1
            message = result.hint or f"violates {result.law}"
            _child(verdict, "failure", message, str(result))
        elif result.verdict == "inconclusive":
            n_skipped += 1
            _child(verdict, "skipped", "inconclusive", "")
        for test in result.tests:
            case = _case(root, name, test.name)
            n_cases += 1
            if not test.passed:
                n_failed += 1
                p = f"adjusted p = {test.adjusted_p_value:.3g}"
                _child(case, "failure", f"{test.detail}, {p}", "")
        for omitted in result.omitted:
            case = _case(root, name, omitted.name)
            n_cases, n_skipped = n_cases + 1, n_skipped + 1
            _child(case, "skipped", omitted.reason, "")
    for kind, fault in faults:
        n_cases, n_failed = n_cases + 1, n_failed + 1
        _child(_case(root, suite, kind), "failure", fault, "")
    counts = {"tests": n_cases, "failures": n_failed, "skipped": n_skipped}
    root.attrib.update({key: str(count) for key, count in counts.items()})
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def _case(root: ElementTree.Element, array: str, test: str) -> ElementTree.Element:
    """One test case."""
    return ElementTree.SubElement(
        root, "testcase", classname=_printable(array) or "array", name=test
    )


def _child(parent: ElementTree.Element, tag: str, message: str, text: str) -> None:
    """What became of a test case."""
    child = ElementTree.SubElement(parent, tag, message=_printable(message))
    child.text = _printable(text) or None


def _printable(text: str) -> str:
    """Text without the characters that XML has no place for."""
    return "".join(c for c in text if c in "\n\t" or (c >= " " and c.isprintable()))
