"""Lessons of a student: generated rows lie between near rows, and both kinds take turns."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from unittest.mock import Mock

import numpy as np
import pytest

from automl_core.errors import ModelError
from automl_core.features import Feature
from automl_core.runs.worker import lessons
from automl_core.runs.worker import teacher as worker_teacher
from automl_core.runs.worker.lessons import generated_rows, make_lessons, near_rows
from automl_core.runs.worker.teacher import quick_teacher
from automl_core.runs.worker.time_limit import TimeLimit
from automl_core.table import TypedTable
from automl_core.table.parsing import parse_table
from automl_core.types import StopReason
from tests import small

ROWS = 90


class _Never:
    """A connection over which nobody cancels."""

    def cancelled(self) -> StopReason | None:
        return None


class _Counted(TimeLimit):
    """A clock of which each look takes a tenth of the time."""

    def __init__(self) -> None:
        super().__init__(0.0, None, _Never())  # type: ignore[arg-type]
        self._looks: Iterator[int] = count()

    def elapsed(self) -> float:
        return next(self._looks) / 10


def _typed() -> TypedTable:
    return parse_table(small.table(ROWS), small.predictor("binary", "lightgbm").columns)


def _cells(typed: TypedTable) -> np.ndarray:
    """A row of numbers for each row of the table."""
    cells = [c.codes if c.numbers is None else c.numbers for c in typed.columns.values()]
    return np.stack([np.nan_to_num(np.asarray(c, float), nan=-9.0) for c in cells], axis=1)


def test_a_generated_row_has_cells_of_one_row_and_of_one_that_is_near_it() -> None:
    typed, near = _typed(), (np.arange(ROWS)[:, None] + [1, 2]) % ROWS
    made, source = _cells(generated_rows(typed, near, 300, np.random.default_rng(0))), _cells(typed)
    pairs = [(i, j) for i in range(ROWS) for j in near[i]]
    mixed = 0
    for row in made:
        same = [(row == source[i]) | (row == source[j]) for i, j in pairs]
        assert any(one.all() for one in same)
        mixed += not (row == source).all(axis=1).any()
    assert mixed > 200  # rows that the table lacks


def test_near_rows_are_the_nearest_and_no_copies() -> None:
    rng = np.random.default_rng(0)
    group = np.arange(200) % 4
    x = rng.normal(0, 0.1, (200, 3)) + 2.0 * (group[:, None] == [1, 2, 3])
    x = np.column_stack([x, np.arange(200) % 8 // 4]).astype(np.float32)
    x[100:104], group[100:104] = x[0], 0  # copies
    features = (*(Feature(f"x{i}", f"x{i}", "number") for i in range(3)),
                Feature("c", "c", "code", 2))  # fmt: skip
    near = near_rows(x, features, rng)
    assert near.shape == (200, lessons.NEIGHBOURS)
    others = np.setdiff1d(np.arange(200), range(100, 104))
    assert (group[near[others]] == group[others, None]).all()
    assert (x[near[others], 3] == x[others, None][:, :, 3]).all()
    assert not np.isin(near[0], [0, 100, 101, 102, 103]).any()


@pytest.mark.parametrize("most", [40, 2 * ROWS, 10_000])
def test_real_rows_come_first_and_the_teacher_answers_all(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lessons, "BATCH", 25)
    teacher, typed = small.predictor("multiclass", "lightgbm"), _typed()
    near = np.arange(ROWS)[::-1, None]
    limit = TimeLimit(0.0, None, _Never())  # type: ignore[arg-type]
    found = make_lessons(teacher.predict, typed, near, most, limit, np.random.default_rng(0))
    made = min(most - len(found.real), lessons.GENERATED * ROWS)
    assert len(found.real) == min(ROWS, most // 2) and found.generated.rows == made
    assert np.array_equal(found.answers[: len(found.real)], teacher.predict(typed.take(found.real)))
    assert np.array_equal(found.answers[len(found.real) :], teacher.predict(found.generated))


def test_where_time_is_short_there_are_lessons_of_both_kinds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lessons, "BATCH", 10)
    teacher, near = small.predictor("regression", "lightgbm"), np.arange(ROWS)[::-1, None]
    found = make_lessons(teacher.predict, _typed(), near, 180, _Counted(), np.random.default_rng(0))
    assert (len(found.real), found.generated.rows) == (30, 20)  # before a look said 0.4


def test_a_quick_teacher_says_the_same_or_is_the_model_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, typed = small.predictor("multiclass", "lightgbm"), _typed()
    quick = quick_teacher(model, typed)
    assert quick != model.predict
    np.testing.assert_allclose(quick(typed), model.predict(typed), atol=1e-12)
    for said in (model.predict(typed) + 1e-6, ModelError("It has no such form.")):
        session = Mock(**{"predict.side_effect": [said]})
        monkeypatch.setattr(worker_teacher, "rounded_session", lambda *_, s=session: s)
        assert quick_teacher(model, typed) == model.predict
