"""All that a run needs, beside its log and its models, to go on after its end or an interruption.

trials/<n>/fits.json   what the fits of a trial found: the fits on all rows start from it
columns.json           the columns and pairs of columns that were chosen
"""

from __future__ import annotations

from dataclasses import dataclass

from automl_core.errors import RunError
from automl_core.feature_selection import Chosen
from automl_core.files import dump_json
from automl_core.records import RecordError, from_plain, parse_json, to_plain
from automl_core.runs.record.folder import RunFolder
from automl_core.types import Config


@dataclass(frozen=True)
class FitFacts:
    """One fit of a trial."""

    fold: int
    train_seconds: float  # with encoding
    encode_seconds: float  # of them, before the fit began
    epochs: int  # done, or trees grown
    early_stopped: Config | None  # hyperparameters that validation rows decided; None: none did


@dataclass(frozen=True)
class _TrialFits:
    fits: tuple[FitFacts, ...]


@dataclass(frozen=True)
class ChosenList:
    """The answer of one selection."""

    fold: int  # whose training rows were looked at; ALL_FOLDS: one list serves all
    chosen: Chosen | None  # None: it could not be made, all columns are used


@dataclass(frozen=True)
class SelectionRecord:
    """columns.json: all selections that were answered."""

    lists: tuple[ChosenList, ...]
    seconds: float  # of work


def save_fits(folder: RunFolder, trial: int, fits: tuple[FitFacts, ...]) -> None:
    """Write what the fits of a trial found, without waiting for the disk."""
    data = dump_json(to_plain(_TrialFits(fits)))
    folder.write({f"trials/{trial}/fits.json": data}, durable=False)


def load_fits(folder: RunFolder, trial: int) -> tuple[FitFacts, ...]:
    """What the fits of a trial found; () where that was not written, as before 0.6, or is damaged.

    Without it a trial is as good a part of the final model, but is not fitted on all rows.
    """
    try:
        return from_plain(_TrialFits, parse_json(folder.read(f"trials/{trial}/fits.json"))).fits
    except (FileNotFoundError, RecordError, RunError):
        return ()


def save_selection(folder: RunFolder, record: SelectionRecord) -> None:
    """Write the selections that were answered."""
    folder.write({"columns.json": dump_json(to_plain(record))}, durable=False)


def load_selection(folder: RunFolder) -> SelectionRecord | None:
    """The selections that were answered; None where none was written, or it is damaged."""
    try:
        return from_plain(SelectionRecord, parse_json(folder.read("columns.json")))
    except (FileNotFoundError, RecordError, RunError):
        return None
