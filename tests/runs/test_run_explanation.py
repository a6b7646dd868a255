"""Models of an ended run are explained on rows that they did not see, and it is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from automl_core.cli.main import run_cli
from automl_core.errors import RunError, SpecError, TableError
from automl_core.metrics import score
from automl_core.records import from_plain
from automl_core.runs import ExplainRequest, explain_run, known_explanation
from automl_core.runs.executor import PredictionService, prediction_service
from automl_core.runs.executor.results import Message
from automl_core.runs.record import (
    ENSEMBLE,
    Budget,
    RunFolder,
    RunOptions,
    RunReader,
    StoredExplanation,
    TrainRequest,
    load_explanation,
)
from automl_core.runs.record.folder import EnsembleRecord, save_ensemble
from tests.runs.coordinator.test_finalize import conduct_inline
from tests.runs.inline import InlineExecutor
from tests.runs.tables import small_table, stored_run

REQUEST = TrainRequest(
    "answer", RunOptions(Budget(trials=2), families=("lightgbm",), folds=2, test_fraction=0.2)
)

BRIEF = ExplainRequest(seconds=1e-9)  # only what comes first


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of a run of two trials."""
    root = tmp_path_factory.mktemp("trained")
    conduct_inline(stored_run(root, small_table(), REQUEST), root, InlineExecutor())
    return root


@pytest.fixture
def folder(trained: Path) -> RunFolder:
    return RunFolder(trained / "runs" / "inline")


@pytest.fixture
def service(trained: Path, monkeypatch: pytest.MonkeyPatch) -> PredictionService:
    def executor(*_: Any, **__: Any) -> InlineExecutor:
        return InlineExecutor()

    monkeypatch.setattr(prediction_service, "open_one_worker", executor)
    return PredictionService(trained)


def test_the_final_model_is_explained_on_test_rows_and_another_out_of_fold(
    folder: RunFolder, service: PredictionService, trained: Path
) -> None:
    best = _final(folder)
    assert best == ENSEMBLE
    for trial, on_test, rows in ((best, True, 48), (1, False, 191)):
        job = explain_run(folder, trial, ExplainRequest(), trained, service)
        stored = job.done.result(timeout=60)
        assert (stored.on_test, stored.rows) == (on_test, rows)
        found = stored.explanation
        assert found.done and found.importance is not None and found.importance.rows == rows
        assert {e.axis.column for e in found.effects} <= {"size", "colour", "other"}
        assert load_explanation(folder, trial) == stored
        names = [group.columns for group in found.importance.groups]
        assert set(names[:2]) == {("size",), ("colour",)}


@pytest.mark.parametrize("trial", [ENSEMBLE, 1])
def test_without_test_rows_each_row_is_predicted_as_it_was_out_of_fold(
    folder: RunFolder,
    service: PredictionService,
    trained: Path,
    monkeypatch: pytest.MonkeyPatch,
    trial: int,
) -> None:
    monkeypatch.setattr("automl_core.runs.run_explanation.LEAST_ROWS", 100)
    job = explain_run(folder, trial, BRIEF, trained, service)
    stored = job.done.result(timeout=60)
    assert stored.explanation.importance is not None and not stored.on_test
    oof = folder.out_of_fold(trial)
    expected = score("roc_auc", oof.y, oof.prediction)
    assert stored.explanation.importance.score == pytest.approx(expected)


def test_the_command_line_says_what_is_stored(
    folder: RunFolder,
    service: PredictionService,
    trained: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TORCHLIGHT_WORKSPACE", str(trained))
    assert run_cli(["explain", str(folder.path), "--model", "ensemble", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert plain.pop("model") == "ensemble"
    stored = known_explanation(folder, ENSEMBLE, ExplainRequest())
    assert stored is not None and from_plain(StoredExplanation, plain) == stored
    monkeypatch.setattr(prediction_service, "open_one_worker", None)  # nothing is computed again
    assert run_cli(["explain", str(folder.path), "--model", "ensemble", "--seconds", "9"]) == 0
    out = capsys.readouterr().out
    assert "on 48 test rows that it did not train on" in out and "matters most" in out
    assert run_cli(["explain", str(folder.path), "--model", "none"]) == 2
    del service


def test_a_constant_reads_no_column(
    folder: RunFolder, service: PredictionService, trained: Path
) -> None:
    stored = explain_run(folder, 0, ExplainRequest(), trained, service).done.result(timeout=60)
    assert stored.unused == ("size", "colour", "other")
    assert stored.explanation.done and stored.explanation.importance is None


def test_one_that_is_cancelled_keeps_what_it_has(
    folder: RunFolder, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Cancelling(InlineExecutor):
        """A worker that is asked to stop while it works, and sends what it has."""

        def poll(self, timeout: float) -> list[Message]:
            messages = super().poll(timeout)
            if messages:
                job.cancel()
            return messages

    monkeypatch.setattr(prediction_service, "open_one_worker", lambda *_, **__: Cancelling())
    service = PredictionService(trained)
    job = explain_run(folder, 1, ExplainRequest(), trained, service)
    assert job.done.result(timeout=60).explanation.importance is not None
    assert job.latest is not None


def test_an_effect_that_is_asked_for_joins_what_is_known(
    folder: RunFolder, service: PredictionService, trained: Path
) -> None:
    best = _final(folder)
    request = ExplainRequest(columns=("other", "size"))
    stored = explain_run(folder, best, request, trained, service).done.result(timeout=60)
    found = stored.explanation
    assert {"other", "size"} <= {effect.axis.column for effect in found.effects} | set(
        stored.unused
    )
    assert known_explanation(folder, best, request) == stored
    with pytest.raises(TableError, match="no column 'colou'"):
        explain_run(folder, best, ExplainRequest(columns=("colou",)), trained, service)
    with pytest.raises(SpecError, match="out of range"):
        explain_run(folder, best, ExplainRequest(seconds=-1), trained, service)
    with pytest.raises(RunError, match="no such model"):
        explain_run(folder, 77, ExplainRequest(), trained, service)


def test_effects_that_are_asked_for_are_not_the_whole(
    folder: RunFolder, service: PredictionService, trained: Path
) -> None:
    for file in (folder.path / "explanations").glob("*.json"):
        file.unlink()
    request = ExplainRequest(columns=("size",))
    explain_run(folder, ENSEMBLE, request, trained, service).done.result(timeout=60)
    assert known_explanation(folder, ENSEMBLE, request) is not None
    assert known_explanation(folder, ENSEMBLE, ExplainRequest()) is None
    whole = explain_run(folder, ENSEMBLE, ExplainRequest(), trained, service).done.result(60)
    assert whole.explanation.done and whole.explanation.importance is not None


def test_a_damaged_explanation_is_said_and_written_anew(
    folder: RunFolder, service: PredictionService, trained: Path
) -> None:
    best = _final(folder)
    explain_run(folder, best, BRIEF, trained, service).done.result(timeout=60)
    (path,) = (folder.path / "explanations").glob(f"{_name(best)}.json")
    plain = json.loads(path.read_bytes())
    path.write_bytes(json.dumps(plain | {"rows": 1}).encode())
    with pytest.raises(RunError, match="damaged"):
        load_explanation(folder, best)
    job = explain_run(folder, best, BRIEF, trained, service)
    assert job.done.result(timeout=60) == load_explanation(folder, best)


def test_an_older_version_of_the_model_is_not_what_was_explained(
    folder: RunFolder, service: PredictionService, trained: Path
) -> None:
    explain_run(folder, ENSEMBLE, BRIEF, trained, service).done.result(timeout=60)
    assert load_explanation(folder, ENSEMBLE) is not None
    before = (folder.path / "ensemble.json").read_bytes()
    record = json.loads(before)
    save_ensemble(folder, EnsembleRecord(tuple(record["trials"]), tuple(record["weights"]), 1.125))
    assert load_explanation(folder, ENSEMBLE) is None
    folder.write({"ensemble.json": before})


def _name(trial: int) -> str:
    return "ensemble" if trial == ENSEMBLE else str(trial)


def _final(folder: RunFolder) -> int:
    end = RunReader(folder).refresh().finished
    assert end is not None and end.best is not None
    return end.best
