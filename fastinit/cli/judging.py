"""What `check` and `conform` share: limits, the verdict on one array, a report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import rich_click as click

from fastinit.cli.arguments import as_callback, read_path, read_real
from fastinit.cli.check_text import print_one

if TYPE_CHECKING:
    from fastinit.conformance import CheckResult, SectionsResult
    from fastinit.spec import Spec

__all__ = ["Judged", "judging_options", "told", "write_report"]


class Judged(NamedTuple):
    """An answer as plain values, and the verdicts behind it.

    Attributes
    ----------
    document : dict
        What --json writes, but for what was judged.
    named : list of (str, CheckResult)
        Verdicts with the names that reports give them.
    """

    document: dict[str, Any]
    named: list[tuple[str, CheckResult]]


def judging_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a verdict.

    Parameters
    ----------
    command : callable
        Function of a command.

    Returns
    -------
    command : callable
        The same, which now also takes `alpha`, `margin` and `junit`.
    """
    alpha = click.option(
        "--alpha",
        metavar="P",
        default="1e-6",
        show_default=True,
        callback=as_callback(read_real),
        help="Probability that correct values are said to violate, over all tests.",
    )
    margin = click.option(
        "--margin",
        metavar="X",
        default="0.1",
        show_default=True,
        callback=as_callback(read_real),
        help="Tolerated relative error of the standard deviation.",
    )
    junit = click.option(
        "--junit",
        metavar="FILE",
        callback=as_callback(read_path),
        help="Write the outcome of every test to a JUnit file too, for CI.",
    )
    return alpha(margin(junit(command)))


def told(
    result: CheckResult | SectionsResult,
    names: tuple[str, str],
    what: tuple[tuple[int, ...], Spec],
    *,
    margin: float,
    is_shown: bool,
) -> Judged:
    """Verdict on one array, printed where it is to be shown.

    Parameters
    ----------
    result : CheckResult or SectionsResult
        The verdict, or those on the aspects of complex values.
    names : tuple of 2 str
        Name of the array in the document, may be '', and in reports where it is.
    what : tuple of a shape and a Spec
        What was judged.
    margin : float
        Tolerated relative error, dimensionless, > 0.
    is_shown : bool
        True to print the text.

    Returns
    -------
    judged : Judged
        With one result, or one for each aspect.
    """
    from fastinit.conformance import SectionsResult

    name, reported = names
    if isinstance(result, SectionsResult):
        labels = [f"{name}, {one}" if name else one for one in result.names]
        found = dict(zip(labels, result.results, strict=True))
    else:
        found = {name: result}
    entries = []
    shape, spec = what
    for label, one in found.items():
        if is_shown:
            print_one(one)
        entry = {"name": label, **one.to_dict()}
        entries.append({**entry, "shape": list(shape), "spec": str(spec)})
    document = {
        "margin": margin,
        "verdict": result.verdict,
        "alpha": result.alpha,
        "faults": [],
        "results": entries,
    }
    return Judged(document, [(label or reported, one) for label, one in found.items()])


def write_report(path: Path, source: str, judged: Judged, *, overwrite: bool) -> None:
    """Write the report on an answer.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    source : str
        What was judged.
    judged : Judged
        The answer.
    overwrite : bool
        True to replace a file that exists.

    Raises
    ------
    FastinitError
        If it cannot be written.
    """
    from fastinit.auditing.checked import audit_of_checks
    from fastinit.auditing.page import page_of
    from fastinit.report import write_page

    document = judged.document
    checks = [
        (name, tuple(entry["shape"]), entry["spec"], result)
        for (name, result), entry in zip(judged.named, document["results"], strict=True)
    ]
    limits = (document["alpha"], document["margin"])
    result = audit_of_checks(source, checks, document["faults"], limits)
    write_page(page_of(result, "Check"), path, overwrite=overwrite)
