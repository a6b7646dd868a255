"""What was found in a table: a record for pages and the command line.

Found by quality.py, leaks.py and target.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True)
class Finding:
    """One problem: what was found and why it matters (`message`), what to do (`fix`)."""

    kind: str  # leak, id, constant, all_missing, duplicate, disguised_missing, unit, imbalance ...
    columns: tuple[str, ...]
    severity: Severity
    message: str
    fix: str


def shown(name: str, limit: int = 40) -> str:
    """A name or cell in quotes, cut where it is long."""
    return repr(name if len(name) <= limit else name[: limit - 1] + "…")
