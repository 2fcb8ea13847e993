"""The `[[tensor]]` tables of a plan: from braces, rules and aliases to tensors.

Tables become entries by name first and aliases are followed last, so that a tied
tensor may stand before or after the one that holds its bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastinit.api import make_plan
from fastinit.dtypes import dtype_of, rounded_dtype
from fastinit.errors import PlanError
from fastinit.models.expressions import substitute
from fastinit.models.fan_keys import FAN_KEYS, fans_in, said_in, with_fans
from fastinit.models.holdings import (
    HOLDING_KEYS,
    count_sections,
    padded_in,
    sections_in,
)
from fastinit.models.model_plan import TensorPlan
from fastinit.models.names import MAX_NAMES, count, expand, expand_in_step
from fastinit.models.shapes import shape_in
from fastinit.models.toml_tables import Table, did_you_mean, located, shown
from fastinit.sections import Sections
from fastinit.spec import Spec
from fastinit.view import View

__all__ = ["Header", "Rule", "dtype_in", "read_tensors", "scheme_in"]

_STORED_KEYS = (
    *("name", "shape", "dtype", "rounding", "scheme", "alias_of", "canonical"),
    *FAN_KEYS,
    *HOLDING_KEYS,
)
_ALIAS_KEYS = ("name", "alias_of", "shape", "dtype")


@dataclass(frozen=True)
class Rule:
    """A scheme for the names that match a glob.

    Attributes
    ----------
    matches : callable
        Takes a name; what it returns is true where the glob matches.
    spec : Spec
        The scheme of these names.
    said : frozenset of str
        What of layout and groups its text says.
    """

    matches: Callable[[str], object]
    spec: Spec
    said: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Header:
    """What a plan says once for all its tensors.

    Attributes
    ----------
    constants : mapping of str to int or float
        Values of the named constants.
    dtype : str
        Name of the default dtype.
    rules : tuple of Rule
        In their order; the first that matches wins.
    fans : mapping
        Default layout, where there is one.
    rounding : str
        Default rounding.
    """

    constants: Mapping[str, int | float]
    dtype: str
    rules: tuple[Rule, ...]
    fans: Mapping[str, Any] = field(default_factory=dict)
    rounding: str = "nearest"


@dataclass(frozen=True)
class _Alias:
    """A tied tensor whose target has not been looked up."""

    target: str
    shape: tuple[int, ...] | None
    dtype: str | None


@dataclass
class _Entries:
    """Tensors and aliases by name, in order, and the table that each comes from."""

    by_name: dict[str, TensorPlan | _Alias]
    tables: dict[str, Table]
    n_sections: int = 0

    def add(self, name: str, entry: TensorPlan | _Alias, table: Table) -> None:
        if name in self.by_name:
            raise PlanError(
                f"{table.place('name')} gives {shown(name)} a second time",
                f"it is the name of a tensor of {self.tables[name].where}",
                "give each tensor a name of its own",
            )
        self.by_name[name] = entry
        self.tables[name] = table


def read_tensors(top: Table, header: Header) -> tuple[TensorPlan, ...]:
    """Tensors of all `[[tensor]]` tables, in order.

    Parameters
    ----------
    top : Table
        The whole document.
    header : Header
        Its constants, defaults and rules.

    Returns
    -------
    tensors : tuple of TensorPlan
        At least one and at most 1000000, with different names; stored tensors have
        different canonical names too.

    Raises
    ------
    PlanError
        If a table is wrong, or the tensors do not hold together.

    Examples
    --------
    >>> tensor = {"name": "{a,b}", "shape": [2], "scheme": "zeros"}
    >>> top = Table({"tensor": [tensor]}, "x.toml")
    >>> [one.name for one in read_tensors(top, Header({}, "float32", ()))]
    ['a', 'b']
    """
    entries = _Entries({}, {})
    for table in top.tables("tensor", "name"):
        _read_table(table, header, entries)
    if not entries.by_name:
        raise PlanError(
            f"{top.where}: no [[tensor]]",
            "a plan has one tensor or more",
            "add a [[tensor]] table with name and shape",
        )
    _check_canonical_names(entries)
    return tuple(
        _follow(name, entry, entries) if isinstance(entry, _Alias) else entry
        for name, entry in entries.by_name.items()
    )


def dtype_in(table: Table) -> str | None:
    """Dtype that a table gives.

    Parameters
    ----------
    table : Table
        A table that may have the key `dtype`.

    Returns
    -------
    dtype : str or None
        Name of a row of `fastinit.dtypes.DTYPES`, or None where it has none.

    Raises
    ------
    PlanError
        If fastinit does not write that dtype.

    Examples
    --------
    >>> dtype_in(Table({"dtype": "bfloat16"}, "x.toml, [defaults]"))
    'bfloat16'
    """
    name = table.optional_text("dtype")
    if name is None:
        return None
    with located(table.place("dtype")):
        return dtype_of(name).name


def scheme_in(table: Table, constants: Mapping[str, int | float]) -> Spec:
    """Scheme that a table gives, with its expressions evaluated.

    Parameters
    ----------
    table : Table
        A table with the key `scheme`.
    constants : mapping of str to int or float
        Values of the named constants.

    Returns
    -------
    spec : Spec
        The scheme.

    Raises
    ------
    PlanError
        If the key is absent, an expression has no value, or the text is no Spec.

    Examples
    --------
    >>> table = Table({"scheme": "normal(std=1 / n)"}, "x.toml, [[rule]] 1")
    >>> str(scheme_in(table, {"n": 4}))
    'normal(std=0.25)'
    """
    text = table.text("scheme")
    with located(table.place("scheme")):
        return Spec.parse(substitute(text, constants))


def _read_table(table: Table, header: Header, entries: _Entries) -> None:
    is_alias = "alias_of" in table.entries
    table.check_keys(_ALIAS_KEYS if is_alias else _STORED_KEYS)
    text = table.text("name")
    entries.n_sections += 0 if is_alias else count_sections(table)
    with located(table.place("name")):
        # The count comes before the names, which could fill the memory.
        if len(entries.by_name) + count(text) + entries.n_sections > MAX_NAMES:
            raise PlanError(
                f"{shown(text)} brings the plan to more than {MAX_NAMES} tensors",
                f"a plan has at most {MAX_NAMES}",
                "shorten the ranges, or split the model",
            )
        names = expand(text)
    made: Sequence[TensorPlan | _Alias] = (
        _aliases(table, header) if is_alias else _stored(table, names, header)
    )
    for name, entry in zip(names, made, strict=True):
        entries.add(name, entry, table)


def _stored(table: Table, names: tuple[str, ...], header: Header) -> list[TensorPlan]:
    """Tensors with bytes of their own, one for each name of a table."""
    canonical = table.optional_text("canonical") or table.text("name")
    with located(table.place("canonical")):
        canonicals = expand_in_step(canonical, table.text("name"))
    shape = shape_in(table, "shape", header.constants)
    views: Sequence[View | Sections | None]
    if "sections" in table.entries:
        views = sections_in(table, shape, len(names), header.constants)
    else:
        view = padded_in(table, shape, header.constants)
        shape = shape if view is None else view.held_shape
        views = [view] * len(names)
    dtype = dtype_in(table) or header.dtype
    rounding = table.optional_text("rounding") or header.rounding
    with located(table.place("rounding")):
        rounded_dtype(dtype, rounding)
    fans = fans_in(table, header.constants)
    own = _own_rule(table, header.constants) if "scheme" in table.entries else None
    checked: set[Spec] = set()
    made = []
    for name, other, held in zip(names, canonicals, views, strict=True):
        rule = own or _ruled(name, table, header.rules)
        spec = with_fans(rule.spec, rule.said, table, fans, header.fans)
        tensor = TensorPlan(name, other, shape, dtype, spec, None, held, rounding)
        if spec not in checked:
            checked.add(spec)
            with located(table.place("scheme")):
                _check_scheme(tensor)
        made.append(tensor)
    return made


def _aliases(table: Table, header: Header) -> list[_Alias]:
    """Tied tensors, one for each name of a table."""
    text = table.text("alias_of")
    with located(table.place("alias_of")):
        targets = expand_in_step(text, table.text("name"))
    shape = None
    if "shape" in table.entries:
        shape = shape_in(table, "shape", header.constants)
    dtype = dtype_in(table)
    return [_Alias(target, shape, dtype) for target in targets]


def _own_rule(table: Table, constants: Mapping[str, int | float]) -> Rule:
    """Scheme of a table, for all its names."""
    spec = scheme_in(table, constants)
    return Rule(lambda _: True, spec, said_in(table.text("scheme")))


def _ruled(name: str, table: Table, rules: tuple[Rule, ...]) -> Rule:
    """First rule that matches a name."""
    for rule in rules:
        if rule.matches(name):
            return rule
    raise PlanError(
        f"{table.place('scheme')} is missing, and no rule matches {shown(name)}",
        "each tensor has a scheme of its own or that of the first [[rule]] to match",
        "add scheme here, or a [[rule]] whose glob matches",
    )


def _check_scheme(tensor: TensorPlan) -> None:
    """Check that a scheme can fill a tensor, by making its fill plans."""
    if tensor.spec is not None:
        for shape in {row.shape for row in tensor.rows}:
            how: Any = {"name": tensor.canonical, "rounding": tensor.rounding}
            make_plan(tensor.spec, shape, tensor.dtype, **how)


def _check_canonical_names(entries: _Entries) -> None:
    owners: dict[str, str] = {}
    for name, entry in entries.by_name.items():
        if isinstance(entry, _Alias):
            continue
        for row in entry.rows:
            owner = owners.setdefault(row.canonical, name)
            if owner != name:
                table = entries.tables[name]
                key = "sections" if "sections" in table.entries else "canonical"
                raise PlanError(
                    f"{table.place(key)} of {shown(name)} is {shown(row.canonical)}",
                    f"it is that of {shown(owner)}, {entries.tables[owner].where}, and "
                    "equal names give equal values",
                    "give it another, or make it an alias_of the other tensor",
                )
            if row.label != name and row.label in entries.by_name:
                raise PlanError(
                    f"{entries.tables[name].place('sections')} of {shown(name)} has "
                    f"the part {shown(row.label)}",
                    "reports show a part so, and a tensor of the plan has that name",
                    "give that tensor another name",
                )


def _follow(name: str, alias: _Alias, entries: _Entries) -> TensorPlan:
    """Tensor of an alias, from the stored tensor that it is tied to."""
    table = entries.tables[name]
    target = entries.by_name.get(alias.target)
    if target is None:
        raise PlanError(
            f"{table.place('alias_of')} is {shown(alias.target)}",
            "an alias names another tensor of this plan",
            did_you_mean(alias.target, entries.by_name) or "correct the name",
        )
    if isinstance(target, _Alias):
        raise PlanError(
            f"{table.place('alias_of')} is {shown(alias.target)}, an alias itself",
            "an alias names a tensor with bytes of its own",
            "name the stored tensor, or remove alias_of from one of them",
        )
    for key in ("shape", "dtype"):
        given, wanted = getattr(alias, key), getattr(target, key)
        if given is not None and given != wanted:
            raise PlanError(
                f"{table.place(key)} of {shown(name)} is {shown(given)}",
                f"that of {shown(alias.target)}, which it is tied to, is {wanted}",
                f"make them equal, or leave {key} out",
            )
    return TensorPlan(
        name, target.canonical, target.shape, target.dtype, None, alias.target
    )
