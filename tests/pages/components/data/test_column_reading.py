"""The popover on how a column is read: marks, the order of dates, and the way back."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from streamlit.testing.v1 import AppTest

from automl_core.table.inference.schema_inference import infer_schema
from automl_core.table.schema import Schema
from automl_core.table.store import load_schema
from pages.components.data import column_reading
from tests.pages.conftest import Open
from tests.pages.test_data import PAGE, store
from tests.pages.test_home import all_text

TABLE = pa.table(
    {
        "qual": ["Gd", "None", "?", "TA"] * 15,
        "day": ["01/02/2020", "03/04/2021"] * 30,
        ":red[x] <b>": ["a", "b", "b"] * 20,
    }
)


def opened(open_page: Open, workspace: Path, name: str) -> tuple[AppTest, str]:
    stored = store(TABLE, workspace)
    app = open_page(PAGE, table=stored)
    app.selectbox(key="reading_column").select(name).run()
    assert not app.exception
    return app, stored


def kept(stored: str, workspace: Path) -> Schema:
    schema = load_schema(stored, workspace)
    assert schema is not None
    return schema


def test_marks_of_missing_cells_are_removed_and_brought_back(
    open_page: Open, workspace: Path
) -> None:
    app, stored = opened(open_page, workspace, "qual")
    column = kept(stored, workspace).column("qual")
    version = Schema((column,), 60).digest
    app.multiselect(key=f"reading_marks_{version}").unselect("?")
    app.button(key="reading_apply").click().run()
    assert not app.exception
    assert kept(stored, workspace).column("qual").parse.missing == ()
    assert "chosen by you" in all_text(app)
    app.button(key="reading_undo").click().run()
    assert kept(stored, workspace) == infer_schema(TABLE)


def test_day_and_month_can_be_swapped(open_page: Open, workspace: Path) -> None:
    app, stored = opened(open_page, workspace, "day")
    assert "no cell tells the order" in all_text(app)
    app.button(key="reading_swap").click().run()
    assert not app.exception
    assert kept(stored, workspace).column("day").parse.formats == ("%d/%m/%Y",)


def test_a_column_without_dates_has_nothing_to_swap(open_page: Open, workspace: Path) -> None:
    app, _ = opened(open_page, workspace, ":red[x] <b>")
    assert "reading_swap" not in [button.key for button in app.button]


def test_new_marks_are_added_and_old_ones_dropped() -> None:
    schema = infer_schema(TABLE)
    column = schema.column("qual")
    changed = column_reading._with_marks(schema, TABLE, column, (" NONE",))
    assert changed is not None
    assert changed.column("qual").parse.missing == ("none",)
    assert column_reading._with_marks(schema, TABLE, column, ("?",)) is None
