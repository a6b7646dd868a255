"""What is unusual in each row, on request; names are joined to one text, "" for none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.evaluation import in_set
from automl_core.onnx_export.scorer.csv_rows import Row
from automl_core.onnx_export.scorer.training import Training
from automl_core.onnx_export.scorer.typed_rows import RowReader
from automl_core.scoring import unlike_rows
from automl_core.table import TypedTable

BETWEEN_LABELS, BETWEEN_NAMES = " | ", ", "

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class RowExtras:
    """Columns that stand beside the predictions.

    `prediction_set` where the model has one; `unlike_training` and `unlike_columns` where it knows
    its training rows; `unseen_columns` (values that training did not have), `repaired_columns`
    (read although of another type), `unread_columns` (count as missing).
    """

    training: Training
    reader: RowReader

    @property
    def titles(self) -> list[str]:
        """The columns that `of` gives."""
        sets = ["prediction_set"] * (self.training.least is not None)
        unlike = ["unlike_training", "unlike_columns"] * (self.training.unlike is not None)
        return [*sets, *unlike, "unseen_columns", "repaired_columns", "unread_columns"]

    def of(
        self, rows: Sequence[Row], typed: TypedTable, chances: NDArray[Any], texts: Iterable[str]
    ) -> dict[str, list[str]]:
        """The columns of some rows.

        `chances` (n, labels) are the probabilities of a classification; `texts` the columns that
        came as text.
        """
        training, found = self.training, dict[str, list[str]]()
        if training.least is not None:
            labels = training.schema["labels"]
            found["prediction_set"] = _joined(
                in_set(chances, training.least), labels, BETWEEN_LABELS
            )
        if training.unlike is not None:
            unlike = unlike_rows(typed, training.columns, training.unlike, training.rows)
            found["unlike_training"] = ["yes" if odd else "no" for odd in unlike.unlike]
            found["unlike_columns"] = [BETWEEN_NAMES.join(names) for names in unlike.columns]
        names, repaired = list(self.reader.kinds), training.plain_numbers & {*texts}
        masks = {
            "unseen_columns": [self._unseen(name, typed) for name in names],
            "repaired_columns": [~typed.columns[name].gaps & (name in repaired) for name in names],
            "unread_columns": [self.reader.unread(name, rows, typed) for name in names],
        }
        for title, columns in masks.items():
            mask = np.stack(columns, axis=1) if columns else np.zeros((typed.rows, 0), np.bool_)
            found[title] = _joined(mask, names, BETWEEN_NAMES)
        return found

    def _unseen(self, name: str, typed: TypedTable) -> Mask:
        """(n,) rows whose category training did not have, as far as that is known."""
        column, known = typed.columns[name], self.training.known.get(name)
        if not known or column.codes is None:
            return np.zeros(typed.rows, np.bool_)
        new = np.array([*(word not in known for word in column.words), False])
        return np.asarray(new[column.codes], np.bool_)


def _joined(mask: Mask, names: Sequence[str], between: str) -> list[str]:
    """For each row of a mask (n, k) the names of its true columns, in one text."""
    return [between.join(compress(names, row)) for row in mask.tolist()]
