"""Data: the empty, the working and the failed state; roles; reading again; hostile tables."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from automl_core.table.findings import Finding
from automl_core.table.inference.schema_inference import infer_schema
from automl_core.table.store import TableInfo, load_schema, put_table, save_info
from pages.components.shared import findings, session, table_facts
from tests.pages.conftest import Open
from tests.pages.test_home import CSV, all_text, tables, upload

PAGE = "pages/data.py"


def store(table: pa.Table, root: Path, name: str = "people.csv") -> str:
    stored = put_table(table, root)
    save_info(TableInfo(stored, name, table.num_rows, table.num_columns, {}), root)
    return stored


def people(rows: int = 60) -> pa.Table:
    return pa.table(
        {
            "key": [f"K{i:04d}" for i in range(rows)],
            "age": [20 + i * 7 % 50 for i in range(rows)],
            "city": [["Oslo", "Rome", "Bonn"][i % 3] for i in range(rows)],
            "same": ["x"] * rows,
            "left": ["yes" if i % 4 == 0 else "no" for i in range(rows)],
            "gone": [2 if i % 4 == 0 else 1 for i in range(rows)],
        }
    )


def test_without_a_table_the_page_asks_for_one(open_page: Open) -> None:
    app = open_page(PAGE)
    assert not app.exception
    assert len(app.file_uploader) == 1
    assert app.header[0].value == "No table yet"


def test_a_table_can_be_brought_here_too(open_page: Open, workspace: Path) -> None:
    app = upload(open_page(PAGE), "people.csv", CSV)
    assert not app.exception
    assert app.title[0].value == "people\\.csv"
    assert [app.query_params["table"]] == tables(workspace)


def test_a_link_to_an_unknown_table_says_so(open_page: Open) -> None:
    for unknown in ("0" * 32, "../../etc/passwd", "nonsense"):
        app = open_page(PAGE, table=unknown)
        assert not app.exception
        assert "not in this workspace" in app.warning[0].value
        assert len(app.file_uploader) == 1


def test_a_deep_link_shows_the_table_its_columns_and_findings(
    open_page: Open, workspace: Path
) -> None:
    stored = store(people(), workspace)
    app = open_page(PAGE, table=stored)
    assert not app.exception
    assert not app.error
    assert [m.value for m in app.metric][:2] == ["60", "6"]
    shown = all_text(app)
    assert "key" in shown and "same" in shown  # findings: the id and the constant
    assert app.button(key="choose_target").label == "Choose a target"
    assert sum(b.proto.type == "primary" for b in app.button) == 1


def test_choosing_the_column_to_predict_looks_for_leaks(open_page: Open, workspace: Path) -> None:
    stored = store(people(), workspace)
    app = open_page(PAGE, table=stored)
    before = all_text(app)
    app.selectbox(key=f"check_target_{stored[:8]}").select("left").run()
    assert "gone" in all_text(app)
    assert "gone" not in before
    assert app.session_state["_target"] == "left"


def test_roles_changed_together_are_kept_for_the_next_session(
    open_page: Open, workspace: Path
) -> None:
    stored = store(people(), workspace)
    app = open_page(PAGE, table=stored)
    app.multiselect(key="role_columns").select("age").select("city")
    app.selectbox(key="role_choice").select("ignored")
    app.button(key="role_apply").click().run()
    assert not app.exception
    schema = load_schema(stored, workspace)
    assert schema is not None
    assert [schema.column(n).role for n in ("age", "city")] == ["ignored", "ignored"]
    again = open_page(PAGE, table=stored)
    assert again.metric[2].value == app.metric[2].value
    app.button(key="infer_again").click().run()
    schema = load_schema(stored, workspace)
    assert schema is not None
    assert schema.column("age").role == "numeric"


def test_a_role_edited_in_the_table_is_kept(open_page: Open, workspace: Path) -> None:
    stored = store(people(), workspace)
    app = open_page(PAGE, table=stored)
    schema = load_schema(stored, workspace)
    assert schema is not None
    app.session_state[f"roles_{schema.digest}"] = {
        "edited_rows": {1: {"role": "category"}},
        "added_rows": [],
        "deleted_rows": [],
    }
    app.run()
    assert not app.exception
    schema = load_schema(stored, workspace)
    assert schema is not None
    assert schema.column("age").role == "category"
    assert schema.column("age").reason == "chosen by you"


def test_a_table_is_read_again_with_other_settings(open_page: Open, workspace: Path) -> None:
    app = upload(open_page(), "people.csv", CSV)
    (first,) = tables(workspace)
    app.number_input(key=f"reread_{first[:8]}_skip_rows").set_value(1)
    app.checkbox(key=f"reread_{first[:8]}_header").uncheck()
    app.button(key=f"reread_{first[:8]}_read").click().run()
    assert not app.exception
    assert app.query_params["table"] != first
    assert len(tables(workspace)) == 2
    assert app.metric[0].value == "4"


def test_a_second_session_can_read_an_upload_again(open_page: Open, workspace: Path) -> None:
    upload(open_page(), "people.csv", CSV)
    (first,) = tables(workspace)
    app = open_page(PAGE, table=first)
    assert app.button(key=f"reread_{first[:8]}_read").label == "Read again"


def test_wide_tables_are_shown_in_parts(open_page: Open, workspace: Path) -> None:
    columns = 1500
    table = pa.table({f"c{i}": [i, i + 1, i * 2 % 7] for i in range(columns)})
    app = open_page(PAGE, table=store(table, workspace, "wide.csv"))
    assert not app.exception
    assert "1,500" in all_text(app)
    assert "shown 1 to 100" in all_text(app)
    app.text_input(key="columns_search").input("c1499").run()
    assert "1 column of 1,500" in all_text(app)


def test_a_leak_is_left_out_with_one_click_and_then_handled(
    open_page: Open, workspace: Path
) -> None:
    stored = store(people(), workspace)
    app = open_page(PAGE, table=stored)
    app.selectbox(key=f"check_target_{stored[:8]}").select("left").run()
    assert "To review" in all_text(app)
    (button,) = [b for b in app.button if b.label == "Leave out"]
    button.click().run()
    assert not app.exception
    assert "To review" not in all_text(app)
    schema = load_schema(stored, workspace)
    assert schema is not None
    assert schema.column("gone").role == "ignored"
    assert schema.column("left").role != "ignored"


def lossy(rows: int = 90) -> pa.Table:
    """Spellings, numbers and dates that are not read, and the sum of all rows at the end."""
    sizes = [20.5 + i * 7 % 50 for i in range(rows)]
    counts = [i * 31 % 97 for i in range(rows)]
    return pa.table(
        {
            "town": [["Oslo", "oslo", "Rome"][i % 3] for i in range(rows)] + ["Total"],
            "size": [f"see {s}" if i % 9 == 0 else f"{s}" for i, s in enumerate(sizes)] + [None],
            "day": [f"2020-{13 + i % 20}-{1 + i % 28}" for i in range(rows)] + [None],
            "count": [*counts, sum(counts)],
            "area": [*sizes, sum(sizes)],
        }
    )


def test_what_may_be_lost_has_words_and_a_button_that_mends_it(
    open_page: Open, workspace: Path
) -> None:
    stored = store(lossy(), workspace)
    app = open_page(PAGE, table=stored)
    assert not app.exception
    shown = all_text(app)
    for words in (
        "in several spellings",
        "holds numbers, but",
        "looks like dates",
        "The last row is",
    ):
        assert words in shown
    assert "Percentages and fractions are not mixed" in shown  # among those that passed
    for label in ("Merge spellings", "Read as numbers"):
        (button,) = [b for b in app.button if b.label == label]
        button.click().run()
        assert not app.exception
    schema = load_schema(stored, workspace)
    assert schema is not None and schema.column("town").parse.spellings
    assert schema.column("size").role == "numeric"
    next(b for b in app.button if b.label == "Undo").click().run()
    schema = load_schema(stored, workspace)
    assert schema is not None and not schema.column("town").parse.spellings


def test_a_table_of_no_file_cannot_be_read_again(open_page: Open, workspace: Path) -> None:
    app = open_page(PAGE, table=store(lossy(), workspace))
    (button,) = [b for b in app.button if b.label == "Read again without"]
    button.click().run()
    assert not app.exception
    assert "nothing to read again" in app.warning[0].value


def test_a_target_that_cannot_be_one_is_said_and_the_page_goes_on(
    open_page: Open, workspace: Path
) -> None:
    stored = store(people(), workspace)
    app = open_page(PAGE, table=stored)
    app.selectbox(key=f"check_target_{stored[:8]}").select("same").run()
    assert not app.exception
    assert len(app.error) == 1
    assert [s.value for s in app.header] == ["Checks", "Columns", "First rows"]


def test_many_findings_of_one_kind_are_put_together() -> None:
    alike = [
        Finding("constant", (f"c{i}",), "warning", f"c{i} is constant.", "x") for i in range(9)
    ]
    leak = Finding("leak", ("gone", "left"), "warning", "gone predicts it.", "x")
    shown = findings.grouped([*alike, leak], "left")
    assert [f.kind for f in shown] == ["constant", "leak"]
    assert shown[0].columns == tuple(f"c{i}" for i in range(9))
    assert shown[0].message.startswith("9 columns")
    assert findings.grouped(alike[:3], None) == alike[:3]
    assert findings.suspects(leak, "left") == ("gone",)


def test_hostile_names_and_cells_are_shown_as_they_are(open_page: Open, workspace: Path) -> None:
    names = ["<script>x</script>", ":red[x]", "a\nb", '"quoted"', "`tick`", "# head", "=1+1"]
    table = pa.table({name: [f"{name} {i}" for i in range(5)] for name in names})
    app = open_page(PAGE, table=store(table, workspace, "**x** <b>.csv"))
    assert not app.exception
    assert app.title[0].value == "\\*\\*x\\*\\* \\<b\\>\\.csv"
    for markdown in app.markdown:
        assert not markdown.proto.allow_html


def test_a_bug_is_logged_and_shown_as_one_sentence(
    open_page: Open, workspace: Path, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(table_facts, "findings", broken)
    app = open_page(PAGE, table=store(people(), workspace))
    assert not app.exception
    assert "Something went wrong" in app.error[0].value
    assert "secret detail" not in app.error[0].value
    assert "secret detail" in caplog.text


def test_a_table_that_was_deleted_meanwhile_is_said(open_page: Open, workspace: Path) -> None:
    stored = store(people(), workspace)
    app: AppTest = open_page(PAGE, table=stored)
    (workspace / "tables" / f"{stored}.arrow").unlink()
    app.run()
    assert not app.exception
    assert "Upload the file again" in app.error[0].value.replace("\\", "")


def test_another_table_forgets_the_target(workspace: Path) -> None:
    first, second = (store(people(n), workspace) for n in (20, 30))

    def page(first: str, second: str) -> None:
        import streamlit as st

        from automl_core.files import workspace as root
        from automl_core.table.store import load_info
        from pages.components.shared import session

        session.set_table(load_info(first, root()))
        session.set_target("left")
        st.text(str(session.current_target()))
        session.set_table(load_info(second, root()))
        st.text(str(session.current_target()))

    app = AppTest.from_function(page, args=(first, second)).run()
    assert [t.value for t in app.text] == ["left", "None"]


def test_profiles_of_a_part_are_those_of_its_columns(workspace: Path) -> None:
    table = people()
    stored = store(table, workspace)
    schema = infer_schema(table)
    part = table_facts.profiles(stored, schema, schema.columns[1:3])
    assert [p.name for p in part] == ["age", "city"]
    assert session.Source("x").upload == ""
