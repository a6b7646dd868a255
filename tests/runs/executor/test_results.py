"""Each result comes back from the pipe as it was sent; what is none is refused by name."""

from __future__ import annotations

import dataclasses
import io
import typing

import numpy as np
import pyarrow as pa
import pytest

from automl_core.evaluation import (
    ColumnSet,
    ComparedScore,
    MeasuredColumns,
    RowScores,
    SplitScores,
)
from automl_core.explain import Contributions, Question, explain
from automl_core.explain.changes import Proposal, Proposals
from automl_core.explain.row_distances import NearRows
from automl_core.export import Cell
from automl_core.feature_selection.outcome import Chosen, Combined, Dropped, Step
from automl_core.features.feature_layout import Pair
from automl_core.onnx_export import Certificate
from automl_core.records import RecordError
from automl_core.runs.executor import results as r
from automl_core.runs.executor.protocol import Frame, read_frame, write_frame
from automl_core.scoring import Drift, FileCheck, ScoreFall
from automl_core.scoring.drift import ColumnDrift
from automl_core.scoring.score_fall import Cause
from automl_core.types import StopReason
from tests.explain import made

CHOSEN = Chosen(
    kept=("a", "b"),
    dropped=(Dropped("c", "copy", "a", 0.0), Dropped("d", "noise", "", -0.25)),
    chance=0.125,
    steps=(Step(4, 0.5, -0.0625, 0.25), Step(2, 0.5, 0.0, 0.0)),
    combined=Combined((Pair("a", "b", "joined"),), 3, 0.5, 0.25, unfinished=True),
)
FITTED = r.FoldFitted(
    trial=3,
    fold=1,
    reason=StopReason.EARLY,
    train_seconds=1.5,
    encode_seconds=0.5,
    predict_ms_per_row=0.25,
    size_bytes=7,
    early_stopped={"trees": 12, "rate": 0.1, "kind": "a", "whole": True},
    epochs=12,
    files={"model.json": b"{}\n", "deep/weights.npz": b"\x00\xff"},
    prediction=np.array([[0.1, 0.9], [1 / 3, 2 / 3]]),
    device="cuda:1",
    node="ü-2",
)
*_, EXPLANATION = explain(made.sample(lambda c: c["a"] * c["b"], rows=60), Question("rmse"))
CHECK = FileCheck(
    Drift((ColumnDrift("ü", "missing", 0.5, 0.0, "'ü' is missing."),), 240),
    ScoreFall("Log loss", 0.25, 0.5, 0.125, 240, (Cause("chance", 1.0, ""),)),
)
SENT: tuple[r.Sent, ...] = (
    r.WorkerReady("cuda:0", "GPU ü", ("cuda:0", "cuda:1")),
    r.EpochsReported(
        trial=3,
        fold=1,
        epoch=(1, 2),
        progress=(0.1, 0.2),
        train_loss=(1 / 3, None),
        valid_loss=(None, None),
        valid_score=(-0.5, 1e300),
        learning_rate=(1e-3, None),
        seconds=(0.25, 0.5),
    ),
    r.TrainingKept(trial=3, folds=(0, 2), epoch=5, files={"state": b"\x00\xff"}),
    FITTED,
    dataclasses.replace(FITTED, early_stopped=None, files={}, prediction=np.zeros((0, 3))),
    r.Refitted(0.25, 2, {"model.json": b"{}"}),
    r.Probed("mlp", 2.5),
    r.GainProbed("mlp", 1.5),
    r.ColumnsSelected(CHOSEN, 1.5),
    r.ColumnsSelected(dataclasses.replace(CHOSEN, combined=None, steps=()), 1.5),
    EXPLANATION,
    RowScores("rmse", (100, 200), ((0.5, 0.25), (0.125, 0.0)), 400),
    MeasuredColumns(
        "rmse",
        200,
        {"a": 0.25},
        {"a": 1.0},
        (ColumnSet(("a",), ComparedScore(0.5, 0.25, None, 0.0, None, 0.125)),),
        0.5,
    ),
    r.RowExplained(
        Contributions(
            (("a",), ("b", "c")), (0.25, -0.5), (0.0, 0.125), 0.5, 0.75, 30, 2, False, False
        ),
        NearRows((3, 1), (0.0, 0.25)),
    ),
    Proposals((Proposal((Cell("a", number=1.5), Cell("b", text="ü")), 0.75),), 0.25, False, 40),
    r.TextsEmbedded(True, 240, 10.5),
    r.ImportanceRepeat(3, 5, {"a": 0.5, "b": -0.0}, 0.75),
    r.Scored(np.array([1.5, -0.0, np.pi])),
    r.TablePredicted(pa.table({"prediction": ["n", None], "p": [0.25, 0.75]})),
    r.RowsScored(65_536, pa.table({"prediction": ["n", None], "p": [0.25, 0.75]})),
    r.TableScored(240, False, CHECK),
    r.TableScored(240, True, None),
    r.ModelTimed(0.25, 0.125),
    r.LightFileWritten({"model.onnx": b"\x08"}, "It was compared.", r.ModelTimed(0.25, 0.125)),
    r.Distilled({"model.json": b"{}"}, 240),
    r.PackageWritten({"model.pt2": b"\x00\xff", "networks/0/network.json": b"{}"}),
    r.CertifiedWritten(
        {"model.onnx": b"\x08\x0a"}, Certificate("test rows", 240, 12, 0.0, 1e-5, 0, False, "1.23")
    ),
    SplitScores("roc_auc", 0.75, 0.5, 240),
    r.TaskDone(),
    r.TaskFailed("It has failed."),
    r.WorkerLost("The worker ended."),
)


def through_a_pipe(frame: Frame) -> Frame:
    stream = io.BytesIO()
    write_frame(stream, frame)
    stream.seek(0)
    arrived = read_frame(stream)
    assert arrived is not None
    return arrived


def same(sent: object, read: object) -> bool:
    if isinstance(sent, np.ndarray) and isinstance(read, np.ndarray):
        return read.dtype == sent.dtype and read.shape == sent.shape and (read == sent).all()
    if isinstance(sent, pa.Table):
        return sent.equals(read)
    return type(read) is type(sent) and read == sent


@pytest.mark.parametrize("sent", SENT, ids=lambda sent: type(sent).__name__)
def test_a_result_comes_back_as_it_was_sent(sent: r.Sent) -> None:
    task, read = r.read_result(through_a_pipe(r.result_frame(7, sent)))
    assert task == 7
    assert type(read) is type(sent)
    for field in dataclasses.fields(sent):
        assert same(getattr(sent, field.name), getattr(read, field.name)), field.name


def test_every_kind_of_result_is_tried() -> None:
    assert {type(sent) for sent in SENT} == set(typing.get_args(r.Sent))


def test_what_is_no_result_is_refused_by_name() -> None:
    def refused(head: dict[str, typing.Any], blobs: dict[str, bytes], words: str) -> None:
        with pytest.raises(RecordError, match=words):
            r.read_result(Frame({"task": 1, **head}, blobs))

    refused({"kind": "Probd", "plain": {}}, {}, "Probd")
    refused({"kind": "Probed", "plain": {"family": "mlp"}}, {}, "seconds")
    refused({"kind": "Probed", "plain": {"family": "mlp", "seconds": "1"}}, {}, "seconds")
    refused({"kind": "TaskDone", "plain": {}}, {"files/a": b""}, "files/a")
    refused({"kind": "Scored", "plain": {}}, {}, "npy")


def test_an_unknown_stop_reason_is_refused() -> None:
    frame = r.result_frame(1, FITTED)
    frame.head["plain"]["reason"] = "bored"
    with pytest.raises(RecordError, match="bored"):
        r.read_result(frame)
