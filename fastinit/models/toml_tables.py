"""Tables of a TOML document that know where they stand.

Every error about a plan names the file, the table and the key; this module is the
one place that writes these names and judges keys and types of values.
"""

from __future__ import annotations

import contextlib
import difflib
import reprlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastinit.errors import FastinitError, PlanError

__all__ = ["Table", "did_you_mean", "located", "shown"]

#: Longest representation of a value in a message, characters.
MAX_SHOWN = 120


class _ShortRepr(reprlib.Repr):
    """Representation that costs no more than what is shown of it."""

    def repr_int(self, x: int, level: int) -> str:
        # Python refuses to write out an integer of more than 4300 digits, which
        # TOML's hexadecimal numbers can have.
        if x.bit_length() > 256:
            return f"<integer of {x.bit_length()} bits>"
        return super().repr_int(x, level)


_SHORT = _ShortRepr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 80


def shown(value: object) -> str:
    """Representation of a value, short enough for a message.

    Parameters
    ----------
    value : object
        Any value of a TOML document.

    Returns
    -------
    text : str
        Its `repr`, with the middle left out where it has over 120 characters.

    Examples
    --------
    >>> shown("shpe")
    "'shpe'"
    """
    text = _SHORT.repr(value)
    half = MAX_SHOWN // 2
    return text if len(text) <= MAX_SHOWN else f"{text[:half]}...{text[-half:]}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Question that suggests the known word nearest to a wrong one.

    Parameters
    ----------
    word : str
        What was written.
    known : iterable of str
        What could have been meant.

    Returns
    -------
    question : str
        "did you mean 'shape'?", or '' where nothing is near.

    Examples
    --------
    >>> did_you_mean("shpe", ["name", "shape"])
    "did you mean 'shape'?"
    """
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"did you mean {near[0]!r}?" if near else ""


@contextlib.contextmanager
def located(place: str) -> Iterator[None]:
    """Put a place before whatever error is raised inside.

    Parameters
    ----------
    place : str
        File, table and key.

    Yields
    ------
    None
        Nothing.

    Raises
    ------
    PlanError
        In place of any error of fastinit, with the place in its first part.

    Examples
    --------
    >>> with located("x.toml: key 'shape'"):
    ...     pass
    """
    try:
        yield
    except FastinitError as error:
        raise PlanError(
            f"{place}: {error.given}", error.allowed, error.remedy
        ) from error


@dataclass(frozen=True)
class Table:
    """One table of a plan file.

    Attributes
    ----------
    entries : mapping of str to object
        What TOML gave.
    where : str
        File and table, for messages.
    """

    entries: Mapping[str, Any]
    where: str

    def place(self, key: str) -> str:
        """File, table and key, for messages.

        Parameters
        ----------
        key : str
            A key of the table.

        Returns
        -------
        place : str
            Like "x.toml, [[tensor]] 3 'wte': key 'shape'".

        Examples
        --------
        >>> Table({}, "x.toml, [defaults]").place("dtype")
        "x.toml, [defaults]: key 'dtype'"
        """
        return f"{self.where}: key {shown(key)}"

    def check_keys(self, known: Collection[str]) -> None:
        """Check that no key is unknown.

        Parameters
        ----------
        known : collection of str
            All keys that may stand here.

        Raises
        ------
        PlanError
            If a key is not among them.

        Examples
        --------
        >>> Table({"match": "*"}, "x.toml, [[rule]] 1").check_keys(["match"])
        """
        for key in self.entries:
            if key not in known:
                raise PlanError(
                    f"{self.place(key)} does not belong here",
                    f"keys here are {', '.join(known)}",
                    did_you_mean(key, known) or "remove or rename it",
                )

    def required(self, key: str) -> Any:
        """Value of a key that cannot be absent.

        Parameters
        ----------
        key : str
            The key.

        Returns
        -------
        value : object
            What TOML gave.

        Raises
        ------
        PlanError
            If the key is absent.

        Examples
        --------
        >>> Table({"seed": 7}, "x.toml").required("seed")
        7
        """
        if key in self.entries:
            return self.entries[key]
        raise PlanError(
            f"{self.place(key)} is missing", "it cannot be left out", f"add {key} = ..."
        )

    def text(self, key: str) -> str:
        """Text of a key that cannot be absent.

        Parameters
        ----------
        key : str
            The key.

        Returns
        -------
        text : str
            The text, never empty.

        Raises
        ------
        PlanError
            If the key is absent, or its value is not text, or empty.

        Examples
        --------
        >>> Table({"dtype": "float32"}, "x.toml, [defaults]").text("dtype")
        'float32'
        """
        value = self.required(key)
        if isinstance(value, str) and value:
            return value
        raise PlanError(
            f"{self.place(key)} is {shown(value)}",
            "its value is text, not empty",
            f'write {key} = "..."',
        )

    def optional_text(self, key: str) -> str | None:
        """Text of a key that may be absent.

        Parameters
        ----------
        key : str
            The key.

        Returns
        -------
        text : str or None
            The text, never empty; None where the key is absent.

        Raises
        ------
        PlanError
            If the value is not text, or is empty.

        Examples
        --------
        >>> Table({}, "x.toml, [defaults]").optional_text("dtype") is None
        True
        """
        return self.text(key) if key in self.entries else None

    def table(self, key: str, header: str) -> Table:
        """Table under a key; an empty one where it is absent.

        Parameters
        ----------
        key : str
            The key.
        header : str
            How the table is written, for messages, like "[defaults]".

        Returns
        -------
        table : Table
            The table, which knows its place.

        Raises
        ------
        PlanError
            If something else than a table stands there.

        Examples
        --------
        >>> Table({}, "x.toml").table("defaults", "[defaults]").where
        'x.toml, [defaults]'
        """
        entries = self.entries.get(key, {})
        if not isinstance(entries, dict):
            raise PlanError(
                f"{self.place(key)} is {shown(entries)}",
                f"it is the table {header}",
                f"write {header} on a line of its own",
            )
        return Table(entries, f"{self.where}, {header}")

    def tables(self, key: str, label: str) -> list[Table]:
        """Tables of an array of tables; none where it is absent.

        Parameters
        ----------
        key : str
            The key.
        label : str
            Key whose text names a table in messages.

        Returns
        -------
        tables : list of Table
            The tables in their order; each knows its number, from 1, and its label.

        Raises
        ------
        PlanError
            If something else stands there.

        Examples
        --------
        >>> top = Table({"rule": [{"match": "*.bias"}]}, "x.toml")
        >>> top.tables("rule", "match")[0].where
        "x.toml, [[rule]] 1 '*.bias'"
        """
        entries = self.entries.get(key, [])
        if not isinstance(entries, list) or not all(
            isinstance(one, dict) for one in entries
        ):
            raise PlanError(
                f"{self.place(key)} is {shown(entries)}",
                f"it is an array of tables [[{key}]]",
                f"write [[{key}]], with two brackets, before each",
            )
        return [
            Table(one, f"{self.where}, [[{key}]] {number}{_labelled(one.get(label))}")
            for number, one in enumerate(entries, 1)
        ]


def _labelled(label: object) -> str:
    return f" {shown(label)}" if isinstance(label, str) else ""
