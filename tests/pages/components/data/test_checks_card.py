"""The card of checks: three states, one click to mend, one to take it back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from streamlit.testing.v1 import AppTest

from automl_core.table.store import load_schema
from tests.pages.conftest import Open
from tests.pages.test_data import PAGE, people, store
from tests.pages.test_home import all_text

RNG = np.random.default_rng(0)


def press(app: AppTest, label: str) -> AppTest:
    (button,) = [b for b in app.button if b.label == label]
    return button.click().run()


def role(stored: str, name: str, workspace: Path) -> str:
    schema = load_schema(stored, workspace)
    assert schema is not None
    return schema.column(name).role


def visits() -> pa.Table:
    """Several visits of each person, who differ in what stays the same about them."""
    who = RNG.integers(0, 60, 400)
    level = RNG.normal(size=60)
    return pa.table(
        {
            "person": [f"P{i}" for i in who],
            "age": (RNG.integers(20, 50, 60))[who],
            "town": np.array(["Oslo", "Rome", "Bonn", "Lima"])[RNG.integers(0, 4, 60)][who],
            "pulse": RNG.normal(70, 9, 400).round(1),
            "score": (level[who] + 0.5 * RNG.normal(size=400)).round(3),
        }
    )


def test_every_state_is_counted_and_mended_ones_are_folded(
    open_page: Open, workspace: Path
) -> None:
    app = open_page(PAGE, table=store(people(), workspace))
    assert not app.exception
    shown = all_text(app)
    assert "2 fixed" in shown and "passed" in shown
    (folded,) = [e for e in app.expander if "Fixed" in e.label]
    assert folded.label == "Fixed automatically (2)"
    assert "to review" not in shown


def test_groups_are_kept_together_with_one_click_and_taken_back(
    open_page: Open, workspace: Path
) -> None:
    stored = store(visits(), workspace)
    app = open_page(PAGE, table=stored)
    app.selectbox(key=f"check_target_{stored[:8]}").select("score").run()
    assert "1 to review" in all_text(app)
    app = press(app, "Keep groups together")
    assert role(stored, "person", workspace) == "group"
    assert "to review" not in all_text(app)
    app = press(app, "Undo")
    assert not app.exception
    assert role(stored, "person", workspace) == "category"


def test_a_setting_of_the_run_reaches_the_training_form(open_page: Open, workspace: Path) -> None:
    half = people(80).slice(0, 60).drop_columns(["key", "same"])
    noise = pa.array(RNG.normal(size=60))
    half = half.append_column("size", noise)
    stored = store(pa.concat_tables([half, half]), workspace)
    app = open_page(PAGE, table=stored)
    app = press(app, "Keep copies together")
    assert not app.exception
    assert app.session_state["_train_form"]["train_copies"] == "together"
    assert "the next run is set to it" in all_text(app)
    app = press(app, "Undo")
    assert app.session_state["_train_form"]["train_copies"] == "keep"


def test_the_form_asks_for_what_was_clicked(open_page: Open, workspace: Path) -> None:
    stored = store(people(), workspace)
    app = open_page("pages/train.py", table=stored)
    app.selectbox(key="train_target").select("left").run()
    app.selectbox(key="train_copies").select("together").run()
    assert "duplicate rows kept together" in all_text(app)


def test_cells_are_read_as_missing_with_one_click(open_page: Open, workspace: Path) -> None:
    waited = RNG.integers(300, 360, 400)
    waited[7] = 90_000
    table = pa.table({"waited": waited, "age": RNG.normal(size=400)})
    stored = store(table, workspace)
    app = open_page(PAGE, table=stored)
    assert "90000" in all_text(app)
    app = press(app, "Read as missing")
    schema = load_schema(stored, workspace)
    assert schema is not None
    assert schema.column("waited").missing == 1
    assert "to review" not in all_text(app)


def test_a_leak_that_was_left_out_is_listed_as_mended_not_as_passed(
    open_page: Open, workspace: Path
) -> None:
    noise = RNG.normal(size=400)
    table = pa.table({"late": noise * 3 + 1, "age": RNG.normal(size=400), "score": noise})
    stored = store(table, workspace)
    app = open_page(PAGE, table=stored)
    app.selectbox(key=f"check_target_{stored[:8]}").select("score").run()
    app = press(app, "Leave out")
    assert role(stored, "late", workspace) == "ignored"
    shown = all_text(app)
    assert "1 fixed" in shown and "No column gives the target away" not in shown
    app = press(app, "Undo")
    assert role(stored, "late", workspace) == "numeric"
    assert "1 to review" in all_text(app)


def test_what_is_only_noted_counts_as_no_mending(open_page: Open, workspace: Path) -> None:
    cells = [None if i % 4 else float(i) for i in range(400)]
    table = pa.table({"rare": pa.array(cells), "age": RNG.normal(size=400)})
    app = open_page(PAGE, table=store(table, workspace))
    shown = all_text(app)
    assert "1 note" in shown and "fixed" not in shown
    assert [e.label for e in app.expander if "Notes" in e.label] == ["Notes (1)"]


def test_hostile_names_and_rows_are_shown_as_they_are(open_page: Open, workspace: Path) -> None:
    name = ":red[<b>x</b>]"
    cells = [str(i) for i in range(300)]
    cells[4:9] = ["**see** <script>"] * 5
    app = open_page(PAGE, table=store(pa.table({name: cells, "n": list(range(300))}), workspace))
    assert not app.exception
    for markdown in app.markdown:
        assert not markdown.proto.allow_html
        assert "<script>" not in markdown.value


def test_settings_are_asked_for_before_the_form_was_drawn(workspace: Path) -> None:
    del workspace

    def page() -> None:
        import streamlit as st

        from pages.components.train import form_state

        st.text(form_state.setting("copies", "keep"))
        form_state.set_setting("copies", "together")
        st.text(form_state.setting("copies", "keep"))

    app = AppTest.from_function(page).run()
    assert [t.value for t in app.text] == ["keep", "together"]
