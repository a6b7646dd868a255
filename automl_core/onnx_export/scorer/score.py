"""Predictions of the model.onnx beside this file: `python score.py IN.csv OUT.csv`.

In Python: `Scorer("model.onnx").predict(rows)`, or `predict(rows)` for the one beside this file.
Needs Python 3.11, numpy and onnxruntime. How cells are read stands in the model's metadata.
"""

from __future__ import annotations

import csv
import json
import math
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from automl_core.onnx_export.scorer.cells import boolean, items, number, word, words
from automl_core.onnx_export.scorer.csv_rows import Row, ScoringError, rows_of
from automl_core.onnx_export.scorer.dates import seconds

BATCH, LONGEST = 1_000, 1_000_000  # rows at a time; characters of a cell
KEPT, SHORT = 10_000, 200  # cells of a column that are kept as read, and how long they may be
Reader = Callable[[str, Any], Any]
READERS: dict[str, Reader] = {
    "string": word, "list": items, "text": words,
    "number": number, "boolean": boolean, "datetime": seconds,
}  # fmt: skip


class Scorer:
    """An opened model; `columns` are those that rows must have."""

    def __init__(self, path: str | Path) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(str(path), options)
            metadata = self._session.get_modelmeta().custom_metadata_map
            schema = json.loads(metadata["torchlight.schema"])
        except Exception as error:
            raise ScoringError(f"{path} is no model of Torchlight: {str(error)[:200]}") from error
        self._outputs = schema["outputs"]
        self.titles = [title for title, _, _ in self._outputs]
        self._kinds = {column["name"]: column["kind"] for column in schema["columns"]}
        self.columns = tuple(self._kinds)
        self._readers = {
            column["name"]: _reader(
                READERS[column["kind"]], column["rule"] | {"tables": schema["tables"]}
            )
            for column in schema["columns"]
        }

    def predict(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """A dictionary of predictions for each row; a row is a dictionary of cells by column.

        Cells are texts, numbers, booleans or None; what a row has beside them is ignored.
        """
        for i, row in enumerate(rows, 1):
            if missing := [name for name in self.columns if name not in row]:
                raise ScoringError(f"Row {i} has no column {missing[0]!r}.")
        parts = [self._predict(rows[i : i + BATCH]) for i in range(0, len(rows), BATCH)]
        return [prediction for part in parts for prediction in part]

    def _predict(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        feed: dict[str, Any] = {}
        for name, kind in self._kinds.items():
            cells = [self._readers[name](_text(row[name], name)) for row in rows]
            if kind == "text":
                feed[f"signals:{name}"] = np.array([signals for _, signals in cells], np.float32)
                cells = [text for text, _ in cells]
            is_number = kind in ("number", "boolean", "datetime")
            feed[f"column:{name}"] = np.array(cells, np.float64 if is_number else object)
        names = [output.name for output in self._session.get_outputs()]
        found = self._session.run(names, feed or {"row": np.zeros(len(rows))})
        values = dict(zip(names, found, strict=True))
        columns = [values[n] if at is None else values[n][:, at] for _, n, at in self._outputs]
        answers = zip(*(column.tolist() for column in columns), strict=True)
        return [dict(zip(self.titles, answer, strict=True)) for answer in answers]


def predict(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """`Scorer.predict` of the model beside this file."""
    return _own().predict(rows)


@cache
def _own() -> Scorer:
    return Scorer(Path(__file__).with_name("model.onnx"))


def _reader(read: Reader, rule: Any) -> Callable[[str], Any]:
    """What reads a cell of a column; equal short cells are read once."""
    kept = lru_cache(KEPT)(lambda cell: read(cell, rule))
    return lambda cell: kept(cell) if len(cell) <= SHORT else read(cell, rule)


def _text(cell: Any, name: str) -> str:
    """A cell as a file would have it."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if not isinstance(cell, str | int | float):
        raise ScoringError(f"A cell of {name!r} is neither text nor number: {str(cell)[:40]!r}.")
    if len(text := str(cell)) > LONGEST:
        raise ScoringError(f"A cell of {name!r} has more than {LONGEST:,} characters.")
    return text


def main(arguments: Sequence[str]) -> int:
    """Score the file that is named first into the one named second; 0, or 2 with a message."""
    csv.field_size_limit(LONGEST)
    unfinished = Path(f"{arguments[-1]}.unfinished" if arguments else ".unfinished")
    try:
        if len(arguments) != 2:
            raise ScoringError("use python score.py IN.csv OUT.csv")
        rows = rows_of(arguments[0], _own().columns)
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, _own().titles)
            writer.writeheader()
            while batch := list(islice(rows, BATCH)):
                writer.writerows(predict(batch))
        os.replace(unfinished, arguments[1])
    except (OSError, ValueError, csv.Error) as error:
        print(f"No predictions: {error}", file=sys.stderr)
        unfinished.unlink(missing_ok=True)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
