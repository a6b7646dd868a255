"""Labels to check: doubtful rows, judgements that stay, the corrected table on Data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from automl_core.errors import ModelError
from automl_core.evaluation import RowScores
from automl_core.files import dump_json
from automl_core.records import to_plain
from automl_core.runs.record.folder import HeldOutScore, Outcome, RunFolder, save_outcome
from automl_core.table.label_judgements import Judgement, load_judgements
from automl_core.table.store import open_table
from automl_core.types import Task
from pages.components.models.more_rows import progress_words
from tests import small
from tests.corrected_run import make_corrected_run
from tests.finished_run import ROWS, make_run
from tests.pages.conftest import FakeManager, Open

PAGE, RUN = "pages/models.py", "run-a"
ODD = (7, 100, 31)  # rows whose label is doubted, most doubtful first


def doubt(folder: RunFolder) -> None:
    """Trial 1 is sure of every label but three."""
    found = folder.out_of_fold(1)
    classes = found.prediction.shape[1]
    sure = np.where(np.arange(classes) == found.y[:, None], 0.9, 0.1 / (classes - 1))
    for place, share in zip(ODD, (0.99, 0.95, 0.92), strict=True):
        other = np.full(classes, (1 - share) / max(1, classes - 1))
        other[(int(found.y[place]) + 1) % classes] = share
        sure[place] = other
    folder.save_trial(1, folder.model_files(1), replace(found, prediction=sure))


def opened(open_page: Open, model: str = "lightgbm-1") -> AppTest:
    page = open_page(PAGE, run=RUN, model=model)
    page.session_state["models_tab"] = "Labels and rows"
    return page.run()


def select(page: AppTest, rows: list[int], turn: int) -> AppTest:
    selection = {"selection": {"rows": rows, "columns": [], "cells": []}}
    page.session_state[f"labels_rows_{RUN}_{turn}"] = selection
    return page.run()


def words(page: AppTest) -> str:
    parts = [*page.markdown, *page.caption, *page.info, *page.error]
    return "\n".join(part.value for part in parts).replace("\\", "")


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_rows_are_judged_and_the_corrected_table_opens(
    workspace: Path, open_page: Open, task: Task
) -> None:
    folder = make_run(workspace, RUN, task)
    doubt(folder)
    target, spec = small.TARGETS[task], folder.spec()
    page = opened(open_page)
    assert not page.exception and not page.error
    assert "3 have a label that the model takes for less probable" in words(page)
    shown = page.dataframe[0].value
    assert shown["row of the table"].tolist() == [row + 1 for row in ODD]
    cells = small.table(ROWS)[target].to_pylist()
    assert shown["label"].tolist() == [cells[row] for row in ODD]
    assert shown["its probability"].tolist() == pytest.approx([99, 95, 92])
    says = shown["model says"].tolist()
    select(page, [0, 1], 0).button(key="labels_correct").click().run()
    select(page, [2], 1).button(key="labels_aside").click().run()
    select(page, [1], 2).button(key="labels_keep").click().run()
    assert not page.exception and not page.error
    judged = load_judgements(spec.table.hash, target, workspace)
    assert judged.found == (
        Judgement(7, "correct", says[0]), Judgement(31, "aside"), Judgement(100, "keep"),
    )  # fmt: skip
    again = opened(open_page)  # as after a reload
    assert again.dataframe[0].value["judged"].tolist() == [f"→ {says[0]}", "kept", "set aside"]
    again.button(key="labels_make").click().run()
    assert not again.exception and not again.error
    assert "customers.csv, 1 label corrected, 1 row set aside" in again.title[0].value.replace(
        "\\", ""
    )
    table = open_table(again.query_params["table"], workspace)
    assert table.num_rows == ROWS - 1 and str(table[target][7].as_py()) == says[0]


def test_a_label_of_ones_own_is_taken_and_taken_back(workspace: Path, open_page: Open) -> None:
    folder = make_run(workspace, RUN, "multiclass")
    doubt(folder)
    page = opened(open_page)
    page.selectbox(key=f"labels_to_{RUN}").set_value("20")
    select(page, [1], 0).button(key="labels_correct").click().run()
    table, target = folder.spec().table.hash, folder.spec().target
    assert load_judgements(table, target, workspace).found == (Judgement(100, "correct", "20"),)
    page.toggle(key=f"labels_open_{RUN}").set_value(True).run()
    assert len(page.dataframe[0].value) == 2
    page.toggle(key=f"labels_open_{RUN}").set_value(False).run()
    select(page, [1], 1).button(key="labels_back").click().run()
    assert not load_judgements(table, target, workspace).found
    assert not page.exception and not page.error


def test_a_value_is_corrected_to_what_is_typed(workspace: Path, open_page: Open) -> None:
    folder = make_run(workspace, RUN, "regression")
    found, rows = folder.out_of_fold(1), np.arange(2 * ROWS)  # enough to know the usual errors
    y = np.tile(found.y, 2)
    prediction = y + np.sin(rows) + np.where(rows == 7, 1e6, 0)
    twice = replace(found, rows=np.tile(found.rows, 2), y=y, prediction=prediction)
    folder.save_trial(1, folder.model_files(1), twice)
    page = opened(open_page)
    assert not page.exception and not page.error
    assert "further from the prediction" in words(page)
    page.text_input(key=f"labels_value_{RUN}").set_value("many").run()
    assert "is no number" in words(page)
    page.text_input(key=f"labels_value_{RUN}").set_value("123.5").run()
    select(page, [0], 0).button(key="labels_correct").click().run()
    judged = load_judgements(folder.spec().table.hash, "spent", workspace)
    assert judged.found == (Judgement(7, "correct", "123.5"),)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_without_doubt_nothing_is_claimed(workspace: Path, open_page: Open, task: Task) -> None:
    make_run(workspace, RUN, task, status="stopped")
    page = opened(open_page, "constant-0")
    assert not page.exception and not page.error
    assert ("cannot doubt a label" in words(page)) == (task != "regression")
    assert "No two rows that are the same" in words(page)
    assert not page.dataframe or "judged" not in page.dataframe[0].value


def test_what_is_gone_is_said(workspace: Path, open_page: Open) -> None:
    folder = make_run(workspace, RUN)
    doubt(folder)
    for path in (workspace / "tables").glob("*.arrow"):
        path.unlink()
    page = opened(open_page)
    assert not page.exception
    assert "no longer stored here" in page.error[0].value


def test_more_rows_are_measured_when_asked(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    folder = make_run(workspace, RUN)
    page = opened(open_page)
    page.button(key=f"more_rows_{RUN}_ask").click().run()
    assert not page.exception and not page.error
    assert fake_manager.measured == [folder.path]
    scores = ((0.8, 0.81), (0.85, 0.86), (0.88, 0.89), (0.9, 0.91))
    assert progress_words(fake_manager.rows_job).startswith("Training quick models")
    fake_manager.rows_job.take(RowScores("roc_auc", (100, 200), scores[:2], 800))
    said = progress_words(fake_manager.rows_job)
    assert said.startswith("Done up to 200 of 800 rows") and "0.855" in said
    fake_manager.row_scores.set_result(RowScores("roc_auc", (100, 200, 400, 800), scores, 800))
    page.run()
    assert not page.exception and not page.error
    assert "Twice the rows (800 to 1,600)" in words(page)
    assert "Learning curve over rows" in page.get("plotly_chart")[0].proto.alt


def test_too_few_sizes_are_said_and_an_error_too(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    folder = make_run(workspace, RUN)
    few = RowScores("roc_auc", (100,), ((0.8,),), 100)
    folder.write({"row_scores.json": dump_json(to_plain(few))})
    assert "Only 1 size could be measured" in words(opened(open_page))
    (folder.path / "row_scores.json").unlink()
    page = opened(open_page)
    fake_manager.row_scores.set_exception(ModelError("It took too long."))
    page.button(key=f"more_rows_{RUN}_ask").click().run()
    assert not page.exception
    assert "It took too long" in page.error[0].value
    assert page.button(key=f"more_rows_{RUN}_ask")


def test_a_run_of_a_corrected_table_says_what_it_gained(workspace: Path, open_page: Open) -> None:
    earlier = make_run(workspace, "earlier")
    make_corrected_run(workspace, earlier, RUN)
    assert "No finished run of the table before it" in words(opened(open_page))
    st.cache_data.clear()
    save_outcome(earlier, Outcome(1, "lightgbm-1", HeldOutScore(None, None, None)))
    page = opened(open_page)
    assert not page.exception and not page.error
    assert "This table has 2 labels corrected, 2 rows set aside. On 236 rows" in words(page)
    assert "before and" in words(page) and "chance." in words(page)
