"""The formats that a run's trials can be written in."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass

from automl_core.errors import LibraryError, SpecError, did_you_mean
from automl_core.export import zip_files
from automl_core.runs.exchange.trial_log import read_trials
from automl_core.runs.record import RunFolder
from automl_core.types import Files


@dataclass(frozen=True)
class TrialFormat:
    """One format; `module` in this folder has `write(TrialLog) -> Files`."""

    name: str  # of the command line
    title: str  # for people
    file: str  # as one file it is called so
    module: str
    opened_with: str  # a command, or words
    library: str = ""  # that writes it, where it does not come with Torchlight

    @property
    def is_here(self) -> bool:
        """True where it can be written: its library is installed."""
        return not self.library or importlib.util.find_spec(self.library) is not None


TRIAL_FORMATS: tuple[TrialFormat, ...] = (
    TrialFormat(
        "study", "Optuna study", "study.db", "study_file", "optuna-dashboard sqlite:///study.db"
    ),
    TrialFormat(
        "tensorboard", "TensorBoard events", "tensorboard.zip", "event_files",
        "tensorboard --logdir FOLDER",
    ),
    TrialFormat("csv", "CSV tables", "tables.zip", "tables", "any spreadsheet"),
    TrialFormat(
        "mlflow", "MLflow runs", "mlflow.db", "mlflow_runs",
        "mlflow ui --backend-store-uri sqlite:///mlflow.db", "mlflow",
    ),
)  # fmt: skip


def trial_files(folder: RunFolder, name: str) -> Files:
    """The run's trials in the format of this name, as files.

    Raises SpecError where there is no such format, LibraryError where its library is missing.
    """
    entry = next((entry for entry in TRIAL_FORMATS if entry.name == name), None)
    if entry is None:
        names = [entry.name for entry in TRIAL_FORMATS]
        raise SpecError(f"There is no format {name!r} of trials.", did_you_mean(name, names))
    if not entry.is_here:
        raise LibraryError(
            f"The format {name!r} is written by {entry.library}, which is not installed.",
            f"Install it with `pip install {entry.library}`, or choose another format.",
        )
    module = importlib.import_module(f"{__package__}.{entry.module}")
    files: Files = module.write(read_trials(folder))
    return files


def trial_file(folder: RunFolder, name: str) -> bytes:
    """The same as one file: a zip where the format has several. Errors as `trial_files`."""
    files = trial_files(folder, name)
    return next(iter(files.values())) if len(files) == 1 else zip_files(files)
