"""The thresholds that people chose for models of a run: a file of the run's folder.

    thresholds.json    by model, with the predictions that each was chosen on

A threshold belongs to the model as it was when it was chosen: where a run went on and its model
became another one, the threshold counts no more.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from automl_core.errors import RunError
from automl_core.export import Threshold
from automl_core.files import dump_json
from automl_core.records import RecordError, from_plain, parse_json, to_plain
from automl_core.runs.record.commands import held
from automl_core.runs.record.events import ENSEMBLE
from automl_core.runs.record.folder import RunFolder

FILE = "thresholds.json"


@dataclass(frozen=True)
class _Kept:
    trial: int  # ENSEMBLE for the ensemble
    threshold: Threshold
    model: str  # blake2b of what the model's predictions are made of


@dataclass(frozen=True)
class _Thresholds:
    """thresholds.json"""

    thresholds: tuple[_Kept, ...] = ()
    format_version: int = 1


def load_threshold(folder: RunFolder, trial: int) -> Threshold | None:
    """The threshold that was chosen for a model of the run; None where there is none.

    Raises RunError where the file is damaged.
    """
    for kept in _load(folder).thresholds:
        if kept.trial == trial and kept.model == _fingerprint(folder, trial):
            return kept.threshold
    return None


def save_threshold(folder: RunFolder, trial: int, threshold: Threshold | None) -> None:
    """Keep the threshold of a model; None takes it away. A damaged file is written anew.

    Raises RunError while the run goes on, StorageError where it cannot be written.
    """
    with held(folder.path, "This run goes on: a threshold is kept for a model that is ready."):
        try:
            before = _load(folder).thresholds
        except RunError:
            before = ()
        others = tuple(kept for kept in before if kept.trial != trial)
        if threshold is not None:
            others = (*others, _Kept(trial, threshold, _fingerprint(folder, trial)))
        folder.write({FILE: dump_json(to_plain(_Thresholds(others)))})


def _load(folder: RunFolder) -> _Thresholds:
    try:
        return from_plain(_Thresholds, parse_json(folder.read(FILE)))
    except FileNotFoundError:
        return _Thresholds()
    except RecordError:
        hint = "Choose the threshold again on Models: that writes the file anew."
        raise RunError(f"{FILE} of the run in {folder.path} is damaged.", hint) from None


def _fingerprint(folder: RunFolder, trial: int) -> str:
    """Another text for another model."""
    name = "ensemble.json" if trial == ENSEMBLE else f"trials/{trial}/oof.npz"
    try:
        return hashlib.blake2b(folder.read(name), digest_size=16).hexdigest()
    except FileNotFoundError:
        raise RunError(f"The run has lost {name}.", "Choose another model.") from None
