"""Fairness: groups of a column, their gaps, what is too few; the ranks over folds."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from automl_core.runs.fair_groups import asked_groups
from automl_core.types import Task
from tests import small
from tests.finished_run import ROWS, make_run
from tests.pages.conftest import Open

PAGE, RUN = "pages/models.py", "run-a"


def opened(open_page: Open, column: str | None, model: str = "lightgbm-1") -> AppTest:
    page = open_page(PAGE, run=RUN, model=model)
    page.session_state["models_tab"] = "Fairness"
    if column is not None:
        page.session_state[f"fair_column_{RUN}"] = column
    return page.run()


def words(page: AppTest) -> str:
    parts = [*page.markdown, *page.caption, *page.info, *page.error]
    return "\n".join(part.value for part in parts).replace("\\", "")


def axes(page: AppTest) -> list[str]:
    """The titles of the charts' horizontal axes."""
    charts = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    return [chart["layout"]["xaxis"]["title"]["text"] for chart in charts]


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_groups_are_compared_by_every_measure(workspace: Path, open_page: Open, task: Task) -> None:
    folder = make_run(workspace, RUN, task)
    page = opened(open_page, "city")
    assert not page.exception and not page.error
    assert "fewer than 30 rows: too few to say" in words(page)
    gaps = next(frame.value for frame in page.dataframe if "Beyond chance" in frame.value.columns)
    assert len(gaps) >= 3 and not gaps["95 % interval"].isna().any()
    assert "demographic parity (" in words(page)
    assert "Groups differ by more than chance" in words(page) or "By none of" in words(page)
    measures = page.get("button_group")[-1]
    assert measures is not None
    chart, first, ranks = axes(page)[:3]
    assert chart.startswith("Mean of predicted" if task == "regression" else "Selection rate")
    assert first == "First in so much of 200 draws"
    assert ranks == "Rank in a fold, 1 is the best"
    assert "too few for a curve: Oslo" in words(page)
    assert "nothing can be said of calibration" in words(page)
    assert "the first place" in words(page) or "on resampled rows" in words(page)
    assert [asked.column for asked in asked_groups(folder)] == ["city"]  # for the report
    assert all(c.proto.alt for c in page.get("plotly_chart"))


def test_a_column_that_decides_is_named_and_another_measure_is_drawn(
    workspace: Path, open_page: Open
) -> None:
    folder = make_run(workspace, RUN)
    found = folder.out_of_fold(1)
    vip = np.array(small.table(ROWS)["vip"].to_pylist())
    prediction = np.where(vip[:, None], [[0.05, 0.95]], [[0.95, 0.05]])
    folder.save_trial(1, folder.model_files(1), replace(found, prediction=prediction))
    page = opened(open_page, "vip")
    assert not page.exception and not page.error
    assert "Groups differ by more than chance in: " in words(page)
    assert "Selection rate is 100.0 points higher for yes than for no" in words(page)
    assert axes(page)[1].startswith("Predicted probability")
    assert axes(page)[2].startswith("Expected calibration error")
    page.session_state[f"fair_measure_{RUN}"] = "Share of wrong rows"
    page.run()
    assert not page.exception and not page.error
    assert axes(page)[0].startswith("Share of wrong rows")


def test_nothing_is_said_of_too_few(workspace: Path, open_page: Open) -> None:
    folder = make_run(workspace, RUN, status="stopped")
    found = folder.out_of_fold(1)
    few = replace(found, rows=found.rows[:20], y=found.y[:20], prediction=found.prediction[:20])
    folder.save_trial(1, folder.model_files(1), few)
    page = opened(open_page, "city")
    assert not page.exception and not page.error
    assert "they cannot be compared" in words(page)
    (folder.path / "trials" / "1" / "oof.npz").unlink()
    page = opened(open_page, "age")
    assert not page.exception
    assert "left no predictions" in page.error[0].value.replace("\\", "")


def test_without_a_column_it_asks_for_one(workspace: Path, open_page: Open) -> None:
    make_run(workspace, RUN)
    page = opened(open_page, None)
    assert not page.exception and not page.error
    assert "Also a column that the models do not see" in words(page)
