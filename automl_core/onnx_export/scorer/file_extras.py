"""A file beside the training rows: what is unusual in its rows, drift, and why the score fell.

It is read twice: first how many rows it has and which columns are texts, then its rows.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.evaluation import error_measures
from automl_core.onnx_export.scorer.csv_rows import CsvFile, Row
from automl_core.onnx_export.scorer.row_extras import RowExtras
from automl_core.onnx_export.scorer.row_sample import RowSample
from automl_core.onnx_export.scorer.rows_scorer import Scorer
from automl_core.onnx_export.scorer.training import Training
from automl_core.onnx_export.scorer.typed_rows import RowReader
from automl_core.scoring import MOST_CHECKED, FileCheck, KnownAnswers, check_typed
from automl_core.table import TypedColumn, TypedTable

_NUMBER = re.compile(r"[+-]?(?!0[0-9xX])([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
"""A number as programs write it, without leading zeros."""


class FileExtras:
    """The extras of a file's rows, given batch by batch, and of the whole."""

    def __init__(self, file: CsvFile, scorer: Scorer, training: Training) -> None:
        """Reads the file once. Raises ScoringError where a row of it is damaged."""
        self._scorer, self._training = scorer, training
        self._extras = RowExtras(training, scorer.reader)
        self._texts: set[str] = set()
        rows = 0
        for row in file.rows():
            rows += 1
            for name in training.plain_numbers - self._texts:
                if not _is_number(row[name]):
                    self._texts.add(name)
        self._target = RowReader(training.target)
        self._sample = RowSample(rows, MOST_CHECKED)
        self._unread: dict[str, list[NDArray[np.bool_]]] = {name: [] for name in scorer.columns}

    @property
    def titles(self) -> list[str]:
        """The columns that `of` gives."""
        return self._extras.titles

    def of(
        self, rows: Sequence[Row], typed: TypedTable, chances: NDArray[Any]
    ) -> dict[str, list[str]]:
        """The extras of the next rows."""
        picked = self._sample.picked(typed.rows)
        part, some = typed.take(picked), [rows[place] for place in picked.tolist()]
        for name, masks in self._unread.items():
            masks.append(self._scorer.reader.unread(name, some, part))
        has_target = rows[0].keys() >= self._target.kinds.keys()
        answers = self._target.read(some).columns if has_target else {}
        self._sample.add(TypedTable(part.columns | answers, part.rows))
        return self._extras.of(rows, typed, chances, self._texts)

    def lines(self) -> tuple[str, ...]:
        """The verdict on all rows, what has moved, and causes of a fall."""
        if not self._training.rows:
            return FileCheck(None, None).lines
        sample = self._sample.table()
        columns = {name: sample.columns[name] for name in sample.columns if name in self._unread}
        targets = [column for name, column in sample.columns.items() if name not in self._unread]
        known = self._known(targets[0]) if targets else None
        return check_typed(TypedTable(columns, sample.rows), self._training, known).lines

    def _known(self, target: TypedColumn) -> KnownAnswers:
        """The rows of the sample whose answer is known."""
        if target.numbers is not None:
            y, known = target.numbers, np.isfinite(target.numbers)
        else:
            numbers = {label: i for i, label in enumerate(self._training.target["labels"])}
            places = np.array([*(numbers.get(word, -1) for word in target.words), -1])
            y, known = places[target.codes], places[target.codes] >= 0
        kept = np.flatnonzero(known)
        unread = {name: np.concatenate(masks)[kept] for name, masks in self._unread.items()}
        task = self._training.schema["task"]
        measure = error_measures(self._training.metric, task)[0]
        return KnownAnswers(kept, y[kept], unread, self._scorer.predicted, measure)


def _is_number(cell: str) -> bool:
    text = cell.strip()
    return not text or bool(_NUMBER.fullmatch(text) and math.isfinite(float(text)))
