"""Scores the test rows of a run that has ended without, as there was no time for it.

The prediction is made in a worker; the score goes to the end of the run's log, where every page
and command finds it.
"""

from __future__ import annotations

import logging
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import AutoMLError, ModelError, RunError
from automl_core.runs.executor import ExecutorClosedError, PredictionService, ScoreTask
from automl_core.runs.record import (
    HeldOutScore,
    RunFinished,
    RunFolder,
    RunReader,
    RunState,
    ScoredLate,
    append_event,
    held,
    load_outcome,
    save_outcome,
)
from automl_core.runs.setup import RunData, prepare_run_data, score_test_rows

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class _Asked:
    """A run whose test rows are being predicted."""

    folder: RunFolder
    metric: str
    data: RunData
    end: RunFinished  # whose model predicts

    def record(self, prediction: NDArray[np.float64]) -> HeldOutScore:
        """Write the score of the prediction into the run's folder, and return it."""
        score, words = score_test_rows(self.data, self.metric, prediction)
        if score.score is None:
            raise ModelError(words)
        with held(self.folder.path, "Another process writes into this run now."):
            state = RunReader(self.folder).refresh()
            if state.finished != self.end:  # scored by another process, or it goes on
                return score
            if (outcome := load_outcome(self.folder)) is not None:
                save_outcome(self.folder, replace(outcome, test=score))
            event = ScoredLate(score.score, score.low, score.high, score.baseline)
            append_event(self.folder.log_path, event, state.clock)
        return score


def lacks_test_score(state: RunState) -> bool:
    """True for a run that has ended with a model and has test rows, which nobody scored."""
    end, started = state.finished, state.started
    return (
        end is not None
        and end.best is not None
        and end.test_score is None
        and started is not None
        and started.rows_test > 0
    )


def score_late(folder: RunFolder, root: Path, service: PredictionService) -> Future[HeldOutScore]:
    """Score the test rows of an ended run with its final model; the log has the score then.

    The future raises ModelError where they have no score. Raises RunError where there is nothing
    to score, TableError where the table is gone.
    """
    state = RunReader(folder).refresh()
    end = state.finished
    if not lacks_test_score(state) or end is None or end.best is None:
        raise RunError(*_nothing_to_score(state))
    spec = folder.spec()
    data = prepare_run_data(spec, folder.schema(), root, stored=folder.folds())
    asked = _Asked(folder, spec.metric, data, end)
    test_set = data.test_set
    predicted = service.score(ScoreTask(test_set.link), folder.model_files(end.best), test_set.rows)
    scored: Future[HeldOutScore] = Future()

    def record(done: Future[NDArray[np.float64]]) -> None:
        try:
            scored.set_result(asked.record(done.result()))
        except (AutoMLError, ExecutorClosedError) as error:  # whoever waits for the score is told
            scored.set_exception(error)
        except Exception as error:
            logger.exception("the test rows of %s could not be scored", folder.path)
            scored.set_exception(error)

    predicted.add_done_callback(record)
    return scored


def _nothing_to_score(state: RunState) -> tuple[str, str]:
    end = state.finished
    if state.status.active:
        return "This run is still going.", "Its test rows are scored once, at its end."
    if end is None or end.best is None:
        return "This run has no final model.", "Score a table with one of its models instead."
    if end.test_score is not None:
        return f"The test rows of this run are scored already: {end.test_score:.5g}.", ""
    return "This run set no test rows apart.", "Score a table that it has not seen instead."
