"""A Torchlight model behind the HTTP service: JSON rows to a table, predictions to JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from automl_core.errors import AutoMLError
from automl_core.export import CHANCE
from automl_core.scoring import Scorer, input_schema, refuse_missing
from automl_core.service.http_app import RowsError
from automl_core.table import Column, TypedTable, canonical_text, match_names, shown

_WORDS = ("string", "text", "list")
_READ_AS = {"number": "a number", "boolean": "yes or no", "datetime": "a date"}
_INSTEAD = "Send null where a value is missing."


@dataclass(frozen=True, eq=False)
class ModelRows:
    """A RowsPredictor (http_app.py) of a loaded model."""

    scorer: Scorer
    allow_missing: bool = False  # columns that a row lacks count as empty

    @property
    def name(self) -> str:
        """The model's name."""
        return self.scorer.predictor.name

    def schema(self) -> dict[str, Any]:
        """What the model reads and answers."""
        return self._schema

    @cached_property
    def _schema(self) -> dict[str, Any]:
        return input_schema(self.scorer).plain()

    def predict_rows(self, rows: Sequence[dict[str, Any]], extras: bool) -> dict[str, Any]:
        """Predictions as `Model.predict` gives them, and the columns that it did not use.

        Raises RowsError for a missing column, and for a value that cannot be read as what the
        column holds.
        """
        names = list(dict.fromkeys(name for row in rows for name in row))
        matches = match_names([c.name for c in self.scorer.predictor.columns], names)
        try:
            self._refuse_missing(rows)
            table = self._table(rows, matches)
            cells = self.scorer.typed(table)
            self._refuse_unread(table, cells)
            scored = self.scorer.score_typed(table, cells, extras, typed=True)
        except AutoMLError as error:
            raise RowsError(str(error)) from error
        used = set(matches.values())
        return {
            "predictions": _answers(scored, self.scorer.predictor.target.names),
            "ignored_columns": [name for name in names if name not in used],
        }

    def _refuse_missing(self, rows: Sequence[dict[str, Any]]) -> None:
        if not self.allow_missing:
            for names in dict.fromkeys(tuple(row) for row in rows):
                refuse_missing(self.scorer.names, names, _INSTEAD)

    def _table(self, rows: Sequence[dict[str, Any]], matches: dict[str, str]) -> pa.Table:
        """The rows as a table of the columns that the model reads, all of them."""
        columns = {}
        for column in self.scorer.predictor.columns:
            key = matches.get(column.name, column.name)
            columns[column.name] = _cells(column, [row.get(key) for row in rows])
        return pa.table(columns)

    def _refuse_unread(self, table: pa.Table, typed: TypedTable) -> None:
        masks = self.scorer.unread(table, typed)
        for column, unread in zip(self.scorer.used, masks, strict=True):
            if unread.any():
                row = int(np.argmax(unread))
                cell = shown(str(table.column(column.name)[row].as_py()))
                what = _READ_AS.get(column.parse.kind, column.parse.kind)
                raise RowsError(
                    f"Row {row + 1}, column {shown(column.name)}: {cell} cannot be read as {what}."
                )


def _cells(column: Column, values: list[Any]) -> pa.Array:
    """The values of a column as one array.

    Raises RowsError for a column of numbers or dates with values of several types.
    """
    kinds = {float if isinstance(v, int) and not isinstance(v, bool) else type(v) for v in values}
    kinds -= {type(None)}
    if not kinds:
        return pa.nulls(len(values), pa.string())
    if len(kinds) == 1:
        whole = all(not isinstance(value, float) for value in values)
        kind = {str: pa.string(), bool: pa.bool_()}.get(
            kinds.pop(), pa.int64() if whole else pa.float64()
        )
        return pa.array(values, kind)
    if column.parse.kind in _WORDS:
        return pa.array([_text(value) for value in values], pa.string())
    raise RowsError(
        f"The column {shown(column.name)} has values of several types in one request: send all of "
        "them as numbers, or all as texts."
    )


def _text(value: Any) -> str | None:
    """A value as the text that it has in a file."""
    if value is None or isinstance(value, str):
        return value
    found: str | None = canonical_text(pa.array([value]))[0].as_py()
    return found


def _answers(scored: pa.Table, labels: Sequence[str]) -> list[dict[str, Any]]:
    """One object a row; the probabilities of a classification under `probability`, by label."""
    chances = [f"{CHANCE}{label}" for label in labels]
    plain = scored.drop_columns(chances).to_pylist() if chances else scored.to_pylist()
    if not chances:
        return list(plain)
    columns = [scored.column(name).to_pylist() for name in chances]
    for answer, *values in zip(plain, *columns, strict=True):
        answer["probability"] = dict(zip(labels, values, strict=True))
    return list(plain)
