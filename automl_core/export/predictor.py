"""A trained model with all it needs to score a table: columns, encoders, models, target.

Files go in and out as `name -> bytes`, tables as Arrow; runs, zips and CSV are handled elsewhere.
A predictor is one or more members (one a fold; folds of several trials for an ensemble), each
with the encoder it was fitted with; its prediction is their weighted average.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.evaluation import apply_temperature
from automl_core.export.answer import NOTHING_SAID, AnswerRecord, answer_files, read_answer
from automl_core.export.model_columns import in_model_names
from automl_core.export.predictor_files import (
    ENCODER_FILE,
    MEMBER_FILE,
    MODEL_FILE,
    SCHEMA_FILE,
    ModelRecord,
    SchemaRecord,
    assemble_files,
    combine_files,
    member_weights,
    share_encoders,
    split_members,
)
from automl_core.export.safe_reading import FORMAT_VERSION, damage_as_model_error, read_record
from automl_core.export.self_test import check_self_test
from automl_core.features import Encoder, TargetCoder, encoder_from_json, encoder_to_json
from automl_core.files import dump_json
from automl_core.models import Model, catalog
from automl_core.records import to_plain
from automl_core.table import Column, TypedTable
from automl_core.table.parsing import parse_table
from automl_core.types import Files, Task

__all__ = [
    "ENCODER_FILE", "MEMBER_FILE", "MODEL_FILE", "SCHEMA_FILE",
    "Member", "MemberRecord", "ModelRecord", "Predictor", "SchemaRecord",
    "assemble_files", "combine_files", "load_member", "load_predictor", "member_files",
    "predictor_files", "share_encoders", "split_members",
]  # fmt: skip

CHUNK_BYTES = 128 * 2**20  # of one encoded matrix: bounds memory, never changes a prediction


@dataclass(frozen=True, eq=False)
class Member:
    """One fitted model and the encoder that makes its matrix."""

    family: str
    encoder: Encoder
    model: Model

    def predict(self, typed: TypedTable) -> NDArray[np.float64]:
        """Probabilities (n, classes) or values (n,), encoded and predicted in chunks of rows."""
        width = len(self.encoder.features)
        parts = [self.model.predict(self.encoder.encode(part)) for part in _chunks(typed, width)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)


@dataclass(frozen=True, eq=False)
class Predictor:
    """A model of the leaderboard, ready to score tables.

    Raises ModelError where weights, temperature or answer make no sense.
    """

    name: str  # "mlp-3"
    family: str
    task: Task
    metric: str
    columns: tuple[Column, ...]  # the features' columns, with their parse rules
    target_name: str
    target: TargetCoder
    members: tuple[Member, ...]
    weights: tuple[float, ...] = ()  # one a member, sum 1; none given: all equal
    temperature: float = 1.0  # of the averaged probabilities (evaluation/calibration.py)
    answer: AnswerRecord = NOTHING_SAID  # how probabilities and values become what is told

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", member_weights(_record(self)))
        threshold, intervals = self.answer.threshold, self.answer.intervals
        binary = self.task == "binary" and threshold is not None
        fits = threshold is None or (binary and threshold.label in self.target.names)
        if not fits or (intervals is not None and self.task != "regression"):
            raise ModelError("The model's files contradict each other: its answer is of another.")

    def predict(self, typed: TypedTable) -> NDArray[np.float64]:
        """Probabilities (n, classes), columns as in `target.labels`; or values (n,).

        The weighted average over members, then the temperature. Rows keep their order, and a
        row's prediction does not depend on the rows beside it.
        """
        classes = self.target.classes
        if typed.rows == 0:
            return np.zeros((0, classes) if classes else 0)
        width = max(len(encoder.features) for encoder, _ in self.groups)
        parts = [self.combined(self._said(part)) for part in _chunks(typed, width)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def combined(self, said: Iterable[tuple[int, NDArray[np.float64]]]) -> NDArray[np.float64]:
        """The predictions of the whole, of those of each member: (its number, what it says).

        In the order of `groups`, which decides how the sum is rounded.
        """
        total: NDArray[np.float64] | None = None
        for number, values in said:
            part = self.weights[number] * values
            total = part if total is None else total + part
        assert total is not None
        return apply_temperature(total, self.temperature) if self.target.classes else total

    def _said(self, typed: TypedTable) -> Iterator[tuple[int, NDArray[np.float64]]]:
        """What each member says of a chunk of rows, encoded once for those of equal encoders."""
        for encoder, numbers in self.groups:
            x = encoder.encode(typed)
            for number in numbers:
                yield number, self.members[number].model.predict(x)

    @cached_property
    def groups(self) -> list[tuple[Encoder, list[int]]]:
        """Encoders that differ, with the members that use each."""
        groups: list[tuple[Encoder, list[int]]] = []
        for i, member in enumerate(self.members):
            for encoder, numbers in groups:
                if encoder is member.encoder or encoder == member.encoder:
                    numbers.append(i)
                    break
            else:
                groups.append((member.encoder, [i]))
        return groups

    @cached_property
    def used(self) -> tuple[Column, ...]:
        """Those of its columns that its encoders read: all that a prediction needs."""
        names = {name for encoder, _ in self.groups for name in encoder.reads}
        return tuple(column for column in self.columns if column.name in names)

    def predict_table(self, table: pa.Table) -> NDArray[np.float64]:
        """Parse a raw table and predict; columns it lacks count as missing in every row.

        Raises ModelError as `typed`.
        """
        return self.predict(self.typed(table, self.used))

    def typed(self, table: pa.Table, columns: Sequence[Column] | None = None) -> TypedTable:
        """The columns of the model, or some of them, typed; what a raw table lacks is all missing.

        Raises ModelError where a column of the model is there twice, or none is there.
        """
        table = in_model_names(table, self.columns, self.target_name)
        times = Counter(table.column_names)
        for column in self.columns:
            if times[column.name] > 1:
                raise ModelError(
                    f"The table has {times[column.name]} columns called {column.name!r}.",
                    "Keep the one that the model should read and rename the others.",
                )
        return parse_table(table, self.columns if columns is None else columns)


def _chunks(typed: TypedTable, width: int) -> Iterator[TypedTable]:
    """The rows in order, so many at a time that their matrix stays within CHUNK_BYTES."""
    step = max(1, CHUNK_BYTES // (4 * max(1, width)))
    if typed.rows <= step:
        yield typed
        return
    for start in range(0, typed.rows, step):
        yield typed.take(np.arange(start, min(start + step, typed.rows), dtype=np.int64))


@dataclass(frozen=True)
class MemberRecord:
    """member.json"""

    card: str  # the family; the key of all bundles since 0.1.0
    format_version: int = FORMAT_VERSION


def _try(member: Member, classes: int) -> None:
    """ModelError where the model does not fit its encoder, or predicts what cannot be."""
    what = f"the model ({member.family})"
    with damage_as_model_error(what):
        rows = np.repeat(
            np.array([[0.0], [1.0], [-1.0]], np.float32), len(member.encoder.features), 1
        )
        answer = member.model.predict(rows)
        if answer.shape != ((3, classes) if classes else (3,)):
            raise ModelError(f"The model's files contradict each other: {what}, {answer.shape}.")
        sound = bool(np.isfinite(answer).all())
        if classes:
            sums = answer.sum(axis=1)
            sound = sound and bool((answer >= 0).all()) and np.allclose(sums, 1, atol=1e-3)
        if not sound:
            raise ModelError(f"The model is damaged: {what} predicts no numbers that make sense.")


def member_files(member: Member) -> Files:
    """The member as files: member.json, encoder.json and those of its model."""
    files = dict(member.model.files())
    assert MEMBER_FILE not in files and ENCODER_FILE not in files
    files[MEMBER_FILE] = dump_json(to_plain(MemberRecord(member.family)))
    files[ENCODER_FILE] = encoder_to_json(member.encoder)
    return files


def load_member(files: Files, encoders: dict[bytes, Encoder] | None = None) -> Member:
    """The member that `member_files` wrote; ModelError where it is damaged or newer.

    `encoders` are those read before, by their file's content: equal ones become one object.
    """
    record = read_record(MemberRecord, files, MEMBER_FILE)
    rest = {n: data for n, data in files.items() if n not in (MEMBER_FILE, ENCODER_FILE)}
    known = {} if encoders is None else encoders
    with damage_as_model_error(ENCODER_FILE):
        content = files[ENCODER_FILE]
        if content not in known:
            known[content] = encoder_from_json(content)
    with damage_as_model_error(f"the model ({record.card})"):
        model = catalog.load(record.card, rest)
    return Member(record.card, known[content], model)


def predictor_files(predictor: Predictor) -> Files:
    """The predictor as files: model.json, schema.json, `members/<i>/...`, `encoders/<n>.json`.

    answer.json where its answer is not the most probable class or the value alone.
    """
    schema = SchemaRecord(predictor.columns, predictor.target_name, predictor.target)
    members = [member_files(m) for m in predictor.members]
    files = share_encoders(assemble_files(_record(predictor), schema, members))
    return files | answer_files(predictor.answer)


def _record(p: Predictor) -> ModelRecord:
    return ModelRecord(p.name, p.family, p.task, p.metric, len(p.members), p.weights, p.temperature)


def load_predictor(files: Files) -> Predictor:
    """The predictor that `predictor_files` or `combine_files` wrote.

    Raises ModelError where a file is damaged, missing, unknown, or of a newer version, and where
    it does not predict what its self-test says.
    """
    model = read_record(ModelRecord, files, MODEL_FILE)
    schema = read_record(SchemaRecord, files, SCHEMA_FILE)
    if model.task != schema.target.task:
        raise ModelError("The model's files contradict each other: the task differs.")
    known: dict[bytes, Encoder] = {}
    members = tuple(load_member(part, known) for part in split_members(files))
    for member in members:
        _try(member, schema.target.classes)
    predictor = Predictor(
        model.name, model.family, model.task, model.metric,
        schema.columns, schema.target_name, schema.target, members,
        model.weights, model.temperature, read_answer(files),
    )  # fmt: skip
    check_self_test(predictor.predict, schema.columns, files)
    return predictor
