"""A model of a run in the words of its table, by its predictions for rows that it had not seen."""

from __future__ import annotations

import logging

from automl_core.errors import AutoMLError
from automl_core.evaluation import words_of_classes, words_of_values
from automl_core.export import SCHEMA_FILE, SchemaRecord, damage_as_model_error, read_record
from automl_core.runs.record import ENSEMBLE, RunFolder, RunSpec, RunState, best_model
from automl_core.words import count

logger = logging.getLogger(__name__)


def own_words(folder: RunFolder, spec: RunSpec, state: RunState, model: int | None = None) -> str:
    """One sentence on a model, by its number, or the run's own so far.

    "" where nothing can be said, or files are lost.
    """
    if model is None:
        best = best_model(state, spec.metric)
        if best is None:
            return ""
        model = best.number
    part = model
    if part == ENSEMBLE and state.ensemble is not None:
        part = state.ensemble.trials[0]
    try:
        with damage_as_model_error("its predictions for unseen rows"):
            return _read(folder, spec, model, part)
    except AutoMLError as error:  # where the predictions are needed, the page says what is lost
        logger.warning("the predictions of the run in %s cannot be read: %s", folder.path, error)
        return ""


def _read(folder: RunFolder, spec: RunSpec, model: int, part: int) -> str:
    """The sentence on a model; `part` is a trial whose files name the classes."""
    oof = folder.out_of_fold(model)
    if spec.task == "regression":
        words = words_of_values(oof.y.astype("float64"), oof.prediction, oof.weight)
    else:
        files = {SCHEMA_FILE: folder.read(f"trials/{part}/model/{SCHEMA_FILE}")}
        labels = read_record(SchemaRecord, files, SCHEMA_FILE).target.names
        y = oof.y.astype("int64")
        words = words_of_classes(spec.target, labels, y, oof.prediction, oof.weight)
    return f"On {count(len(oof.rows), 'row')} held out of training: {words}" if words else ""
