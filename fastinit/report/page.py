"""A page of results as one file of HTML that needs nothing else.

Style and script stand in the page, and a policy in its head forbids every request,
so that a report can be mailed, archived and opened without a network.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
from importlib import resources
from pathlib import Path
from typing import Any

from fastinit.destinations.durable import check_output, durable_file, write_at
from fastinit.errors import MissingPackageError
from fastinit.report.blocks import Page

__all__ = ["render_page", "require_packages", "write_page"]

_NEEDED = ("jinja2", "matplotlib")


def require_packages() -> None:
    """Raise unless the packages that reports need are installed.

    Raises
    ------
    MissingPackageError
        If one is missing.

    Examples
    --------
    >>> require_packages()
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingPackageError(
            f"an HTML report without {' and '.join(missing)}",
            f"reports are made with {' and '.join(_NEEDED)}",
            f"pip install {' '.join(missing)}, or ask for JSON",
        )


def _text(name: str) -> str:
    return resources.files("fastinit.report").joinpath(name).read_text("utf-8")


@functools.cache
def _template() -> Any:
    jinja2: Any = importlib.import_module("jinja2")
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_text),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Only drawings and our own files are let through as they are.
    environment.filters["as_is"] = importlib.import_module("markupsafe").Markup
    return environment.get_template("page.html.jinja")


def render_page(page: Page) -> str:
    """HTML of a page.

    Parameters
    ----------
    page : Page
        What it holds; every text of it is escaped.

    Returns
    -------
    html : str
        A whole document, without a reference to any other file.

    Raises
    ------
    MissingPackageError
        If jinja2 or matplotlib is not installed.

    Examples
    --------
    >>> html = render_page(Page("Results of <all>", "None yet.", (), ()))
    >>> "<h1>Results of &lt;all&gt;</h1>" in html
    True
    """
    require_packages()
    html: str = _template().render(
        page=page, style=_text("page.css"), script=_text("page.js")
    )
    return html


def write_page(page: Page, path: Path, *, overwrite: bool = False) -> None:
    """Write a page to a file, complete or not at all.

    Parameters
    ----------
    page : Page
        What it holds.
    path : pathlib.Path
        The file.
    overwrite : bool
        True to replace a file that exists.

    Raises
    ------
    MissingPackageError
        If jinja2 or matplotlib is not installed.
    OutputError
        If the file exists, or the system refuses it.
    """
    target = check_output(path, overwrite=overwrite)
    html = render_page(page).encode()
    with durable_file(target, len(html), overwrite=overwrite) as descriptor:
        write_at(descriptor, html, 0)
