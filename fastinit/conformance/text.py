"""The text of a result: verdict first, then one line per test."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastinit.conformance.verdict import CheckResult, TestResult

__all__ = ["describe_law", "render", "shown_effect"]

#: Tests that are always told; others only where they fail.
_MAIN = ("finite", "support", "constant", "kolmogorov_smirnov", "mean", "variance")


def describe_law(name: str, parameters: tuple[float, ...]) -> str:
    """Write a law with every parameter in full.

    Parameters
    ----------
    name : str
        Name of the law.
    parameters : tuple of float
        Its parameters.

    Returns
    -------
    text : str
        ``name(parameter, ...)``.

    Examples
    --------
    >>> describe_law("normal", (0.0, 0.02))
    'normal(0.0, 0.02)'
    """
    return f"{name}({', '.join(repr(float(value)) for value in parameters)})"


def render(result: CheckResult) -> str:
    """Several lines that say what was found.

    Parameters
    ----------
    result : CheckResult
        The result.

    Returns
    -------
    text : str
        Lines without a final newline; the first begins with the verdict.
    """
    subject = f"{result.subject}, " if result.subject else ""
    lines = [
        f"{result.verdict}: {subject}{result.dtype}, {result.n:,} elements, "
        f"against {result.law}",
        *(
            _test_line(test)
            for test in result.tests
            if test.name in _MAIN or not test.passed
        ),
        *_others_line(result),
        _facts_line(result),
        f"  false-alarm rate {result.alpha:g}, margin {result.margin:g}",
    ]
    if result.verdict == "inconclusive":
        lines.append(f"  {_what_is_missing(result)}")
    if result.verdict == "violates" and result.hint:
        lines.append(f"  hint: {result.hint}")
        lines += [f"  or: {cause}" for cause in result.causes[1:3]]
    return "\n".join(lines)


def shown_effect(effect: float) -> str:
    """An effect as a percentage of two digits.

    Parameters
    ----------
    effect : float
        Dimensionless.

    Returns
    -------
    text : str
        Such as '0.4 %'.

    Examples
    --------
    >>> shown_effect(0.00412)
    '0.41 %'
    """
    return f"{100.0 * effect:.2g} %"


def _test_line(test: TestResult) -> str:
    state = "ok" if test.passed else "FAILED"
    line = f"  {test.name:<20}{state:<8}{test.detail}"
    if test.is_deterministic:
        return line
    return (
        f"{line}, adjusted p = {test.adjusted_p_value:.3g}, "
        f"effect {test.effect:.3g} +- {test.half_width:.2g}"
    )


def _others_line(result: CheckResult) -> list[str]:
    """One line for the tests that passed and are not told one by one."""
    others = [t for t in result.tests if t.passed and t.name not in _MAIN]
    if not others:
        return []
    smallest = min(others, key=lambda test: test.p_value)
    names = ", ".join(test.name for test in others)
    return [
        f"  {len(others)} more passed, smallest p = {smallest.p_value:.3g} "
        f"({smallest.name}): {names}"
    ]


def _facts_line(result: CheckResult) -> str:
    facts = result.facts
    return (
        f"  observed: min {facts.min:.6g}, max {facts.max:.6g}, mean {facts.mean:.6g}, "
        f"std {facts.std:.6g}; {facts.n_nan:,} NaN, {facts.n_inf:,} infinite"
    )


def _what_is_missing(result: CheckResult) -> str:
    """Why an array without a contradiction does not conform."""
    open_tests = [t.name for t in result.tests if not t.is_equivalent(result.margin)]
    if result.n < result.n_needed:
        return (
            f"too few elements: about {result.n_needed:,} are needed to conform within "
            f"the margin, {result.n:,} were given"
        )
    return (
        f"the interval of {' and '.join(open_tests)} reaches beyond the margin; "
        "a larger margin or more elements would decide"
    )
