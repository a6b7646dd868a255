"""A run's ensemble is the same, whichever trial a worker finished first."""

from __future__ import annotations

import numpy as np

from automl_core import metrics
from automl_core.runs.coordinator.live_ensemble import LiveEnsemble
from automl_core.runs.record import Budget, EnsembleSolved
from automl_core.runs.record.folder import OutOfFold
from automl_core.runs.record.state import RunState, Trial
from automl_core.runs.schedule import TimeBudget
from automl_core.types import Origin, TrialStatus
from tests import fake_run
from tests.options import changed

NO_CLOCK = TimeBudget(None, 1, 0.0)


def _solve(order: list[int]) -> object:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 200)
    ensemble = LiveEnsemble(changed(fake_run.spec(), budget=Budget(trials=9)), RunState(), NO_CLOCK)
    for number in order:
        noise = np.random.default_rng(number // 2).normal(size=200)  # pairs are equal
        p = 1.0 / (1.0 + np.exp(-(2.0 * y - 1.0 + noise)))
        trial = Trial(
            number,
            f"mlp-{number}",
            "mlp",
            {},
            Origin.SEARCH,
            0.0,
            TrialStatus.FINISHED,
            0.8,
            folds=5,
        )
        ensemble.take(trial, OutOfFold(np.arange(200), y, np.stack([1 - p, p], axis=1)))
    return ensemble.solve(True, lambda: False)


def test_the_order_in_which_trials_end_does_not_matter() -> None:
    solved = _solve([1, 2, 3, 4, 5, 6])
    assert solved is not None
    assert solved == _solve([6, 5, 4, 3, 2, 1]) == _solve([3, 2, 6, 1, 5, 4])


def test_an_average_that_is_worse_than_the_constant_gives_way_to_it() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 200)
    spec = changed(fake_run.spec(), metric="roc_auc", budget=Budget(trials=9))
    ensemble = LiveEnsemble(spec, RunState(), NO_CLOCK)
    wrong = 0.5 + 0.1 * rng.normal(size=200) - 0.1 * y
    for number, p, score in ((0, np.full(200, 0.5), 0.5), (1, np.clip(wrong, 0, 1), 0.3)):
        family, origin = ("constant", Origin.BASELINE) if number == 0 else ("mlp", Origin.PORTFOLIO)
        trial = Trial(number, family, family, {}, origin, 0.0, TrialStatus.FINISHED, score, folds=5)
        ensemble.take(trial, OutOfFold(np.arange(200), y, np.stack([1 - p, p], axis=1)))
    solved = ensemble.solve(True, lambda: False)
    assert solved is not None
    assert solved.trials == (0,)


def _trial_of(rows: int, number: int, noise: float, y: np.ndarray, score: float) -> tuple:
    """A trial that has predicted the first rows of `y`, with so much noise."""
    logit = 2.0 * y[:rows] - 1.0 + noise * np.random.default_rng(number).normal(size=rows)
    p = 1.0 / (1.0 + np.exp(-logit))
    trial = Trial(
        number, f"mlp-{number}", "mlp", {}, Origin.SEARCH, 0.0, TrialStatus.FINISHED, score, folds=1
    )
    return trial, OutOfFold(np.arange(rows), y[:rows], np.stack([1 - p, p], axis=1))


def _solved_with(noise_of_late: float) -> EnsembleSolved:
    y = np.random.default_rng(0).integers(0, 2, 2_000)
    spec = changed(fake_run.spec(), metric="log_loss", budget=Budget(trials=9))
    ensemble = LiveEnsemble(spec, RunState(), NO_CLOCK)
    for number in (1, 2, 3):  # ahead: they have predicted all rows
        ensemble.take(*_trial_of(2_000, number, 1.0, y, 0.4))
    ensemble.take(*_trial_of(400, 4, noise_of_late, y, 0.4))
    solved = ensemble.solve(True, lambda: False)
    assert solved is not None
    return solved


def test_weights_are_chosen_among_models_that_have_predicted_more_rows() -> None:
    assert 4 not in _solved_with(1.0).trials  # as good as the others, on few rows


def test_a_model_that_is_clearly_better_is_not_left_out_for_its_few_rows() -> None:
    assert 4 in _solved_with(0.1).trials


def _are_close(noises: list[float], first: int) -> bool:
    y = np.random.default_rng(0).integers(0, 2, 500)
    spec = changed(fake_run.spec(), metric="log_loss", budget=Budget(trials=9))
    ensemble = LiveEnsemble(spec, RunState(), NO_CLOCK)
    for number, noise in enumerate(noises, start=first):
        trial, oof = _trial_of(500, number, noise, y, 0.0)
        trial.score = metrics.score("log_loss", oof.y, oof.prediction)
        ensemble.take(trial, oof)
    ensemble.solve(True, lambda: False)
    return ensemble.leaders_are_close


def test_it_is_known_whether_the_leading_models_differ() -> None:
    starts = range(10, 130, 10)
    assert sum(_are_close([1.0] * 6, first) for first in starts) >= 8  # equal, but for luck
    assert not any(_are_close([0.1, *[3.0] * 5], first) for first in starts)
