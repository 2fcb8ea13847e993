"""What a page of results consists of: plain data, without a word of HTML.

A page is sections, a section is blocks. Whoever has results makes these; `page.py`
and its template decide how they look, for every report alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

__all__ = [
    "Block",
    "Cell",
    "Column",
    "Facts",
    "Figure",
    "Figures",
    "Fold",
    "Folds",
    "Page",
    "Prose",
    "Section",
    "Table",
    "Tile",
    "Tiles",
    "Tone",
]

#: How something is to be taken; colours never say more than the text beside them.
Tone = Literal["", "good", "bad", "caution", "muted", "strong"]


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Attributes
    ----------
    text : str
        What is shown.
    key : float or str or None
        What the cell is sorted by; the text by default. In a column of numbers a
        text sorts last.
    tone : Tone
        How it is to be taken.
    note : str
        What a pointer that rests on it is told.
    link : str
        Anchor of the fold that tells more; '' for none.
    """

    text: str
    key: float | str | None = None
    tone: Tone = ""
    note: str = ""
    link: str = ""

    @property
    def sort_key(self) -> float | str:
        """What the cell is sorted by."""
        return self.text if self.key is None else self.key


@dataclass(frozen=True)
class Column:
    """Header of a column.

    Attributes
    ----------
    title : str
        What is shown.
    is_number : bool
        True for numbers: they stand to the right and are sorted by `Cell.key`.
    is_facet : bool
        True where rows can be chosen by a menu of the column's texts.
    note : str
        What the column means, in a sentence.
    is_prose : bool
        True for sentences, which may take several lines.
    """

    title: str
    is_number: bool = False
    is_facet: bool = False
    note: str = ""
    is_prose: bool = False


@dataclass(frozen=True)
class Table:
    """A table that readers can filter and sort.

    Attributes
    ----------
    caption : str
        What the rows are.
    columns : tuple of Column
        Headers.
    rows : tuple of tuple of Cell
        One cell for each column.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    kind: ClassVar[str] = "table"

    def choices(self, place: int) -> list[str]:
        """Different texts of a column, in the order of the rows.

        Parameters
        ----------
        place : int
            Index of the column.

        Returns
        -------
        texts : list of str
            Each once.

        Examples
        --------
        >>> rows = ((Cell("b"),), (Cell("a"),), (Cell("b"),))
        >>> Table("letters", (Column("letter"),), rows).choices(0)
        ['b', 'a']
        """
        return list(dict.fromkeys(row[place].text for row in self.rows))


@dataclass(frozen=True)
class Figure:
    """A drawing.

    Attributes
    ----------
    title : str
        What is drawn.
    svg : str
        An svg element, as `fastinit.report.drawing.to_svg` makes it.
    caption : str
        What can be read off it; also for those who cannot see it.
    """

    title: str
    svg: str
    caption: str = ""


@dataclass(frozen=True)
class Figures:
    """Drawings side by side where there is room, one below the other on a phone.

    Attributes
    ----------
    figures : tuple of Figure
        The drawings.
    legend : tuple of (str, str)
        CSS colour and name of each series that they share.
    """

    figures: tuple[Figure, ...]
    legend: tuple[tuple[str, str], ...] = ()
    kind: ClassVar[str] = "figures"


@dataclass(frozen=True)
class Facts:
    """Names and values, one pair a line.

    Attributes
    ----------
    pairs : tuple of (str, str)
        The pairs.
    """

    pairs: tuple[tuple[str, str], ...]
    kind: ClassVar[str] = "facts"


@dataclass(frozen=True)
class Prose:
    """Sentences.

    Attributes
    ----------
    paragraphs : tuple of str
        Plain text.
    """

    paragraphs: tuple[str, ...]
    kind: ClassVar[str] = "prose"


@dataclass(frozen=True)
class Tile:
    """One number that a reader should take away.

    Attributes
    ----------
    value : str
        The number with its unit, or a word.
    label : str
        What it is.
    note : str
        What it is compared with.
    tone : Tone
        How it is to be taken.
    """

    value: str
    label: str
    note: str = ""
    tone: Tone = ""


@dataclass(frozen=True)
class Tiles:
    """A row of the numbers that matter.

    Attributes
    ----------
    tiles : tuple of Tile
        The numbers.
    """

    tiles: tuple[Tile, ...]
    kind: ClassVar[str] = "tiles"


@dataclass(frozen=True)
class Fold:
    """Blocks that are shown on request.

    Attributes
    ----------
    title : str
        What they are about.
    blocks : tuple of blocks
        In order.
    note : str
        A few words beside the title, such as a verdict.
    tone : Tone
        How the note is to be taken.
    anchor : str
        Name in links, different for each fold of a page.
    is_open : bool
        True where it is open at first.
    """

    title: str
    blocks: tuple[Table | Figures | Facts | Prose | Tiles, ...]
    note: str = ""
    tone: Tone = ""
    anchor: str = ""
    is_open: bool = False


@dataclass(frozen=True)
class Folds:
    """Folds one below the other, which can be searched by their titles.

    Attributes
    ----------
    caption : str
        What they are.
    folds : tuple of Fold
        In order.
    """

    caption: str
    folds: tuple[Fold, ...]
    kind: ClassVar[str] = "folds"


Block = Table | Figures | Facts | Prose | Tiles | Folds


@dataclass(frozen=True)
class Section:
    """A part of a page.

    Attributes
    ----------
    title : str
        Its heading.
    blocks : tuple of blocks
        What it shows, in order.
    lead : str
        One or two sentences below the heading.
    is_folded : bool
        True where it opens on request only.
    """

    title: str
    blocks: tuple[Block, ...]
    lead: str = ""
    is_folded: bool = False

    @property
    def anchor(self) -> str:
        """Name of the section in links.

        Examples
        --------
        >>> Section("First touch, and memory", ()).anchor
        'first-touch-and-memory'
        """
        letters = (one if one.isalnum() else " " for one in self.title.lower())
        return "-".join("".join(letters).split())


@dataclass(frozen=True)
class Page:
    """A whole report.

    Attributes
    ----------
    title : str
        What it is.
    lead : str
        What it says, in a sentence or two.
    blocks : tuple of blocks
        What stands above the sections, such as tiles.
    sections : tuple of Section
        Its parts.
    footer : str
        What made it.
    """

    title: str
    lead: str
    blocks: tuple[Block, ...]
    sections: tuple[Section, ...]
    footer: str = ""
