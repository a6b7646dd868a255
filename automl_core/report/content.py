"""The content of a report, as records: numbers, words, tables and figures. Nothing is drawn yet.

All words may come from a file: whoever shows them makes them safe.
"""

from __future__ import annotations

from dataclasses import dataclass

from automl_core.charts import Drawing


@dataclass(frozen=True)
class Number:
    """One of the few numbers that decide."""

    label: str
    value: str
    note: str


@dataclass(frozen=True)
class Table:
    """A table of words."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()  # columns that stand at the right
    source: str = ""  # where its numbers come from


@dataclass(frozen=True, eq=False)
class Figure:
    """A chart and the sentence that says what to see in it."""

    title: str
    drawing: Drawing
    sentence: str
    source: str = ""


@dataclass(frozen=True, eq=False)
class Section:
    """A chapter."""

    key: str  # letters: the anchor in the page
    title: str
    paragraphs: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, eq=False)
class Report:
    """The whole of it."""

    title: str
    headline: str  # one or two sentences: what the model is, and how good
    numbers: tuple[Number, ...]  # three
    sections: tuple[Section, ...]
    trace: tuple[tuple[str, str], ...]  # what is needed to find every number again
