"""A run's trials as an Optuna study in a SQLite file, which optuna-dashboard opens."""

from __future__ import annotations

import math
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from automl_core.errors import SpecError
from automl_core.models import CATALOG, Choice, Range, model_spec
from automl_core.runs.exchange.trial_log import TrialLog, first_curve, trial_facts
from automl_core.runs.record import Trial
from automl_core.search import distribution, is_inside
from automl_core.types import Files, TrialStatus

FILE = "study.db"

MOST_POINTS = 20
"""Of a trial's curve, at most: Optuna takes milliseconds for each."""


def write(log: TrialLog) -> Files:
    """`study.db`, with one study of the run's name.

    A trial's parameters are its family, and those settings that lie in the family's space, named
    `family.setting`; all settings are in its attribute `config`. Its intermediate values are
    scores of its first fold, by epoch.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    directions = optuna.study.StudyDirection
    direction = directions.MAXIMIZE if log.higher_is_better else directions.MINIMIZE
    families = list(dict.fromkeys([c.name for c in CATALOG] + [t.family for t in log.trials]))
    with tempfile.TemporaryDirectory(prefix="torchlight-") as folder:
        path = Path(folder) / FILE
        storage = optuna.storages.RDBStorage(f"sqlite:///{path.as_posix()}")
        study = optuna.create_study(storage=storage, study_name=log.name, direction=direction)
        for name, value in log.facts().items():
            study.set_user_attr(name, value)
        study.set_user_attr("ensemble", log.ensemble_weights())
        study.add_trials([_frozen(log, trial, families) for trial in log.trials])
        storage.remove_session()
        storage.engine.dispose()  # Windows deletes no file that is open
        return {FILE: path.read_bytes()}


def _frozen(log: TrialLog, trial: Trial, families: list[str]) -> Any:
    """The trial as Optuna keeps one."""
    import optuna
    from optuna.trial import TrialState

    states = {
        TrialStatus.RUNNING: TrialState.RUNNING,
        TrialStatus.FINISHED: TrialState.COMPLETE,
        TrialStatus.PRUNED: TrialState.PRUNED,
        TrialStatus.STOPPED: TrialState.PRUNED,
        TrialStatus.DROPPED: TrialState.PRUNED,
        TrialStatus.FAILED: TrialState.FAIL,
    }
    state = states[trial.status]
    if state == TrialState.COMPLETE and trial.score is None:
        state = TrialState.PRUNED
    parameters: dict[str, Any] = {"family": trial.family}
    kinds: dict[str, Any] = {"family": optuna.distributions.CategoricalDistribution(families)}
    for setting in _space(trial.family):
        value = trial.config.get(setting.name)
        if value is not None and is_inside(setting, value):
            parameters[f"{trial.family}.{setting.name}"] = value
            kinds[f"{trial.family}.{setting.name}"] = distribution(setting)
    ended = None if state == TrialState.RUNNING else trial.ended or trial.started
    return optuna.trial.FrozenTrial(
        trial.number,
        state,
        None if state == TrialState.FAIL else trial.score,
        datetime.fromtimestamp(log.wall(trial.started)),
        None if ended is None else datetime.fromtimestamp(log.wall(ended)),
        parameters,
        kinds,
        trial_facts(trial) | {"config": trial.config},
        {},
        scores_by_epoch(trial),
        trial.number,
    )


def _space(family: str) -> tuple[Range | Choice, ...]:
    """The settings that the search varies; none of a family that is not known any more."""
    try:
        return model_spec(family).space
    except SpecError:
        return ()


def scores_by_epoch(trial: Trial) -> dict[int, float]:
    """The scores of the first fold, evenly spaced where there are many; the last always."""
    curve = first_curve(trial)
    if curve is None:
        return {}
    pairs = zip(curve.epoch, curve.valid_score, strict=True)
    known = [(epoch, score) for epoch, score in pairs if score is not None]
    step = math.ceil(len(known) / MOST_POINTS) or 1
    return dict(known[::-1][::step][::-1])
