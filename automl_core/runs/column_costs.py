"""Costs of the columns of a run: measured in a worker, kept in its folder with the user's prices.

    column_sets.json     sets of columns and their scores
    column_prices.json   what a column costs, and in what unit

The run's folds give the rows: those of the first ones choose the order in which columns leave,
those of the last ones score the sets. Test rows stay apart.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import AutoMLError, RunError, SpecError
from automl_core.evaluation import MeasuredColumns, check_prices, full_prices
from automl_core.files import dump_json
from automl_core.records import RecordError, from_plain, parse_json, to_plain
from automl_core.runs.executor import (
    Blobs,
    ColumnSetsTask,
    ExecutorClosedError,
    PredictionService,
    pack_rows,
)
from automl_core.runs.record import RunFolder, RunReader, held
from automl_core.runs.setup import feature_columns, prepare_run_data
from automl_core.splitting import Folds

SETS, PRICES = "column_sets.json", "column_prices.json"
SECONDS, MOST_SECONDS = 40.0, 590.0  # where nothing else is asked for; as the worker allows
MOST_FOLDS = 3  # whose rows are scored
FOR_THE_ORDER = 0.4  # of the folds at least, where there are more than two
MOST_SETS = 60  # that are kept
LONGEST_UNIT = 40
BUSY = "Another process writes into this run now."

Rows = NDArray[np.int64]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ColumnPrices:
    """What columns cost, in a unit of the user's own; a column without a price costs 1."""

    prices: dict[str, float] = field(default_factory=dict)
    unit: str = ""  # such as "EUR a month"


class ColumnJob:
    """A measurement on its way. Any thread may look; `done` has it as it was stored.

    `done` raises AutoMLError where it failed, ExecutorClosedError where the process ends.
    """

    def __init__(self, service: PredictionService) -> None:
        self.done: Future[MeasuredColumns] = Future()
        self.latest: MeasuredColumns | None = None
        self._service = service
        self._task: Future[MeasuredColumns] | None = None
        self._given_up = False

    def run(self, task: ColumnSetsTask, blobs: Blobs) -> MeasuredColumns:
        """Wait for the worker; what it had where the job was cancelled meanwhile."""
        self._task = self._service.measure_columns(task, blobs, self._take)
        if self._given_up:
            self._service.give_up(self._task)
        return self._task.result()

    def _take(self, found: MeasuredColumns) -> None:
        self.latest = found

    def cancel(self) -> None:
        """End it; sets that are scored by then are kept."""
        self._given_up = True
        if self._task is not None:
            self._service.give_up(self._task)


def known_columns(folder: RunFolder) -> tuple[str, ...]:
    """The columns that models of the run may see; SpecError where there is none."""
    return tuple(c.name for c in feature_columns(folder.spec(), folder.schema()))


def load_prices(folder: RunFolder) -> ColumnPrices:
    """The prices that were kept; none where there are none, or they cannot be read."""
    try:
        found = from_plain(ColumnPrices, parse_json(folder.read(PRICES)))
        check_prices(found.prices, known_columns(folder))
        return found
    except FileNotFoundError:
        return ColumnPrices()
    except AutoMLError:  # damaged: they can be typed in again
        logger.warning("%s of %s cannot be read", PRICES, folder.path)
        return ColumnPrices()


def save_prices(folder: RunFolder, prices: ColumnPrices) -> None:
    """Keep them with the run.

    Raises SpecError for a price below 0 or of an unknown column, RunError while the run goes on.
    """
    check_prices(prices.prices, known_columns(folder))
    unit = " ".join(prices.unit.split())
    if len(unit) > LONGEST_UNIT:
        raise SpecError("The unit is too long.", f"Use at most {LONGEST_UNIT} letters.")
    with held(folder.path, BUSY):
        folder.write({PRICES: dump_json(to_plain(replace(prices, unit=unit)))})


def load_column_sets(folder: RunFolder) -> MeasuredColumns | None:
    """The measured sets of this run; None where there are none, or they cannot be read."""
    try:
        found = from_plain(MeasuredColumns, parse_json(folder.read(SETS)))
    except (FileNotFoundError, RecordError):
        return None
    except AutoMLError:  # damaged: they can be measured anew
        logger.warning("%s of %s cannot be read", SETS, folder.path)
        return None
    return found if found.sets else None


def measure_column_sets(
    folder: RunFolder,
    root: Path,
    service: PredictionService,
    prices: Mapping[str, float] | None = None,
    seconds: float = SECONDS,
) -> ColumnJob:
    """Begin to measure what columns give, in an order by these prices; returns at once.

    Without `prices`, by those that are kept. Raises RunError where the run goes on, or models see
    one column only; SpecError for a price below 0 or of an unknown column, or seconds out of range.
    """
    if RunReader(folder).refresh().status.active:
        raise RunError("This run is still going.", "Measure its columns once it has ended.")
    if not 0 < seconds <= MOST_SECONDS:
        raise SpecError(f"{seconds:g} seconds are out of range.", f"Give 1 to {MOST_SECONDS:g}.")
    columns = known_columns(folder)
    if len(columns) < 2:
        raise RunError("Models see one column only: there is nothing to leave out.")
    asked = full_prices(load_prices(folder).prices if prices is None else prices, columns)
    job = ColumnJob(service)
    threading.Thread(
        target=_do, args=(folder, root, asked, seconds, job), name="columns", daemon=True
    ).start()
    return job


def _do(
    folder: RunFolder, root: Path, prices: dict[str, float], seconds: float, job: ColumnJob
) -> None:
    """Prepare, wait for the worker, store; in a thread of its own."""
    try:
        found = job.run(*_prepared(folder, root, prices, seconds))
        if not found.sets:
            raise RunError("It was ended before all columns could be measured once.")
        job.done.set_result(_kept(folder, found))
    except (AutoMLError, ExecutorClosedError) as error:  # whoever waits is told
        job.done.set_exception(error)
    except Exception as error:
        logger.exception("what columns of %s cost could not be measured", folder.path)
        job.done.set_exception(error)


def _prepared(
    folder: RunFolder, root: Path, prices: dict[str, float], seconds: float
) -> tuple[ColumnSetsTask, Blobs]:
    data = prepare_run_data(folder.spec(), folder.schema(), root, stored=folder.folds())
    choosing, scored = shared_out(data.folds)
    blobs: Blobs = {"rows": pack_rows(choosing)}
    if data.parted is not None:
        blobs["parted"] = pack_rows(data.parted[choosing])
    for number, fold in enumerate(scored):
        blobs[f"train.{number}"] = pack_rows(data.folds.train[fold])
        blobs[f"valid.{number}"] = pack_rows(data.folds.valid[fold])
    return ColumnSetsTask(data.link, prices, len(scored), seconds), blobs


def shared_out(folds: Folds) -> tuple[Rows, list[int]]:
    """The rows that choose, and the folds whose validation rows score: the last ones, at most 3.

    Of folds by time, what chooses is older than what is scored.
    """
    if folds.k > 2:
        apart = max(1, round(FOR_THE_ORDER * folds.k))
        scored = list(range(max(apart, folds.k - MOST_FOLDS), folds.k))
    else:
        scored = [folds.k - 1]
    every = np.concatenate([folds.train[i] for i in scored])
    validating = np.concatenate([folds.valid[i] for i in scored])
    return np.setdiff1d(every, validating), scored


def _kept(folder: RunFolder, found: MeasuredColumns) -> MeasuredColumns:
    """With the sets of an earlier measurement, which was on the same rows; it is written."""
    old = load_column_sets(folder)
    if old is not None and old.rows == found.rows and old.worth.keys() == found.worth.keys():
        known = {frozenset(s.columns) for s in found.sets}
        more = tuple(s for s in old.sets if frozenset(s.columns) not in known)
        found = replace(found, sets=(*found.sets, *more)[:MOST_SETS])
    try:
        with held(folder.path, BUSY):
            folder.write({SETS: dump_json(to_plain(found))})
    except (AutoMLError, OSError):  # it is shown all the same, and measured anew another time
        logger.exception("what columns cost could not be kept in %s", folder.path)
    return found
