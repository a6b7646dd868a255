"""The members and the cost of a run's ensemble, in a few words. Draws nothing."""

from __future__ import annotations

from automl_core.ensemble import Limits
from automl_core.runs.record import RunState
from pages.components.shared.run_status import RunView
from pages.components.shared.text import count, percent, size

MOST_MEMBERS = Limits().most_members
ENSEMBLE_HELP = (
    "The weighted average of the trials that predict best together; solved again after every "
    f"trial that ends. It has at most {MOST_MEMBERS} fitted models, one a fold of each trial."
)


def describe_ensemble(view: RunView) -> str:
    """Members, speed and size of the ensemble as it is now, with the limits that were set."""
    solved, spec = view.state.ensemble, view.spec
    if solved is None:
        return "No ensemble yet" if view.active else "No ensemble"
    ms = f" (limit {spec.options.max_predict_ms:g})" if spec.options.max_predict_ms else ""
    mb = f" (limit {size(1e6 * spec.options.max_size_mb)})" if spec.options.max_size_mb else ""
    return (
        f"Ensemble: {count(len(solved.trials), 'trial')}, {solved.members} of at most "
        f"{MOST_MEMBERS} fitted models · {solved.predict_ms_per_row:.2g} ms a row{ms} · "
        f"{size(solved.size_bytes)}{mb}"
    )


def ensemble_share(state: RunState, trial: int) -> str:
    """` (42 % of the ensemble)`, or nothing where the trial is no part of it."""
    solved = state.ensemble
    if solved is None or trial not in solved.trials:
        return ""
    return f" ({percent(solved.weights[solved.trials.index(trial)])} of the ensemble)"
