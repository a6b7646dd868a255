"""The firmness of the order of a run's models."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from automl_core.runs.model_ranks import first_of_run, ranks_by_fold, ranks_by_seed
from automl_core.runs.record import RunReader, Trial, build_leaderboard
from automl_core.types import Origin, TrialStatus
from tests.finished_run import make_run


def test_the_first_place_is_that_of_the_leaderboard(workspace: Path) -> None:
    folder = make_run(workspace, "run")
    state, spec = RunReader(folder).refresh(), folder.spec()
    rows = build_leaderboard(state, spec.metric)
    found = first_of_run(folder, rows, spec.metric)
    ranked = [row.name for row in rows if row.rank is not None and row.family != "constant"]
    assert found is not None and [m.name for m in found.models] == ranked
    assert abs(sum(m.first for m in found.models) - 1) < 1e-9
    folds = ranks_by_fold(state, rows, spec.metric)
    assert folds is not None and folds.folds == (0, 1) and folds.noun == "fold"
    (folder.path / "trials" / "1" / "oof.npz").unlink()
    assert first_of_run(folder, rows, spec.metric) is None  # the ensemble lacks a part, too


def copies(scores: dict[str, list[float]], status: TrialStatus) -> dict[int, Trial]:
    found: dict[int, Trial] = {}
    for family, of in scores.items():
        for score in of:
            number = len(found)
            found[number] = Trial(
                number, f"{family}-{number}", family, {"depth": 3}, Origin.REPEAT, 0.0, status,
                score,
            )  # fmt: skip
    return found


def test_trainings_with_other_seeds_are_ranked(workspace: Path) -> None:
    state = RunReader(make_run(workspace, "run")).refresh()
    assert ranks_by_seed(state, "roc_auc") is None  # no configuration was trained twice
    scores = {"lightgbm": [0.9, 0.8, 0.85], "mlp": [0.8, 0.9, 0.8], "linear": [0.7]}
    made = replace(state, trials=copies(scores, TrialStatus.FINISHED))
    found = ranks_by_seed(made, "roc_auc")
    assert found is not None and found.noun == "training"
    assert [m.name for m in found.models] == ["lightgbm-0", "mlp-3"]
    assert found.models[0].ranks == (1, 2, 1) and "2 of 3 trainings" in found.sentence
    cut = replace(state, trials=copies(scores, TrialStatus.PRUNED))
    assert ranks_by_seed(cut, "roc_auc") is None
    assert np.isfinite(found.concordance)
