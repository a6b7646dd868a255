"""Models of other systems in a run's folder: their predictions, scored as the run's own are.

Beside them lies what the run's own model says of the test rows, once it was asked for.

Each is numbered below ENSEMBLE, in the order in which they came; the numbers are not used again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from automl_core.errors import RunError
from automl_core.files import dump_json, storage_errors
from automl_core.records import RecordError, from_plain, parse_json, to_plain
from automl_core.runs.record.events import ENSEMBLE
from automl_core.runs.record.folder import OutOfFold, RunFolder, outside_place, predictions_to_bytes

Part = Literal["held-out", "test"]
OUTSIDE_FAMILY = "outside"
RECORD = "outside.json"


@dataclass(frozen=True)
class OutsideRecord:
    """outside/<n>/outside.json: whose predictions lie beside it."""

    title: str  # as its owner calls it; text of a stranger
    file: str  # that the predictions came in
    part: Part  # the rows that it predicts
    rows: int
    added: float  # seconds since 1970
    own: str = ""  # the run's model that said this, for a comparison; "": it is another system's
    format_version: int = 1


@dataclass(frozen=True)
class OutsideModel:
    """A model of another system."""

    number: int  # below ENSEMBLE
    record: OutsideRecord

    @property
    def name(self) -> str:
        """What it is called in addresses and lists: `outside-1`."""
        return f"{OUTSIDE_FAMILY}-{ENSEMBLE - self.number}"


def load_outside(folder: RunFolder) -> tuple[OutsideModel, ...]:
    """The models from outside, the first first; RunError where a record is damaged."""
    numbers = sorted(
        int(path.parent.name)
        for path in (folder.path / "outside").glob(f"*/{RECORD}")
        if path.parent.name.isascii() and path.parent.name.isdigit()
    )
    return tuple(OutsideModel(ENSEMBLE - n, _read(folder, ENSEMBLE - n)) for n in numbers)


def _read(folder: RunFolder, model: int) -> OutsideRecord:
    name = f"{outside_place(model)}/{RECORD}"
    try:
        return from_plain(OutsideRecord, parse_json(folder.read(name)))
    except (RecordError, FileNotFoundError):
        raise RunError(
            f"{name} of the run in {folder.path} is damaged.", "Delete that folder."
        ) from None


def save_outside(folder: RunFolder, record: OutsideRecord, found: OutOfFold) -> OutsideModel:
    """Keep the predictions of one more model; `found.rows` are numbers of a stored table."""
    there = [int(p.name) for p in (folder.path / "outside").glob("*") if p.name.isdigit()]
    model = OutsideModel(ENSEMBLE - 1 - max(there, default=0), record)
    place = outside_place(model.number)
    folder.write({f"{place}/oof.npz": predictions_to_bytes(found)})
    folder.write({f"{place}/{RECORD}": dump_json(to_plain(record))})  # last: it says that all is
    return model


def forget_outside(folder: RunFolder, model: int) -> None:
    """Remove the predictions of a model from outside; its empty folder keeps its number taken."""
    place = folder.path / outside_place(model)
    for name in (RECORD, "oof.npz"):
        with storage_errors(place / name):
            (place / name).unlink(missing_ok=True)
