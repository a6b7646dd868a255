"""The closer look at a model for two classes: curves, probabilities, a threshold, a decision."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from automl_core.export import Threshold
from automl_core.runs.record import load_threshold
from automl_core.runs.record.folder import RunFolder
from pages.components.shared import text
from tests.finished_run import make_run
from tests.pages.conftest import Open
from tests.pages.test_models import PAGE, RUN, charts, texts

TRIAL = "lightgbm-1"


def rewrite(folder: RunFolder, y: np.ndarray, found: np.ndarray, weight: np.ndarray | None) -> None:
    """Other predictions of trial 1 than it made."""
    arrays = {"rows": np.arange(len(y)), "y": y, "prediction": np.column_stack([1 - found, found])}
    if weight is not None:
        arrays["weight"] = weight
    stored = io.BytesIO()
    np.savez(stored, **arrays)
    folder.write({"trials/1/oof.npz": stored.getvalue()})


@pytest.fixture
def shown(workspace: Path, open_page: Open) -> AppTest:
    """A page with rows whose answer is known: 100 of each probability from 0.1 to 0.9."""
    folder = make_run(workspace, RUN)
    steps = np.repeat(np.arange(1, 10) / 10, 100)
    y = (np.tile(np.arange(100), 9) < 100 * steps).astype(np.int64)
    rewrite(folder, y, steps, None)
    return open_page(PAGE, run=RUN, model=TRIAL)


def look(page: AppTest, view: str) -> AppTest:
    page.segmented_control(key="binary_view").set_value(view).run()
    assert not page.exception and not page.error
    return page


def test_curves_come_first_and_probabilities_on_demand(shown: AppTest) -> None:
    assert len(charts(shown)) == 2 + 3
    assert "the flagged rows are right" in texts(shown)
    assert "1\\.8 times as common" in texts(shown)  # 90 of 100 against 450 of 900
    page = look(shown, "Probabilities")
    calibration, histogram = charts(page)[2:]
    assert calibration["data"][0]["y"] == pytest.approx([10 * i for i in range(1, 10)])
    assert "9 of 9 intervals include" in texts(page)
    assert [t["name"] for t in histogram["data"]] == ["no", "yes"]


def test_the_slider_moves_the_matrix_and_its_numbers(shown: AppTest) -> None:
    page = look(shown, "Threshold")

    def numbers() -> dict[str, str]:
        return {m.label: m.value for m in page.metric[-5:]}

    assert list(numbers().values()) == ["75 %", "67 %", "0.706", "44 %", "3,220"]
    page.slider(key="binary_threshold").set_value(0.85).run()
    assert numbers()["Precision"] == "90 %" and numbers()["Rows flagged"] == "11 %"
    assert charts(page)[-1]["data"][0]["customdata"] == [[440, 10], [360, 90]]
    page.slider(key="binary_threshold").set_value(1.0).run()
    assert not page.exception and numbers()["Precision"] == "–"
    assert "No row is flagged\\: the highest probability of “yes” is 0\\.9" in texts(page)
    assert page.button(key="threshold_keep").disabled  # it would never flag anything
    page.slider(key="binary_threshold").set_value(0.0).run()
    assert "All rows are flagged" in texts(page) and numbers()["Recall"] == "100 %"


def test_the_desk_finds_the_threshold_and_keeps_the_values(shown: AppTest) -> None:
    page = look(shown, "Decision desk")
    page.number_input(key="desk_hit").set_value(1.0).run()
    page.number_input(key="desk_alarm").set_value(-2.0).run()  # pays from 2 of 3 on
    assert not page.exception and not page.error
    assert "is above 0\\.6" in texts(page) and "333 of 1,000" in texts(page)
    ways = page.dataframe[1].value
    assert ways["Way"].tolist() == ["Above 0.6 (best)", "Act on all", "Act on none", "Model at 0.5"]
    assert ways["Gain per 1,000 rows"].tolist()[1:] == ["-500", "0", "111"]
    page.number_input(key="desk_cases").set_value(12).run()
    page.number_input(key="desk_of").set_value(100).run()
    assert "is above 0\\.8" in texts(page) and "each above 0\\.6 would pay" in texts(page)
    page = look(look(page, "Curves"), "Decision desk")
    assert page.number_input(key="desk_alarm").value == -2.0
    assert page.number_input(key="desk_cases").value == 12
    look(page, "Threshold").slider(key="binary_threshold").set_value(0.85).run()
    assert page.metric[-1].value == "77.8"  # 90 hits and 10 alarms of 900 rows
    page = look(page, "Decision desk")
    page.number_input(key="desk_cases").set_value(0).run()
    assert "No case can be handled" in page.info[-1].value


def test_a_hostile_desk_has_words(shown: AppTest) -> None:
    page = look(shown, "Decision desk")
    page.number_input(key="desk_cases").set_value(10**9)  # more than there are rows
    for values, said in (
        ((1e12, -1e12), "is above 0\\.5"),
        ((-10.0, 5.0), "A cost is a negative number"),
        ((0.0, 0.0), "the same whether a row is flagged or not"),
        ((1e-9, -1e9), "Flagging no row earns most"),
        ((1e9, -1e-9), "Flagging all rows earns most"),
    ):
        for field, value in zip(("hit", "alarm"), values, strict=True):
            page.number_input(key=f"desk_{field}").set_value(value)
        page.run()
        assert not page.exception and not page.error
        assert said in texts(page) or text.escape_markdown(said) in texts(page), said
        assert "nan" not in texts(page) and "inf" not in texts(page).replace("info", "")


def test_weights_count_and_are_said_to(workspace: Path, open_page: Open) -> None:
    folder = make_run(workspace, RUN)
    y = np.arange(200) % 2
    rewrite(folder, y, np.where(y == 1, 0.8, 0.2), np.where(y == 1, 3.0, 1.0))
    page = look(open_page(PAGE, run=RUN, model=TRIAL), "Threshold")
    assert "Rows count by their weights" in texts(page)
    assert page.metric[-2].value == "75 %"


@pytest.mark.parametrize(
    ("y", "said"),
    [
        ([1, 1, 1, 1], "with one class there is nothing to tell apart"),
        ([0, 1, 0], "too few unseen rows"),
    ],
)
def test_few_rows_and_one_class_are_words(
    workspace: Path, open_page: Open, y: list[int], said: str
) -> None:
    rewrite(make_run(workspace, RUN), np.array(y), np.linspace(0.2, 0.6, len(y)), None)
    page = open_page(PAGE, run=RUN, model=TRIAL)
    assert not page.exception and not page.error
    if len(set(y)) == 1:
        assert said in texts(page)
        return
    assert said in texts(look(page, "Probabilities"))
    look(page, "Threshold")
    assert "a gain means something from 10" in look(page, "Decision desk").info[-1].value


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_other_tasks_have_no_such_view(workspace: Path, open_page: Open, task: str) -> None:
    make_run(workspace, RUN, task)  # type: ignore[arg-type]
    page = open_page(PAGE, run=RUN)
    assert not page.exception and not page.error
    assert "binary_view" not in [control.key for control in page.segmented_control]


def test_a_threshold_is_kept_said_and_taken_away(shown: AppTest, workspace: Path) -> None:
    folder = RunFolder(workspace / "runs" / RUN)
    page = look(shown, "Threshold")
    page.slider(key="binary_threshold").set_value(0.75).run()
    page.button(key="threshold_keep").click().run()
    assert load_threshold(folder, 1) == Threshold("yes", 0.75)
    assert "above 0\\.75" in texts(page) and page.button(key="threshold_keep").disabled
    page = look(page, "Decision desk")
    page.number_input(key="desk_alarm").set_value(-5.0).run()
    page.button(key="desk_keep").click().run()
    kept = load_threshold(folder, 1)
    assert kept is not None and 0.3 <= kept.above < 0.4  # a third pays: 10 for it, 5 against it
    page.button(key="threshold_forget").click().run()
    assert load_threshold(folder, 1) is None and not page.error
