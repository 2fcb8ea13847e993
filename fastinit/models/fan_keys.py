"""Layout and groups of the tensors of a plan, and how they reach a scheme.

Where fans come from is a property of the tensor, not of its scheme: one rule may
serve tensors of several layouts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fastinit.errors import PlanError
from fastinit.layout import parse_layout
from fastinit.models.shapes import size_of
from fastinit.models.toml_tables import Table, located, shown
from fastinit.schemes import find_scheme
from fastinit.spec import Spec

__all__ = ["FAN_KEYS", "fans_in", "said_in", "with_fans"]

#: Keys of a [[tensor]] table that say where its fans come from.
FAN_KEYS = ("layout", "groups")

#: Arguments of a scheme's text that say the same as a key.
_SAYS = re.compile(r"[(,]\s*(layout|groups|in_axis|out_axis|batch_axis)\s*=")


def said_in(text: str) -> frozenset[str]:
    """Keys whose meaning the text of a scheme has already.

    Parameters
    ----------
    text : str
        Text of a scheme.

    Returns
    -------
    keys : frozenset of str
        Some of `FAN_KEYS`.

    Examples
    --------
    >>> sorted(said_in("lecun_normal(in_axis=0, groups=2)"))
    ['groups', 'layout']
    """
    found = _SAYS.findall(text)
    return frozenset(key if key == "groups" else "layout" for key in found)


def fans_in(table: Table, constants: Mapping[str, int | float]) -> dict[str, Any]:
    """Layout and groups that a table gives.

    Parameters
    ----------
    table : Table
        A [[tensor]] table, or that of the defaults.
    constants : mapping of str to int or float
        Values of the named constants.

    Returns
    -------
    fans : dict
        Arguments of a Spec; without those that the table does not have.

    Raises
    ------
    PlanError
        If the layout is none, or groups is no integer >= 1.

    Examples
    --------
    >>> fans_in(Table({"layout": "hwio"}, "x.toml"), {})
    {'layout': 'HWIO'}
    """
    fans: dict[str, Any] = {}
    layout = table.optional_text("layout")
    if layout is not None:
        with located(table.place("layout")):
            fans["layout"] = parse_layout(layout).text
    if "groups" in table.entries:
        with located(table.place("groups")):
            fans["groups"] = size_of(table.entries["groups"], constants)
        if fans["groups"] < 1:
            raise PlanError(
                f"{table.place('groups')} is {shown(fans['groups'])}",
                "it is an integer >= 1",
                "write the groups of the convolution, or leave it out",
            )
    return fans


def with_fans(
    spec: Spec,
    said: frozenset[str],
    table: Table,
    own: Mapping[str, Any],
    defaults: Mapping[str, Any],
) -> Spec:
    """Scheme of a tensor with the layout and groups of its table.

    Parameters
    ----------
    spec : Spec
        Scheme of the tensor.
    said : frozenset of str
        What its text says already.
    table : Table
        The tensor's table.
    own, defaults : mapping
        What the table says, and what holds for tensors that say nothing.

    Returns
    -------
    spec : Spec
        The same where it needs no fans.

    Raises
    ------
    PlanError
        If table and scheme say the same thing, or do not go together.

    Examples
    --------
    >>> fans = {"layout": "...IO"}
    >>> with_fans(Spec("lecun_normal"), frozenset(), Table({}, "x.toml"), fans, {})
    Spec('lecun_normal(layout=...IO)')
    """
    if not find_scheme(spec.scheme).needs_fans:
        return spec
    for key in said.intersection(own):
        raise PlanError(
            f"{table.place(key)} stands beside {shown(str(spec))}",
            f"the scheme says {key} already",
            f"remove {key} here or in the scheme",
        )
    rest = {key: value for key, value in defaults.items() if key not in said}
    return Spec(spec.scheme, **{**spec.arguments, **rest, **own})
