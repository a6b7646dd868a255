"""Plain tables for a terminal. Names and values come from files: control characters go."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from automl_core.runs.record import RunState
from automl_core.types import Severity

WIDEST = 60  # characters of a cell


def printable(text: str) -> str:
    """The text without control characters, which a terminal might obey; line ends stay."""
    return "".join(c if c.isprintable() or c == "\n" else "�" for c in text)


def say(severity: Severity, message: str) -> None:
    """One line on stderr that begins with its weight, so that the output stays as it is."""
    word = "Warning" if severity == Severity.WARNING else "Note"
    print(printable(f"{word}: {message}"), file=sys.stderr, flush=True)


def say_damage(state: RunState) -> None:
    """Print on stderr what a run has lost, or what of it cannot be verified; else nothing."""
    if state.damage is not None:
        say(state.damage.severity, state.damage.message)


def text_table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int]) -> str:
    """Columns aligned with spaces; those numbered in `right` to the right."""
    cells = [[_cell(c) for c in row] for row in (header, *rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    lines = [
        "  ".join(
            c.rjust(w) if i in right else c.ljust(w)
            for i, (c, w) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    return "\n".join(lines)


def _cell(text: str) -> str:
    text = printable(text).replace("\n", " ")
    return text if len(text) <= WIDEST else text[: WIDEST - 3] + "..."
