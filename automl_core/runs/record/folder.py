"""A run's folder: where each thing lies, and reading and writing it whole.

    spec.json schema.json folds.npz events.jsonl inbox/ lock trials/<n>/{model/,refit/,oof.npz}
    ensemble.json final/{final.json,refit.json}

Knows nothing about how a run goes on; the coordinator is its one writer (the inbox apart).
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import RunError
from automl_core.evaluation import apply_temperature
from automl_core.export import combine_files
from automl_core.files import dump_json, write_atomic
from automl_core.records import RecordError, from_plain, to_plain
from automl_core.runs.record.events import ENSEMBLE
from automl_core.runs.record.spec import RunSpec, spec_from_plain, spec_to_plain
from automl_core.splitting import Folds, folds_from_bytes, folds_to_bytes
from automl_core.table import Schema
from automl_core.types import Files

T = TypeVar("T")


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


@dataclass(frozen=True)
class Outcome:
    """final/final.json: the model that the run ended with, written before the log's last line."""

    trial: int  # the final model: a trial's number, or ENSEMBLE
    name: str
    test: HeldOutScore
    refitted: tuple[int, ...] = ()  # trials that are in it as fitted on all rows
    format_version: int = 1


class RunFolder:
    """Paths and records of one run. Reading raises RunError where something is damaged."""

    def __init__(self, path: Path) -> None:
        self.path = path

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
        write_atomic(self.path / "schema.json", dump_json(to_plain(schema)))
        write_atomic(self.path / "spec.json", dump_json(spec_to_plain(spec)))

    def spec(self) -> RunSpec:
        return _read(spec_from_plain, self.path, "spec.json")

    def schema(self) -> Schema:
        return _record(Schema, self.path, "schema.json")

    def save_folds(self, folds: Folds) -> None:
        write_atomic(self.path / "folds.npz", folds_to_bytes(folds))

    def folds(self) -> Folds:
        return folds_from_bytes((self.path / "folds.npz").read_bytes())

    def save_trial(self, trial: int, files: Files, oof: OutOfFold) -> None:
        """Write a trial's model and its out-of-fold predictions."""
        folder = self.path / "trials" / str(trial)
        save_model(self, trial, files)
        buffer = io.BytesIO()
        arrays = {"rows": oof.rows, "y": oof.y, "prediction": oof.prediction}
        if oof.weight is not None:
            arrays["weight"] = oof.weight
        np.savez(buffer, allow_pickle=False, **arrays)
        write_atomic(folder / "oof.npz", buffer.getvalue())

    def model_files(self, trial: int) -> Files:
        """The files of a trial's predictor, or of the ensemble's; RunError where it has none.

        The run's final model comes as it is delivered: with what was fitted on all rows.
        """
        refit = load_refit(self)
        refitted = refit.trials if refit is not None and refit.model == trial else ()
        if trial == ENSEMBLE:
            record = _record(EnsembleRecord, self.path, "ensemble.json")
            parts = [trial_files(self, n, n in refitted) for n in record.trials]
            weighted = list(zip(parts, record.weights, strict=True))
            return combine_files(weighted, "ensemble", record.temperature)
        return trial_files(self, trial, trial in refitted)

    def out_of_fold(self, trial: int) -> OutOfFold:
        """Predictions that `save_trial` wrote, or their average; RunError where they are gone."""
        if trial == ENSEMBLE:
            record = _record(EnsembleRecord, self.path, "ensemble.json")
            return average_out_of_fold([self.out_of_fold(n) for n in record.trials], record)
        path = self.path / "trials" / str(trial) / "oof.npz"
        try:
            with np.load(path, allow_pickle=False) as stored:
                weight = stored.get("weight")
                return OutOfFold(stored["rows"], stored["y"], stored["prediction"], weight)
        except FileNotFoundError:
            raise RunError(f"Trial {trial} left no predictions.") from None
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            raise RunError(f"The predictions of trial {trial} are damaged.") from None


def save_model(folder: RunFolder, trial: int, files: Files, refit: bool = False) -> None:
    """Write a trial's model, or the one that was fitted on all rows."""
    for name, data in files.items():
        write_atomic(_model_folder(folder, trial, refit) / name, data)


def trial_files(folder: RunFolder, trial: int, refit: bool = False) -> Files:
    """The files of a trial's predictor: the one with the scores, or that on all rows."""
    where = _model_folder(folder, trial, refit)
    found = {
        p.relative_to(where).as_posix(): p.read_bytes()
        for p in sorted(where.rglob("*"))
        if p.is_file() and not p.name.startswith(".")
    }
    if not found:
        raise RunError(f"Trial {trial} left no model.", "Choose another one.")
    return found


def _model_folder(folder: RunFolder, trial: int, refit: bool) -> Path:
    return folder.path / "trials" / str(trial) / ("refit" if refit else "model")


def load_refit(folder: RunFolder) -> RefitRecord | None:
    """The part of the final model that was fitted on all rows; None: nothing."""
    if not (folder.path / "final" / "refit.json").exists():
        return None
    return _record(RefitRecord, folder.path, "final/refit.json")


def save_ensemble(folder: RunFolder, record: EnsembleRecord) -> None:
    """Say what the ensemble is; the trials it names are on disk already."""
    write_atomic(folder.path / "ensemble.json", dump_json(to_plain(record)))


def save_refit(folder: RunFolder, record: RefitRecord) -> None:
    """Say what was fitted on all rows; it is on disk already."""
    write_atomic(folder.path / "final" / "refit.json", dump_json(to_plain(record)))


def load_outcome(folder: RunFolder) -> Outcome | None:
    """The model that the run ended with; None where it has not ended, or this is damaged."""
    try:
        return _record(Outcome, folder.path, "final/final.json")
    except RunError:
        return None


def save_outcome(folder: RunFolder, outcome: Outcome) -> None:
    """Say what the run ended with; the last line of its log follows."""
    write_atomic(folder.path / "final" / "final.json", dump_json(to_plain(outcome)))


def average_out_of_fold(parts: list[OutOfFold], record: EnsembleRecord) -> OutOfFold:
    """Predictions of the ensemble for rows that no member saw: all parts hold the same rows."""
    first = parts[0]
    order = np.argsort(first.rows)
    total = np.zeros_like(first.prediction)
    for part, weight in zip(parts, record.weights, strict=True):
        total += weight * part.prediction[np.argsort(part.rows)]
    if total.ndim == 2:
        total = apply_temperature(total, record.temperature)
    weight_of = None if first.weight is None else first.weight[order]
    return OutOfFold(first.rows[order], first.y[order], total, weight_of)


def _record(cls: type[T], path: Path, name: str) -> T:
    return _read(lambda plain: from_plain(cls, plain), path, name)


def _read(record_of: Callable[[Any], T], path: Path, name: str) -> T:
    try:
        return record_of(json.loads((path / name).read_bytes()))
    except FileNotFoundError:
        raise RunError(f"{path} is not a run: {name} is missing.") from None
    except OSError as error:
        raise RunError(f"{name} of the run in {path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecordError, RecursionError):
        raise RunError(f"{name} of the run in {path} is damaged.") from None
