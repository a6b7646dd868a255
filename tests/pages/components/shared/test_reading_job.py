"""A file that takes long to read: a bar, a button to cancel, and a page that goes on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from automl_core.errors import TableError
from automl_core.table.reading.ingest import ingest_file
from automl_core.table.store import TableInfo
from pages.components.shared import reading_job, table_input
from pages.components.shared.reading_job import ReadingJob
from tests.pages.conftest import Open
from tests.pages.test_home import CSV, all_text, tables, upload


@dataclass
class SlowReader:
    """Reports 40 of 100 bytes and waits until the test lets it go on, or the page cancels."""

    goes_on: threading.Event = field(default_factory=threading.Event)
    reported: threading.Event = field(default_factory=threading.Event)
    fails: Exception | None = None

    def __call__(self, path: Path, name: str, root: Path, *rest: Any) -> TableInfo | None:
        _settings, _upload, report, _source_format = rest
        while not self.goes_on.wait(0.005):
            if not report(40, 100):
                return None
            self.reported.set()
        if self.fails is not None:
            raise self.fails
        return ingest_file(path, name, root, *rest)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowReader]:
    reader = SlowReader()
    monkeypatch.setattr(reading_job, "ingest_file", reader)
    monkeypatch.setattr(table_input, "PATIENCE", 0.0)
    yield reader
    reader.goes_on.set()


def job_of(app: AppTest) -> ReadingJob:
    job = app.session_state["_reading_job"]
    assert isinstance(job, ReadingJob)
    return job


def settle(app: AppTest) -> AppTest:
    """The page as its next look at the reading finds it."""
    assert job_of(app).wait(20)
    return app.run()


def test_a_long_reading_has_a_bar_and_ends_on_data(
    open_page: Open, workspace: Path, slow: SlowReader
) -> None:
    app = upload(open_page(), "people.csv", CSV)
    assert not app.exception
    assert not app.file_uploader
    assert slow.reported.wait(20)
    app.run()
    (bar,) = app.get("progress")
    assert bar.proto.value == 40
    assert "40 B of 100 B" in bar.proto.text
    slow.goes_on.set()
    app = settle(app)
    assert not app.exception
    assert app.title[0].value == "people\\.csv"
    assert [app.query_params["table"]] == tables(workspace)


def test_a_cancelled_reading_leaves_the_page_as_it_was(
    open_page: Open, workspace: Path, slow: SlowReader
) -> None:
    del slow
    app = upload(open_page(), "people.csv", CSV)
    job = job_of(app)
    app.button(key="cancel_reading").click().run()
    assert job.wait(20)
    app.run()
    assert not app.exception
    assert not app.error
    assert len(app.file_uploader) == 1
    assert not (workspace / "tables").exists() or not tables(workspace)


def test_a_long_reading_that_fails_is_said_in_words(open_page: Open, slow: SlowReader) -> None:
    app = upload(open_page(), "people.csv", CSV)
    slow.fails = TableError("Row 7 is torn.", "Mend it.")
    slow.goes_on.set()
    app = settle(app)
    assert not app.exception
    assert "Row 7 is torn" in all_text(app)
    assert app.button(key="retry_read").label == "Read again"


def test_a_bug_while_reading_is_logged_and_one_sentence(
    open_page: Open, slow: SlowReader, caplog: pytest.LogCaptureFixture
) -> None:
    app = upload(open_page(), "people.csv", CSV)
    slow.fails = ZeroDivisionError("secret detail")
    slow.goes_on.set()
    app = settle(app)
    assert not app.exception
    assert "Something went wrong" in app.error[0].value
    assert "secret detail" not in app.error[0].value
    assert "secret detail" in caplog.text


def test_a_table_stays_while_it_is_read_again(
    open_page: Open, workspace: Path, slow: SlowReader
) -> None:
    slow.goes_on.set()
    app = settle(upload(open_page(), "people.csv", CSV))
    (first,) = tables(workspace)
    slow.goes_on.clear()
    app.checkbox(key=f"reread_{first[:8]}_header").uncheck()
    app.button(key=f"reread_{first[:8]}_read").click().run()
    assert app.query_params["table"] == first
    assert len(app.get("progress")) == 1
    slow.goes_on.set()
    app = settle(app)
    assert not app.exception
    assert app.query_params["table"] != first
    assert app.metric[0].value == "5"
