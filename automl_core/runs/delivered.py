"""A model of a run as it leaves the run: with its threshold, or with intervals around its values.

The same for predictions on the page, on the command line and in Python, and for the download.
"""

from __future__ import annotations

from automl_core.errors import RunError
from automl_core.evaluation import prediction_intervals
from automl_core.export import AnswerRecord, Intervals, answer_files, measured_intervals
from automl_core.runs.record import RunFolder, load_threshold
from automl_core.types import Files


def delivered_files(folder: RunFolder, trial: int) -> Files:
    """The files of a trial's predictor, or of the ensemble's, with answer.json where it has one.

    Raises RunError where the run left no such model, or it is damaged.
    """
    return folder.model_files(trial) | answer_files(answer_of(folder, trial))


def answer_of(folder: RunFolder, trial: int) -> AnswerRecord:
    """The rule that turns probabilities and values into an answer."""
    match folder.spec().task:
        case "binary":
            return AnswerRecord(threshold=load_threshold(folder, trial))
        case "regression":
            return AnswerRecord(intervals=_intervals(folder, trial))
        case _:
            return AnswerRecord()


def _intervals(folder: RunFolder, trial: int) -> Intervals | None:
    """From out-of-fold residuals; None where there are too few, or they are lost."""
    try:
        oof = folder.out_of_fold(trial)
    except RunError:  # the model predicts without it
        return None
    found = prediction_intervals(oof.y.astype("float64"), oof.prediction)
    return None if found is None else measured_intervals(found)
