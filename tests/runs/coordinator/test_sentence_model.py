"""A sentence model in a run: vectors made once, trials that use them, too little time."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from automl_core.export.predictor import load_predictor
from automl_core.features.sentences import SentenceEncoder
from automl_core.runs.coordinator.sentence_model import TextEmbeddingPlan
from automl_core.runs.executor.results import TextsEmbedded
from automl_core.runs.record import Budget, RunOptions, TrainRequest
from automl_core.runs.record.folder import RunFolder
from automl_core.runs.record.state import RunState
from automl_core.runs.schedule import TimeBudget
from automl_core.runs.setup.run_data import prepare_run_data
from automl_core.runs.worker import embed_text
from tests import fake_sentences
from tests.runs.coordinator.test_column_selection import QUICK, run
from tests.runs.tables import stored_run


def notes(rows: int = 240) -> pa.Table:
    """Texts whose letters tell the answer."""
    rng = np.random.default_rng(0)
    sides = rng.random(rows) < 0.5
    letters = [list("abcde") if side else list("defgh") for side in sides]
    texts = [" ".join("".join(rng.choice(few, 5)) for _ in range(6)) for few in letters]
    return pa.table({"note": texts, "answer": np.where(sides, "yes", "no").tolist()})


def request(features: str = "full") -> TrainRequest:
    options = RunOptions(Budget(trials=2), families=QUICK, folds=2, features=features)
    return TrainRequest("answer", options, roles=(("note", "text"),))


def uses(out: Path, trial: int) -> bool:
    members = load_predictor(RunFolder(out).model_files(trial)).members
    return any(isinstance(c, SentenceEncoder) for m in members for c in m.encoder.columns)


def said(state: RunState) -> str:
    return " ".join(note.message for _, note in state.notes if "entence" in note.message)


class _Connection:
    """Keeps what the worker's end of the pipe is given."""

    sent: TextsEmbedded

    def cancelled(self) -> None:
        return None

    def send(self, result: TextsEmbedded) -> None:
        self.sent = result


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake_sentences.install(monkeypatch, tmp_path)


@pytest.mark.usefixtures("installed")
def test_after_the_first_model_trials_read_texts_with_it(workspace: Path) -> None:
    out = workspace / "runs" / "with"
    state = run(workspace, notes(), out, request())
    assert [state.trials[n].sentences for n in (1, 2)] == [False, True]
    assert (uses(out, 1), uses(out, 2)) == (False, True)
    assert "sentence model that is installed, too" in said(state)
    asked = fake_sentences.asked()
    assert len(asked) == len(set(asked)) == 240
    run(workspace, notes(), workspace / "runs" / "again", request())
    assert len(fake_sentences.asked()) == 240  # the vectors lie in the workspace


@pytest.mark.usefixtures("installed")
def test_it_can_be_switched_off(workspace: Path) -> None:
    out = workspace / "runs" / "off"
    state = run(workspace, notes(), out, request("words"))
    assert not uses(out, 2)
    assert said(state) == ""


def test_without_it_nothing_changes(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("automl_core.runs.setup.run_data.find_folder", lambda: None)
    state = run(workspace, notes(), workspace / "runs" / "none", request())
    assert not state.trials[2].sentences
    assert said(state) == ""


@pytest.mark.usefixtures("installed")
def test_more_texts_than_time_are_left_with_a_note(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = _Connection()
    asked = TrainRequest("answer", RunOptions(Budget(seconds=100)), roles=(("note", "text"),))
    spec, schema = stored_run(workspace, notes(), asked)
    data = prepare_run_data(spec, schema, workspace)
    plan = TextEmbeddingPlan(spec, data, TimeBudget(100.0, 1, 0.0))
    task = plan.next_task()
    assert task is not None
    monkeypatch.setattr(embed_text, "FASTEST", 10.0)
    embed_text.embed_texts(task, connection)  # type: ignore[arg-type]
    assert "240 texts at 10 a second, or fewer, would take more than 20 %" in plan.take(
        connection.sent
    )
    assert "sentence_transformers" not in sys.modules  # not even loaded
    monkeypatch.setattr(embed_text, "FASTEST", 1e9)
    monkeypatch.setattr(embed_text, "_texts_a_second", lambda _: 10.0)
    embed_text.embed_texts(task, connection)  # type: ignore[arg-type]
    assert not connection.sent.done
    monkeypatch.setattr(embed_text, "_texts_a_second", lambda _: 100.0)
    embed_text.embed_texts(task, connection)  # type: ignore[arg-type]
    assert connection.sent.done


@pytest.mark.usefixtures("installed")
def test_under_a_clock_it_may_take_a_stated_share(workspace: Path) -> None:
    asked = TrainRequest("answer", RunOptions(Budget(seconds=100)), roles=(("note", "text"),))
    spec, schema = stored_run(workspace, notes(), asked)
    data = prepare_run_data(spec, schema, workspace)
    plan = TextEmbeddingPlan(spec, data, TimeBudget(100.0, 1, 0.0))
    task = plan.next_task()
    assert task is not None
    assert (task.seconds, plan.is_answered, plan.next_task()) == (20.0, False, None)
    plan.miss()
    assert (plan.is_answered, plan.ready) == (True, False)
