"""The schema of a table: each column's role, the reason for it, and its parse rule.

A Schema says nothing about models; features/ decides how a typed column is encoded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Literal, get_args

from automl_core.errors import TableError, did_you_mean
from automl_core.table.name_matching import match_names

Role = Literal[
    "numeric", "category", "text", "list", "datetime", "boolean",
    "id", "weight", "group", "time", "ignored",
]  # fmt: skip
ROLES: tuple[Role, ...] = get_args(Role)
FEATURE_ROLES: tuple[Role, ...] = (
    "numeric", "category", "text", "list", "datetime", "boolean", "time",
)  # fmt: skip
"""Roles whose columns a model may see; the others steer the run or are left out."""


class DecidedBy(StrEnum):
    """The origin of a column's role or format."""

    CELLS = "cells"
    USER = "user"
    COPY = "copy"  # the column repeats another, cell for cell


CHOSEN = "chosen by you"
SAME_AS = "the same, cell for cell, as "
"""The words of a reason, composed for the user; decisions read `Column.decision` instead."""

FORMAT_VERSION = 1


@dataclass(frozen=True)
class ParseRule:
    """The rule that makes a raw cell a number, a string or seconds; declarative, kept as JSON."""

    kind: Literal["number", "string", "text", "datetime", "boolean", "list"]
    missing: tuple[str, ...] = ()  # cells (trimmed, case-insensitive) that mean "no value"
    decimal: str = "."  # for numbers written as text
    thousands: str = ""  # removed from numbers written as text
    formats: tuple[str, ...] = ()  # how dates and times are written, first match wins (dates.py)
    last_year: int = 0  # of the hundred that years of two digits are in; 0: 2068
    true: tuple[str, ...] = ()  # lower-case words for yes
    false: tuple[str, ...] = ()  # lower-case words for no
    units: tuple[tuple[str, float], ...] = ()  # lower-case suffix of a number, and its factor
    ranges: bool = False  # whether "10-20" is the number 15, and "10+" the number 10
    separator: str = ""  # what stands between the items of a list
    zero: tuple[str, ...] = ()  # lower-case words for the number 0, such as "free" for a price
    flags: tuple[str, ...] = ()  # marks before and behind numbers that are dropped: "p", "<", "*"
    percent: Literal["", "percent", "share"] = ""
    """The unit where a number may be in percent: 45% is 45 and 0.45 without the sign is 45, too;
    or 45% is 0.45. Without a unit the sign is dropped."""
    mend: bool = False  # whether a wrong text encoding is undone in each cell (mojibake.py)
    spellings: tuple[tuple[str, str], ...] = ()
    """Words as `folded` gives them, and the spelling that each is read as: of a string column,
    and of the labels of a target. Words that are not named stay as they are."""
    exact: bool = False  # whether zeros at the end count: 3.1 and 3.10 are two versions


@dataclass(frozen=True)
class Column:
    """One column: its role, why it has it, and how its cells are read."""

    name: str
    role: Role
    reason: str  # in words, for the user
    parse: ParseRule
    missing: int  # cells without a value, after the parse rule
    distinct: int  # distinct values, missing not counted
    decided_by: DecidedBy | None = None  # None in files of 0.5.0, which kept the reason alone

    @property
    def decision(self) -> DecidedBy:
        """The origin of the role; of a column stored by 0.5.0, as its reason says."""
        if self.decided_by is not None:
            return self.decided_by
        if self.reason == CHOSEN:
            return DecidedBy.USER
        return DecidedBy.COPY if self.reason.startswith(SAME_AS) else DecidedBy.CELLS

    @cached_property
    def digest(self) -> str:
        """A short name of exactly this record, for keys of caches."""
        return _digest(repr(self))


@dataclass(frozen=True)
class Schema:
    """The columns of a table, in the table's order."""

    columns: tuple[Column, ...]
    rows: int
    format_version: int = FORMAT_VERSION

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)

    @cached_property
    def digest(self) -> str:
        """A short name of exactly this schema; a changed column costs no look at the others."""
        return _digest(f"{self.rows} {self.format_version} {[c.digest for c in self.columns]}")

    @cached_property
    def _places(self) -> dict[str, int]:
        return {c.name: i for i, c in reversed(list(enumerate(self.columns)))}

    def column(self, name: str) -> Column:
        """The column called `name`, or the only one that is called so but for blanks, invisible
        characters, Unicode form or capital letters; TableError with the closest name otherwise.
        """
        if name not in self._places:
            name = match_names([name], self.names).get(name, name)
        if name not in self._places:
            raise TableError(f"The table has no column {name!r}.", did_you_mean(name, self.names))
        return self.columns[self._places[name]]

    def with_column(self, column: Column) -> Schema:
        """The same schema with the column of that name replaced."""
        return self.with_columns([column])

    def with_columns(self, columns: Iterable[Column]) -> Schema:
        """The same schema with the columns of these names replaced."""
        changed = {c.name: c for c in columns}
        for name in changed:
            self.column(name)
        if not changed:
            return self
        return replace(self, columns=tuple(changed.get(c.name, c) for c in self.columns))

    def features(self, without: Iterable[str] = ()) -> tuple[Column, ...]:
        """Columns that a model may see, `without` (the target, the weight ...) left out."""
        names = frozenset(without)
        return tuple(c for c in self.columns if c.role in FEATURE_ROLES and c.name not in names)


def _digest(words: str) -> str:
    return hashlib.blake2b(words.encode(), digest_size=8).hexdigest()
