"""Findings about a table: records for pages and the command line.

Found by the checks in table/checks and by target.py; quality.py asks them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from automl_core.table.fixes import FixAction
from automl_core.table.quoting import shown

__all__ = ["DONE", "MOST_ROWS", "Finding", "Severity", "State", "listed", "shown"]

Severity = Literal["info", "warning", "error"]
State = Literal["mended", "noted", "needs_you"]
"""mended: something was changed, by default or by a click; noted: said, with nothing to decide."""

MOST_ROWS = 5
DONE = "Done:"  # how the fix of a remedy that was applied begins


@dataclass(frozen=True)
class Finding:
    """One problem: what was found and why it matters (`message`), what to do (`fix`)."""

    kind: str  # leak, id, constant, all_missing, duplicate, disguised_missing, unit, imbalance ...
    columns: tuple[str, ...]
    severity: Severity
    message: str
    fix: str
    state: State = "needs_you"
    action: FixAction | None = None  # one click; of what is mended, the way back
    rows: tuple[int, ...] = ()  # row numbers from 0 on that show it, MOST_ROWS at most
    applied: bool = False  # whether its fix was applied by a click; `action` is then the way back


def listed(names: tuple[str, ...], limit: int = 4) -> str:
    """Names in quotes, the first few of many."""
    return ", ".join(shown(n) for n in names[:limit]) + (" ..." if len(names) > limit else "")
