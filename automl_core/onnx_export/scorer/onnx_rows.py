"""The model behind the HTTP service: JSON rows to typed columns, answers to JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from automl_core.errors import AutoMLError
from automl_core.onnx_export.scorer.csv_rows import Row
from automl_core.onnx_export.scorer.row_extras import RowExtras
from automl_core.onnx_export.scorer.rows_scorer import Scorer
from automl_core.onnx_export.scorer.scoring_error import ScoringError
from automl_core.onnx_export.scorer.training import Training
from automl_core.scoring import refuse_missing
from automl_core.service import RowsError
from automl_core.table import TypedTable, match_names, shown

CHANCE = "probability_"
INSTEAD = "Send null where a value is missing."
READ_AS = {"number": "a number", "boolean": "yes or no", "datetime": "a date"}


class OnnxRows:
    """A RowsPredictor (http_app.py)."""

    def __init__(self, scorer: Scorer, training: Training, allow_missing: bool = False) -> None:
        """`allow_missing`: columns that a row lacks count as empty."""
        self._scorer, self._training, self._allow_missing = scorer, training, allow_missing
        self._extras = RowExtras(training, scorer.reader)
        self._columns = [column["name"] for column in training.schema["columns"]]
        self._labels = dict(zip(training.schema["labels"], training.labels, strict=True))

    @property
    def name(self) -> str:
        """The model's name."""
        return str(self._training.schema["model"])

    def schema(self) -> dict[str, Any]:
        """What the model reads and answers."""
        return self._training.schema

    def predict_rows(self, rows: Sequence[dict[str, Any]], extras: bool) -> dict[str, Any]:
        """Predictions, and the columns that the model does not know.

        Raises RowsError for a missing column, and for a value that cannot be read as what the
        column holds.
        """
        names = list(dict.fromkeys(name for row in rows for name in row))
        matches = match_names(self._columns, names)
        try:
            self._refuse_missing(rows)
            cells = {
                name: _cells(name, kind, [row.get(matches.get(name, name)) for row in rows])
                for name, kind in self._scorer.reader.kinds.items()
            }
            known = [{name: cells[name][i] for name in cells} for i in range(len(rows))]
            typed = self._scorer.reader.read(known)
        except (AutoMLError, ScoringError) as error:
            raise RowsError(str(error)) from error
        self._refuse_unread(known, typed)
        used = set(matches.values())
        return {
            "predictions": self._answers(known, typed, extras),
            "ignored_columns": [name for name in names if name not in used],
        }

    def _refuse_missing(self, rows: Sequence[Row]) -> None:
        if not self._allow_missing:
            for given in dict.fromkeys(tuple(row) for row in rows):
                refuse_missing(self._scorer.columns, given, INSTEAD)

    def _refuse_unread(self, rows: Sequence[Row], typed: TypedTable) -> None:
        for name, kind in self._scorer.reader.kinds.items():
            unread = self._scorer.reader.unread(name, rows, typed)
            if unread.any():
                row = int(np.argmax(unread))
                cell = shown(str(rows[row][name]))
                raise RowsError(
                    f"Row {row + 1}, column {shown(name)}: {cell} cannot be read as "
                    f"{READ_AS.get(kind, kind)}."
                )

    def _answers(self, rows: Sequence[Row], typed: TypedTable, extras: bool) -> list[Row]:
        """One object a row; the probabilities of a classification under `probability`, by label."""
        answers = self._scorer.answers(typed)
        columns = {name: column.tolist() for name, column in answers.items()}
        chances = [columns.pop(f"{CHANCE}{label}") for label in self._labels]
        if self._labels:
            columns["prediction"] = [self._labels[label] for label in columns["prediction"]]
        if extras:
            texts = [n for n in self._scorer.columns if any(isinstance(r[n], str) for r in rows)]
            columns |= self._extras.of(rows, typed, self._scorer.chances(answers), texts)
        if chances:
            parts = zip(*chances, strict=True)
            columns["probability"] = [dict(zip(self._labels, p, strict=True)) for p in parts]
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _cells(name: str, kind: str, values: list[Any]) -> list[Any]:
    """The values of a column, all of one type.

    Raises RowsError for a column of numbers or dates with values of several types.
    """
    kinds = {float if isinstance(v, int) and not isinstance(v, bool) else type(v) for v in values}
    kinds -= {type(None)}
    if len(kinds) > 1 and kind in READ_AS:
        raise RowsError(
            f"The column {shown(name)} has values of several types in one request: send all of "
            "them as numbers, or all as texts."
        )
    if kinds == {float} and any(isinstance(value, float) for value in values):
        return [None if value is None else float(value) for value in values]
    return values
