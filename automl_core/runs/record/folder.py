"""A run's folder: where each thing lies, and reading and writing it whole.

    spec.json schema.json folds.npz events.jsonl inbox/ lock trials/<n>/{model/,refit/,oof.npz}
    ensemble.json final/{final.json,refit.json} outside/<n>/{outside.json,oof.npz}
    explanations/<model>.json row_scores.json column_sets.json column_prices.json fairness.json
    checksums.jsonl

Knows nothing about how a run goes on; the coordinator is its one writer (the inbox apart).
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TypeVar
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import RunError, StorageError
from automl_core.evaluation import apply_temperature
from automl_core.export import combine_files
from automl_core.files import dump_json, storage_errors, sync_below, write_atomic
from automl_core.records import RecordError, from_plain, parse_json, to_plain
from automl_core.runs.record.checksums import Checksums
from automl_core.runs.record.commands import QUEUED
from automl_core.runs.record.events import ENSEMBLE
from automl_core.runs.record.spec import RunSpec, spec_from_plain, spec_to_plain
from automl_core.splitting import Folds, folds_from_bytes, folds_to_bytes
from automl_core.table import Schema
from automl_core.types import Files

T = TypeVar("T")

_TOP_FILES = ("spec.json", "schema.json", "folds.npz", "columns.json", "ensemble.json")
_NO_ARRAYS = (ValueError, KeyError, EOFError, BadZipFile)


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """Predictions for rows that the model did not see while training."""

    rows: NDArray[np.int64]  # (m,) row numbers in the stored table
    y: NDArray[np.float64] | NDArray[np.int64]  # (m,)
    prediction: NDArray[np.float64]  # (m, classes) or (m,)
    weight: NDArray[np.float64] | None = None  # (m,)


@dataclass(frozen=True)
class EnsembleRecord:
    """ensemble.json: which trials, averaged how; what `ENSEMBLE` means in this folder."""

    trials: tuple[int, ...]
    weights: tuple[float, ...]  # one a trial, sum 1
    temperature: float


@dataclass(frozen=True)
class RefitRecord:
    """final/refit.json: the trials that are in the run's final model as fitted on all rows."""

    model: int  # the final model: a trial's number, or ENSEMBLE
    trials: tuple[int, ...]
    rows: int  # that they were fitted on


@dataclass(frozen=True)
class HeldOutScore:
    """Score on the test set, with its 95 % bootstrap interval; None: there is none."""

    score: float | None
    low: float | None
    high: float | None
    baseline: float | None = None  # the constant's score on the same rows


@dataclass(frozen=True)
class Outcome:
    """final/final.json: the model that the run ended with, written before the log's last line."""

    trial: int  # the final model: a trial's number, or ENSEMBLE
    name: str
    test: HeldOutScore
    refitted: tuple[int, ...] = ()  # trials that are in it as fitted on all rows
    format_version: int = 1


class RunFolder:
    """Paths and records of one run.

    Reading raises RunError where something is damaged, writing StorageError where it cannot be.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._checksums = Checksums(path)
        self._place: tuple[int, int] | None = None

    @property
    def exists(self) -> bool:
        return (self.path / "spec.json").is_file()

    @property
    def log_path(self) -> Path:
        return self.path / "events.jsonl"

    def claim(self) -> None:
        """Make the folder; RunError where a run lies there already, or it cannot be made."""
        hint = "Choose another folder for this one."
        if self.exists or self.log_path.exists():
            raise RunError(f"There is a run in {self.path} already.", hint)
        try:
            (self.path / "inbox").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(f"No run can lie in {self.path}: {error.strerror}.", hint) from error

    def create(self, spec: RunSpec, schema: Schema) -> None:
        """Write what the run starts from; RunError as `claim`."""
        self.claim()
        self.write({"schema.json": dump_json(to_plain(schema))})
        self.write({"spec.json": dump_json(spec_to_plain(spec))})

    def write(self, files: Files, durable: bool = True) -> None:
        """Write files by their names in this folder, each of them whole, with its checksum.

        The folder itself is not made again where it is gone. `durable` waits for the disk.
        """
        self._checksums.add(files)
        for name, data in files.items():
            path = self.path / name
            for parent in reversed(PurePosixPath(name).parents[:-1]):
                with storage_errors(path):
                    (self.path / parent).mkdir(exist_ok=True)
            write_atomic(path, data, durable)

    def forget_outcome(self) -> None:
        """Remove what an earlier end and the wait left, where the run goes on; its models stay."""
        for name in ("final/final.json", "final/refit.json", QUEUED):
            with storage_errors(self.path / name):
                (self.path / name).unlink(missing_ok=True)

    def remember_place(self) -> None:
        """From now on `check_place` tells whether this folder is the one that it is now."""
        with storage_errors(self.path / "lock"):
            self._place = _place(self.path)

    def check_place(self) -> None:
        """StorageError where the folder was moved or deleted since `remember_place`."""
        with storage_errors(self.path / "lock"):
            same = self._place in (None, _place(self.path))
        if not same:
            raise StorageError(
                f"Another folder lies where the run was: {self.path}.", "Was the run's one moved?"
            )

    def sync(self, trial: int) -> None:
        """Wait until the disk has the files of a model."""
        numbers: tuple[int, ...] = (trial,)
        if trial == ENSEMBLE:
            numbers = _record(EnsembleRecord, self, "ensemble.json").trials
        for number in numbers:
            sync_below(self.path / "trials" / str(number))

    def read(self, name: str) -> bytes:
        """The content of a file, verified; FileNotFoundError where there is none."""
        path = self.path / name
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise
        except OSError as error:
            raise RunError(f"{path} cannot be read: {error.strerror}.") from error
        self._checksums.verify(name, data)
        return data

    def read_below(self, place: str) -> Files:
        """The files that were written below a folder, by their names there, verified; {}: none.

        Also those that are not to be found any more are missed.
        """
        where = self.path / place
        names = {
            f"{place}/{path.relative_to(where).as_posix()}"
            for path in where.rglob("*")
            if path.is_file() and not path.name.startswith(".")
        }
        if missing := sorted(self._checksums.below(f"{place}/") - names):
            raise RunError(f"{self.path / missing[0]} is missing.")
        try:
            return {name.removeprefix(f"{place}/"): self.read(name) for name in sorted(names)}
        except FileNotFoundError as error:  # the run is being deleted
            raise RunError(f"{error.filename} is missing.") from error

    def unverified(self) -> list[str]:
        """Names of the files of the run that are there and have no checksum."""
        paths = [self.path / name for name in _TOP_FILES]
        paths += [path for place in ("trials", "final") for path in (self.path / place).rglob("*")]
        there = [p for p in paths if p.is_file() and not p.name.startswith(".")]
        names = {path.relative_to(self.path).as_posix() for path in there}
        return sorted(names - self._checksums.below(""))

    def spec(self) -> RunSpec:
        return _read(lambda data: spec_from_plain(parse_json(data)), self, "spec.json")

    def schema(self) -> Schema:
        """The schema that the run began with; its file is verified, and read once a process."""
        return _read(_schema, self, "schema.json")

    def save_folds(self, folds: Folds) -> None:
        self.write({"folds.npz": folds_to_bytes(folds)})

    def folds(self) -> Folds:
        try:
            return folds_from_bytes(self.read("folds.npz"))
        except (*_NO_ARRAYS, FileNotFoundError):
            raise RunError(f"The folds of the run in {self.path} are damaged.") from None

    def save_trial(self, trial: int, files: Files, oof: OutOfFold) -> None:
        """Write a trial's model and its out-of-fold predictions, without waiting for the disk."""
        save_model(self, trial, files)
        self.write({_predictions_place(trial): predictions_to_bytes(oof)}, durable=False)

    def model_files(self, trial: int) -> Files:
        """The files of a trial's predictor, or of the ensemble's; RunError where it has none.

        The run's final model comes as it is delivered: with what was fitted on all rows.
        """
        refitted = _refitted(self, trial)
        if trial != ENSEMBLE:
            return trial_files(self, trial, trial in refitted)
        record = _record(EnsembleRecord, self, "ensemble.json")
        try:
            parts = [trial_files(self, n, n in refitted) for n in record.trials]
        except RunError as error:
            raise RunError(
                f"The ensemble lacks a part. {error.message}",
                "Its other trials can be used, each by its name.",
            ) from error
        weighted = list(zip(parts, record.weights, strict=True))
        return combine_files(weighted, "ensemble", record.temperature)

    def out_of_fold(self, trial: int) -> OutOfFold:
        """Predictions that `save_trial` wrote, or their average; RunError where they are gone.

        Numbers below ENSEMBLE are models from outside, see outside.py.
        """
        if trial == ENSEMBLE:
            record = _record(EnsembleRecord, self, "ensemble.json")
            return average_out_of_fold([self.out_of_fold(n) for n in record.trials], record)
        try:
            data = self.read(_predictions_place(trial))
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                weight = stored.get("weight")
                return OutOfFold(stored["rows"], stored["y"], stored["prediction"], weight)
        except FileNotFoundError:
            raise RunError(f"{_called(trial)} left no predictions.") from None
        except _NO_ARRAYS:
            raise RunError(f"The predictions of {_called(trial).lower()} are damaged.") from None


def predictions_to_bytes(oof: OutOfFold) -> bytes:
    """What `out_of_fold` reads."""
    buffer = io.BytesIO()
    arrays = {"rows": oof.rows, "y": oof.y, "prediction": oof.prediction}
    if oof.weight is not None:
        arrays["weight"] = oof.weight
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def outside_place(model: int) -> str:
    """The folder of a model from outside, whose number is below ENSEMBLE."""
    return f"outside/{ENSEMBLE - model}"


def _predictions_place(model: int) -> str:
    place = outside_place(model) if model < ENSEMBLE else f"trials/{model}"
    return f"{place}/oof.npz"


def _called(model: int) -> str:
    return f"Model {ENSEMBLE - model} from outside" if model < ENSEMBLE else f"Trial {model}"


def save_model(folder: RunFolder, trial: int, files: Files, refit: bool = False) -> None:
    """Write a trial's model, or the one on all rows, without waiting for the disk."""
    place = _model_place(trial, refit)
    folder.write({f"{place}/{name}": data for name, data in files.items()}, durable=False)


def trial_files(folder: RunFolder, trial: int, refit: bool = False) -> Files:
    """The files of a trial's predictor: the one with the scores, or that on all rows."""
    try:
        found = folder.read_below(_model_place(trial, refit))
    except RunError as error:
        raise RunError(
            f"The model of trial {trial} is damaged. {error.message}",
            "Choose another model, or bring back the file from a copy.",
        ) from error
    if not found:
        raise RunError(f"Trial {trial} left no model.", "Choose another one.")
    return found


def _model_place(trial: int, refit: bool) -> str:
    return f"trials/{trial}/{'refit' if refit else 'model'}"


def load_refit(folder: RunFolder) -> RefitRecord | None:
    """The part of the final model that was fitted on all rows; None: nothing."""
    if not (folder.path / "final" / "refit.json").exists():
        return None
    return _record(RefitRecord, folder, "final/refit.json")


def _refitted(folder: RunFolder, model: int) -> tuple[int, ...]:
    """The trials that are in this model as fitted on all rows.

    RunError where the run ended with such a model, and the file that says so is gone.
    """
    refit, outcome = load_refit(folder), load_outcome(folder)
    if refit is None and outcome is not None and outcome.trial == model and outcome.refitted:
        raise RunError(
            f"final/refit.json of the run in {folder.path} is missing: its model is not complete.",
            "Choose another model, or bring back the file from a copy.",
        )
    return refit.trials if refit is not None and refit.model == model else ()


def save_ensemble(folder: RunFolder, record: EnsembleRecord) -> None:
    """Say what the ensemble is; the trials it names are on disk already."""
    folder.write({"ensemble.json": dump_json(to_plain(record))})


def save_refit(folder: RunFolder, record: RefitRecord) -> None:
    """Say what was fitted on all rows; it is on disk already."""
    folder.write({"final/refit.json": dump_json(to_plain(record))})


def load_outcome(folder: RunFolder) -> Outcome | None:
    """The model that the run ended with; None where it has not ended, or this is damaged."""
    try:
        return _record(Outcome, folder, "final/final.json")
    except RunError:
        return None


def save_outcome(folder: RunFolder, outcome: Outcome) -> None:
    """Say what the run ended with; the last line of its log follows."""
    folder.write({"final/final.json": dump_json(to_plain(outcome))})


def average_out_of_fold(parts: list[OutOfFold], record: EnsembleRecord) -> OutOfFold:
    """Predictions of the ensemble for the rows that all parts predict, and no member saw.

    Raises RunError where the parts are not those of one ensemble.
    """
    if not _are_one(parts, record):
        raise RunError(
            "The ensemble is damaged: its parts did not predict the same rows.",
            "Choose one of its trials, or bring back ensemble.json from a copy.",
        )
    first = min(parts, key=lambda part: len(part.rows))
    order = np.argsort(first.rows)
    rows = first.rows[order]
    total = np.zeros_like(first.prediction)
    for part, weight in zip(parts, record.weights, strict=True):
        ascending = np.argsort(part.rows)
        places = np.searchsorted(part.rows, rows, sorter=ascending)
        total += weight * part.prediction[ascending[places]]
    if total.ndim == 2:
        total = apply_temperature(total, record.temperature)
    weight_of = None if first.weight is None else first.weight[order]
    return OutOfFold(rows, first.y[order], total, weight_of)


def _are_one(parts: list[OutOfFold], record: EnsembleRecord) -> bool:
    """True where there is a weight for each, and all predict the rows of the shortest."""
    if not parts or len(parts) != len(record.weights):
        return False
    first = min(parts, key=lambda part: len(part.rows))
    shapes = {part.prediction.shape[1:] for part in parts}
    return len(shapes) == 1 and all(np.isin(first.rows, part.rows).all() for part in parts)


def _place(path: Path) -> tuple[int, int]:
    """What a folder keeps when it is moved, and no other has."""
    stat = path.stat()
    return stat.st_dev, stat.st_ino


def _record(cls: type[T], folder: RunFolder, name: str) -> T:
    return _read(lambda data: from_plain(cls, parse_json(data)), folder, name)


@lru_cache(maxsize=4)
def _schema(data: bytes) -> Schema:
    """The schema in a file; with very many columns that takes a second, and pages ask often."""
    return from_plain(Schema, parse_json(data))


def _read(record_of: Callable[[bytes], T], folder: RunFolder, name: str) -> T:
    try:
        return record_of(folder.read(name))
    except FileNotFoundError:
        raise RunError(f"{folder.path} is not a run: {name} is missing.") from None
    except RecordError:
        raise RunError(f"{name} of the run in {folder.path} is damaged.") from None
