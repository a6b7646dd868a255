"""A model.onnx, opened: rows to typed columns to answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from automl_core.onnx_export.scorer.checksums import read_checked
from automl_core.onnx_export.scorer.csv_rows import Row
from automl_core.onnx_export.scorer.scoring_error import ScoringError
from automl_core.onnx_export.scorer.typed_rows import RowReader
from automl_core.table import TypedTable

BATCH = 1_000  # rows at a time
Answers = dict[str, NDArray[Any]]


class Scorer:
    """An opened model; `columns` are those that rows must have, `titles` those of the answers."""

    def __init__(self, path: str | Path) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        data = read_checked(Path(path))
        try:
            self._session = onnxruntime.InferenceSession(data, options)
            metadata = self._session.get_modelmeta().custom_metadata_map
            schema = json.loads(metadata["torchlight.schema"])
        except Exception as error:
            raise ScoringError(f"{path} is no model of Torchlight: {str(error)[:200]}") from error
        self._outputs = schema["outputs"]
        self.reader = RowReader(schema)
        self.columns, self.titles = (
            tuple(self.reader.kinds),
            [title for title, _, _ in self._outputs],
        )

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

    def answers(self, typed: TypedTable) -> Answers:
        """The columns of the answers of typed rows, each (n,), by title."""
        begins = range(0, max(1, typed.rows), BATCH)
        ends = [min(begin + BATCH, typed.rows) for begin in begins]
        parts = [self._run(typed.take(np.arange(b, e))) for b, e in zip(begins, ends, strict=True)]
        return {title: np.concatenate([part[title] for part in parts]) for title in self.titles}

    def chances(self, answers: Answers) -> NDArray[Any]:
        """(n, labels) the probabilities among the answers, none of a regression."""
        names = [title for title, output, _ in self._outputs if output == "probabilities"]
        return np.stack([answers[name] for name in names], 1) if names else np.zeros((0, 0))

    def predicted(self, typed: TypedTable) -> NDArray[np.float64]:
        """(n, labels) probabilities or (n,) values of typed rows."""
        answers = self.answers(typed)
        chances = self.chances(answers)
        return chances if chances.size else answers["prediction"]

    def _run(self, typed: TypedTable) -> Answers:
        names = [output.name for output in self._session.get_outputs()]
        found = self._session.run(names, self.reader.feed(typed))
        values = dict(zip(names, found, strict=True))
        return {t: values[n] if at is None else values[n][:, at] for t, n, at in self._outputs}
