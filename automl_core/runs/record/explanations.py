"""explanations/<model>.json: what a model of the run learned, as it was found last.

A file says which version of the model it is about: the ensemble and the final model are others
after a run has gone on.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from automl_core.errors import RunError
from automl_core.explain import Explanation
from automl_core.files import dump_json
from automl_core.records import RecordError, from_plain, parse_json, to_plain
from automl_core.runs.record.events import ENSEMBLE
from automl_core.runs.record.folder import RunFolder

_NAMED_IN = ("ensemble.json", "final/refit.json")  # what a model is made of, where it may change


@dataclass(frozen=True)
class StoredExplanation:
    """An explanation, and the rows that it is from."""

    version: str  # of the model
    on_test: bool  # the test rows; else rows that were held out of training
    rows: int  # that there are, of which the first were enough
    unused: tuple[str, ...]  # columns that the model does not read
    seed: int
    explanation: Explanation
    format_version: int = 1


def model_version(folder: RunFolder, trial: int) -> str:
    """Another text where the model of this number predicts otherwise than before."""
    digest = hashlib.blake2b(str(trial).encode(), digest_size=16)
    for name in _NAMED_IN[0 if trial == ENSEMBLE else 1 :]:
        try:
            digest.update(folder.read(name))
        except FileNotFoundError:
            digest.update(b"-")
    return digest.hexdigest()


def load_explanation(folder: RunFolder, trial: int) -> StoredExplanation | None:
    """The explanation of a model as it is now; None: there is none.

    Raises RunError where its file is damaged, or of a newer version.
    """
    name = _name(trial)
    try:
        stored = from_plain(StoredExplanation, parse_json(folder.read(name)))
    except FileNotFoundError:
        return None
    except RecordError as error:
        raise RunError(
            f"{name} of the run in {folder.path} is damaged.",
            "Explain the model anew.",
        ) from error
    return stored if stored.version == model_version(folder, trial) else None


def save_explanation(folder: RunFolder, trial: int, stored: StoredExplanation) -> None:
    """Write it in the place of an older one."""
    folder.write({_name(trial): dump_json(to_plain(stored))}, durable=False)


def _name(trial: int) -> str:
    return f"explanations/{'ensemble' if trial == ENSEMBLE else trial}.json"
