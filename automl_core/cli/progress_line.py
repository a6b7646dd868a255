"""One line on a terminal about long work, written over and over, and gone at its end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from automl_core.table import Report
from automl_core.words import count, percent, size

LONG = 50 * 10**6  # bytes; a smaller file is read at once
MANY_ROWS = 100_000  # that take a moment to be scored


@contextmanager
def shown_rows(total: int) -> Iterator[Callable[[int], bool]]:
    """A function that prints how many rows are scored; silent without a terminal or for few."""
    shown = sys.stderr.isatty() and total > MANY_ROWS

    def report(done: int) -> bool:
        if shown:
            line = f"Scored: {percent(done / total):>5} of {count(total, 'row')}"
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
        return True

    try:
        yield report
    finally:
        if shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


@contextmanager
def shown_progress(path: Path) -> Iterator[Report | None]:
    """A function that prints how much is read; None without a terminal or for small files."""
    if not sys.stderr.isatty() or not path.is_file() or path.stat().st_size <= LONG:
        yield None
        return
    try:
        yield _print
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)  # clears the line


def _print(done: int, total: int) -> bool:
    share = f"{percent(done / total):>5} of {size(total)}" if total else "..."
    print(f"\r\x1b[KReading: {share}", end="", file=sys.stderr, flush=True)
    return True
