"""Measures for a run whether more rows would help, and keeps what was measured in its folder.

The fits are made in the worker that pages wait for.
"""

from __future__ import annotations

import logging
from concurrent.futures import Future
from pathlib import Path

from automl_core.errors import AutoMLError
from automl_core.evaluation import RowScores
from automl_core.files import dump_json
from automl_core.records import RecordError, from_plain, parse_json, to_plain
from automl_core.runs.executor import PredictionService, RowCurveTask, pack_rows
from automl_core.runs.record import RunFolder, held
from automl_core.runs.setup import prepare_run_data

FILE = "row_scores.json"
MOST_FOLDS = 3
SECONDS = 20.0  # of measuring

logger = logging.getLogger(__name__)


def load_row_scores(folder: RunFolder) -> RowScores | None:
    """The measured scores of this run; None where there are none, or they cannot be read."""
    try:
        return from_plain(RowScores, parse_json(folder.read(FILE)))
    except (FileNotFoundError, RecordError):
        return None
    except AutoMLError:  # damaged: it can be measured anew
        logger.warning("%s of %s cannot be read", FILE, folder.path)
        return None


class RowsJob:
    """A measurement on its way. Any thread may look; `done` raises ModelError where it failed."""

    def __init__(self) -> None:
        self.done: Future[RowScores] = Future()  # the service's, once it is asked
        self.latest: RowScores | None = None  # the sizes measured so far

    def take(self, scores: RowScores) -> None:
        """Keep what is known by now."""
        self.latest = scores


def measure_rows(folder: RunFolder, root: Path, service: PredictionService) -> RowsJob:
    """Score quick models on parts of the rows that train; the scores are kept in the run's folder.

    Test rows stay apart. Raises TableError where the table is gone.
    """
    data = prepare_run_data(folder.spec(), folder.schema(), root, stored=folder.folds())
    folds = min(MOST_FOLDS, data.folds.k)
    blobs = {}
    for fold in range(folds):
        blobs[f"train.{fold}"] = pack_rows(data.folds.train[fold])
        blobs[f"valid.{fold}"] = pack_rows(data.folds.valid[fold])
    job = RowsJob()
    job.done = service.measure_rows(RowCurveTask(data.link, folds, SECONDS), blobs, job.take)
    job.done.add_done_callback(lambda done: _keep(folder, done))
    return job


def _keep(folder: RunFolder, done: Future[RowScores]) -> None:
    if not done.cancelled() and done.exception() is None:
        keep_row_scores(folder, done.result())


def keep_row_scores(folder: RunFolder, found: RowScores) -> None:
    """Write them into the run's folder; where that cannot be, a line of the log says so."""
    try:
        with held(folder.path, "Another process writes into this run now."):
            folder.write({FILE: dump_json(to_plain(found))})
    except (AutoMLError, OSError):  # it is shown all the same, and measured anew another time
        logger.exception("what more rows bring could not be kept in %s", folder.path)
