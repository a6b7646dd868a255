"""The words of the leaderboard: its rule, the status of a row, why the winner is not first."""

from __future__ import annotations

from collections.abc import Sequence

from automl_core.metrics import METRICS
from automl_core.runs.record.events import ENSEMBLE
from automl_core.runs.record.final_model import within_limits
from automl_core.runs.record.leaderboard import LeaderRow, count_models
from automl_core.runs.record.spec import RunSpec
from automl_core.runs.record.state import RunState
from automl_core.words import score_text

NO_RANK = "Trials that were scored on some of the folds have no rank: their rows may be easier."


def ranking_words(spec: RunSpec, state: RunState, rows: Sequence[LeaderRow]) -> str:
    """The rule of the order, and why a row stands above the run's model where one does."""
    metric = METRICS[spec.metric]
    direction = "highest" if metric.higher_is_better else "lowest"
    words = [f"In the order of {metric.title} on held-out rows, the {direction} first."]
    if any(row.usable and row.rank is None for row in rows):
        words.append(NO_RANK)
    started = state.started
    if started is not None and started.parts is not None and started.parts > started.folds:
        first = "first" if started.folds == 1 else f"first {started.folds}"
        words.append(
            f"All are compared on the {first} of {started.parts} parts of the rows; those that "
            "lead are trained on further parts, and the ensemble is chosen on the rows of all "
            "parts that its members have."
        )
    best = next((row for row in rows if row.best), None)
    above = next((row for row in rows if row.rank == 1), None)
    if best is not None and above is not None and best.rank not in (None, 1):
        fits = within_limits(spec, state.models[above.trial])
        members = () if state.ensemble is None else state.ensemble.trials
        if best.trial == ENSEMBLE and members == (above.trial,):
            words.append(
                f"The ensemble is {above.name} alone: its score is cross-validated, that of "
                f"{above.name} is the best of {count_models(rows)}, which flatters it."
            )
        else:
            words.append(_why_not_first(best, above, fits, count_models(rows)))
    return " ".join(words)


def status_words(row: LeaderRow, is_over: bool = True) -> str:
    """A row's status for people: "Recommended", "Finished", "Stopped, 2 of 5 folds".

    Of a trial that leads "3 of 5 parts", or "Part 4 of 5" while it is trained on that one.
    """
    if row.best and (row.gain is None or row.gain > 0):
        return "Recommended" if is_over else "Leading"
    if row.family == "constant" and row.usable:
        return "Baseline"
    words = row.status.capitalize()
    if not row.usable or not row.message or row.trial == ENSEMBLE:
        return words  # its message is not of folds
    return row.message.capitalize() if row.rank is not None else f"{words}, {row.message}"


def _why_not_first(best: LeaderRow, above: LeaderRow, fits: bool, models: int) -> str:
    """Why the model above the run's own is not the run's; `fits`: it keeps within the limits."""
    if not fits:
        return f"{above.name} scores better, but is larger or slower than the limits allow."
    if best.trial != ENSEMBLE:
        return f"{above.name} ended after {best.name} was chosen."
    return (
        f"{above.name} shows the better score ({score_text(above.score)} against "
        f"{score_text(best.score)}), but was picked by it out of {models} models, which flatters "
        "it; the ensemble's score is cross-validated. Measured alike, the two differ by no more "
        "than chance may, and an average is the safer choice."
    )
