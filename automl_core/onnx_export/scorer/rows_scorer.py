"""A model that was opened: rows to typed columns to answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.onnx_export.scorer.cells import Plain
from automl_core.onnx_export.scorer.csv_rows import Row
from automl_core.onnx_export.scorer.scoring_error import ScoringError
from automl_core.onnx_export.scorer.typed_rows import RowReader
from automl_core.table import TypedTable

Arrays = dict[str, NDArray[Any]]
Run = Callable[[Arrays], Arrays]
"""The outputs of a model, by name, of what `RowReader.feed` gives; at most a batch of rows."""


class Scorer:
    """An opened model; `columns` are those that rows must have, `titles` those of the answers."""

    def __init__(self, schema: Plain, run: Run, batch: int = 1_000) -> None:
        """`schema` is that of scorer_rules.py; `batch` is how many rows are run at a time."""
        self._run, self._batch, self._outputs = run, batch, schema["outputs"]
        self.reader = RowReader(schema)
        self.columns = tuple(self.reader.kinds)
        self.titles = [title for title, _, _ in self._outputs]

    def predict(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """A dictionary of predictions for each row; a row is a dictionary of cells by column.

        Cells are texts, numbers, booleans or None; what a row has beside them is ignored.
        """
        for i, row in enumerate(rows, 1):
            if missing := [name for name in self.columns if name not in row]:
                raise ScoringError(f"Row {i} has no column {missing[0]!r}.")
        answers = self.answers(self.reader.read(rows))
        columns = (column.tolist() for column in answers.values())
        return [dict(zip(answers, answer, strict=True)) for answer in zip(*columns, strict=True)]

    def answers(self, typed: TypedTable) -> Arrays:
        """The columns of the answers of typed rows, each (n,), by title."""
        begins = range(0, max(1, typed.rows), self._batch)
        ends = [min(begin + self._batch, typed.rows) for begin in begins]
        parts = [self._part(typed.take(np.arange(b, e))) for b, e in zip(begins, ends, strict=True)]
        return {title: np.concatenate([part[title] for part in parts]) for title in self.titles}

    def chances(self, answers: Arrays) -> NDArray[Any]:
        """(n, labels) the probabilities among the answers, none of a regression."""
        names = [title for title, output, _ in self._outputs if output == "probabilities"]
        return np.stack([answers[name] for name in names], 1) if names else np.zeros((0, 0))

    def predicted(self, typed: TypedTable) -> NDArray[np.float64]:
        """(n, labels) probabilities or (n,) values of typed rows."""
        answers = self.answers(typed)
        chances = self.chances(answers)
        return chances if chances.size else answers["prediction"]

    def _part(self, typed: TypedTable) -> Arrays:
        values = self._run(self.reader.feed(typed))
        return {t: values[n] if at is None else values[n][:, at] for t, n, at in self._outputs}
