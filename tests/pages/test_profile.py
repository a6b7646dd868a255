"""Profile: columns by the target, pairs, gaps, for ordinary and for odd tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from automl_core.table.store import TableInfo, put_table, save_info
from tests.pages.conftest import Open
from tests.pages.test_train import texts

PAGE = "pages/profile.py"


def store(root: Path, table: pa.Table) -> str:
    stored = put_table(table, root)
    save_info(TableInfo(stored, "t.csv", table.num_rows, table.num_columns, {}), root)
    return stored


def people(rows: int = 200) -> pa.Table:
    random = np.random.default_rng(0)
    age = random.integers(18, 80, rows).astype(float)
    return pa.table(
        {
            "age": pa.array(age, mask=np.arange(rows) % 10 == 0),
            ":red[city] <b>": random.choice(["Oslo", "Rome", "Bonn"], rows),
            "left": np.where(age > 50, "yes", "no"),
        }
    )


def test_without_a_table_the_page_asks_for_one(open_page: Open) -> None:
    assert "There is no table yet" in texts(open_page(PAGE))


def test_columns_pairs_and_gaps_are_shown(workspace: Path, open_page: Open) -> None:
    page = open_page(PAGE, table=store(workspace, people()))
    assert not page.exception and not page.error
    said = texts(page)
    assert "Strongest pairs" in said and "Missing together" in said
    assert "numeric: numbers" in said and "10 % missing" in said
    assert len(page.get("plotly_chart")) == 3
    (target, column) = page.selectbox[0], page.selectbox[1]
    target.set_value("left").run()
    column.set_value(":red[city] <b>").run()
    assert not page.exception and not page.error
    assert "category: 3 different values" in texts(page)
    assert page.session_state["_target"] == "left"


def test_findings_come_first_and_lead_on(workspace: Path, open_page: Open) -> None:
    table = people().append_column("price", pa.array([f"{i % 7}.5" for i in range(200)]))
    page = open_page(PAGE, table=store(workspace, table))
    assert page.header[0].value == "What is odd"
    assert page.button(key="profile_to_train").label == "Train on it"
    assert "Nothing needs a decision" in texts(page)
    gone = pa.array([2 if a else 1 for a in (v == "yes" for v in table["left"].to_pylist())])
    page = open_page(PAGE, table=store(workspace, table.append_column("gone", gone)))
    page = page.selectbox[0].set_value("left").run()
    assert not page.exception
    assert "gone" in " ".join(texts(page).split("Nothing")[0].splitlines()[:8])
    assert page.button(key="profile_to_data").label == "Fix on Data"
    assert page.button(key="profile_to_train").label == "Train on it as it is"


def test_a_column_that_tells_is_looked_at_first(workspace: Path, open_page: Open) -> None:
    keys = pa.array([f"C-{i:05}" for i in range(200)])
    table = people().add_column(0, "key", keys)
    page = open_page(PAGE, table=store(workspace, table))
    assert page.selectbox[1].value == "age"


def test_a_table_without_gaps_or_pairs_says_so(workspace: Path, open_page: Open) -> None:
    page = open_page(PAGE, table=store(workspace, pa.table({"x": [1.5, 2.5, 3.5] * 9})))
    assert not page.exception and not page.error
    said = texts(page)
    assert "No cell is missing" in said and "no two columns" in said


def test_an_empty_column_is_no_reason_to_fail(workspace: Path, open_page: Open) -> None:
    table = pa.table({"x": [1, 2, 3] * 9, "gone": pa.nulls(27, pa.string())})
    page = open_page(PAGE, table=store(workspace, table))
    assert not page.exception and not page.error


def test_how_many_columns_the_map_shows_is_said(workspace: Path, open_page: Open) -> None:
    random = np.random.default_rng(0)
    table = pa.table({f"x{i}": random.normal(size=60) for i in range(30)})
    said = texts(open_page(PAGE, table=store(workspace, table)))
    assert "The map shows 24 of 30 columns" in said and "among all of them" in said


def test_one_column_of_a_long_table_is_counted_whole(workspace: Path, open_page: Open) -> None:
    page = open_page(PAGE, table=store(workspace, people(60_000)))
    said = texts(page)
    assert "50,000 rows of 60,000" in said and "counted in all rows" in said
    assert not page.exception and not page.error
