"""The model that a run ends with, within the limits that were set, and its notes about it.

Pure functions of a run's state and its specification.
"""

from __future__ import annotations

from automl_core.metrics import loss_of
from automl_core.runs.record.events import ENSEMBLE, Note
from automl_core.runs.record.leaderboard import best_model, best_trial
from automl_core.runs.record.spec import RunSpec
from automl_core.runs.record.state import RunState, Trial
from automl_core.types import Origin, Severity
from automl_core.words import size


def choose_final_model(spec: RunSpec, state: RunState) -> Trial | None:
    """The best model that keeps within the limits; the best of all where none does."""
    model = best_model(state, spec.metric)
    if model is None or within_limits(spec, model):
        return model
    return best_trial(state, spec.metric, lambda t: within_limits(spec, t)) or model


def within_limits(spec: RunSpec, model: Trial) -> bool:
    """The model is as small and as fast as was asked for."""
    return keeps_limits(spec, model.predict_ms_per_row or 0.0, model.size_bytes or 0)


def keeps_limits(spec: RunSpec, predict_ms_per_row: float, size_bytes: int) -> bool:
    """A model of this size and speed would be small and fast enough."""
    pairs = (
        (predict_ms_per_row, spec.options.max_predict_ms),
        (size_bytes, None if spec.options.max_size_mb is None else spec.options.max_size_mb * 1e6),
    )
    return all(most is None or value <= most for value, most in pairs)


def closing_remarks(spec: RunSpec, state: RunState, model: Trial) -> list[Note]:
    """Notes on a final model that breaks the limits, suffers from them, or is the constant."""
    best = best_trial(state, spec.metric)
    other = best is not None and best.origin != Origin.BASELINE and _better(spec, best, model)
    outside = best is not None and other and not within_limits(spec, best)
    rest = f"; without them it would be {_costs(best)}" if best is not None and outside else ""
    if not within_limits(spec, model):
        text = f"No model keeps within the limits, not even the baseline: it is {_costs(model)}."
        return [Note(Severity.WARNING, text)]
    if is_constant(state, model):
        if rest:
            text = f"No better model than the baseline keeps within the limits{rest}."
        else:
            text = "No model is better than the baseline on rows that it did not see."
        return [Note(Severity.WARNING, text)]
    if rest:
        return [Note(Severity.INFO, f"The limits made a weaker model the final one{rest}.")]
    return []


def refit_words(state: RunState, model: int, refitted: tuple[int, ...]) -> str:
    """A sentence on a final model whose trials were fitted on all rows; "" where none were."""
    if not refitted or state.started is None:
        return ""
    solved = state.ensemble if model == ENSEMBLE else None
    every = 1 if solved is None else len(solved.trials)
    what = "Refitted" if len(refitted) == every else f"{len(refitted)} of {every} members refitted"
    rows = f"{state.started.rows_train:,} rows"
    return f"{what} on all {rows}; the score on held-out rows is from before that."


def is_constant(state: RunState, model: Trial) -> bool:
    """The model is the baseline, by itself or as the only part of the ensemble."""
    numbers: tuple[int, ...] = (model.number,)
    if model.number not in state.trials and state.ensemble is not None:
        numbers = state.ensemble.trials
    return all(state.trials[n].origin == Origin.BASELINE for n in numbers)


def _better(spec: RunSpec, a: Trial, b: Trial) -> bool:
    if a.score is None or b.score is None:
        return b.score is None
    return loss_of(spec.metric, a.score) < loss_of(spec.metric, b.score)


def _costs(model: Trial) -> str:
    ms = model.predict_ms_per_row or 0.0
    return f"{model.name} with {ms:.2g} ms a row and {size(model.size_bytes or 0)}"
