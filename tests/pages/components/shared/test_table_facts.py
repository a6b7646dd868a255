"""Facts that pages compute about tables: a long one is looked at in part, and that is said."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
import streamlit as st

from automl_core.profile.column_summary import ColumnProfile
from automl_core.table.inference.schema_inference import infer_schema, with_role
from pages.components.shared import table_facts
from tests.pages.conftest import Open
from tests.pages.test_data import PAGE, people, store
from tests.pages.test_home import all_text


@pytest.fixture
def long_from_50(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables are long from 50 rows on, of which 30 are looked at."""
    monkeypatch.setattr(table_facts, "LONG", 50)
    monkeypatch.setattr(table_facts, "LOOK", 30)
    st.cache_resource.clear()


@pytest.mark.usefixtures("long_from_50")
def test_a_long_table_is_looked_at_in_part_and_the_page_says_so(
    open_page: Open, workspace: Path
) -> None:
    app = open_page(PAGE, table=store(people(60), workspace))
    assert not app.exception
    assert "30 of them, evenly spaced" in all_text(app)
    assert "of them, evenly spaced" not in all_text(
        open_page(PAGE, table=store(people(50), workspace))
    )


@pytest.mark.usefixtures("long_from_50")
def test_rows_of_findings_are_those_of_the_whole_table(workspace: Path) -> None:
    words = [f"value {i % 20}" for i in range(600)]
    words[599] = "?"  # evenly spaced rows have the first and the last
    table = pa.table({"word": words, "x": range(600)})
    stored = store(table, workspace)
    found = table_facts.findings(stored, infer_schema(table), None)
    rows = [row for finding in found for row in finding.rows]
    assert all(0 <= row < 600 for row in rows)
    for finding in found:
        if finding.kind == "disguised_missing":
            assert set(finding.rows) <= {599}


@pytest.mark.usefixtures("long_from_50")
def test_copies_are_counted_in_all_rows_and_again_only_for_other_columns(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = people(60)
    table = half.take(pa.array([row // 2 for row in range(120)]))
    table = table.append_column("size", pa.array([row // 2 * 0.7 for row in range(120)]))
    stored, schema = store(table, workspace), infer_schema(table)
    counted = []
    real = table_facts.row_copies
    monkeypatch.setattr(table_facts, "row_copies", lambda *a: counted.append(1) or real(*a))
    found = table_facts.findings(stored, schema, None)
    assert [f.message[:4] for f in found if f.kind == "duplicate" and not f.columns] == ["50 %"]
    table_facts.findings(stored, with_role(schema, table, "age", "category"), None)
    assert len(counted) == 1
    table_facts.findings(stored, with_role(schema, table, "age", "ignored"), None)
    assert len(counted) == 2
    monkeypatch.setattr(table_facts, "VERY_LONG", 100)
    table_facts.findings(stored, with_role(schema, table, "size", "ignored"), None)
    table_facts.findings(stored, with_role(schema, table, "city", "ignored"), None)
    assert len(counted) == 3  # once for all


def test_a_changed_role_looks_at_its_column_alone(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = people()
    stored, schema = store(table, workspace), infer_schema(table)
    table_facts.profiles(stored, schema, schema.columns)
    looked: list[tuple[str, ...]] = []
    real = table_facts.profile_columns

    def counted(table: pa.Table, part: table_facts.Schema) -> tuple[ColumnProfile, ...]:
        looked.append(part.names)
        return real(table, part)

    monkeypatch.setattr(table_facts, "profile_columns", counted)
    changed = with_role(schema, table, "age", "category")
    profiles = table_facts.profiles(stored, changed, changed.columns)
    assert looked == [("age",)]
    assert [p.role for p in profiles][1] == "category"
