"""The model that a run ends with: within the limits where it can be, and said where not."""

from __future__ import annotations

from dataclasses import replace

from automl_core.runs.record import RunSpec
from automl_core.runs.record import events as e
from automl_core.runs.record.final_model import choose_final_model, closing_remarks
from automl_core.runs.record.state import RunState
from automl_core.types import Origin, TrialStatus
from tests import fake_run
from tests.options import changed

SIZES = {"constant": 100, "linear": 20_000, "mlp": 900_000}


def _state(scores: dict[str, float], status: TrialStatus = TrialStatus.FINISHED) -> RunState:
    state = RunState()
    state.apply(e.RunStarted(20.0, None, 5, 800, 0, 0, 1), 0.0, 0.0)
    for number, (family, score) in enumerate(scores.items()):
        origin = Origin.BASELINE if number == 0 else Origin.PORTFOLIO
        state.apply(e.TrialStarted(number, family, family, {}, origin), 1.0, 0.0)
        ended = TrialStatus.FINISHED if number == 0 else status
        finished = e.TrialFinished(number, ended, score, 2.0, 0.01, SIZES[family], 5)
        state.apply(finished, 2.0, 0.0)
    return state


def _end(spec: RunSpec, state: RunState) -> tuple[str, str]:
    model = choose_final_model(spec, state)
    assert model is not None
    return model.name, " ".join(n.message for n in closing_remarks(spec, state, model))


SPEC = replace(fake_run.spec(), metric="roc_auc")
SCORES = {"constant": 0.5, "linear": 0.7, "mlp": 0.9}


def test_without_limits_the_best_is_final_and_nothing_is_said() -> None:
    assert _end(SPEC, _state(SCORES)) == ("mlp", "")


def test_a_trial_within_the_limits_comes_before_a_better_one_outside() -> None:
    name, words = _end(changed(SPEC, max_size_mb=0.05), _state(SCORES, TrialStatus.STOPPED))
    assert name == "linear"
    assert "without them it would be mlp" in words and "900 kB" in words


def test_where_only_the_constant_is_small_enough_the_run_says_so() -> None:
    name, words = _end(changed(SPEC, max_size_mb=0.001), _state(SCORES))
    assert name == "constant"
    assert "baseline keeps within the limits" in words


def test_where_nothing_keeps_within_the_limits_the_best_is_final_and_the_run_says_so() -> None:
    name, words = _end(changed(SPEC, max_predict_ms=0.001), _state(SCORES))
    assert name == "mlp"
    assert "not even the baseline" in words


def test_a_constant_that_nothing_beats_is_named() -> None:
    state = _state({"constant": 0.5, "linear": 0.48})
    state.apply(e.EnsembleSolved(0.5, (0,), (1.0,), 1.0, 5, 0.01, 100), 3.0, 0.0)
    name, words = _end(SPEC, state)
    assert name == "ensemble"
    assert words == "No model is better than the baseline on rows that it did not see."
