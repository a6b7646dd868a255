"""`labels`, `fairness`, `more-rows` and `columns`: what the page says, once measured and kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import automl_core
from automl_core.cli import columns, more_rows
from automl_core.cli.main import run_cli
from automl_core.errors import SpecError
from automl_core.runs.executor import prediction_service
from automl_core.runs.fair_groups import asked_groups
from automl_core.runs.record.folder import RunFolder
from automl_core.runs.worker import column_sets, row_curve
from automl_core.types import Task
from tests.finished_run import make_run
from tests.pages.test_label_check import ODD, doubt
from tests.runs.inline import InlineExecutor
from tests.runs.test_more_rows import with_folds

RUN = "run-a"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Workers in this process, and models of a few rounds."""
    monkeypatch.setattr(prediction_service, "open_one_worker", lambda *_, **__: InlineExecutor())
    monkeypatch.setattr(column_sets, "STEADY", column_sets.STEADY | {"max_iterations": 10})
    monkeypatch.setattr(row_curve, "FEWEST", 12)
    monkeypatch.setattr(row_curve, "QUICK", row_curve.QUICK | {"max_iterations": 10})
    yield


@pytest.fixture
def folder(workspace: Path) -> RunFolder:
    return with_folds(make_run(workspace, RUN))


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run_cli([words[0], RUN, *words[1:]]) == 0
    return capsys.readouterr().out


def told(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    return json.loads(said(capsys, *words, "--json"))


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run_cli([words[0], RUN, *words[1:]]) == 2
    return capsys.readouterr().err


def test_labels(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    doubt(folder)
    words = said(capsys, "labels", "--model", "lightgbm-1")
    assert "3 have a label that the model takes for less probable" in words
    assert "model says" in words and "99 %" in words
    found = told(capsys, "labels", "--model", "lightgbm-1")
    assert [line["row"] for line in found["doubted"]] == [row + 1 for row in ODD]
    ours = automl_core.open_run(RUN).labels("lightgbm-1")
    assert tuple(ours.rows.tolist()) == ODD
    assert "no finished model" in refused(capsys, "labels", "--model", "lightgbm-9")


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_fairness(workspace: Path, capsys: pytest.CaptureFixture[str], task: Task) -> None:
    folder = make_run(workspace, RUN, task)
    words = said(capsys, "fairness", "--column", "city")
    assert "Groups of city on 240 unseen rows" in words and "too few to say: Bodø" in words
    assert "calibrat" in words
    (asked,) = asked_groups(folder)
    assert asked.column == "city" and (asked.outcome is None) == (task == "regression")
    found = told(capsys, "fairness", "--column", "vip", "--model", "lightgbm-1")
    assert len(found["found"]["measured"]) >= 4 and found["rows"] == 240
    assert [one.column for one in asked_groups(folder)] == ["vip", "city"]
    ours = automl_core.open_run(RUN).fairness("vip", "lightgbm-1")
    assert len(ours.found.measured) == len(found["found"]["measured"])
    assert "vipp" in refused(capsys, "fairness", "--column", "vipp")
    if task == "binary":
        error = refused(capsys, "fairness", "--column", "vip", "--outcome", "yess")
        assert "no class 'yess'" in error and "yes" in error


@pytest.mark.usefixtures("folder")
def test_more_rows_are_measured_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = said(capsys, "more-rows")
    assert "Twice the rows" in words and "100  0." in words
    monkeypatch.setattr(more_rows, "PredictionService", None)  # nothing is measured again
    assert told(capsys, "more-rows")["measured"]["rows"] == [12, 25, 50, 100]
    ours = automl_core.open_run(RUN).more_rows()
    assert ours is not None and ours.sentence in words.replace("\n", " ")


@pytest.mark.usefixtures("folder")
def test_columns_are_measured_once_and_priced_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = said(capsys, "columns", "--seconds", "300")
    assert "of 8 columns" in words and "age" in words
    monkeypatch.setattr(columns, "awaited", None)  # nothing is measured again
    found = told(capsys, "columns", "--price", "age=5", "--price", "note=0", "--unit", "EUR")
    assert found["prices"] == {"prices": {"age": 5.0, "note": 0.0}, "unit": "EUR"}
    assert max(s["price"] for s in found["frontier"]["sets"]) == 11
    assert "instead of 11 EUR" in said(capsys, "columns") or "None of" in said(capsys, "columns")
    run = automl_core.open_run(RUN)
    assert run.column_costs().every.price == 11
    assert run.column_costs({"age": 2.0}, "kr").every.price == 9
    with pytest.raises(SpecError, match="is no price"):
        run.column_costs({"age": -2.0})


@pytest.mark.usefixtures("folder")
def test_bad_prices_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for bad in ("age=-1", "age", "age=dear", "=1", "age=inf"):
        assert "from 0 on" in refused(capsys, "columns", "--price", bad)
    assert "do not see a column 'agee'" in refused(capsys, "columns", "--price", "agee=1")
