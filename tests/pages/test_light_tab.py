"""Models, Make it light: asked for, on its way, chosen within limits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from streamlit.testing.v1 import AppTest

from automl_core.errors import RunError
from automl_core.evaluation import ComparedScore
from automl_core.runs.light_job import LightJob
from automl_core.runs.light_models import (
    LightModel,
    LightModels,
    MeasuredCosts,
    Version,
    save_light_models,
)
from automl_core.runs.record import ENSEMBLE, RunFolder, model_version
from tests.finished_run import make_run
from tests.pages.conftest import FakeManager, Open
from tests.pages.test_models import PAGE, RUN, charts, open_tab, texts

TAB = "Make it light"


def _models(folder: RunFolder) -> LightModels:
    def model(name: str, behind: float, ms: float, size: int) -> LightModel:
        compared = ComparedScore(0.9 - behind, 0.8, 0.95, behind, behind - 0.01, behind + 0.01)
        kind = "final" if name == "ensemble" else "trial"
        costs = MeasuredCosts(ms, ms / 5, size)
        return LightModel(name, kind, "lightgbm", (1,), (1.0,), 1.0, compared, costs)

    models = (
        model("ensemble", 0.0, 21.0, 9_000_000),
        model("lightgbm-1", 0.005, 1.31, 400_000),
        model("linear-2", 0.05, 0.2, 20_000),
    )
    return LightModels(model_version(folder, ENSEMBLE), "roc_auc", 200, models, done=True)


def _said(page: AppTest) -> str:
    return texts(page).replace("\\", "")


def _job() -> LightJob:
    return LightJob(None)  # type: ignore[arg-type]  # it asks no worker


def test_it_is_asked_for(workspace: Path, open_page: Open, fake_manager: FakeManager) -> None:
    make_run(workspace, RUN)
    page = open_tab(open_page(PAGE, run=RUN), TAB)
    page.button(key="light_start").click().run()
    assert not page.exception and not page.error
    assert [path.name for path in fake_manager.lightened] == [RUN]


def test_points_are_shown_while_it_goes_on_and_it_can_be_stopped(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    folder = make_run(workspace, RUN)
    job = fake_manager.light = _job()
    job.step, job.latest = "Timing <b>", _models(folder)
    page = open_tab(open_page(PAGE, run=RUN), TAB)
    assert not page.exception and len(charts(page)) == 1
    page.button(key="light_stop").click().run()
    assert job.is_cancelled


def test_a_limit_chooses_a_model(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    folder = make_run(workspace, RUN)
    save_light_models(folder, _models(folder), {})
    page = open_tab(open_page(PAGE, run=RUN), TAB)
    assert not page.exception and not page.error
    assert "ensemble is the run's own model." in _said(page)
    slider = page.select_slider(key=f"light_ms_{RUN}")
    within = [option for option in slider.options if 1.31 <= float(option) < 3]
    slider.set_value(float(within[0])).run()
    assert "lightgbm-1: 400 kB, 4 % of the size of ensemble" in _said(page)
    assert "which may be chance" in _said(page)
    slider = page.select_slider(key=f"light_ms_{RUN}")
    slider.set_value(float(slider.options[0])).run()
    assert "linear-2" in _said(page) and "more than chance" in _said(page)
    assert page.dataframe[0].value["Model"].tolist() == ["ensemble", "lightgbm-1", "linear-2"]
    assert not fake_manager.lightened


def test_an_onnx_file_says_what_it_is_and_can_be_left_out(workspace: Path, open_page: Open) -> None:
    folder = make_run(workspace, RUN)
    found = _models(folder)
    own, quick, _ = found.models
    file = replace(
        own,
        name="ensemble-int8",
        kind="version",
        costs=MeasuredCosts(0.1, 0.01, 10_000),
        version=Version("ensemble", "int8", 0, "Rounded to int8, compared <b> with it."),
    )
    fewer = replace(quick, name="fewer", kind="version", version=Version("t", "members", 3))
    models = replace(found, models=(*found.models, file, fewer))
    save_light_models(folder, models, {}, {"ensemble-int8": b"PK"})
    page = open_tab(open_page(PAGE, run=RUN), TAB)
    made_of = page.dataframe[0].value["Made of"].tolist()
    assert made_of[3:] == ["ensemble as an ONNX file, rounded to int8", "t, 3 members of it"]
    slider = page.select_slider(key=f"light_ms_{RUN}")
    within = [option for option in slider.options if 0.3 <= float(option) < 1]
    slider.set_value(float(within[0])).run()
    assert "ensemble-int8: 10 kB" in _said(page) and "compared <b> with it." in _said(page)
    page.toggle(key=f"light_onnx_{RUN}").set_value(False).run()
    assert not page.exception and "linear-2" in _said(page)


def test_a_search_that_failed_is_said(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    make_run(workspace, RUN)
    job = fake_manager.light = _job()
    job.done.set_exception(RunError("The models share no rows.", "Start another run."))
    page = open_tab(open_page(PAGE, run=RUN), TAB)
    assert not page.exception and "share no rows" in page.error[0].value
    assert page.button(key="light_start")
