"""Home: uploads that work and uploads that do not, samples, recent runs."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from automl_core.runs.library import RunSummary
from automl_core.runs.record import RunClock
from automl_core.table.sample_data.samples import SAMPLES
from automl_core.table.store import load_info, load_schema
from automl_core.types import RunStatus
from tests.finished_run import make_run
from tests.pages.conftest import FakeManager, Open

CSV = b"name,age,city\nAnn,31,Oslo\nBob,47,Rome\nCy,29,Oslo\nDee,52,Rome\n"


def upload(app: AppTest, name: str, data: bytes) -> AppTest:
    return app.file_uploader[0].upload(name, data, "application/octet-stream").run()


def tables(workspace: Path) -> list[str]:
    return [path.stem for path in (workspace / "tables").glob("*.arrow")]


def all_text(app: AppTest) -> str:
    return "\n".join(str(e.value) for e in [*app.markdown, *app.caption, *app.title, *app.error])


def test_empty_home_offers_upload_samples_and_says_there_are_no_runs(open_page: Open) -> None:
    app = open_page()
    assert not app.exception
    assert not app.error
    assert len(app.file_uploader) == 1
    for sample in SAMPLES:
        assert app.button(key=f"demo_{sample.name}").label == "Live demo (30 s)"
    assert "None so far" in all_text(app)
    assert sum(b.proto.type == "primary" for b in app.button) == 1


def test_an_upload_is_stored_and_opens_on_data(open_page: Open, workspace: Path) -> None:
    app = upload(open_page(), "people.csv", CSV)
    assert not app.error
    (stored,) = tables(workspace)
    assert app.query_params["table"] == stored
    info = load_info(stored, workspace)
    assert (info.name, info.rows, info.columns) == ("people.csv", 4, 3)
    assert load_schema(stored, workspace) is not None
    assert app.title[0].value == "people\\.csv"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("TORCHLIGHT_MAX_ROWS", "4", "more than the 4 rows"),
        ("TORCHLIGHT_MAX_UPLOAD_MB", "0.00001", "The file has 72 B; up to 10 B"),
        ("TORCHLIGHT_MAX_WORKSPACE_MB", "0.0001", "does not fit into this workspace"),
    ],
)
def test_an_upload_that_is_refused_leaves_the_table_before(
    open_page: Open, workspace: Path, monkeypatch: pytest.MonkeyPatch,
    name: str, value: str, words: str,
) -> None:  # fmt: skip
    upload(open_page(), "people.csv", CSV)
    (stored,) = tables(workspace)
    monkeypatch.setenv(name, value)
    app = upload(open_page(table=stored), "more.csv", CSV + b"Eve,1,Oslo\n")
    assert not app.exception and words in app.error[0].value
    assert tables(workspace) == [stored] and app.query_params["table"] == stored
    monkeypatch.delenv(name)
    app = upload(app, "more.csv", CSV + b"Eve,1,Oslo\n")
    assert not app.error and len(tables(workspace)) == 2


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.csv", b""),
        ("header.csv", b"a,b,c\n"),
        ("rubbish.csv", bytes(range(256)) * 20),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(200)),
        ("none.parquet", b""),
        ("broken.zip", b"PK\x03\x04 and then nothing"),
    ],
)
def test_a_file_that_is_no_table_is_said_in_words(
    open_page: Open, workspace: Path, name: str, data: bytes
) -> None:
    app = upload(open_page(), name, data)
    assert not app.exception
    assert len(app.error) == 1
    assert "Traceback" not in app.error[0].value
    assert not tables(workspace)
    assert app.title[0].value == "Train models you can watch"  # the app goes on
    assert app.button(key="forget_failed").label == "Discard file"
    with_form = "retry_read" in [b.key for b in app.button]
    assert with_form == (name == "header.csv")  # no setting makes a table of the others
    app.button(key="explore_" + SAMPLES[0].name).click().run()
    assert not app.exception


def test_a_failed_file_can_be_read_again_with_other_settings(
    open_page: Open, workspace: Path
) -> None:
    app = upload(open_page(), "late.csv", b"a,b\n")
    assert app.error
    app.checkbox(key="retry_header").uncheck()
    app.button(key="retry_read").click().run()
    assert not app.error
    (stored,) = tables(workspace)
    assert load_info(stored, workspace).rows == 1


def test_a_failed_file_can_be_forgotten(open_page: Open) -> None:
    app = upload(open_page(), "late.csv", b"")
    assert app.error
    app.button(key="forget_failed").click().run()
    assert not app.error


def test_another_failed_file_starts_from_its_own_settings(open_page: Open) -> None:
    app = upload(open_page(), "late.csv", b"a,b\n")
    app.selectbox(key="retry_delimiter").select("|")
    app.button(key="retry_read").click().run()
    assert app.selectbox(key="retry_delimiter").value == "|"
    app = upload(app, "other.csv", b"a;b;c\n")
    assert app.selectbox(key="retry_delimiter").value == ";"


def test_file_names_are_never_paths(open_page: Open, workspace: Path) -> None:
    app = upload(open_page(), "../../evil:red[x]\n<b>.csv", CSV)
    assert not app.exception
    (stored,) = tables(workspace)
    outside = [p for p in workspace.parent.rglob("*evil*")]
    assert not outside
    assert "\n" not in load_info(stored, workspace).name


def test_a_server_path_is_offered_below_listed_folders_only(
    open_page: Open, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not open_page().text_input  # nobody listed a folder
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    (allowed / "people.csv").write_bytes(CSV)
    (tmp_path / "secret.csv").write_bytes(CSV)
    monkeypatch.setenv("TORCHLIGHT_DATA_FOLDERS", str(allowed))
    for path in (tmp_path / "secret.csv", allowed / ".." / "secret.csv"):
        app = open_page()
        app.text_input(key="server_path").input(str(path))
        app.button(key="server_path_open").click().run()
        assert len(app.error) == 1
        assert not tables(workspace)
    app.text_input(key="server_path").input(str(allowed / "people.csv"))
    app.button(key="server_path_open").click().run()
    assert not app.error
    assert len(tables(workspace)) == 1


def test_with_nothing_listed_home_says_how_the_owner_allows_more(open_page: Open) -> None:
    words = next(c for c in open_page().caption if "owner" in c.value)
    assert words.value.startswith("Files on this machine and databases")
    assert "TORCHLIGHT_DATA_FOLDERS=/data" in words.proto.help
    assert "TORCHLIGHT_DATABASES=" in words.proto.help


def test_a_live_demo_starts_a_run_without_the_leak(
    open_page: Open, fake_manager: FakeManager
) -> None:
    churn = next(sample for sample in SAMPLES if sample.generated)
    app = open_page()
    app.button(key=f"demo_{churn.name}").click().run()
    assert not app.exception
    (spec,) = fake_manager.started
    assert spec.options.budget.seconds == 30
    assert spec.target == churn.target
    assert spec.options.drop, "the column that gives the target away should be left out"
    assert app.query_params["run"] == "run-1"


def test_every_sample_can_be_explored(open_page: Open) -> None:
    for sample in SAMPLES:
        app = open_page()
        app.button(key=f"explore_{sample.name}").click().run()
        assert not app.exception
        assert not app.error
        assert app.metric[0].value == f"{sample.rows:,}"


def test_recent_runs_show_state_score_and_a_link(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, fake_manager: FakeManager
) -> None:
    from pages.components.shared import activity

    def summary(number: int, status: str) -> RunSummary:
        return RunSummary(
            id=f"run-{number}", path=f"runs/run-{number}", table="churn :red[x].csv",
            target="left", task="binary", metric="roc_auc", status=RunStatus(status),
            score=0.91234, best="mlp-1", created=time.time() - 90 * number, budget="30 s", models=4,
            clock=RunClock(9.5, time.time(), goes=True, total=30.0),
        )  # fmt: skip

    states = ("running", "finished", "failed", "interrupted", "damaged")
    runs = tuple(summary(i, state) for i, state in enumerate(states))
    fake_manager.active.add("run-0")
    monkeypatch.setattr(activity, "recent_runs", lambda _: runs)
    app = open_page()
    assert not app.exception
    shown = all_text(app)
    for word in ("Running", "Finished", "Failed"):
        assert word in shown
    assert "0\\.9123" in shown
    assert ":red[x]" not in shown
    links = [link.proto.label for link in app.get("page_link")]
    assert "**churn \\:\u2060red\\[x\\]\\.csv**" in links
    bar = app.get_by_key("active_run").get("progress")[0]
    assert bar.proto.text == "20 s left" and "Best AUC" in shown
    assert "All 5 runs" in links
    assert "Try a row" not in links  # the newest run goes on


def test_after_a_run_home_leads_on_to_its_model(open_page: Open, workspace: Path) -> None:
    make_run(workspace, "run-a")
    links = {link.proto.label: link.proto for link in open_page().get("page_link")}
    for label, page, query in (
        ("Look into its model", "models", "run=run-a"),
        ("Try a row", "predict", "run=run-a&score=row"),
    ):
        assert (links[label].page, links[label].query_string) == (page, query)


def test_several_files_of_the_same_columns_become_one_table(
    open_page: Open, workspace: Path
) -> None:
    app = open_page()
    files = [("one.csv", CSV, "text/csv"), ("two.csv", CSV, "text/csv")]
    app = app.file_uploader[0].set_value(files).run()
    assert not app.exception and not app.error
    (stored,) = tables(workspace)
    info = load_info(stored, workspace)
    assert (info.name, info.rows) == ("one.csv, two.csv", 8)
    assert "2 files of the same columns" in all_text(app)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TORCHLIGHT_DATA_FOLDERS", str(tmp_path))
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table sale (x real, town text)")
        connection.executemany("insert into sale values (?, ?)", [(1.5, "Oslo"), (2.5, "Rome")])
    connection.close()
    return f"sqlite:///{path}"


def ask(app: AppTest, address: str, sql: str) -> AppTest:
    app.text_input(key="database_address").set_value(address)
    app.text_area(key="database_query").set_value(sql)
    return app.button(key="database_read").click().run()


def test_a_databases_answer_opens_on_data_and_its_address_is_not_kept(
    open_page: Open, workspace: Path, shop: str
) -> None:
    app = ask(open_page(), shop, "select * from sale")
    assert not app.exception and not app.error
    (stored,) = tables(workspace)
    assert load_info(stored, workspace).rows == 2
    assert "From sqlite, shop" in all_text(app)
    assert shop.encode() not in (workspace / "tables" / f"{stored}.json").read_bytes()


def test_a_query_that_fails_is_told_in_words(open_page: Open, shop: str) -> None:
    app = ask(open_page(), shop, "select * from absent")
    assert not app.exception
    assert "no such table" in app.error[0].value
    assert app.text_area(key="database_query").value == "select * from absent"


def test_only_hosts_that_the_owner_named_are_asked(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCHLIGHT_DATABASES", "db.example.com")
    app = ask(open_page(), "postgresql://a:b@elsewhere.example.com/x", "select 1")
    assert "may not be asked" in app.error[0].value
    monkeypatch.delenv("TORCHLIGHT_DATABASES")
    assert not [area for area in open_page().text_area if area.key == "database_query"]


def test_a_database_that_would_allow_changes_is_asked_after_a_yes(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCHLIGHT_DATABASES", "*")
    app = ask(open_page(), "mssql+pymssql://a:b@127.0.0.1:1/x", "select 1 as x")
    assert "refuses changes" in app.error[0].value
    assert "refuses changes" in app.warning[0].value
    app.checkbox(key="database_confirmed").check().run()
    app.button(key="database_read").click().run()
    assert "refuses changes" not in app.error[0].value  # it was sent


def test_an_owner_may_allow_any_host_in_so_many_words(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCHLIGHT_DATABASES", "*")
    app = ask(open_page(), "postgresql://a:b@127.0.0.1:1/x", "select 1")
    assert "did not answer" in app.error[0].value
