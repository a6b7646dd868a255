"""The model that a report is about, with what its sections read of the run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import AutoMLError, RunError, TableError, did_you_mean
from automl_core.export import SCHEMA_FILE, AnswerRecord, SchemaRecord, read_record
from automl_core.runs import answer_of, take_snapshot
from automl_core.runs.record import (
    LeaderRow,
    OutOfFold,
    RunFolder,
    RunResult,
    RunSpec,
    RunState,
    StoredExplanation,
    best_model,
    build_leaderboard,
    load_explanation,
    result_of,
)
from automl_core.table import Schema, open_table
from automl_core.words import count


@dataclass(frozen=True, eq=False)
class Subject:
    """A model of a run as it is now."""

    folder: RunFolder
    spec: RunSpec
    state: RunState
    rows: tuple[LeaderRow, ...]  # the leaderboard
    row: LeaderRow  # the model's
    root: Path  # of the workspace with the table

    @cached_property
    def result(self) -> RunResult:
        """Its score and the verdict on it."""
        result = result_of(self.spec, self.state, self.state.models[self.row.trial])
        assert result is not None  # it is one of the models
        return result

    @cached_property
    def schema(self) -> Schema:
        """The columns of the table."""
        return self.folder.schema()

    @cached_property
    def unseen(self) -> OutOfFold | None:
        """Its predictions for unseen rows; None where they are lost, or of no row."""
        try:
            found = self.folder.out_of_fold(self.row.trial)
        except AutoMLError:
            return None
        return found if len(found.rows) else None

    @cached_property
    def explained(self) -> StoredExplanation | None:
        """Its stored explanation; None where there is none, or it is damaged."""
        try:
            return load_explanation(self.folder, self.row.trial)
        except RunError:
            return None

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The classes, in the order of the probabilities; () of a regression."""
        if self.spec.task == "regression":
            return ()
        files = self.folder.model_files(self.row.trial)
        return read_record(SchemaRecord, files, SCHEMA_FILE).target.names

    @cached_property
    def answer(self) -> AnswerRecord:
        """Its threshold or intervals."""
        return answer_of(self.folder, self.row.trial)

    @property
    def source(self) -> str:
        """The source of numbers on unseen rows, in words."""
        rows = 0 if self.unseen is None else len(self.unseen.rows)
        return f"Out-of-fold predictions of {self.row.name}, {count(rows, 'row')}."

    def decided(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities (n, classes) in which the class that is answered is the most probable."""
        threshold = self.answer.threshold
        if threshold is None or threshold.label not in self.labels:
            return probability
        named = self.labels.index(threshold.label)
        chosen = np.where(probability[:, named] > threshold.above, named, 1 - named)
        return np.eye(2)[chosen]

    def has_table(self) -> bool:
        """True where the table that it was trained on is still there."""
        try:
            open_table(self.spec.table.hash, self.root)
        except TableError:
            return False
        return True


def subject_of(folder: RunFolder, root: Path, model: str | None = None) -> Subject:
    """The model of this name, the run's own where none is given; RunError where there is none."""
    taken = take_snapshot(folder.path)
    rows = build_leaderboard(taken.state, taken.spec.metric)
    usable = [row.name for row in rows if row.usable]
    best = best_model(taken.state, taken.spec.metric)
    wanted = model or (best.name if best is not None else "")
    row = next((row for row in rows if row.usable and row.name == wanted), None)
    if row is None and model:
        raise RunError(f"The run has no model {model!r}.", did_you_mean(model, usable))
    if row is None:
        raise RunError("The run has no model to report on yet.", "Wait for it, or train longer.")
    return Subject(taken.folder, taken.spec, taken.state, rows, row, root)
