"""Findings about a file's text encoding: lines in another one, and a guessed encoding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table import Finding, is_text
from automl_core.table.reading import GUESSED

KIND = "encoding"


def encoding_findings(table: pa.Table, words: Mapping[str, str]) -> tuple[Finding, ...]:
    """Findings from what ReadSettings.for_people says of a table's file."""
    findings = []
    name = words.get("encoding", "")
    if words.get("encoding is") == GUESSED:
        message = f"The file is no UTF-8. It is read as {name}, which is a guess."
        fix = "If words look wrong, read the file again and choose another encoding."
        rows = _foreign(table, range(min(table.num_rows, 2_000)))
        findings.append(Finding(KIND, (), "warning", message, fix, "to_review", None, rows))
    if "other lines" in words:
        numbers = [int(n) for n in words.get("line numbers", "").split()]
        count = int(words.get("number of other lines", len(numbers)))
        named = ", ".join(map(str, numbers)) + (" ..." if count > len(numbers) else "")
        lines = f"line {named} is" if count == 1 else f"{count:,} lines ({named}) are"
        message = f"The file is {name}, but {lines} not: read as {words['other lines']}."
        before = int(words.get("skipped rows", 0)) + (words.get("header") == "yes") + 1
        rows = _foreign(table, (n - before for n in numbers))
        fix = "Look whether the words in these rows are right."
        findings.append(Finding(KIND, (), "info", message, fix, "fixed", None, rows))
    return tuple(findings)


def _foreign(table: pa.Table, rows: Iterable[int]) -> tuple[int, ...]:
    """At most five of the rows, such that have letters beyond ASCII."""
    wanted = [row for row in rows if 0 <= row < table.num_rows]
    part = table.take(pa.array(wanted, pa.int64()))
    found = [
        pc.fill_null(pc.match_substring_regex(column, r"[^\x00-\x7f]"), False).to_pylist()
        for column in part.columns
        if is_text(column.type)
    ]
    return tuple(row for i, row in enumerate(wanted) if any(c[i] for c in found))[:5]
