"""A test table of its own: all other rows train, and it is scored once, by the final model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from automl_core.errors import SpecError, TableError
from automl_core.export.predictor import load_predictor
from automl_core.metrics import score
from automl_core.runs.coordinator.start_notes import opening_remarks
from automl_core.runs.record import Budget, RunOptions, TrainRequest
from automl_core.runs.record.events import Note, RunStarted
from automl_core.runs.record.folder import RunFolder
from automl_core.runs.record.log_reader import LogReader
from automl_core.runs.schedule import TimeBudget
from automl_core.runs.setup.run_data import prepare_run_data
from automl_core.table.store import TableInfo, open_table, put_table
from tests.options import changed
from tests.runs.coordinator.test_finalize import conduct_inline
from tests.runs.inline import InlineExecutor
from tests.runs.tables import small_table, stored_run


def stored(root: Path, table: pa.Table) -> TableInfo:
    return TableInfo(put_table(table, root), "later.csv", table.num_rows, table.num_columns, {})


def asked(test: TableInfo) -> TrainRequest:
    return TrainRequest(
        "answer",
        RunOptions(Budget(trials=1), families=("linear",), folds=2),
        test=test,
        metric="log_loss",
    )


def test_it_is_scored_by_the_final_model_and_every_other_row_trains(workspace: Path) -> None:
    later = small_table(rows=150, seed=7)  # one of its rows has no target
    run = stored_run(workspace, small_table(2_400), asked(stored(workspace, later)))
    state = conduct_inline(run, workspace, InlineExecutor())
    folder = RunFolder(workspace / "runs" / "inline")
    started = next(
        x.event for x in LogReader(folder.log_path).read() if isinstance(x.event, RunStarted)
    )
    assert (started.rows_train, started.rows_test) == (2_399, 149)
    end = state.finished
    assert end is not None and end.best is not None
    predictor = load_predictor(folder.model_files(end.best))
    y, known = predictor.target.encode(later["answer"])
    predicted = predictor.predict_table(later)
    expected = score("log_loss", y[known], predicted[known], None)
    assert end.test_score == pytest.approx(expected, rel=1e-9)


def test_rows_whose_class_never_trained_are_named_and_not_scored(workspace: Path) -> None:
    later = small_table(rows=60, seed=3)
    answers = later["answer"].to_pylist()
    answers[0] = "perhaps"
    later = later.set_column(3, "answer", pa.array(answers))
    run = stored_run(workspace, small_table(), asked(stored(workspace, later)))
    assert len(prepare_run_data(*run, workspace).test_set.rows) == 58
    conduct_inline(run, workspace, InlineExecutor())
    log = LogReader(RunFolder(workspace / "runs" / "inline").log_path).read()
    notes = [x.event.message for x in log if isinstance(x.event, Note)]
    assert any("'later.csv' (58 rows) is scored once" in words for words in notes)
    assert any(words.startswith("2 rows of the test table") for words in notes)


def test_a_test_table_whose_names_are_written_otherwise_is_scored_all_the_same(
    workspace: Path,
) -> None:
    later = small_table(rows=60, seed=3)
    other = later.rename_columns([f" {name.upper()}\u200b" for name in later.column_names])
    run = stored_run(workspace, small_table(), asked(stored(workspace, other)))
    assert run[0].test is not None
    again = open_table(run[0].test.hash, workspace)
    assert again.equals(later)
    data = prepare_run_data(*run, workspace)
    notes = [note.message for note in opening_remarks(*run, data, TimeBudget(None, 1, 0.0))]
    assert any("ANSWER\\u200b' is read as 'answer'" in words for words in notes)


@pytest.mark.parametrize(("same", "kind"), [(0, ""), (1, "info"), (30, "warning")])
def test_rows_that_train_as_well_are_counted_in_a_note(
    workspace: Path, same: int, kind: str
) -> None:
    own = small_table()
    later = pa.concat_tables([own.slice(20, same), small_table(rows=150, seed=7)])
    spec, schema = stored_run(workspace, own, asked(stored(workspace, later)))
    data = prepare_run_data(spec, schema, workspace)
    notes = opening_remarks(spec, schema, data, TimeBudget(None, 1, 0.0))
    said = [(n.severity, n.message) for n in notes if "as well" in n.message]
    assert [level for level, _ in said] == ([kind] if kind else [])
    assert all(words.startswith(f"{same} row") for _, words in said)


@pytest.mark.parametrize(
    ("lost", "words"), [("answer", "no column 'answer'"), ("colour", "lacks 'colour'")]
)
def test_a_test_table_without_a_needed_column_is_refused(
    workspace: Path, lost: str, words: str
) -> None:
    test = stored(workspace, small_table(60).drop_columns([lost]))
    with pytest.raises(SpecError, match=words):
        stored_run(workspace, small_table(), asked(test))


def test_a_column_that_no_model_reads_may_be_missing(workspace: Path) -> None:
    test = stored(workspace, small_table(60).drop_columns(["other"]))
    run = stored_run(workspace, small_table(), changed(asked(test), drop=("other",)))
    assert len(prepare_run_data(*run, workspace).test_set.rows) == 59


def test_a_test_table_without_any_known_class_is_refused(workspace: Path) -> None:
    later = small_table(60)
    other = later.set_column(3, "answer", pa.array(np.full(60, "maybe").tolist()))
    run = stored_run(workspace, small_table(), asked(stored(workspace, other)))
    with pytest.raises(TableError, match="No row of the test table"):
        prepare_run_data(*run, workspace)


def test_a_share_and_a_table_are_not_asked_for_both(workspace: Path) -> None:
    request = changed(asked(stored(workspace, small_table(60))), test_fraction=0.2)
    with pytest.raises(SpecError, match="one of the two"):
        stored_run(workspace, small_table(), request)
