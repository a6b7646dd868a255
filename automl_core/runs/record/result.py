"""The result of a run in one record: its model, its score and what that is worth.

The page, the command line and Python programs say the same, as all take it from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

from automl_core.evaluation import Measured, Verdict, judge
from automl_core.runs.record.leaderboard import baseline_score, best_model
from automl_core.runs.record.spec import RunSpec
from automl_core.runs.record.state import RunState, Trial
from automl_core.words import score_text


@dataclass(frozen=True, eq=False)
class RunResult:
    """What a run has to show for its time, by its best model."""

    model: Trial  # the run's model, or what leads so far
    measured: Measured | None  # on the test rows; where they have no score, on held-out rows
    rows: int  # that it was measured on; 0: not known
    on_test: bool
    baseline: float  # its score on the same rows; NaN where there is none
    verdict: Verdict | None  # None where there is no score, or no baseline to compare with

    @property
    def number(self) -> str:
        """The score."""
        return score_text(None if self.measured is None else self.measured.score)

    @property
    def interval(self) -> str:
        """`0.6914 to 0.7860`, with the score's digits; "" where there is none."""
        measured = self.measured
        if measured is None or measured.low is None or measured.high is None:
            return ""
        return f"{score_text(measured.low)} to {score_text(measured.high)}"

    @property
    def place(self) -> str:
        """`1,000 test rows that no model saw`, or `8,000 rows held out of training`."""
        if self.on_test:
            return f"{self.rows:,} test rows that no model saw"
        return f"{self.rows:,} rows held out of training" if self.rows else "held-out rows"


def result_of(spec: RunSpec, state: RunState, model: Trial | None = None) -> RunResult | None:
    """The result of a model, by default of the run's own; None as long as there is none."""
    model, started, end = model or best_model(state, spec.metric), state.started, state.finished
    if model is None or started is None:
        return None
    # that of a constant; fitted on folds, it differs a little from what guessing does
    baseline = 0.5 if spec.metric == "roc_auc" else baseline_score(state)
    if end is not None and end.test_score is not None and end.best == model.number:
        measured = Measured(end.test_score, end.test_low, end.test_high)
        if end.test_baseline is not None:
            baseline = end.test_baseline
        return _result(spec, model, measured, baseline, (started.rows_test, True))
    held_out = None if model.score is None else Measured(model.score)
    if held_out is not None and end is not None and end.best == model.number:
        held_out = Measured(held_out.score, end.valid_low, end.valid_high)
    rows = started.rows_valid
    if rows is None and started.folds > 1:  # 0.5.0: with folds each row validates once
        rows = started.rows_train
    return _result(spec, model, held_out, baseline, (rows or 0, False))


def _result(
    spec: RunSpec,
    model: Trial,
    measured: Measured | None,
    baseline: float | None,
    where: tuple[int, bool],
) -> RunResult:
    verdict = None
    if measured is not None and baseline is not None:
        verdict = judge(spec.metric, measured, baseline)
    return RunResult(model, measured, *where, nan if baseline is None else baseline, verdict)
