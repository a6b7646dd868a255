"""The results of tasks: one frozen record for each kind, and its form on the pipe.

A worker builds a result, `result_frame` packs it; in the parent, `read_result` unpacks it. Plain
fields travel as JSON and are read strictly; files, arrays and tables travel as bytes beside it,
recognised by the type of the field.
"""

from __future__ import annotations

import dataclasses
import io
import typing
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.errors import did_you_mean
from automl_core.evaluation import MeasuredColumns, RowScores, SplitScores
from automl_core.explain import Contributions, Explanation, NearRows, Proposals
from automl_core.feature_selection import Chosen
from automl_core.onnx_export import Certificate
from automl_core.records import RecordError, from_plain, to_plain
from automl_core.runs.executor.protocol import Blobs, Frame, read_frame, write_frame
from automl_core.scoring import FileCheck
from automl_core.types import Config, FailReason, Files, StopReason

Values = NDArray[np.float64]


@dataclass(frozen=True)
class WorkerReady:
    """A worker has loaded its libraries and takes tasks; sent once, it answers no task."""

    device: str  # that it would train on: "cpu", "cuda:0", "mps"
    device_title: str  # for people
    gpus: tuple[str, ...]  # all that this machine has: "cuda:0", "cuda:1"


@dataclass(frozen=True)
class EpochsReported:
    """Epochs of one fit while it trains, column by column: entry i of each is one epoch."""

    trial: int
    fold: int
    epoch: tuple[int, ...]  # from 1
    progress: tuple[float, ...]  # (0, 1], share of the planned training
    train_loss: tuple[float | None, ...]
    valid_loss: tuple[float | None, ...]
    valid_score: tuple[float | None, ...]  # the run's metric, natural sign
    learning_rate: tuple[float | None, ...]
    seconds: tuple[float, ...]  # since the fit began


@dataclass(frozen=True, eq=False)
class TrainingKept:
    """The state of a training that goes on, from which another worker could go on."""

    trial: int
    folds: tuple[int, ...]  # one, or those that are trained as one
    files: Files  # one file
    epoch: int = 0  # that it had come to


@dataclass(frozen=True, eq=False)
class FoldFitted:
    """One fold of a trial is fitted."""

    trial: int
    fold: int
    reason: StopReason
    train_seconds: float  # with encoding
    encode_seconds: float  # of them, before the fit began
    predict_ms_per_row: float
    size_bytes: int  # of the files
    early_stopped: Config | None  # hyperparameters that validation rows decided; None: none did
    epochs: int  # done, or trees grown
    files: Files  # of the member
    prediction: Values  # of the fold's validation rows: (m,) or (m, classes)
    device: str = ""  # that trained it: "cpu", "cuda:1"; "": not known
    node: str = ""  # of a cluster, set where the result arrives


@dataclass(frozen=True, eq=False)
class Refitted:
    """A trial is fitted on all rows; no such result where its time was over before."""

    predict_ms_per_row: float
    size_bytes: int
    files: Files  # of the member


@dataclass(frozen=True)
class Probed:
    """An estimate of how long a fit of a family takes."""

    family: str
    seconds: float


@dataclass(frozen=True)
class GainProbed:
    """What is gained where several networks of a family are trained as one."""

    family: str
    gain: float  # times as many rows a second as one after the other; 0: they cannot be


@dataclass(frozen=True)
class ColumnsSelected:
    """The columns, and pairs of columns, that some training rows ask for."""

    chosen: Chosen
    seconds: float  # that the selection took


@dataclass(frozen=True)
class TextsEmbedded:
    """The vectors of all texts are on disk, or the time does not suffice to make them."""

    done: bool
    texts: int  # that had no vectors before
    rate: float  # texts a second


@dataclass(frozen=True)
class ImportanceRepeat:
    """One repeat of permutation importance."""

    trial: int
    repeat: int
    losses: dict[str, float]  # by column: the rise of the loss when it is shuffled
    seconds: float  # that the repeat took


@dataclass(frozen=True, eq=False)
class Scored:
    """Predictions of stored rows, in their order."""

    prediction: Values  # (n,) or (n, classes)


@dataclass(frozen=True, eq=False)
class TablePredicted:
    """Predictions of a whole stored table."""

    table: pa.Table


@dataclass(frozen=True, eq=False)
class PackageWritten:
    """A model for other programs."""

    files: Files


@dataclass(frozen=True, eq=False)
class CertifiedWritten:
    """A model as a file of another form that says what the model says."""

    files: Files  # that file, and beside it its scorer and what describes it
    certificate: Certificate


@dataclass(frozen=True, eq=False)
class RowsScored:
    """The next rows of a stored table are predicted."""

    rows: int  # that are done, with these
    predictions: pa.Table  # of these


@dataclass(frozen=True)
class TableScored:
    """All rows of a stored table are predicted."""

    rows: int
    all_equal: bool  # all have the same prediction
    check: FileCheck | None  # None: it was not asked for


@dataclass(frozen=True)
class RowExplained:
    """Contributions to the prediction of a row as far as they are known, and its neighbours."""

    contributions: Contributions
    near: NearRows  # row numbers of the stored table; none where it is not at hand


@dataclass(frozen=True)
class ModelTimed:
    """How long a model takes, parsing apart."""

    row_ms: float  # for one row by itself, the median
    ms_per_row: float  # of many rows together


@dataclass(frozen=True, eq=False)
class LightFileWritten:
    """A model as an ONNX file with its scorer, and how long ONNX Runtime takes for it."""

    files: Files  # of the download; model.onnx is the model
    certificate: str  # how it was compared with the model, in words
    timed: ModelTimed


@dataclass(frozen=True, eq=False)
class Distilled:
    """A network that predicts what a model predicts."""

    files: Files  # of a predictor
    rows: int  # that it was taught


@dataclass(frozen=True)
class TaskDone:
    """The task has ended well; all its results were sent before."""


@dataclass(frozen=True)
class TaskFailed:
    """The task has raised an error; its worker takes the next one."""

    message: str  # for people
    reason: FailReason = FailReason.OTHER


@dataclass(frozen=True)
class WorkerLost:
    """The task has ended with its worker, or was cancelled before a worker had it.

    Never sent by a worker: the executor says it.
    """

    message: str  # for people
    reason: FailReason = FailReason.OTHER
    died: bool = False  # the worker ended, and nobody had asked it to


Result = (
    EpochsReported
    | TrainingKept
    | FoldFitted
    | Refitted
    | Probed
    | GainProbed
    | ColumnsSelected
    | TextsEmbedded
    | ImportanceRepeat
    | Scored
    | TablePredicted
    | RowsScored
    | TableScored
    | PackageWritten
    | CertifiedWritten
    | RowExplained
    | Proposals
    | RowScores
    | MeasuredColumns
    | SplitScores
    | Explanation
    | ModelTimed
    | LightFileWritten
    | Distilled
    | TaskDone
    | TaskFailed
    | WorkerLost
)
Sent = WorkerReady | Result
"""All that a worker's frame can hold."""


@dataclass(frozen=True, eq=False)
class Message:
    """A result, and the number of the task that it belongs to."""

    task: int
    result: Result


def result_to_bytes(result: Result) -> bytes:
    """A result as one file's content: a frame, as on the pipe."""
    stream = io.BytesIO()
    write_frame(stream, result_frame(0, result))
    return stream.getvalue()


def result_from_bytes(data: bytes) -> Sent:
    """The result that `result_to_bytes` wrote; RecordError or ValueError where it is none."""
    frame = read_frame(io.BytesIO(data))
    if frame is None:
        raise RecordError("The content ends within a frame.")
    return read_result(frame)[1]


def result_frame(task: int, result: Sent) -> Frame:
    """The frame that carries a result of a task."""
    kind = type(result).__name__
    layout = _layout(kind)
    if not layout.packed:
        return Frame({"task": task, "kind": kind, "plain": to_plain(result)})
    blobs: Blobs = {}
    for name, packing in layout.packed.items():
        parts = packing.pack(getattr(result, name))
        blobs |= {f"{name}/{part}": data for part, data in parts.items()}
    record = layout.record(*(getattr(result, name) for name in layout.plain))
    return Frame({"task": task, "kind": kind, "plain": to_plain(record)}, blobs)


def read_result(frame: Frame) -> tuple[int, Sent]:
    """The task's number and the result in a frame that `result_frame` made.

    Raises RecordError where the frame holds anything else.
    """
    kind = frame.head["kind"]
    if kind not in _KINDS:
        raise RecordError(f"There is no result {kind!r}.", did_you_mean(kind, _KINDS))
    layout = _layout(kind)
    parts: dict[str, Blobs] = {name: {} for name in layout.packed}
    for key, data in frame.blobs.items():
        name, _, part = key.partition("/")
        if name not in parts:
            raise RecordError(f"{kind} has the unknown blob {key!r}.")
        parts[name][part] = data
    record = from_plain(layout.record, frame.head["plain"])
    if not layout.packed:
        return frame.head["task"], record
    fields = {name: getattr(record, name) for name in layout.plain}
    fields |= {name: packing.unpack(parts[name]) for name, packing in layout.packed.items()}
    result: Sent = _KINDS[kind](**fields)
    return frame.head["task"], result


_KINDS: dict[str, type[Any]] = {cls.__name__: cls for cls in typing.get_args(Sent)}


class _Packing(NamedTuple):
    """Packs a field of one type as named bytes, beside the JSON, and unpacks it."""

    pack: Callable[[Any], Blobs]
    unpack: Callable[[Blobs], Any]


def _pack_values(values: Values) -> Blobs:
    buffer = io.BytesIO()
    np.save(buffer, np.asarray(values, dtype="<f8"), allow_pickle=False)
    return {"npy": buffer.getvalue()}


def _unpack_values(blobs: Blobs) -> Values:
    values: Values = np.load(io.BytesIO(_only(blobs, "npy")), allow_pickle=False)
    return values


def _pack_table(table: pa.Table) -> Blobs:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return {"arrow": sink.getvalue().to_pybytes()}


def _unpack_table(blobs: Blobs) -> pa.Table:
    with pa.ipc.open_file(pa.BufferReader(_only(blobs, "arrow"))) as reader:
        return reader.read_all()


def _only(blobs: Blobs, name: str) -> bytes:
    if list(blobs) != [name]:
        raise RecordError(f"There should be one blob {name!r}, not {sorted(blobs)}.")
    return blobs[name]


_PACKINGS: dict[Any, _Packing] = {
    Files: _Packing(dict, dict),
    Values: _Packing(_pack_values, _unpack_values),
    pa.Table: _Packing(_pack_table, _unpack_table),
}


class _Layout(NamedTuple):
    """The fields of one kind of result: those in the JSON and those packed beside it."""

    plain: tuple[str, ...]
    record: type[Any]  # of the plain fields alone; the result itself where none are packed
    packed: dict[str, _Packing]


@cache
def _layout(kind: str) -> _Layout:
    cls = _KINDS[kind]
    hints = typing.get_type_hints(cls)
    packed = {name: _PACKINGS[hint] for name, hint in hints.items() if hint in _PACKINGS}
    plain = tuple(name for name in hints if name not in packed)
    if not packed:
        return _Layout(plain, cls, packed)
    fields = [(name, hints[name]) for name in plain]
    return _Layout(plain, dataclasses.make_dataclass(kind, fields, frozen=True), packed)
