"""A trained model with all it needs to score a table: columns, encoders, models, target.

Knows nothing of runs, zips or CSV: files go in and out as `name -> bytes`, tables as Arrow.
A predictor is one or more members (one a fold), each with the encoder it was fitted with;
its prediction is their average.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.export.damage import FORMAT_VERSION, damage_as_model_error, read_record
from automl_core.features.encode import Encoder, encoder_from_json, encoder_to_json
from automl_core.features.target import TargetCoder
from automl_core.files import dump_json
from automl_core.models import catalog
from automl_core.models.base import Files, Model, Task
from automl_core.records import to_plain
from automl_core.table.parse import parse_table
from automl_core.table.schema import Column
from automl_core.table.typed import TypedTable

CHUNK_BYTES = 128 * 2**20  # of one encoded matrix: bounds memory, never changes a prediction

MODEL_FILE, SCHEMA_FILE = "model.json", "schema.json"
MEMBER_FILE, ENCODER_FILE = "member.json", "encoder.json"


@dataclass(frozen=True, eq=False)
class Member:
    """One fitted model and the encoder that makes its matrix."""

    card: str  # name of its family in the catalog
    encoder: Encoder
    model: Model

    def predict(self, typed: TypedTable) -> NDArray[np.float64]:
        """Probabilities (n, classes) or values (n,), encoded and predicted in chunks of rows."""
        step = max(1, CHUNK_BYTES // (4 * max(1, len(self.encoder.features))))
        if typed.rows <= step:
            return self.model.predict(self.encoder.encode(typed))
        parts = []
        for start in range(0, typed.rows, step):
            rows = np.arange(start, min(start + step, typed.rows), dtype=np.int64)
            parts.append(self.model.predict(self.encoder.encode(typed.take(rows))))
        return np.concatenate(parts)


@dataclass(frozen=True, eq=False)
class Predictor:
    """A model of the leaderboard, ready to score tables."""

    name: str  # "mlp-3"
    family: str
    task: Task
    metric: str
    columns: tuple[Column, ...]  # the features' columns, with their parse rules
    target_name: str
    target: TargetCoder
    members: tuple[Member, ...]

    def predict(self, typed: TypedTable) -> NDArray[np.float64]:
        """Probabilities (n, classes), columns as in `target.labels`; or values (n,).

        The average over members. Rows keep their order, and a row's prediction does not
        depend on the rows beside it.
        """
        if typed.rows == 0:
            return np.zeros((0, self.target.classes) if self.target.classes else 0)
        total = self.members[0].predict(typed)
        for member in self.members[1:]:
            total = total + member.predict(typed)
        return total / len(self.members)

    def predict_table(self, table: pa.Table) -> NDArray[np.float64]:
        """Parse a raw table and predict; columns it lacks count as missing in every row.

        Raises ModelError where a column that the model reads is there twice.
        """
        names = table.column_names
        for column in self.columns:
            if names.count(column.name) > 1:
                raise ModelError(
                    f"The table has {names.count(column.name)} columns called {column.name!r}.",
                    "Keep the one that the model should read and rename the others.",
                )
        return self.predict(parse_table(table, self.columns))


@dataclass(frozen=True)
class MemberRecord:
    """member.json"""

    card: str
    format_version: int = FORMAT_VERSION


@dataclass(frozen=True)
class ModelRecord:
    """model.json"""

    name: str
    family: str
    task: Task
    metric: str
    members: int
    format_version: int = FORMAT_VERSION


@dataclass(frozen=True)
class SchemaRecord:
    """schema.json: what the model reads, and what its answers mean."""

    columns: tuple[Column, ...]
    target_name: str
    target: TargetCoder
    format_version: int = FORMAT_VERSION


def member_files(member: Member) -> Files:
    """The member as files: member.json, encoder.json and those of its model."""
    files = dict(member.model.files())
    assert MEMBER_FILE not in files and ENCODER_FILE not in files
    files[MEMBER_FILE] = dump_json(to_plain(MemberRecord(member.card)))
    files[ENCODER_FILE] = encoder_to_json(member.encoder)
    return files


def load_member(files: Files) -> Member:
    """The member that `member_files` wrote; ModelError where it is damaged or newer."""
    record = read_record(MemberRecord, files, MEMBER_FILE)
    rest = {n: data for n, data in files.items() if n not in (MEMBER_FILE, ENCODER_FILE)}
    with damage_as_model_error(ENCODER_FILE):
        encoder = encoder_from_json(files[ENCODER_FILE])
    with damage_as_model_error(f"the model ({record.card})"):
        model = catalog.load(record.card, rest)
    return Member(record.card, encoder, model)


def predictor_files(predictor: Predictor) -> Files:
    """The predictor as files: model.json, schema.json and `members/<i>/...`."""
    p = predictor
    return assemble_files(
        ModelRecord(p.name, p.family, p.task, p.metric, len(p.members)),
        SchemaRecord(p.columns, p.target_name, p.target),
        [member_files(m) for m in p.members],
    )


def assemble_files(model: ModelRecord, schema: SchemaRecord, members: list[Files]) -> Files:
    """The files of a predictor whose members are files already.

    So a process that loads no model library can put together what workers sent it.
    """
    assert model.members == len(members)
    files = {
        MODEL_FILE: dump_json(to_plain(model)),
        SCHEMA_FILE: dump_json(to_plain(schema)),
    }
    for i, member in enumerate(members):
        files |= {f"members/{i}/{name}": data for name, data in member.items()}
    return files


def load_predictor(files: Files) -> Predictor:
    """The predictor that `predictor_files` wrote.

    Raises ModelError where a file is damaged, missing, unknown, or of a newer version.
    """
    model = read_record(ModelRecord, files, MODEL_FILE)
    schema = read_record(SchemaRecord, files, SCHEMA_FILE)
    if model.task != schema.target.task:
        raise ModelError("The model's files contradict each other: the task differs.")
    members = tuple(load_member(part) for part in _split_members(files, model.members))
    return Predictor(
        model.name, model.family, model.task, model.metric,
        schema.columns, schema.target_name, schema.target, members,
    )  # fmt: skip


def _split_members(files: Files, count: int) -> list[Files]:
    parts: list[Files] = [{} for _ in range(min(count, len(files)))]
    for name, data in files.items():
        if name in (MODEL_FILE, SCHEMA_FILE):
            continue
        folder, _, rest = name.partition("/")
        number, _, inner = rest.partition("/")
        known = folder == "members" and inner and number.isascii() and number.isdecimal()
        if not known or int(number) >= count or str(int(number)) != number:
            raise ModelError(f"The model has a file that does not belong to it: {name!r}.")
        parts[int(number)][inner] = data
    if count < 1 or len(parts) != count or not all(parts):
        raise ModelError("The model is incomplete: files of a member are missing.")
    return parts
