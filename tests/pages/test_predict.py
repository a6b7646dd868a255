"""Predict: choose a model, take a table in, name the differences, score, download."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from automl_core.errors import ModelError
from automl_core.export import Threshold
from automl_core.export.bundle import write_bundle
from automl_core.export.predictor import load_predictor, predictor_files
from automl_core.export.scoring import csv_bytes, predictions_table
from automl_core.runs import delivered_files
from automl_core.runs.bundle import bundle_of
from automl_core.runs.record import save_threshold
from automl_core.runs.record.events import ENSEMBLE
from automl_core.runs.record.reader import RunReader
from automl_core.scoring import check_file, make_scorer
from automl_core.table.decision import Decision
from automl_core.table.schema import ParseRule
from automl_core.table.store import open_table
from pages.components.predict.predict_result import joined, preview
from pages.components.shared import where
from tests import small
from tests.finished_run import make_run
from tests.pages.conftest import FakeManager, Open

PAGE, RUN = "pages/predict.py", "run-a"


def texts(page: AppTest) -> str:
    parts = [*page.markdown, *page.caption, *page.info, *page.warning, *page.error]
    return "\n".join(part.value for part in parts)


def upload(page: AppTest, field: str, name: str, data: bytes, turn: int = 0) -> AppTest:
    return page.file_uploader(key=f"{field}_{turn}").upload(name, data, "text/csv").run()


def use_file(page: AppTest) -> AppTest:
    page.session_state["predict_source"] = "A downloaded model"
    return page.run()


def rows(count: int = 5, without: tuple[str, ...] = ()) -> bytes:
    """A few rows as a CSV, in another order of columns than the training table had."""
    table = small.table().slice(0, count)
    names = [n for n in reversed(table.column_names) if n not in without]
    return csv_bytes(table.select(names), guard_formulas=False)


def test_without_runs_it_says_so_and_a_downloaded_model_can_be_used(open_page: Open) -> None:
    page = open_page(PAGE)
    assert not page.exception and not page.error
    assert "No run has left a model yet" in texts(page)
    assert page.button(key="predict_empty").label == "Choose a table"
    page = use_file(page)
    assert not page.exception and not page.error
    assert page.file_uploader(key="predict_bundle_0")


def test_the_threshold_that_was_kept_is_said_and_goes_along(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    folder = make_run(workspace, RUN)
    save_threshold(folder, 1, Threshold("yes", 0.25))
    page = open_page(PAGE, run=RUN, model="lightgbm-1")
    assert "is above 0\\.25" in texts(page)
    page = upload(page, "predict_table", "new.csv", rows())
    page.button(key="predict_start").click().run()
    assert not page.exception and not page.error
    assert fake_manager.asked[0][0]["answer.json"]


def test_values_are_shown_with_their_intervals_also_from_a_cluster(
    workspace: Path, open_page: Open, fake_manager: FakeManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(where, "has_ray", lambda: True)
    folder = make_run(workspace, RUN, "regression")
    page = upload(open_page(PAGE, run=RUN), "predict_table", "new.csv", rows())
    page.selectbox(key="predict_where").set_value("auto")
    page.button(key="predict_start").click().run()
    files = fake_manager.asked[0][0]
    assert fake_manager.places == ["auto"]
    assert files == delivered_files(folder, ENSEMBLE) and "answer.json" in files
    answer = predictions_table(load_predictor(files), small.table().slice(0, 5))
    fake_manager.answer(answer)
    page.run()
    assert not page.exception and not page.error
    assert list(page.dataframe[0].value.columns[:3]) == ["prediction", "low_90", "high_90"]


def test_from_upload_to_predictions(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    folder = make_run(workspace, RUN)
    page = open_page(PAGE, run=RUN)
    page = upload(page, "predict_table", "new.csv", rows())
    assert not page.exception and not page.error
    assert "5 rows" in texts(page)
    page.button(key="predict_start").click().run()

    # working: the page is drawn, and says what goes on
    files, stored = fake_manager.asked[0]
    assert fake_manager.places == [None]
    assert files == folder.model_files(ENSEMBLE)
    assert open_table(stored, workspace).num_rows == 5
    assert not page.exception
    assert "other pages" in texts(page)
    assert not [b for b in page.button if b.key == "predict_start"]

    # done
    answer = predictions_table(small.predictor("binary", "lightgbm"), small.table().slice(0, 5))
    fake_manager.answer(answer)
    page.run()
    assert not page.exception and not page.error
    assert "5 rows scored" in texts(page)
    shown = page.dataframe[0].value
    names = ["row", "prediction", "probability_no", "probability_yes"]
    assert list(shown.columns[:4]) == names
    known = answer.column("prediction").to_pylist()
    assert [known[row - 1] for row in shown["row"]] == shown["prediction"].tolist()
    assert sorted(shown["probability_yes"], reverse=True) == shown["probability_yes"].tolist()
    assert "those with the highest chance of yes first" in texts(page)
    assert page.get("download_button")[0].proto.label == "Download predictions"


def test_a_failure_of_the_worker_is_one_sentence(
    workspace: Path,
    open_page: Open,
    fake_manager: FakeManager,
) -> None:
    make_run(workspace, RUN)
    page = upload(open_page(PAGE, run=RUN), "predict_table", "new.csv", rows())
    page.button(key="predict_start").click().run()
    fake_manager.scoring.set_exception(
        ModelError("The worker ran out of memory.", "Send fewer rows.")
    )
    page.run()
    assert not page.exception
    assert len(page.error) == 1 and "out of memory" in page.error[0].value
    fake_manager.scoring = Future()
    page.button(key="predict_start").click().run()
    assert not page.exception and not page.error
    assert len(fake_manager.asked) == 2


def test_differences_are_named_first(workspace: Path, open_page: Open) -> None:
    make_run(workspace, RUN)
    data = rows(without=("age",)).replace(b"Oslo", b"Atlantis")
    page = upload(open_page(PAGE, run=RUN), "predict_table", "new.csv", data)
    assert not page.exception
    assert "the column 'age' is missing" in texts(page).replace("\\", "").lower()
    assert "Atlantis" in texts(page)


def test_a_missing_column_is_an_error_until_it_is_allowed(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    make_run(workspace, RUN)
    page = upload(
        open_page(PAGE, run=RUN), "predict_table", "new.csv", rows(without=("age", "empty"))
    )
    assert not page.exception and "the table lacks: `age`" in page.error[0].value
    assert not [b for b in page.button if b.key == "predict_start"]
    allow = next(c for c in page.checkbox if str(c.key).startswith("predict_lacking_"))
    allow.check().run()
    page.button(key="predict_start").click().run()
    assert not page.exception and len(fake_manager.asked) == 1


def test_extras_say_what_the_file_is_like(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    make_run(workspace, RUN)
    page = upload(open_page(PAGE, run=RUN), "predict_table", "new.csv", rows(40))
    page.checkbox(key="predict_extras").check().run()
    page.button(key="predict_start").click().run()
    scorer = make_scorer(fake_manager.asked[0][0])
    moved = small.table().slice(0, 40)
    moved = moved.set_column(0, "age", pa.array([500 + n for n in range(40)]))
    fake_manager.answer(scorer.score(moved, extras=True), check_file(scorer, moved))
    page.run()
    assert not page.exception and not page.error
    assert {"unlike_training", "prediction_set"} <= set(page.dataframe[0].value.columns)
    shown = texts(page).replace("\\", "")
    assert "1 of 7 columns has moved far from training: 'age'" in shown and "The score" in shown
    page.checkbox(key="predict_extras").uncheck().run()
    assert page.button(key="predict_start")  # another question


def test_a_table_of_something_else_is_refused(workspace: Path, open_page: Open) -> None:
    make_run(workspace, RUN)
    page = upload(open_page(PAGE, run=RUN), "predict_table", "new.csv", b"x,y\n1,2\n3,4\n")
    assert not page.exception
    assert "None of the" in page.error[0].value
    assert not [b for b in page.button if b.key == "predict_start"]


def test_rubbish_as_a_table_is_one_sentence(workspace: Path, open_page: Open) -> None:
    make_run(workspace, RUN)
    page = upload(open_page(PAGE, run=RUN), "predict_table", "new.csv", b"")
    assert not page.exception
    assert len(page.error) == 1
    page = upload(page, "predict_table", "new.csv", rows(), turn=1)  # and the page goes on
    assert not page.error and "5 rows" in texts(page)
    page = upload(page, "predict_table", "new.csv", b"", turn=2)
    assert len(page.error) == 1 and "5 rows" not in texts(page)  # the one before is not scored


def test_what_the_run_has_lost_is_said(workspace: Path, open_page: Open) -> None:
    folder = make_run(workspace, RUN)
    (folder.path / "checksums.jsonl").unlink()
    page = open_page(PAGE, run=RUN)
    assert not page.exception and "cannot be verified" in page.warning[0].value


def test_a_downloaded_model_scores(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    folder = make_run(workspace, RUN)
    page = use_file(open_page(PAGE))
    bundle = bundle_of(folder, RunReader(folder).refresh().trials[1])
    page = upload(page, "predict_bundle", "model.zip", bundle)
    assert not page.exception and not page.error
    page = upload(page, "predict_table", "new.csv", rows())
    page.button(key="predict_start").click().run()
    asked = fake_manager.asked[0][0]
    assert set(asked) == {*folder.model_files(1), "selftest.json", "reference.json"}


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 rubbish", b"not a zip"])
def test_rubbish_as_a_model_is_one_sentence(open_page: Open, data: bytes) -> None:
    page = upload(use_file(open_page(PAGE)), "predict_bundle", "model.zip", data)
    assert not page.exception
    assert len(page.error) == 1 and "not a Torchlight model" in page.error[0].value


def test_of_two_classes_the_most_probable_rows_come_first_in_whole_percent() -> None:
    chances = [0.004, 0.996, 0.347, 0.99999, 0.0]
    predictions = pa.table(
        {
            "prediction": ["no", "yes", "no", "yes", "no"],
            "probability_no": [1 - p for p in chances],
            "probability_yes": chances,
        }
    )
    shown = preview(predictions, pa.table({"id": [10, 11, 12, 13, 14]}))
    assert shown.column_names[:1] == ["row"] and shown["row"].to_pylist() == [4, 2, 3, 1, 5]
    assert shown["id"].to_pylist() == [13, 11, 12, 10, 14]
    assert shown["probability_yes"].to_pylist() == pytest.approx([99.999, 99.6, 35, 0.4, 0])
    values = preview(pa.table({"prediction": [2.0, 1.0]}), pa.table({"id": [10, 11]}))
    assert values.to_pydict() == {"prediction": [2.0, 1.0], "id": [10, 11]}


def test_joined_keeps_rows_and_both_columns_of_one_name() -> None:
    predictions = pa.table({"prediction": ["a", "b"]})
    table = pa.table({"x": [1, 2], "prediction": ["old", "older"]})
    both = joined(predictions, table)
    assert both.column_names == ["prediction", "x", "prediction_2"]
    assert both.column(2).to_pylist() == ["old", "older"]


def test_a_table_is_read_as_that_of_the_model_was_and_again_for_another(
    workspace: Path, open_page: Open
) -> None:
    make_run(workspace, RUN)
    page = upload(open_page(PAGE, run=RUN), "predict_table", "new.csv", b"income;age\n45.000;31\n")
    assert _income(page, workspace) == 45.0
    trained = small.predictor("binary", "constant")
    rule = ParseRule("number", decimal=",", thousands=".")
    columns = tuple(replace(c, parse=rule) if c.name == "income" else c for c in trained.columns)
    files = predictor_files(replace(trained, columns=columns))
    page = upload(use_file(page), "predict_bundle", "model.zip", write_bundle(files, {}))
    assert not page.exception and not page.error
    assert _income(page, workspace) == "45.000"  # what its rule reads as 45,000


def test_a_doubtful_reading_is_asked_and_a_click_reads_again(
    workspace: Path, open_page: Open
) -> None:
    make_run(workspace, RUN)
    page = upload(open_page(PAGE, run=RUN), "predict_table", "new.csv", rows())
    taken = page.session_state["_predict_table"]
    doubt = Decision("header", "yes", "Only words.", "no")
    info = replace(taken.info, decisions=(doubt,))
    page.session_state["_predict_table"] = replace(taken, info=info)
    page.run()
    assert "Is the first row a header?" in texts(page)
    page.button(key="predict_doubt_header_False").click().run()
    assert not page.exception
    assert "6 rows" in texts(page) and "no row of names" in texts(page)
    assert not [b for b in page.button if str(b.key).startswith("predict_doubt_")]


def test_how_the_table_is_read_can_be_set(workspace: Path, open_page: Open) -> None:
    make_run(workspace, RUN)
    titled = b"May,2024\n" + rows()
    page = upload(open_page(PAGE, run=RUN), "predict_table", "new.csv", titled)
    key = f"predict_reread_{page.session_state['_predict_table'].info.hash[:8]}"
    page.number_input(key=f"{key}_skip_rows").set_value(2)
    page.checkbox(key=f"{key}_header").set_value(False)
    page.button(key=f"{key}_read").click().run()
    assert not page.exception
    info = page.session_state["_predict_table"].info
    assert info.rows == 5 and info.settings["header"] == "no"


def test_a_file_that_cannot_be_read_again_is_still_there(workspace: Path, open_page: Open) -> None:
    make_run(workspace, RUN)
    page = upload(open_page(PAGE, run=RUN), "predict_table", "new.csv", rows())
    key = f"predict_reread_{page.session_state['_predict_table'].info.hash[:8]}"
    page.selectbox(key=f"{key}_format").set_value("parquet")
    page.button(key=f"{key}_read").click().run()
    assert not page.exception
    assert len(page.error) == 1 and "5 rows" not in texts(page)
    assert "still here" in texts(page)
    (key,) = {str(b.key).removesuffix("_read") for b in page.button if "reread" in str(b.key)}
    assert page.selectbox(key=f"{key}_format").value == "parquet"  # what was tried
    page.selectbox(key=f"{key}_format").set_value("csv")
    page.button(key=f"{key}_read").click().run()
    assert not page.exception and not page.error
    assert "5 rows" in texts(page)


def _income(page: AppTest, root: Path) -> object:
    """The cell as it was stored."""
    taken = page.session_state["_predict_table"]
    return open_table(taken.info.hash, root)["income"][0].as_py()


def test_columns_that_the_model_leaves_are_no_differences(workspace: Path, open_page: Open) -> None:
    make_run(workspace, RUN)
    lines = rows().splitlines()
    more = b"\n".join([lines[0] + b",hobby", *(line + b",x" for line in lines[1:])]) + b"\n"
    page = upload(open_page(PAGE, run=RUN), "predict_table", "new.csv", more)
    assert not page.exception and not page.error
    shown = texts(page)
    differences, _, unused = shown.partition("not used by the model: ")
    assert "`hobby`" in unused and "`spent`" in unused
    assert "hobby" not in differences and "differences" not in differences
