"""Findings about a table: records for pages and the command line.

Made by the checks in table/checks and by inference/target.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from automl_core.table.fixes import FixAction
from automl_core.table.quoting import shown

__all__ = ["DONE", "MOST_ROWS", "Finding", "Severity", "State", "listed", "shown"]

Severity = Literal["info", "warning", "error"]
State = Literal["fixed", "noted", "to_review"]
"""fixed: something was changed, by default or by a click; noted: there is nothing to decide."""

MOST_ROWS = 5
DONE = "Done:"  # the first word of `fix` where the fix was applied


@dataclass(frozen=True)
class Finding:
    """One problem: what was found and why it matters (`message`), what to do (`fix`)."""

    kind: str  # leak, id, constant, all_missing, duplicate, disguised_missing, unit, imbalance ...
    columns: tuple[str, ...]
    severity: Severity
    message: str
    fix: str
    state: State = "to_review"
    action: FixAction | None = None  # one click; where something was changed, the way back
    rows: tuple[int, ...] = ()  # row numbers from 0 on that show it, MOST_ROWS at most
    applied: bool = False  # whether its fix was applied by a click; `action` is then the way back


def listed(names: tuple[str, ...], limit: int = 4) -> str:
    """Names in quotes, the first few of many."""
    return ", ".join(shown(n) for n in names[:limit]) + (" ..." if len(names) > limit else "")
