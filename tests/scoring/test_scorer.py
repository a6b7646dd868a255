"""Unusual things in each row stand beside its prediction; pieces say the same as the whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from automl_core.errors import ModelError
from automl_core.export.predictor import Predictor, predictor_files
from automl_core.export.scoring import csv_bytes, predictions_table
from automl_core.scoring import (
    BatchCancelledError,
    Scorer,
    StoredTable,
    UnseenPredictions,
    check_file,
    learn_reference,
    make_scorer,
    open_predictions,
    reference_files,
    refuse_missing,
    score_pieces,
)
from automl_core.table.parsing import parse_table
from automl_core.table.store import put_table
from automl_core.types import Files, Task
from tests import small


def _files(task: Task) -> tuple[Predictor, Files]:
    """A model and its files, with a reference from rows that it was not trained on."""
    predictor, rows = small.predictor(task, "lightgbm"), small.table(400, seed=3)
    y, _ = predictor.target.encode(rows.column(small.TARGETS[task]))
    unseen = UnseenPredictions(y, predictor.predict_table(rows), task, predictor.metric)
    reference = learn_reference(parse_table(rows, predictor.columns), predictor.columns, unseen)
    return predictor, predictor_files(predictor) | reference_files(reference)


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return make_scorer(_files("multiclass")[1])


def test_extras_say_what_is_unusual_in_a_row(scorer: Scorer) -> None:
    rows = small.table(60, seed=8)
    age = ["abc", "400", *map(str, rows.column("age").to_pylist()[2:])]
    rows = rows.set_column(0, "age", pa.array(age))
    city = ["Paris", *rows.column("city").to_pylist()[1:]]
    rows = rows.set_column(rows.column_names.index("city"), "city", pa.array(city))
    found = scorer.score(rows, extras=True)
    assert found.slice(0, 60).select(range(4)).equals(scorer.score(rows))
    first, second, *_ = found.to_pylist()
    assert first["unseen_columns"] == "city" and first["unread_columns"] == "age"
    assert second["repaired_columns"] == "age" and second["unlike_training"] == "yes"
    assert second["unlike_columns"].split(", ")[0] == "age"
    for row in found.to_pylist():
        assert str(row["prediction"]) in row["prediction_set"].split(" | ")
    assert not set(scorer.score(rows).column_names) & {"prediction_set", "unlike_training"}


def test_a_regression_has_no_sets_and_an_old_model_keeps_what_it_can() -> None:
    rows = small.table(20, seed=8)
    names = make_scorer(_files("regression")[1]).score(rows, extras=True).column_names
    assert "prediction_set" not in names and "unlike_training" in names
    old = make_scorer(predictor_files(small.predictor("regression", "lightgbm")))
    assert "unlike_training" not in old.score(rows, extras=True).column_names
    assert check_file(old, rows).drift is None


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_pieces_give_the_file_that_the_whole_gives(
    scorer: Scorer, tmp_path: Path, suffix: str
) -> None:
    rows, out, seen = small.table(400, seed=9), tmp_path / f"out{suffix}", list[int]()
    pieces = [rows.slice(i, 90) for i in range(0, 400, 90)]
    with open_predictions(out, guard_formulas=False) as sink:
        scored = score_pieces(scorer, pieces, sink, report=lambda done: not seen.append(done))
    whole = predictions_table(scorer.predictor, rows)
    assert scored.rows == seen[-1] == 400 and len(seen) == 5 and not scored.all_equal
    if suffix == ".csv":
        assert out.read_bytes() == csv_bytes(whole, guard_formulas=False)
    else:
        assert pq.read_table(out).equals(whole)


def test_a_cancelled_file_is_not_there(scorer: Scorer, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    with pytest.raises(BatchCancelledError), open_predictions(out, False) as sink:
        score_pieces(scorer, [small.table(20)], sink, report=lambda _: False)
    assert list(tmp_path.iterdir()) == []


def test_a_stored_table_is_read_in_pieces_and_sampled_evenly(workspace: Path) -> None:
    rows = pa.table({"number": np.arange(150_000)})
    table = StoredTable(put_table(rows, workspace), workspace, 150_000)
    assert [piece.num_rows for piece in table.pieces()] == [65_536, 65_536, 18_928]
    sample = table.sample(1000).column("number").to_numpy()
    assert len(sample) == 1000 and sample[0] == 0 and sample[-1] == 149_999
    assert np.ptp(np.diff(sample)) <= 1
    assert table.sample(200_000).equals(rows)


def test_missing_columns_are_an_error_that_names_them(scorer: Scorer) -> None:
    names = ["Age", "town", "city ", "code", "since", "note", "vip"]
    with pytest.raises(ModelError, match=r"A column .* is missing: 'income'\. Add it .* Instead\."):
        refuse_missing(scorer.names, names, "Instead.")
    with pytest.raises(
        ModelError, match=r"Columns .* missing: 'age', 'income' .*'incomes'.* and 2"
    ):
        refuse_missing(scorer.names, ["incomes"], "")
    refuse_missing(scorer.names, ["income", *names], "")  # `empty` says nothing and may be missing


def test_a_file_with_answers_is_checked_as_a_whole(scorer: Scorer) -> None:
    rows = small.table(400, seed=11)
    calm = check_file(scorer, rows)
    assert calm.drift is not None and not calm.drift.moved and calm.fall is not None
    cents = pa.array([10_000 * age for age in rows.column("age").to_pylist()])
    moved = check_file(scorer, rows.set_column(0, "age", cents))
    assert moved.drift is not None and moved.drift.moved[0].column == "age"
    assert moved.fall is not None and moved.fall.now > calm.fall.now
    unanswered = check_file(scorer, rows.drop_columns(["plan"]))
    assert unanswered.drift is not None and unanswered.fall is None
