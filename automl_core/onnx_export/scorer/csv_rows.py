"""The rows of a CSV file, one at a time, with the columns under the names that the model knows."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from automl_core.onnx_export.scorer.cells import folded

DELIMITERS = ",;\t|"

Row = Mapping[str, Any]


class ScoringError(ValueError):
    """What cannot be scored; the message says why."""


def rows_of(path: str, needed: Sequence[str]) -> Iterator[Row]:
    """The rows; names may differ in case and blanks, and a short row lacks its last cells.

    Raises ScoringError where a needed column is not there, or there twice; others are listed.
    """
    with open(path, encoding="utf-8-sig", newline="") as file:
        first, alike = file.readline(), {folded(name) for name in needed}
        headers = [next(csv.reader([first], delimiter=mark), []) for mark in DELIMITERS]
        hits = [sum(folded(name) in alike for name in header) for header in headers]
        file.seek(0)
        reader = csv.reader(file, delimiter=DELIMITERS[hits.index(max(hits))])
        given = next(reader, [])
        missing = {folded(name): name for name in needed if name not in given}
        names = [name if name in needed else missing.get(folded(name), name) for name in given]
        for name in needed:
            if (many := names.count(name)) != 1:
                raise ScoringError(f"{path} has {many or 'no'} columns called {name!r}, not one.")
        if extra := [name for name in names if name not in needed]:
            print(f"Ignored: {', '.join(map(repr, extra))}.", file=sys.stderr)
        for row in filter(None, reader):
            if len(row) > len(names):
                raise ScoringError(f"Line {reader.line_num} has more cells than there are columns.")
            yield dict.fromkeys(names, "") | dict(zip(names, row, strict=False))
