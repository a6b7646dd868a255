"""The tasks that a worker can be given, and their form on the pipe.

The coordinator builds a task and submits it with its blobs (row numbers, model files);
`request_frame` packs it for the worker's stdin, `read_request` unpacks it there. Each docstring
names the blobs that go with the task and the result that comes back; every task ends with
TaskDone or TaskFailed. A task names the table by its content hash; no worker knows a run's
folder.
"""

from __future__ import annotations

import json
import typing
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, Literal

from automl_core.explain import Goal, Question
from automl_core.export import Cell
from automl_core.features import Pair, TargetCoder
from automl_core.onnx_export import Precision
from automl_core.records import from_plain, parse_json, to_plain
from automl_core.runs.executor.protocol import Blobs, Frame
from automl_core.table import Column, Schema
from automl_core.types import Config, StopReason, Task

ALL_FOLDS = -1
"""Stands for all folds where a fold's number is expected."""

COLUMNS = "columns"
"""The blob with the columns of a task's link, beside those that the task names."""


@dataclass(frozen=True)
class _Columns:
    """The columns of a link, as a record."""

    columns: tuple[Column, ...]


@dataclass(frozen=True)
class DataLink:
    """The data of a run, as a worker needs it."""

    root: str  # workspace that holds tables/
    table: str  # content hash
    columns: tuple[Column, ...]  # features
    target: str
    coder: TargetCoder
    weight: Column | None
    balanced: bool  # weight classes inversely to their frequency
    task: Task
    metric: str
    rich: bool = True  # see Encoding.rich
    sentences: bool = False  # texts may be encoded by the sentence model that is installed
    whole: str = ""  # content hash of the longer table that the rows were drawn from; "": none

    @cached_property
    def packed_columns(self) -> bytes:
        """The columns as JSON, packed once for all tasks of a run."""
        return json.dumps(to_plain(_Columns(self.columns))).encode()

    def __hash__(self) -> int:
        """Equal links are equal in these; all columns of a table would take long."""
        return hash((self.root, self.table, self.target, self.metric, len(self.columns)))


@dataclass(frozen=True)
class VisibleFeatures:
    """The part of the table that a model sees."""

    columns: tuple[str, ...] = ()  # empty: all
    pairs: tuple[Pair, ...] = ()  # pairs of them that are features besides
    sentences: bool = False  # texts are encoded by the sentence model, too


@dataclass(frozen=True)
class FoldTask:
    """One fold of one trial. Its rows are the blobs train.<i> and valid.<i> of the task."""

    trial: int
    fold: int
    family: str
    config: Config
    seed: int
    prune: tuple[tuple[float, float], ...] = ()  # (progress, loss of the metric to stay below)
    seen: VisibleFeatures = VisibleFeatures()
    rival: bool = False  # may be ended for trials of the same task that are better


@dataclass(frozen=True)
class TrainTask:
    """Fit folds of a trial, or of several of one architecture. Results: EpochsReported and
    TrainingKept while they train, FoldFitted for each that was begun.

    Blobs: train.<i> and valid.<i>, the rows of job i; where it was interrupted, state.<i>, from
    its last TrainingKept.
    """

    data: DataLink
    jobs: tuple[FoldTask, ...]
    limit_seconds: float | None  # for the whole task, from its arrival
    device: str
    places: int = 0  # jobs that are trained as one, the others as places are free; 0: by the device
    compare_at: tuple[float, ...] = ()  # progress at which rivals are compared
    gain: float = 1.0  # times as long as its share of the time a fit would take alone


@dataclass(frozen=True)
class RefitTask:
    """Fit a trial once more, on all rows, with the hyperparameters that its first fit decided.

    Blob: rows. Result: Refitted; none where its time was over before.
    """

    data: DataLink
    job: FoldTask
    limit_seconds: float | None  # from its arrival
    device: str


@dataclass(frozen=True)
class ProbeTask:
    """Train for a moment to estimate how long a fit takes. Result: Probed.

    With `members`: see what is gained where so many are trained as one. Result: GainProbed.

    Blobs: train.0 and valid.0, the rows of the first fold.
    """

    data: DataLink
    family: str
    config: Config
    seconds: float  # of training
    device: str
    seen: VisibleFeatures = VisibleFeatures()
    members: int = 0


@dataclass(frozen=True)
class SelectTask:
    """Choose the columns that models need, and pairs of them that pay. Result: ColumnsSelected.

    Blobs: rows, which train; where some belong together, parted: a group number for each row.
    """

    data: DataLink
    fold: int  # whose training rows they are; ALL_FOLDS: one choice for all
    seed: int
    seconds: float | None  # for the columns
    pair_seconds: float | None  # for pairs, besides; 0: no pairs are searched


@dataclass(frozen=True)
class EmbedTask:
    """Compute the vectors of all texts with the sentence model. Result: TextsEmbedded."""

    data: DataLink
    test: str  # content hash of a test table; "": none
    seconds: float | None


@dataclass(frozen=True)
class ImportanceTask:
    """Permutation importance of a trial's model. Results: ImportanceRepeat, until time is over.

    Blobs: model/<file> of its predictor, and valid.<i>, the rows that validated member i.
    """

    data: DataLink
    trial: int
    repeat: int  # the trial's partition of the rows
    first_repeat: int
    repeats: int
    seconds: float


@dataclass(frozen=True)
class ScoreTask:
    """Predict stored rows. Blobs: model/<file> of a predictor, and rows. Result: Scored."""

    data: DataLink


@dataclass(frozen=True)
class PredictTask:
    """Predict a whole stored table. Blobs: model/<file> of a predictor. Result: TablePredicted."""

    root: str
    table: str  # content hash


@dataclass(frozen=True)
class ScoreTableTask:
    """Predict a stored table piece by piece. Blobs: model/<file> of a predictor.

    Results: RowsScored, each with a piece, then TableScored.
    """

    root: str
    table: str  # content hash
    rows: int
    extras: bool  # also what is unusual in each row, and in the whole


@dataclass(frozen=True)
class PackageTask:
    """Write a model of networks for PyTorch. Blobs: model/<file> of a predictor.

    Result: PackageWritten.
    """


CertifiedForm = Literal["onnx", "keras"]
CERTIFIED_FORMS: Mapping[CertifiedForm, str] = {"onnx": "ONNX", "keras": "Keras"}
"""Forms of a model that are compared with it before they are given out, with their titles."""


@dataclass(frozen=True)
class CertifiedTask:
    """Write a model for other programs, and compare the two on rows of a stored table.

    Blobs: model/<file> of a predictor, and rows. Result: CertifiedWritten.
    """

    form: CertifiedForm
    root: str
    table: str  # content hash
    rows_of: str  # what the rows are, in words: "test rows"


@dataclass(frozen=True)
class PredictRowTask:
    """Predict one row. Blobs: model/<file> of a predictor. Result: TablePredicted."""

    model: str  # tells one predictor from another, so that a worker loads it once
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class ExplainTask:
    """Say what a model learned. Results: Explanation, each better than the one before.

    Blobs: model/<file> of a predictor, and rows, in random order, none of which trained the
    members that predict it: all of them; or where `weights` are given, those of its members i
    that have it in their blob valid.<i>.
    """

    data: DataLink
    columns: tuple[str, ...]  # those that the model reads
    question: Question
    weights: tuple[float, ...]  # of each member where it predicts a row; (): all predict all rows
    seconds: float


@dataclass(frozen=True)
class AskedRow:
    """A row that a person asks about, the model that is asked, and what it is compared with."""

    model: str  # as in PredictRowTask
    cells: tuple[Cell, ...]
    order: tuple[str, ...]  # the columns that the model reads, most important first
    root: str
    table: str  # content hash of the table that the model learned from; "": it is not at hand
    usual: tuple[Cell, ...]  # a row of usual values, to compare with where there is no table


@dataclass(frozen=True)
class ExplainRowTask:
    """The contributions of the columns to the prediction of a row, and the rows nearest to it.

    Each task for the same row goes on where the last one ended. Blobs: model/<file> of a predictor,
    and rows, those that it learned from. Result: RowExplained.
    """

    row: AskedRow
    label: int  # class whose probability is explained; of a regression 0
    seconds: float  # about


@dataclass(frozen=True)
class ChangeRowTask:
    """Find small changes of a row that make the model predict something else.

    Blobs: as of ExplainRowTask. Result: Proposals.
    """

    row: AskedRow
    goal: Goal
    locked: tuple[str, ...]  # columns that stay as they are
    seconds: float  # after which no further changes are tried


@dataclass(frozen=True)
class RowCurveTask:
    """Score quick models on parts of the training rows. Result: RowScores.

    Blobs: train.<i> and valid.<i>, the rows of fold i.
    """

    data: DataLink
    folds: int
    seconds: float  # after which no larger part is tried


@dataclass(frozen=True)
class TimeModelTask:
    """Measure how long a model takes. Blobs: model/<file> of it, and rows. Result: ModelTimed."""

    data: DataLink


@dataclass(frozen=True)
class ScoreMembersTask:
    """Predict rows with each member of a model, as it is in a rounded ONNX file. Result: Scored.

    Blobs: model/<file> of it; rows.<i>, those of member i, of which it has seen none. "exact": the
    members themselves predict. The result has the rows of the members one after the other.
    """

    data: DataLink
    precision: Precision


@dataclass(frozen=True)
class LightFileTask:
    """Write a model as an ONNX file, and time it. Result: LightFileWritten.

    Blobs: model/<file> of it, and rows, which it is compared on and timed with.
    """

    data: DataLink
    precision: Precision
    rows_of: str  # where the rows are from


@dataclass(frozen=True)
class DistillTask:
    """Train one small network that predicts what a model predicts. Result: Distilled.

    Blobs: model/<file> of the teacher, and rows, those that it learned from.
    """

    data: DataLink
    config: Config  # of the network, where it differs from that of other students
    seed: int
    seconds: float  # for all of it


@dataclass(frozen=True)
class ColumnSetsTask:
    """Order the columns by what they give for their price, and score quick models of fewer of them.

    Results: MeasuredColumns, each with more than the one before. Blobs: rows, which choose the
    order; where some belong together, parted: a group number for each of them; train.<i> and
    valid.<i>, the rows of fold i, of which those that validate are not among `rows`.
    """

    data: DataLink
    prices: dict[str, float]  # of every column
    folds: int
    seconds: float


@dataclass(frozen=True)
class CompareTask:
    """Score a small model on rows at random and on rows set apart. Result: SplitScores."""

    root: str
    table: str  # content hash
    schema: Schema
    target: str
    how: Literal["group", "time", "copies"]
    column: str  # of the groups or the time; "" for copies


@dataclass(frozen=True)
class Cancel:
    """Stop the task with the frame's number and send what it has; not a task itself."""

    reason: StopReason


@dataclass(frozen=True)
class Keep:
    """Send the state of the trainings of the task with the frame's number now; it goes on."""


Work = (
    TrainTask
    | RefitTask
    | ProbeTask
    | SelectTask
    | EmbedTask
    | ImportanceTask
    | ScoreTask
    | PredictTask
    | ScoreTableTask
    | PackageTask
    | CertifiedTask
    | PredictRowTask
    | ExplainTask
    | ExplainRowTask
    | ChangeRowTask
    | RowCurveTask
    | TimeModelTask
    | ScoreMembersTask
    | LightFileTask
    | DistillTask
    | ColumnSetsTask
    | CompareTask
)
Request = Work | Cancel | Keep
"""All that a frame to a worker can hold."""

_KINDS: dict[str, type[Any]] = {cls.__name__: cls for cls in typing.get_args(Request)}


def request_frame(number: int, request: Request, blobs: Blobs | None = None) -> Frame:
    """The frame that carries a task, or what is asked of one that goes on."""
    kind, blobs = type(request).__name__, blobs or {}
    link = getattr(request, "data", None)
    if isinstance(link, DataLink):
        blobs = {**blobs, COLUMNS: link.packed_columns}
        request = replace(request, data=replace(link, columns=()))  # type: ignore[arg-type]
    return Frame({"task": number, "kind": kind, "plain": to_plain(request)}, blobs)


def read_request(frame: Frame) -> tuple[int, Request]:
    """The task's number and the request in a frame that `request_frame` made.

    Equal columns become one object.
    """
    request: Request = from_plain(_KINDS[frame.head["kind"]], frame.head["plain"])
    link, packed = getattr(request, "data", None), frame.blobs.get(COLUMNS)
    if isinstance(link, DataLink) and packed is not None:
        link = replace(link, columns=_unpacked(packed))
        request = replace(request, data=link)  # type: ignore[arg-type]
    return frame.head["task"], request


@lru_cache(maxsize=8)
def _unpacked(packed: bytes) -> tuple[Column, ...]:
    return from_plain(_Columns, parse_json(packed)).columns
