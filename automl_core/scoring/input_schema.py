"""Inputs and answers of a model, as plain data for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from automl_core.records import to_plain
from automl_core.scoring.scorer import Scorer
from automl_core.types import Task


@dataclass(frozen=True)
class InputColumn:
    """A column that a table to be scored should have."""

    name: str
    kind: str  # number, boolean, datetime, string, text or list
    required: bool  # the model uses it; else it may be left out
    formats: tuple[str, ...] = ()  # of dates: how they are written besides ISO 8601
    missing: tuple[str, ...] = ()  # texts that count as no value, as an empty one does
    values: tuple[str, ...] = ()  # the usual ones, most frequent first, as far as they are kept


@dataclass(frozen=True)
class InputSchema:
    """The columns that a model reads, and what it predicts from them."""

    model: str
    task: Task
    target: str
    labels: tuple[str, ...]  # of a classification
    columns: tuple[InputColumn, ...]

    def plain(self) -> dict[str, Any]:
        """The same as JSON data."""
        found: dict[str, Any] = to_plain(self)
        return found


def input_schema(scorer: Scorer) -> InputSchema:
    """The schema of a loaded model."""
    predictor, used = scorer.predictor, {column.name for column in scorer.used}
    columns = []
    for column in predictor.columns:
        rule, known = column.parse, None
        if scorer.reference is not None:
            known = scorer.reference.column(column.name)
        columns.append(
            InputColumn(
                column.name,
                rule.kind,
                column.name in used,
                rule.formats,
                rule.missing,
                () if known is None else known.words,
            )
        )
    labels = predictor.target.names
    return InputSchema(
        predictor.name, predictor.task, predictor.target_name, labels, tuple(columns)
    )
