"""Contents of a run in any format: its facts, its trials and their learning curves."""

from __future__ import annotations

from dataclasses import dataclass

from automl_core.metrics import METRICS
from automl_core.runs.record import (
    Curve,
    LeaderRow,
    RunFolder,
    RunReader,
    RunSpec,
    RunState,
    Trial,
    build_leaderboard,
    load_name,
)


@dataclass(frozen=True)
class TrialLog:
    """A run as it stands now."""

    name: str  # of the run, for people
    spec: RunSpec
    state: RunState
    board: tuple[LeaderRow, ...]

    @property
    def higher_is_better(self) -> bool:
        """The direction of the run's metric."""
        return METRICS[self.spec.metric].higher_is_better

    @property
    def trials(self) -> list[Trial]:
        """All trials by their number."""
        return [self.state.trials[number] for number in sorted(self.state.trials)]

    def wall(self, seconds: float) -> float:
        """Seconds since 1970 when the run's clock showed `seconds`."""
        return self.state.wall_started + seconds

    def ensemble_weights(self) -> dict[str, float]:
        """Weights in the ensemble by the name of the trial; none where there is no ensemble."""
        solved = self.state.ensemble
        if solved is None:
            return {}
        pairs = zip(solved.trials, solved.weights, strict=True)
        return {self.state.trials[n].name: w for n, w in pairs if n in self.state.trials}

    def facts(self) -> dict[str, str | float]:
        """Facts of the run, by name."""
        found: dict[str, str | float] = {
            "table": self.spec.table.name,
            "rows": self.spec.table.rows,
            "target": self.spec.target,
            "task": self.spec.task,
            "metric": self.spec.metric,
            "status": str(self.state.status),
        }
        if self.state.ensemble is not None:
            found["ensemble_score"] = self.state.ensemble.score
        end = self.state.finished
        if end is not None and end.test_score is not None:
            found["test_score"] = end.test_score
        return found


def read_trials(folder: RunFolder) -> TrialLog:
    """The run in the folder; RunError where it cannot be read."""
    reader = RunReader(folder)
    state = reader.refresh()
    name = load_name(folder.path) or folder.path.name
    return TrialLog(name, reader.spec, state, build_leaderboard(state, reader.spec.metric))


def first_curve(trial: Trial) -> Curve | None:
    """The learning curve of the trial's first fold; None where there is none."""
    return trial.curves[min(trial.curves)] if trial.curves else None


def trial_facts(trial: Trial) -> dict[str, str | float]:
    """Facts of the trial that are no settings, by name; what is not known is left out."""
    found: dict[str, str | float | None] = {
        "name": trial.name,
        "origin": str(trial.origin),
        "status": str(trial.status),
        "folds": trial.folds,
        "train_seconds": trial.train_seconds,
        "predict_ms_per_row": trial.predict_ms_per_row,
        "size_bytes": trial.size_bytes,
        "message": trial.message or None,
    }
    return {name: value for name, value in found.items() if value is not None}
