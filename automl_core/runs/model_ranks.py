"""Firmness of the order of a run's models: over its folds, over trainings with other seeds, over
rows drawn anew.
"""

from __future__ import annotations

from collections.abc import Sequence

from automl_core.evaluation import FirstPlace, Ranked, RankStability, first_place, rank_stability
from automl_core.runs.record import ENSEMBLE, LeaderRow, RunFolder, RunState, Trial
from automl_core.runs.shared_rows import shared_rows
from automl_core.types import TrialStatus

MOST_ROWS = 20_000  # that are drawn anew
MOST_MODELS = 12


def ranks_by_fold(state: RunState, rows: Sequence[LeaderRow], metric: str) -> RankStability | None:
    """The ranks of the ranked trials in the folds of the first partition; None: too few."""
    ranked = {row.trial for row in rows if row.rank is not None and row.trial != ENSEMBLE}
    trials = [state.trials[number] for number in sorted(ranked & state.trials.keys())]
    scores = {t.name: t.fold_scores for t in trials if t.usable and t.repeat == 0}
    return rank_stability(metric, scores)


def ranks_by_seed(state: RunState, metric: str) -> RankStability | None:
    """The ranks of configurations that were trained again, with other seeds or other folds.

    None where no two configurations were trained twice at least.
    """
    scores: dict[str, dict[int, float | None]] = {}
    for copies in _copies(state):
        if len(copies) > 1:
            scores[copies[0].name] = {i: trial.score for i, trial in enumerate(copies)}
    return rank_stability(metric, scores, "training")


def _copies(state: RunState) -> list[list[Trial]]:
    """Finished trials of one family and configuration together, in the order of their numbers."""
    found: list[list[Trial]] = []
    for number in sorted(state.trials):
        trial = state.trials[number]
        if not trial.usable or trial.status != TrialStatus.FINISHED:
            continue
        same = next((c for c in found if _alike(c[0], trial)), None)
        if same is None:
            found.append([trial])
        else:
            same.append(trial)
    return found


def _alike(a: Trial, b: Trial) -> bool:
    return (a.family, a.config, a.selected, a.sentences) == (
        b.family, b.config, b.selected, b.sentences,
    )  # fmt: skip


def first_of_run(folder: RunFolder, rows: Sequence[LeaderRow], metric: str) -> FirstPlace | None:
    """How often each of the best models of the run is first on rows drawn anew.

    None where fewer than two of them have predicted the same rows, or these are too few.
    """
    ranked = [row for row in rows if row.rank is not None and row.family != "constant"]
    of = {row.trial: row for row in ranked[:MOST_MODELS]}
    shared = shared_rows(folder, tuple(of), MOST_ROWS)
    if shared is None:
        return None
    models = [
        Ranked(of[number].name, score, prediction)
        for number, prediction in shared.predictions.items()
        if (score := of[number].score) is not None
    ]
    return first_place(metric, shared.y, models, shared.weight)
