"""A doubtful decision is a question with both readings; one click reads the file again."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

from streamlit.testing.v1 import AppTest

from automl_core.table.decision import Decision
from automl_core.table.reading.ingest import ingest_file
from automl_core.table.reading.uploads import save_upload, upload_path
from automl_core.table.store import load_info, save_info
from tests.pages.conftest import Open
from tests.pages.test_home import tables

PAGE = "pages/data.py"
WORDS = "colour,kind\n" + "".join(f"{c},{k}\n" for c in ("red", "blue") for k in "abcdefgh")


def doubtful(page: Open, workspace: Path, decision: Decision) -> tuple[AppTest, str]:
    """The Data page with a table whose file leaves this in doubt, and the table's hash."""
    kept = save_upload(io.BytesIO(WORDS.encode()), "words.csv", workspace)
    path = upload_path(kept.id, workspace)
    info = ingest_file(path, "words.csv", workspace, upload=kept.id)
    assert info is not None
    save_info(replace(info, decisions=(decision,)), workspace)
    return page(PAGE, table=info.hash), info.hash


def test_both_readings_are_shown_and_a_click_reads_again(open_page: Open, workspace: Path) -> None:
    doubt = Decision("header", "yes", "Only words.", "no")
    app, stored = doubtful(open_page, workspace, doubt)
    assert not app.exception
    assert "Is the first row a header?" in " ".join(m.value for m in app.markdown)
    shown = [list(frame.value.columns) for frame in app.dataframe[:2]]
    assert shown == [["colour", "kind"], ["column_1", "column_2"]]
    app.button(key="doubt_header_False").click().run()
    assert not app.exception
    (again,) = {*tables(workspace)} - {stored}
    info = load_info(again, workspace)
    assert info.rows == 17
    assert info.settings["header"] == "no" and info.settings["set by you"] == "header"
    assert not any(d.doubtful for d in info.decisions)
    assert not [b for b in app.button if str(b.key).startswith("doubt_")]


def test_keeping_what_was_taken_ends_the_question(open_page: Open, workspace: Path) -> None:
    app, stored = doubtful(open_page, workspace, Decision("header", "yes", "Only words.", "no"))
    app.button(key="doubt_header_True").click().run()
    assert not app.exception
    assert not [b for b in app.button if str(b.key).startswith("doubt_")]
    assert load_info(stored, workspace).settings["set by you"] == "header"


def test_a_reading_that_is_impossible_says_why(open_page: Open, workspace: Path) -> None:
    app, _ = doubtful(open_page, workspace, Decision("sheet", "a", "Few.", "b"))
    assert not app.exception
    assert any("without a sheet" in caption.value for caption in app.caption)


def test_what_cannot_be_set_is_not_asked(open_page: Open, workspace: Path) -> None:
    app, _ = doubtful(open_page, workspace, Decision("nuls", "left out", "2 bytes.", "kept"))
    assert not app.exception and "left out" not in " ".join(m.value for m in app.markdown)
