"""The fix that one click applies to a finding: a record, which apply_fix.py carries out.

A fix of columns changes their roles and parse rules, which are stored with every model, so
that a prediction repeats it exactly. A fix of a run changes a setting of its specification.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FixKind = Literal[
    "role", "inferred", "missing", "values", "marks", "mend_text", "spellings", "numbers", "dates",
    "reading", "setting",
]  # fmt: skip
"""What is done to the columns:

role        use them as `values[0]` (ignored, numeric, group, time ...)
inferred    use and read them as the cells suggest: the way back
missing     read the cells `values` as missing
values      keep the cells `values` as values
marks       read numbers with the decimal mark `values[0]` and the thousands mark `values[1]`
mend_text   undo a wrong text encoding in each cell
spellings   read words that differ in capitals, blanks or Unicode form as one, where `values[0]`
            is "merged", or each as it is where it is "own"
numbers     read as numbers, without the marks `values` before or behind them
dates       read as dates in the formats `values`
reading     of the file, not of columns: read it again with the setting `values[0]` as `values[1]`
setting     of the run, not of columns: `values` is its name and its value
"""


@dataclass(frozen=True)
class FixAction:
    """One click."""

    kind: FixKind
    label: str  # the words on its button
    columns: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


def leave_out(*columns: str) -> FixAction:
    """Let no model see these columns."""
    return FixAction("role", "Leave out", columns, ("ignored",))


def use_as_words(*columns: str) -> FixAction:
    """Take each different cell of these columns as a category."""
    return FixAction("role", "Use as category", columns, ("category",))


def undo(*columns: str) -> FixAction:
    """Take these columns as their cells suggest, whatever was found."""
    return FixAction("inferred", "Undo", columns)
