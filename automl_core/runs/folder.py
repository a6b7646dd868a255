"""A run's folder: where each thing lies, and reading and writing it whole.

    spec.json schema.json folds.npz events.jsonl inbox/ lock trials/<n>/{model/,oof.npz} final/

Knows nothing about how a run goes on; the coordinator is its one writer (the inbox apart).
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import RunError
from automl_core.files import dump_json, write_atomic
from automl_core.models.base import Files
from automl_core.records import RecordError, from_plain, to_plain
from automl_core.runs.spec import RunSpec
from automl_core.table.schema import Schema
from automl_core.table.split import Folds, folds_from_bytes, folds_to_bytes

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """Predictions for rows that the model did not see while training."""

    rows: NDArray[np.int64]  # (m,) row numbers in the stored table
    y: NDArray[np.float64] | NDArray[np.int64]  # (m,)
    prediction: NDArray[np.float64]  # (m, classes) or (m,)
    weight: NDArray[np.float64] | None = None  # (m,)


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
        write_atomic(self.path / "spec.json", dump_json(to_plain(spec)))

    def spec(self) -> RunSpec:
        return _record(RunSpec, self.path, "spec.json")

    def schema(self) -> Schema:
        return _record(Schema, self.path, "schema.json")

    def save_folds(self, folds: Folds) -> None:
        write_atomic(self.path / "folds.npz", folds_to_bytes(folds))

    def folds(self) -> Folds:
        return folds_from_bytes((self.path / "folds.npz").read_bytes())

    def save_trial(self, trial: int, files: Files, oof: OutOfFold) -> None:
        """Write a trial's model and its out-of-fold predictions."""
        folder = self.path / "trials" / str(trial)
        for name, data in files.items():
            write_atomic(folder / "model" / name, data)
        buffer = io.BytesIO()
        arrays = {"rows": oof.rows, "y": oof.y, "prediction": oof.prediction}
        if oof.weight is not None:
            arrays["weight"] = oof.weight
        np.savez(buffer, allow_pickle=False, **arrays)
        write_atomic(folder / "oof.npz", buffer.getvalue())

    def model_files(self, trial: int) -> Files:
        """The files of the trial's predictor; RunError where it has none."""
        folder = self.path / "trials" / str(trial) / "model"
        found = {
            p.relative_to(folder).as_posix(): p.read_bytes()
            for p in sorted(folder.rglob("*"))
            if p.is_file() and not p.name.startswith(".")
        }
        if not found:
            raise RunError(f"Trial {trial} left no model.", "Choose another one.")
        return found

    def out_of_fold(self, trial: int) -> OutOfFold:
        """What `save_trial` wrote; RunError where the trial has none."""
        path = self.path / "trials" / str(trial) / "oof.npz"
        try:
            with np.load(path, allow_pickle=False) as stored:
                weight = stored.get("weight")
                return OutOfFold(stored["rows"], stored["y"], stored["prediction"], weight)
        except FileNotFoundError:
            raise RunError(f"Trial {trial} left no predictions.") from None
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            raise RunError(f"The predictions of trial {trial} are damaged.") from None


def _record(cls: type[T], path: Path, name: str) -> T:
    try:
        return from_plain(cls, json.loads((path / name).read_bytes()))
    except FileNotFoundError:
        raise RunError(f"{path} is not a run: {name} is missing.") from None
    except (ValueError, RecordError):
        raise RunError(f"{name} of the run in {path} is damaged.") from None
