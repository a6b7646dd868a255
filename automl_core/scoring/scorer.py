"""A loaded model that scores tables piece by piece, on request with what is unusual in each row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.evaluation import in_set
from automl_core.export import (
    Predictor,
    in_model_names,
    load_predictor,
    mended_cells,
    table_of_predictions,
    unread_cells,
    used_columns,
    vocabulary,
)
from automl_core.scoring.reference import Reference, read_reference
from automl_core.scoring.unlike_rows import unlike_rows
from automl_core.table import Column, TypedTable, single_names
from automl_core.types import Files

BETWEEN_LABELS, BETWEEN_NAMES = " | ", ", "

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Scorer:
    """A predictor, and what is known of the rows that it learned from."""

    predictor: Predictor
    used: tuple[Column, ...]  # columns that its encoders read
    reference: Reference | None = None  # None: a model of 0.5.0, or of a run without its table

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns that its encoders read."""
        return tuple(column.name for column in self.used)

    def score(self, table: pa.Table, extras: bool = False, typed: bool = False) -> pa.Table:
        """`predictions_table` of some rows, with `row_extras` on request.

        A row's predictions do not depend on the rows beside it. Raises ModelError as
        `Predictor.typed`.
        """
        return self.score_typed(table, self.typed(table), extras, typed)

    def typed(self, table: pa.Table) -> TypedTable:
        """The columns of a raw table that the encoders read or the reference knows, typed.

        Raises ModelError as `Predictor.typed`.
        """
        return self.predictor.typed(table, self._looked_at)

    @cached_property
    def _looked_at(self) -> tuple[Column, ...]:
        known = () if self.reference is None else (c.name for c in self.reference.columns)
        names = {*self.names, *known}
        return tuple(column for column in self.predictor.columns if column.name in names)

    def score_typed(
        self, table: pa.Table, cells: TypedTable, extras: bool = False, typed: bool = False
    ) -> pa.Table:
        """The same where the table's cells have been typed already."""
        values = self.predictor.predict(cells)
        predictions = table_of_predictions(self.predictor, values, typed)
        if not extras:
            return predictions
        named = in_model_names(table, self.predictor.columns, self.predictor.target_name)
        for name, column in self._extras(named, cells, values).items():
            predictions = predictions.append_column(name, column)
        return predictions

    def _extras(
        self, table: pa.Table, typed: TypedTable, values: NDArray[np.float64]
    ) -> dict[str, pa.Array]:
        """What is unusual in each row; names of columns are joined by commas, "" for none.

        `prediction_set` where the model has one; `unlike_training` and `unlike_columns` where it
        knows its training rows; `unseen_columns` (values that training did not have),
        `repaired_columns` (read although of another type), `unread_columns` (count as missing).
        """
        found: dict[str, pa.Array] = {}
        reference = self.reference
        if reference is not None and reference.sets is not None and values.ndim == 2:
            members = in_set(values, reference.sets.least)
            found["prediction_set"] = _joined(members, self.predictor.target.names, BETWEEN_LABELS)
        if reference is not None and reference.unlike is not None:
            rows = unlike_rows(typed, reference.columns, reference.unlike, reference.rows)
            found["unlike_training"] = pa.array(np.where(rows.unlike, "yes", "no"), pa.string())
            listed = [BETWEEN_NAMES.join(names) for names in rows.columns]
            found["unlike_columns"] = pa.array(listed, pa.string())
        single = single_names(table)
        unseen = [self.unseen(c, typed) for c in self.used]
        mended = [
            mended_cells(c, table.column(c.name), typed.columns[c.name])
            if c.name in single
            else np.zeros(typed.rows, np.bool_)
            for c in self.used
        ]
        unread = self.unread(table, typed)
        for name, columns in (
            ("unseen_columns", unseen),
            ("repaired_columns", mended),
            ("unread_columns", unread),
        ):
            found[name] = _joined(_side_by_side(columns, typed.rows), self.names, BETWEEN_NAMES)
        return found

    def unseen(self, column: Column, typed: TypedTable) -> Mask:
        """(n,) rows whose category training did not have, as far as that is known."""
        cells, known = typed.columns[column.name], self.known_values(column)
        if cells.codes is None:
            return np.zeros(typed.rows, np.bool_)
        new = np.array([*(bool(known) and word not in known for word in cells.words), False])
        return np.asarray(new[cells.codes], np.bool_)

    def known_values(self, column: Column) -> set[str]:
        """The values of a category that training is known to have had; none of other columns."""
        if column.parse.kind != "string":
            return set()
        known = vocabulary([m.encoder for m in self.predictor.members], column.name)
        described = None if self.reference is None else self.reference.column(column.name)
        return known if described is None else known | set(described.words)

    def unread(self, table: pa.Table, typed: TypedTable) -> list[Mask]:
        """For each column that is used (n,) the rows whose cell in a table of the model's names no
        rule could read."""
        single = single_names(table)
        return [
            unread_cells(c, table.column(c.name), typed.columns[c.name])
            if c.name in single
            else np.zeros(typed.rows, np.bool_)
            for c in self.used
        ]


def make_scorer(files: Files) -> Scorer:
    """The scorer of a model's files; ModelError where they are damaged."""
    return Scorer(load_predictor(files), used_columns(files), read_reference(files))


def _side_by_side(columns: Iterable[Mask], rows: int) -> Mask:
    found = list(columns)
    return np.stack(found, axis=1) if found else np.zeros((rows, 0), np.bool_)


def _joined(mask: Mask, names: Sequence[str], between: str) -> pa.Array:
    """For each row of a mask (n, k) the names of its true columns, in one text."""
    if not mask.shape[1] or not len(mask):
        return pa.array([""] * len(mask), pa.string())
    packed = np.packbits(mask, axis=1)
    keys = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, place = np.unique(keys, return_index=True, return_inverse=True)
    words = [
        between.join(name for name, chosen in zip(names, mask[row], strict=True) if chosen)
        for row in first
    ]
    return pa.array(words, pa.string()).take(pa.array(place.ravel()))
