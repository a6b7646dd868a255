"""A run's trials in other tools' formats, read back by those tools where they are here."""

from __future__ import annotations

import importlib.util
import io
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pandas as pd
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from automl_core.errors import LibraryError, SpecError
from automl_core.runs.exchange import trial_files
from automl_core.runs.exchange.study_file import scores_by_epoch
from automl_core.runs.exchange.trial_log import read_trials
from automl_core.runs.record import Curve, RunFolder, RunReader, Trial
from automl_core.runs.record import events as e
from automl_core.runs.record.log import LogWriter
from automl_core.types import Origin, RunStatus, TrialStatus
from tests.finished_run import MEMBERS, WEIGHTS, make_run

SETTINGS = {"width": 128, "learning_rate": 0.004, "epochs": 0, "frequencies": 8}
SCORES = (0.7, None, 0.8, 1e300)


@pytest.fixture
def run(workspace: Path) -> RunFolder:
    """A constant, trees, a linear network, a failure, an ensemble; a network that was pruned."""
    folder = make_run(workspace, "run-a", status=RunStatus.RUNNING)
    log = LogWriter(folder.log_path)
    log.append(e.TrialStarted(4, "=mlp-4", "mlp", SETTINGS, Origin.SEARCH), 6.0)
    half = (0.5,) * len(SCORES)
    log.append(e.Epochs(4, 1, (1, 2, 3, 4), half, half, half, SCORES, half, half), 7.0)
    log.append(e.TrialFinished(4, TrialStatus.PRUNED, 0.6, 1.0, 0.01, 500, 1), 8.0)
    log.append(e.RunFinished(RunStatus.FINISHED, "Over.", e.ENSEMBLE, 0.9, 0.8, 1.0), 9.0)
    log.close()
    return folder


def test_the_study_is_read_by_optuna(run: RunFolder, tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    path.write_bytes(trial_files(run, "study")["study.db"])
    storage = optuna.storages.RDBStorage(f"sqlite:///{path}")
    study = optuna.load_study(study_name="run-a", storage=storage)
    state = RunReader(run).refresh()
    assert study.direction.name == "MAXIMIZE" and study.user_attrs["table"] == "customers.csv"
    names = [state.trials[number].name for number in MEMBERS]
    assert study.user_attrs["ensemble"] == dict(zip(names, WEIGHTS, strict=True))
    trials = study.trials
    assert [t.state.name for t in trials] == [*["COMPLETE"] * 3, "FAIL", "PRUNED"]
    families = ["constant", "lightgbm", "linear", "mlp", "mlp"]
    assert [t.params["family"] for t in trials] == families
    assert [t.value for t in trials] == [t.score for t in state.trials.values()]
    pruned = trials[4]
    assert pruned.params == {"family": "mlp", "mlp.width": 128, "mlp.learning_rate": 0.004}
    assert pruned.user_attrs["config"] == SETTINGS and pruned.user_attrs["name"] == "=mlp-4"
    assert pruned.intermediate_values == {1: 0.7, 3: 0.8, 4: 1e300}
    assert (pruned.datetime_complete - pruned.datetime_start).total_seconds() == 2.0
    assert "after 3 epochs" in trials[3].user_attrs["message"]
    storage.engine.dispose()


def test_a_long_curve_is_thinned_to_its_end() -> None:
    epochs = list(range(1, 96))
    curve = Curve(epoch=epochs, valid_score=[float(epoch) for epoch in epochs])
    trial = Trial(0, "mlp-0", "mlp", {}, Origin.SEARCH, 0.0, curves={1: curve})
    kept = scores_by_epoch(trial)
    assert list(kept) == list(range(5, 96, 5)) and kept[95] == 95.0


def test_a_study_of_errors_is_minimised(workspace: Path) -> None:
    assert not read_trials(make_run(workspace, "run-r", "regression")).higher_is_better


def test_curves_are_event_files(run: RunFolder) -> None:
    files = trial_files(run, "tensorboard")
    (path,) = [name for name in files if name.startswith("-mlp-4/fold-2/events.out.tfevents.")]
    first, *events = _events(files[path])
    assert first.file_version == "brain.Event:2"
    assert [event.step for event in events] == [1, 2, 3, 4]
    started = RunReader(run).refresh().wall_started
    assert abs(events[0].wall_time - (started + 6.5)) < 1e-3
    found = [{v.tag: v.simple_value for v in event.summary.value} for event in events]
    assert found[0] == {
        "train_loss": 0.5, "valid_loss": 0.5, "learning_rate": 0.5, "valid_score": np.float32(0.7)
    }  # fmt: skip
    assert "valid_score" not in found[1] and found[3]["valid_score"] == np.finfo(np.float32).max
    (path,) = [name for name in files if name.startswith("run/")]
    scores = {v.tag for event in _events(files[path]) for v in event.summary.value}
    assert scores == {"score", "train_seconds", "ensemble_score"}


def test_checksums_are_those_of_the_format() -> None:
    from automl_core.runs.exchange.event_files import MASK, checksum

    crc = 0xE3069283  # of this text by RFC 3720's CRC-32C
    turned = (crc >> 15 | crc << 17) & 0xFFFFFFFF
    assert checksum(b"123456789") == struct.pack("<I", (turned + MASK) & 0xFFFFFFFF)


def test_tables_are_read_by_pandas(run: RunFolder) -> None:
    files = trial_files(run, "csv")
    board = pd.read_csv(io.BytesIO(files["leaderboard.csv"]))
    assert board["best"].sum() == 1 and board.loc[board["best"], "name"].tolist() == ["ensemble"]
    row = board[board["trial"] == 4].iloc[0]
    assert row["name"] == "'=mlp-4" and json.loads(row["settings"]) == SETTINGS
    curves = pd.read_csv(io.BytesIO(files["curves.csv"]))
    own = curves[curves["model"] == "'=mlp-4"]
    assert own["fold"].tolist() == [1] * 4 and own["epoch"].tolist() == [1, 2, 3, 4]
    assert own["valid_score"].tolist()[2:] == [0.8, 1e300]


@pytest.mark.skipif(importlib.util.find_spec("mlflow") is not None, reason="MLflow is here")
def test_without_mlflow_a_message_says_how_to_get_it(run: RunFolder) -> None:
    with pytest.raises(LibraryError, match="pip install mlflow"):
        trial_files(run, "mlflow")


def test_an_unknown_format_is_refused(run: RunFolder) -> None:
    with pytest.raises(SpecError, match="tensorboard"):
        trial_files(run, "tensorbord")


def _events(data: bytes) -> Iterator[Any]:
    """The messages in an event file, decoded by the library of Protocol Buffers."""
    message = _message()
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        found = message()
        found.ParseFromString(data[12 : 12 + length])
        yield found
        data = data[16 + length :]


def _message() -> Any:
    """TensorBoard's Event, with those of its fields that are written here."""
    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="event.proto", package="t", syntax="proto3")

    def add(name: str, *fields: tuple[str, int, int, str]) -> None:
        message = file.message_type.add(name=name)
        for field, number, kind, of in fields:
            label = kinds.LABEL_REPEATED if field == "value" else kinds.LABEL_OPTIONAL
            made = message.field.add(name=field, number=number, type=kind, label=label)
            if of:
                made.type_name = of

    add("Value", ("tag", 1, kinds.TYPE_STRING, ""), ("simple_value", 2, kinds.TYPE_FLOAT, ""))
    add("Summary", ("value", 1, kinds.TYPE_MESSAGE, ".t.Value"))
    add(
        "Event",
        ("wall_time", 1, kinds.TYPE_DOUBLE, ""),
        ("step", 2, kinds.TYPE_INT64, ""),
        ("file_version", 3, kinds.TYPE_STRING, ""),
        ("summary", 5, kinds.TYPE_MESSAGE, ".t.Summary"),
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("t.Event"))
