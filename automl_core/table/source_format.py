"""The format of the training rows, which decides where new rows are ambiguous.

A file says itself how it is written where it can. Where "2,500" may be two and a half or
2,500, it means what it meant in training.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from automl_core.table.read_options import NOTHING_SET, ReadOptions
from automl_core.table.schema import Column


@dataclass(frozen=True)
class SourceFormat:
    """The format that files of the same kind share."""

    decimal: str = "."  # the usual decimal mark; "": not known
    marked: frozenset[str] = frozenset()  # columns whose parse rules say what their marks mean
    exact: frozenset[str] = frozenset()  # columns whose cells stay text: zeros at the end count
    encoding: str = ""  # of text that is no UTF-8; "": not known
    names: tuple[str, ...] = ()  # of the columns that a model knows; empty: not known
    asked: ReadOptions = NOTHING_SET  # what a person set for this very file
    usual: ReadOptions = NOTHING_SET  # what was set for the training file: unless names deny it


def source_format_of(
    columns: Iterable[Column], encoding: str = "", usual: ReadOptions = NOTHING_SET
) -> SourceFormat:
    """The format of files of the same kind, by the parse rules of a schema's columns.

    `usual` is what a person set for the training file.
    """
    columns = tuple(columns)
    rules = {c.name: c.parse for c in columns if c.parse.kind == "number"}
    marked = frozenset(n for n, rule in rules.items() if rule.decimal != "." or rule.thousands)
    decimal = "," if any(rule.decimal == "," for rule in rules.values()) else "."
    exact = frozenset(c.name for c in columns if c.parse.exact)
    names = tuple(c.name for c in columns)
    return SourceFormat(decimal, marked, exact, encoding, names, usual=usual)
