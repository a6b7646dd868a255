"""The rows of a model's charts, in words: why their score is not the leaderboard's."""

from __future__ import annotations

from pathlib import Path

from automl_core.runs.record import RunReader, build_leaderboard
from automl_core.words import score_text
from pages.components.models.model_charts import rows_words
from tests.finished_run import make_run


def test_a_score_on_more_rows_than_the_leaderboard_compares_is_said(workspace: Path) -> None:
    state = RunReader(make_run(workspace, "run-a")).refresh()
    trial = next(r for r in build_leaderboard(state, "roc_auc") if r.name == "lightgbm-1")
    for compared in (240, None):
        assert len(list(rows_words(trial, 240, compared))) == 1
    words = " ".join(rows_words(trial, 240, 60))
    assert f"on the leaderboard, {score_text(trial.score)}, is of the 60 of them" in words
