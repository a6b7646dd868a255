"""Costs of columns: asked for, on its way, drawn; prices typed in; what cannot be measured."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from automl_core.errors import ModelError, SpecError
from automl_core.evaluation.column_costs import ColumnSet, MeasuredColumns
from automl_core.evaluation.paired_comparison import ComparedScore
from automl_core.files import dump_json
from automl_core.records import to_plain
from automl_core.runs.column_costs import (
    SETS,
    ColumnJob,
    ColumnPrices,
    known_columns,
    load_prices,
    save_prices,
)
from automl_core.runs.record.folder import RunFolder
from pages.components.models.column_costs import typed_prices
from tests.finished_run import make_run
from tests.pages.conftest import FakeManager, Open
from tests.pages.test_label_check import RUN, opened, words
from tests.runs.test_column_costs import only_column


def keep(folder: RunFolder, share: float = 1.0) -> MeasuredColumns:
    """All columns, and three that are as good."""
    names = known_columns(folder)
    worth = {name: 0.1 / (i + 1) for i, name in enumerate(names)}
    found = MeasuredColumns(
        "roc_auc",
        120,
        worth,
        dict.fromkeys(names, 1.0),
        (
            ColumnSet(names, ComparedScore(0.9, 0.86, 0.93, 0.0, 0.0, 0.0)),
            ColumnSet(names[:3], ComparedScore(0.89, 0.85, 0.92, 0.01, -0.01, 0.03)),
        ),
        share,
    )
    folder.write({SETS: dump_json(to_plain(found))})
    return found


def charts(page: AppTest) -> list[Any]:
    specs = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    return [s for s in specs if s["layout"]["xaxis"]["title"]["text"].startswith("Price")]


def test_it_is_measured_when_asked_for(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    folder = make_run(workspace, RUN)
    page = opened(open_page)
    assert not page.exception and not charts(page)
    page.button(key="columns_ask").click().run()
    assert fake_manager.columns == [folder.path] and not page.exception


def test_while_it_goes_on_the_stage_and_the_sets_so_far_are_shown(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    folder = make_run(workspace, RUN)
    job = fake_manager.column_costs = ColumnJob(None)  # type: ignore[arg-type]
    page = opened(open_page)
    assert not page.exception and not charts(page)
    job.latest = keep(folder, 0.7)
    page = opened(open_page)
    assert len(charts(page)) == 1 and not page.exception
    page.button(key="columns_stop").click().run()
    job.done.set_exception(ModelError("It was in vain."))
    page = opened(open_page)
    assert "It was in vain." in words(page) and not page.exception
    assert len(charts(page)) == 1  # what is kept


def test_what_was_found_is_drawn_at_the_prices_that_are_kept(
    workspace: Path, open_page: Open
) -> None:
    folder = make_run(workspace, RUN)
    keep(folder)
    page = opened(open_page)
    assert not page.exception and not page.error
    assert "3 of 8 columns (age, income, city) give a score that is not told apart" in words(page)
    assert "for 3 instead of 8 (38 %)" in words(page) and len(charts(page)) == 1
    save_prices(folder, ColumnPrices({"age": 10.0}, "EUR"))
    page = opened(open_page)
    assert "for 12 instead of 17 EUR" in words(page)
    assert charts(page)[0]["layout"]["xaxis"]["title"]["text"] == "Price of the columns, EUR"
    assert "leave in another order" in words(page)  # age gives most, but not for its price
    assert page.button(key="columns_ask").label == "Measure by these prices"
    page.text_input(key=f"columns_unit_{RUN}_0").set_value("kr a row")
    page.button(key="columns_apply").click().run()
    assert not page.exception and not page.error
    assert load_prices(folder) == ColumnPrices({"age": 10.0}, "kr a row")
    assert "instead of 17 kr a row" in words(page)


def test_a_price_below_0_is_refused() -> None:
    assert typed_prices({"a": 1.0, "b": 2.5, "c": 0.0}) == {"b": 2.5, "c": 0.0}
    for bad in (-1.0, None, float("nan")):
        with pytest.raises(SpecError, match="price of 'b'"):
            typed_prices({"a": 1.0, "b": bad})


def test_where_it_cannot_be_measured_words_say_so(workspace: Path, open_page: Open) -> None:
    folder = make_run(workspace, RUN)
    found = keep(folder)
    worse = replace(found.sets[0], compared=ComparedScore(0.9, None, None, 0.0, None, None))
    few = replace(found, rows=8, sets=(worse,))
    folder.write({SETS: dump_json(to_plain(few))})
    page = opened(open_page)
    assert "too few to say what a column gives" in words(page) and not page.exception
    only_column(folder, "age")
    page = opened(open_page)
    assert "one column only" in words(page) and not page.exception
