"""The tasks that a worker can be given: plain records beside blobs.

A task names the table by content hash; a worker never sees a run's folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from automl_core.features import Pair, TargetCoder
from automl_core.records import from_plain, to_plain
from automl_core.runs.executor.protocol import Blobs, Frame
from automl_core.table import Column
from automl_core.types import Config, Task

ALL_FOLDS = -1
"""Stands for all folds where a fold's number is expected."""


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
    sentences: bool = False  # texts may be read by the sentence model that is installed


@dataclass(frozen=True)
class VisibleFeatures:
    """What a model sees of the table."""

    columns: tuple[str, ...] = ()  # none named: all
    pairs: tuple[Pair, ...] = ()  # of them, that are features besides
    sentences: bool = False  # of texts, what a sentence model makes of them


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


@dataclass(frozen=True)
class TrainTask:
    """Fit these folds, one after the other."""

    kind: ClassVar[str] = "train"
    data: DataLink
    jobs: tuple[FoldTask, ...]
    limit_seconds: float | None  # for the whole task, from its arrival
    device: str


@dataclass(frozen=True)
class RefitTask:
    """Fit a trial once more, on all of the rows in the blob `rows`, with what its first fit has
    settled in the configuration. Result: Refitted, none where time was up before."""

    kind: ClassVar[str] = "refit"
    data: DataLink
    job: FoldTask
    limit_seconds: float | None  # from its arrival
    device: str


@dataclass(frozen=True)
class ProbeTask:
    """Train for a moment to see how long a fit would take. Blobs: train.0 and valid.0 rows."""

    kind: ClassVar[str] = "probe"
    data: DataLink
    family: str
    config: Config
    seconds: float  # of training
    device: str
    seen: VisibleFeatures = VisibleFeatures()


@dataclass(frozen=True)
class SelectTask:
    """Choose the columns that models need, and pairs of them that pay. Result: ColumnsSelected.

    Blobs: rows, which train; and, if some belong together, parted: a number for each of them."""

    kind: ClassVar[str] = "select"
    data: DataLink
    fold: int  # whose training rows they are; ALL_FOLDS: one choice for all
    seed: int
    seconds: float | None  # for the columns
    pair_seconds: float | None  # for pairs, besides; 0: none are looked for


@dataclass(frozen=True)
class EmbedTask:
    """Make the vectors of all texts by the sentence model. Result: TextsEmbedded."""

    kind: ClassVar[str] = "embed"
    data: DataLink
    test: str  # content hash of a test table; "": none
    seconds: float | None


@dataclass(frozen=True)
class ImportanceTask:
    """Permutation importance: repeats until the seconds are over. Blobs: member.<fold>.<file>,
    and valid.<fold> rows."""

    kind: ClassVar[str] = "importance"
    data: DataLink
    trial: int
    repeat: int  # the trial's partition of the rows
    first_repeat: int
    repeats: int
    seconds: float


@dataclass(frozen=True)
class ScoreTask:
    """Predict stored rows. Blobs: files of a predictor, and rows. Result: Scored."""

    kind: ClassVar[str] = "score"
    data: DataLink


@dataclass(frozen=True)
class PredictTask:
    """Score a whole stored table. Blobs: files of a predictor. Result: TablePredicted."""

    kind: ClassVar[str] = "predict"
    root: str
    table: str


Work = (
    TrainTask
    | RefitTask
    | ProbeTask
    | SelectTask
    | EmbedTask
    | ImportanceTask
    | ScoreTask
    | PredictTask
)
WORK: dict[str, type[Work]] = {
    t.kind: t
    for t in (
        TrainTask,
        RefitTask,
        ProbeTask,
        SelectTask,
        EmbedTask,
        ImportanceTask,
        ScoreTask,
        PredictTask,
    )
}


def task_frame(number: int, work: Work, blobs: Blobs) -> Frame:
    """The frame that carries a task."""
    return Frame({"task": number, "kind": work.kind, "work": to_plain(work)}, blobs)


def read_task(frame: Frame) -> tuple[int, Work]:
    """The task in a frame that `task_frame` made."""
    work: Work = from_plain(WORK[frame.head["kind"]], frame.head["work"])
    return frame.head["task"], work
