"""The trackers of a run: each remembers one kind of task, from its request to its result.

The message handler fills them; the phases ask them what to do next. None of them talks to
workers or writes the log.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from automl_core.runs.coordinator.column_selection import ColumnSelection
from automl_core.runs.coordinator.context import RunContext
from automl_core.runs.coordinator.final_score import FinalScorer
from automl_core.runs.coordinator.further_folds import FurtherFolds
from automl_core.runs.coordinator.importance import ImportanceScheduler
from automl_core.runs.coordinator.kept_trainings import KeptTrainings
from automl_core.runs.coordinator.live_ensemble import LiveEnsemble
from automl_core.runs.coordinator.refit_plan import RefitPlanner
from automl_core.runs.coordinator.trial_tracker import TrialTracker
from automl_core.runs.schedule import FoldRace


@dataclass(frozen=True, eq=False)
class Trackers:
    """One tracker for each kind of task."""

    trials: TrialTracker
    further: FurtherFolds
    race: FoldRace
    importance: ImportanceScheduler
    ensemble: LiveEnsemble
    columns: ColumnSelection
    refits: RefitPlanner
    final_score: FinalScorer
    kept: KeptTrainings
    fit_seconds: dict[str, float] = field(default_factory=dict)  # of a fit by family, as probed
    gains: dict[str, float] = field(
        default_factory=dict
    )  # of training as one, by family, as probed


def make_trackers(context: RunContext) -> Trackers:
    """Trackers that know nothing yet of tasks that have ended."""
    spec, state, data = context.spec, context.state, context.data
    return Trackers(
        trials=TrialTracker(spec, state, data.folds, data.truth, data.first),
        further=FurtherFolds(context),
        race=FoldRace(state, spec.metric, data.first, data.folds.k),
        importance=ImportanceScheduler(data.link, context.budget),
        ensemble=LiveEnsemble(spec, state, context.budget),
        columns=ColumnSelection(spec, data, context.budget),
        refits=RefitPlanner(spec, state, data.folds, data.first),
        final_score=FinalScorer(data, spec.metric),
        kept=KeptTrainings(context.folder),
    )
