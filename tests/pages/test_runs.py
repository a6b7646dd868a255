"""Runs: the table of runs; open, run again, delete, open by path; empty and damaged states."""

from __future__ import annotations

import os
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from automl_core.runs.record import RunFolder, load_name, save_name
from automl_core.runs.record.commands import hold
from automl_core.table.store import put_table
from pages.components.shared import allowed_paths
from tests.fake_run import make_folder, schema, spec
from tests.finished_run import make_run
from tests.pages.conftest import Open

PAGE = "pages/runs.py"


def texts(page: AppTest) -> str:
    parts = [*page.markdown, *page.caption, *page.info, *page.warning, *page.error]
    return "\n".join(part.value for part in parts)


def choose(page: AppTest, row: int) -> AppTest:
    selection = {"selection": {"rows": [row], "columns": [], "cells": []}}
    page.session_state[page.dataframe[0].proto.id.split("-", 2)[2]] = selection  # by its key
    return page.run()


def table(page: AppTest) -> Any:
    return page.dataframe[0].value


def test_without_runs_it_says_so_and_offers_the_way(open_page: Open) -> None:
    page = open_page(PAGE)
    assert not page.exception
    assert "No runs yet" in texts(page)
    assert page.button(key="runs_empty").label == "Choose a table"


def test_runs_are_listed_with_state_score_and_budget(workspace: Path, open_page: Open) -> None:
    make_run(workspace, "run-a")
    page = open_page(PAGE)
    assert not page.exception and not page.error
    line = table(page).iloc[0]
    assert line["Status"] == "✓ finished"
    assert (line["Table"], line["Target"], line["Metric"]) == ("customers.csv", "churned", "AUC")
    assert line["Best model"] == "ensemble"


def test_open_goes_to_the_models(workspace: Path, open_page: Open) -> None:
    make_run(workspace, "run-a")
    page = open_page(PAGE)
    page.button(key="runs_open").click().run()
    assert not page.exception
    assert page.title[0].value == "Models"
    assert page.query_params["run"] == "run-a"


def test_run_again_goes_to_train_with_the_settings(workspace: Path, open_page: Open) -> None:
    folder = make_run(workspace, "run-a")
    page = open_page(PAGE)
    page.button(key="runs_again").click().run()
    assert not page.exception and not page.error
    assert page.title[0].value == "Train"
    assert page.query_params["table"] == folder.spec().table.hash
    assert "run" not in page.query_params


def test_run_again_without_its_table_is_one_sentence(workspace: Path, open_page: Open) -> None:
    folder = make_run(workspace, "run-a")
    (workspace / "tables" / f"{folder.spec().table.hash}.arrow").unlink()
    page = open_page(PAGE)
    page.button(key="runs_again").click().run()
    assert not page.exception
    assert len(page.error) == 1 and "no longer stored" in page.error[0].value


def test_delete_asks_first(workspace: Path, open_page: Open) -> None:
    folder = make_run(workspace, "run-a")
    page = open_page(PAGE)
    page.button(key="runs_delete").click().run()
    assert "for good" in texts(page)
    assert folder.exists
    page.button(key="runs_delete_confirm").click().run()
    assert not page.exception
    assert not folder.path.exists()
    assert "No runs yet" in texts(page)


def test_deleting_a_run_that_started_again_is_one_sentence(
    workspace: Path, open_page: Open
) -> None:
    folder = make_run(workspace, "run-a")
    page = open_page(PAGE)
    page.button(key="runs_delete").click().run()
    with hold(folder.path):
        page.button(key="runs_delete_confirm").click().run()
    assert not page.exception
    assert folder.exists
    assert len(page.error) == 1 and "still going" in page.error[0].value


def test_delete_can_be_called_off(workspace: Path, open_page: Open) -> None:
    folder = make_run(workspace, "run-a")
    page = open_page(PAGE)
    page.button(key="runs_delete").click().run()
    page.button(key="runs_delete_cancel").click().run()
    assert folder.exists and "for good" not in texts(page)


def test_a_run_that_goes_on_is_not_deleted(workspace: Path, open_page: Open) -> None:
    folder = make_run(workspace, "run-a", status="running")
    with hold(folder.path):
        page = open_page(PAGE)
        assert not page.exception
        assert table(page).iloc[0]["Status"] == "► running"
        assert page.button(key="runs_delete").disabled
        assert page.button(key="runs_open").label == "Watch it"


def test_an_interrupted_run_says_so(workspace: Path, open_page: Open) -> None:
    make_run(workspace, "run-a", status="running")  # nobody holds it
    page = open_page(PAGE)
    assert not page.exception
    assert "✕ interrupted" in table(page)["Status"].tolist()
    assert "The program ended" in texts(page)


def test_a_damaged_run_costs_one_line_only(workspace: Path, open_page: Open) -> None:
    make_run(workspace, "run-a")
    damaged = make_folder(workspace, "run-b")
    (damaged.path / "spec.json").write_text("{")
    page = open_page(PAGE)
    assert not page.exception
    states = table(page)["Status"].tolist()
    assert sorted(states) == ["✓ finished", "✕ damaged"]
    page = choose(page, states.index("✕ damaged"))
    assert "cannot be read" in texts(page)
    assert texts(page).replace("\\", "").count(str(damaged.path)) == 1
    assert page.button(key="runs_open").disabled
    assert not page.button(key="runs_delete").disabled


def test_a_run_is_named_and_called_so_from_then_on(workspace: Path, open_page: Open) -> None:
    folder = make_run(workspace, "run-a")
    page = open_page(PAGE)
    assert "Name" not in table(page)
    page = page.text_input(key="runs_name_run-a_").input("without *income*").run()
    assert not page.exception and not page.error
    assert load_name(folder.path) == "without *income*"
    assert table(page)["Name"].tolist() == ["without *income*"]
    assert "**without \\*income\\***" in texts(page)
    page = open_page("pages/train.py", run="run-a")
    assert "without \\*income\\*" in texts(page)


def test_runs_are_found_by_name_table_and_target_and_stand_table_by_table(
    workspace: Path, open_page: Open
) -> None:
    tables = ("adult.csv", "customers.csv", "adult.csv")
    for i, (run, name) in enumerate(zip(("run-a", "run-b", "run-c"), tables, strict=True)):
        folder, asked = RunFolder(workspace / "runs" / run), spec()
        folder.create(replace(asked, table=replace(asked.table, name=name)), schema())
        if i == 1:
            save_name(folder.path, "With Weights")
        os.utime(folder.path, (1e9 + i, 1e9 + i))  # run-c is the newest
    page = open_page(PAGE)
    assert table(page)["Table"].tolist() == ["adult.csv", "adult.csv", "customers.csv"]
    assert "3 runs, on 2 tables" in texts(page)
    page = page.toggle(key="runs_grouped").set_value(False).run()
    assert table(page)["Table"].tolist() == ["adult.csv", "customers.csv", "adult.csv"]
    for words, count in (("weights with", 1), ("INCOME", 3), ("customers", 1), ("run-a", 1)):
        page = page.text_input(key="runs_search").input(words).run()
        assert len(table(page)) == count and not page.exception
    page = page.text_input(key="runs_search").input("nothing").run()
    assert "No run is called so" in texts(page) and not page.dataframe


def open_path(page: AppTest, path: str) -> AppTest:
    page.text_input(key="runs_path").input(path)
    return page.button(key="runs_path_open").click().run()


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run outside the workspace, in a folder that the server's owner lists."""
    monkeypatch.setenv("TORCHLIGHT_DATA_FOLDERS", str(tmp_path / "elsewhere"))
    return make_run(tmp_path / "elsewhere", "run-x").path


def test_a_run_folder_opens_by_its_path(open_page: Open, elsewhere: Path) -> None:
    page = open_path(open_page(PAGE), str(elsewhere))
    assert not page.exception and not page.error
    assert page.title[0].value == "Models"
    assert page.query_params["run"] == str(elsewhere)


@pytest.mark.parametrize(
    ("path", "message"),
    [("../nothing", "no folder"), ("", "no run in this folder"), ("../../other", "may not")],
)
def test_a_wrong_path_is_one_sentence(
    open_page: Open, elsewhere: Path, path: str, message: str
) -> None:
    page = open_path(open_page(PAGE), str(elsewhere.parent / path))
    assert not page.exception
    assert len(page.error) == 1 and message in page.error[0].value


def test_where_no_folder_is_listed_there_is_no_field(
    open_page: Open,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(allowed_paths, "server_folders", lambda: ())
    page = open_page(PAGE)
    assert not [t for t in page.text_input if t.key == "runs_path"]


def test_space_that_nobody_needs_is_freed_by_a_button(open_page: Open, workspace: Path) -> None:
    make_run(workspace, "run-a")
    old = put_table(pa.table({"x": [1, 2, 3]}), workspace)
    for path in (workspace / "tables").glob(f"{old}*"):
        os.utime(path, (0, 0))
    page = open_page(PAGE)
    assert page.button(key="space_free").label.startswith("Free ")
    page = page.button(key="space_free").click().run()
    assert not page.exception and not page.error
    assert not list((workspace / "tables").glob(f"{old}*"))
    assert not [b for b in page.button if b.key == "space_free"]
    assert "needed, or was used lately" in texts(page)
    assert not page.get("progress")


def test_a_workspace_with_a_limit_shows_its_use_and_what_is_not_needed_goes_at_once(
    open_page: Open, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_table(pa.table({"x": range(100_000)}), workspace)
    (stored,) = (workspace / "tables").glob("*.arrow")
    monkeypatch.setenv("TORCHLIGHT_MAX_WORKSPACE_MB", "0.5")
    page = open_page(PAGE)
    assert re.search(r"takes 80\d kB of 500 kB", page.get("progress")[0].proto.text)
    assert "no run can be added" in page.warning[0].value
    assert not [b for b in page.button if b.key == "space_free"]  # it was used just now
    os.utime(stored, (time.time() - 3600,) * 2)
    st.cache_data.clear()
    page = open_page(PAGE).button(key="space_free").click().run()
    assert not page.exception and not page.warning and not stored.exists()
    assert "0 B of 500 kB" in page.get("progress")[0].proto.text
