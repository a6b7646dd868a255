"""The result that a run has to show: on which rows, and how many."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from automl_core.runs.record.result import result_of
from tests import fake_run


@pytest.mark.parametrize(
    ("folds", "valid", "place"),
    [
        (1, 359, "359 rows held out of training"),  # a holdout
        (1, None, "held-out rows"),  # of version 0.5.0, which did not say how many
        (5, None, "1,000 rows held out of training"),  # with folds each row validates once
    ],
)
def test_rows_that_validate_are_counted(folds: int, valid: int | None, place: str) -> None:
    state = fake_run.run_state()
    assert state.started is not None and state.finished is not None
    changes = {"folds": folds, "rows_valid": valid, "rows_train": 1000}
    state.started = structs.replace(state.started, **changes)
    state.finished = structs.replace(state.finished, test_score=None)
    result = result_of(replace(fake_run.spec(), metric="roc_auc"), state)
    assert result is not None and not result.on_test
    assert result.place == place
