"""Another system's predictions: matched by key or order, scored alike, refused in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from automl_core.errors import AutoMLError, RunError, TableError
from automl_core.metrics import score
from automl_core.runs import (
    OutsideTask,
    add_outside,
    board_rows,
    comparable,
    compare_models,
    outside_row,
    outside_score,
    outside_task,
    rows_to_learn,
    rows_to_test,
    shared_rows,
)
from automl_core.runs.outside import FOLD, KEY, MOST, read_outside
from automl_core.runs.record import OutOfFold, RunFolder, build_leaderboard, forget_outside
from automl_core.runs.record.outside import OutsideRecord, load_outside, save_outside
from automl_core.runs.record.reader import RunReader
from automl_core.splitting import Folds
from automl_core.types import Task
from tests import small
from tests.finished_run import METRIC, ROWS, make_run

TEST = 40


def with_folds(workspace: Path, task: Task = "binary") -> RunFolder:
    folder = make_run(workspace, "run-a", task)
    learn = np.arange(ROWS - TEST)
    halves = (learn[::2], learn[1::2])
    folder.save_folds(Folds(halves[::-1], halves, np.arange(ROWS - TEST, ROWS), 2))
    return folder


@pytest.fixture
def task(workspace: Path) -> OutsideTask:
    return outside_task(with_folds(workspace), workspace)


def said(task: OutsideTask, rows: int = ROWS - TEST) -> pa.Table:
    """Probabilities for the first rows, with their key."""
    labels = task.coder.names
    one = np.linspace(0.1, 0.9, rows)
    columns = {KEY: np.arange(1, rows + 1), f"probability_{labels[1]}": one}
    return pa.table(columns | {f"probability_{labels[0]}": 1 - one})


def test_rows_go_out_with_a_key_and_a_fold(task: OutsideTask, workspace: Path) -> None:
    learn, test = rows_to_learn(task, workspace), rows_to_test(task, workspace)
    assert learn[KEY].to_pylist() == list(range(1, ROWS - TEST + 1))
    assert learn[FOLD].to_pylist()[:3] == [1, 2, 1] and "churned" in learn.column_names
    assert test[KEY].to_pylist() == list(range(ROWS - TEST + 1, ROWS + 1))
    assert FOLD not in test.column_names and "churned" not in test.column_names
    assert all(len(set(t.column_names)) == t.num_columns for t in (learn, test))
    assert test["age"].to_pylist() == small.table(ROWS)["age"].to_pylist()[-TEST:]


def test_predictions_come_back_in_any_order(task: OutsideTask) -> None:
    given = said(task)
    plain = read_outside(task, "held-out", given.drop_columns([KEY]))
    mixed = given.take(np.random.default_rng(0).permutation(len(given)))
    keyed = read_outside(task, "held-out", mixed)
    assert (keyed.rows == np.arange(ROWS - TEST)).all() and (keyed.rows == plain.rows).all()
    assert (keyed.prediction == plain.prediction).all()
    assert (keyed.y == task.data.truth.y[keyed.rows]).all()
    more = said(task, ROWS)  # rows that are not asked for do no harm
    assert len(read_outside(task, "held-out", more).rows) == ROWS - TEST
    assert len(read_outside(task, "test", more).rows) == TEST


def test_one_probability_or_labels_alone_will_do(task: OutsideTask) -> None:
    labels = task.coder.names
    given = said(task)
    both = read_outside(task, "held-out", given)
    half = read_outside(task, "held-out", given.drop_columns([f"probability_{labels[0]}"]))
    assert np.allclose(half.prediction, both.prediction)
    sure = pa.table({KEY: given[KEY], "prediction": given[f"probability_{labels[1]}"]})
    assert np.allclose(read_outside(task, "held-out", sure).prediction, both.prediction)
    words = pa.table({"x": [labels[i % 2] for i in range(ROWS - TEST)]})
    assert read_outside(task, "held-out", words).prediction[:2].tolist() == [[1, 0], [0, 1]]


BAD = {
    "short": "The file has 199 rows; there are 200 rows held out in validation.",
    "missing": "1 of 200 rows held out in validation have no prediction: 'torchlight_row' 1.",
    "doubled": "1 row occurs more than once in the file, by 'torchlight_row': 2.",
    "keys": "'torchlight_row' is no whole number in 200 rows of the file",
    "classes": "None of the predictions is a class of this run: the file has 'maybe'",
    "some": "1 row has no prediction that is a number or a known class: 1.",
    "percent": "the probabilities are not from 0 to 1 with a sum of 1",
    "words": "has no prediction that is a number",
    "columns": "The file has the columns 'a', 'b', and none is called 'prediction'.",
    "none": "no column of predictions",
}


def spoiled(task: OutsideTask, how: str) -> pa.Table:
    given, labels = said(task), task.coder.names
    size = len(given)
    classes = [labels[0]] * size
    keys = given[KEY].to_pylist()
    return {
        "short": given.drop_columns([KEY]).slice(1),
        "missing": given.slice(1),
        "doubled": pa.table({KEY: [keys[1], *keys[1:]], "prediction": classes}),
        "keys": given.set_column(0, KEY, pa.array(["row"] * size)),
        "classes": pa.table({"prediction": ["maybe"] * size}),
        "some": pa.table({"prediction": ["maybe", *classes[1:]]}),
        "percent": pa.table({f"probability_{labels[1]}": np.full(size, 90.0)}),
        "words": pa.table({f"probability_{labels[1]}": ["high", *["0.5"] * (size - 1)]}),
        "columns": pa.table({"a": classes, "b": classes}),
        "none": given.select([KEY]),
    }[how]


@pytest.mark.parametrize("how", BAD)
def test_what_does_not_fit_is_said(task: OutsideTask, how: str) -> None:
    with pytest.raises(TableError) as caught:
        read_outside(task, "held-out", spoiled(task, how))
    assert BAD[how] in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("name", ["binary", "multiclass", "regression"])
def test_it_joins_the_board_scored_by_the_same_code(workspace: Path, name: Task) -> None:
    folder = with_folds(workspace, name)
    own = folder.out_of_fold(2)
    asked = outside_task(folder, workspace)
    values = own.prediction if own.prediction.ndim > 1 else own.prediction[:, None]
    labels = [f"probability_{label}" for label in asked.coder.names] or ["prediction"]
    given = pa.table({KEY: np.arange(1, ROWS + 1)} | dict(zip(labels, values.T, strict=True)))
    model = add_outside(folder, workspace, "held-out", given, ("<b>Their\n model", "x.csv"))
    assert load_outside(folder) == (model,) and model.name == "outside-1"
    assert model.record.title == "<b>Their model"
    rows = (*build_leaderboard(RunReader(folder).refresh(), METRIC[name]),)
    rows = (*rows, outside_row(model, METRIC[name]))
    shared = shared_rows(folder, comparable(rows))
    assert shared is not None and shared.every == ROWS - TEST
    found = compare_models(shared, rows, METRIC[name], METRIC[name])
    lines = board_rows(rows, RunReader(folder).refresh(), METRIC[name], found)
    line = next(line for line in lines if line.row.trial == model.number)
    expected = score(METRIC[name], own.y[:-TEST], own.prediction[:-TEST])
    assert line.score == pytest.approx(expected)
    alone = outside_score(folder, model.number, METRIC[name])
    assert alone is not None and alone.score == pytest.approx(expected)


def test_files_are_verified_and_numbers_are_not_used_again(workspace: Path) -> None:
    folder = with_folds(workspace)
    few = OutOfFold(np.arange(2), np.zeros(2, np.int64), np.full((2, 2), 0.5))
    record = OutsideRecord("a", "a.csv", "test", 2, 0.0)
    first, second = (save_outside(folder, record, few) for _ in range(2))
    assert outside_score(folder, first.number, "roc_auc") is None  # rows of one class
    assert outside_score(folder, first.number, "log_loss") is not None
    forget_outside(folder, second.number)
    assert [model.name for model in load_outside(folder)] == ["outside-1"]
    assert save_outside(folder, record, few).name == "outside-3"
    (folder.path / "outside" / "1" / "oof.npz").write_bytes(b"PK rubbish")
    with pytest.raises(RunError, match="damaged"):
        folder.out_of_fold(first.number)
    (folder.path / "outside" / "1" / "outside.json").write_text("{}")
    with pytest.raises(AutoMLError, match="damaged"):
        load_outside(folder)


def test_a_run_takes_only_so_many(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = with_folds(workspace)
    monkeypatch.setattr("automl_core.runs.outside.MOST", 1)
    given = said(outside_task(folder, workspace))
    add_outside(folder, workspace, "held-out", given, ("", "a.csv"))
    with pytest.raises(RunError, match="has 1 models"):
        add_outside(folder, workspace, "held-out", given, ("", "a.csv"))
    assert MOST > 1 and load_outside(folder)[0].record.title == "Outside model"
