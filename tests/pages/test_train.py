"""Train, the live view: every state a run can be found in, and a run of a thousand trials."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from automl_core.runs.record import HeldOutScore, RunFolder, RunReader
from automl_core.runs.record import events as e
from automl_core.runs.record.commands import hold, take_commands
from automl_core.runs.record.log import LogWriter
from automl_core.runs.record.runs_ahead import RunAhead, save_runs_ahead
from automl_core.types import RunStatus
from tests.fake_run import Shape, make_folder, write_log
from tests.pages.conftest import FakeManager, Open

PAGE, RUN = "pages/train.py", "run-live"


def texts(page: AppTest) -> str:
    parts = [*page.markdown, *page.caption, *page.info, *page.warning, *page.error]
    return "\n".join(part.value for part in parts)


def plots(page: AppTest) -> dict[str, Any]:
    """The live charts by their keys."""
    found = {}
    for part in page.get("bidi_component"):
        data = json.loads(part.proto.json) if part.proto.json else None
        if isinstance(data, dict) and "traces" in data:
            found[next(k for k in KEYS if k in part.proto.id)] = data
    return found


KEYS = ("plot_curves", "plot_scores", "plot_importance")


def test_a_running_run_streams_into_the_same_charts(workspace: Path, open_page: Open) -> None:
    folder = make_folder(workspace, RUN)
    with hold(folder.path):
        write_log(folder, until=9.0)
        page = open_page(PAGE, run=RUN)
        assert not page.exception and not page.error
        first = plots(page)
        assert set(first) == set(KEYS)
        assert first["plot_curves"]["layout"]["uirevision"].startswith(RUN)
        assert page.button(key="stop").label == "Stop, keep the best"
        assert "train_target" not in [box.key for box in page.selectbox]
        assert [m.label for m in page.metric][:2] == ["AUC in validation so far", "Leading model"]
        write_log(folder, until=10.0, since=9.0)
        then = plots(page.run())
    for key in KEYS[:2]:
        assert then[key]["traces"] != first[key]["traces"]
        assert then[key]["layout"]["uirevision"] == first[key]["layout"]["uirevision"]


def test_the_time_of_the_run_that_is_shown_stands_once(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    folder = make_folder(workspace, RUN)
    write_log(folder, until=9.0)
    fake_manager.active.add(RUN)
    with hold(folder.path):
        page = open_page(PAGE, run=RUN)
    assert page.get_by_key("active_run").get("progress")[0].proto.text == "Running"
    assert sum(" of 1 min" in bar.proto.text for bar in page.get("progress")) == 1


def test_stop_reaches_a_run_of_any_process(workspace: Path, open_page: Open) -> None:
    folder = make_folder(workspace, RUN)
    write_log(folder, until=5.0)
    with hold(folder.path):
        page = open_page(PAGE, run=RUN)
        page.button(key="stop").click().run()
        assert take_commands(folder.path) == [("stop", "")]


@pytest.mark.parametrize(
    ("key", "command"),
    [("add_1", ("add_time", "60")), ("add_5", ("add_time", "300")), ("pause", ("pause", ""))],
)
def test_a_run_is_steered_from_its_page(
    workspace: Path, open_page: Open, key: str, command: tuple[str, str]
) -> None:
    folder = make_folder(workspace, RUN)
    write_log(folder, until=5.0)
    with hold(folder.path):
        page = open_page(PAGE, run=RUN)
        page.button(key=key).click().run()
        assert take_commands(folder.path) == [command]


def test_models_of_a_run_are_chosen_from_its_page(workspace: Path, open_page: Open) -> None:
    folder = make_folder(workspace, RUN)
    write_log(folder, until=9.0)
    with hold(folder.path):
        page = open_page(PAGE, run=RUN)
        page.button(key="leave_out").click().run()
        page.selectbox(key="steer_trial").select(2).run()
        page.button(key="train_again").click().run()
        page.button(key="drop").click().run()
        names = [name for name, _ in take_commands(folder.path)]
    assert names == ["leave_out", "train_again", "drop"]


def test_a_paused_run_says_so_and_goes_on(workspace: Path, open_page: Open) -> None:
    folder = make_folder(workspace, RUN)
    write_log(folder, until=5.0)
    writer = LogWriter(folder.log_path)
    writer.append(e.Command("pause"), 5.1)
    writer.append(e.Command("add_time", "60"), 5.2)
    writer.close()
    with hold(folder.path):
        page = open_page(PAGE, run=RUN)
        assert "paused" in page.get("progress")[0].proto.text
        page.button(key="continue").click().run()
        assert take_commands(folder.path) == [("continue", "")]


def test_a_run_that_has_ended_trains_on(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    write_log(make_folder(workspace, RUN))
    page = open_page(PAGE, run=RUN)
    page.button(key="resume_5").click().run()
    assert fake_manager.resumed == [(RUN, 300.0)]
    assert "queued" in texts(page)  # as long as its log says nothing of going on
    assert not [b for b in page.button if (b.key or "").startswith("resume")]
    assert not page.get("progress")  # its old budget says nothing of what is to come
    page.button(key="stop").click().run()
    assert fake_manager.active == set()
    assert page.button(key="resume_5")  # as it had ended


def test_an_interrupted_run_goes_on_with_what_is_left(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    write_log(make_folder(workspace, RUN), until=12.0)
    page = open_page(PAGE, run=RUN)
    page.button(key="resume_left").click().run()
    assert fake_manager.resumed == [(RUN, None)]


def test_a_run_that_had_not_begun_or_counts_trials_goes_on_too(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    make_folder(workspace, "run-b")
    assert open_page(PAGE, run="run-b").button(key="resume_left").label == "Start it again"
    writer = LogWriter(make_folder(workspace, RUN).log_path)
    writer.append(e.RunStarted(None, 8, 1, 90, 10, 0, 1), 0.1)
    writer.close()
    page = open_page(PAGE, run=RUN)
    assert page.button(key="resume_left").label == "Go on with the 8 trials left"
    page.button(key="resume_left").click().run()
    assert fake_manager.resumed == [(RUN, None)]


def test_a_stopping_run_says_so(workspace: Path, open_page: Open) -> None:
    folder = make_folder(workspace, RUN)
    write_log(folder, until=5.0)
    writer = LogWriter(folder.log_path)
    writer.append(e.Command("stop"), 5.1)
    writer.close()
    with hold(folder.path):
        page = open_page(PAGE, run=RUN)
    assert page.button(key="stop").disabled
    assert "Stopping" in texts(page)


def test_a_waiting_run_shows_its_place_in_the_queue(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    folder = make_folder(workspace, RUN)
    first = make_folder(workspace, "run-first")
    fake_manager.active |= {"run-first", RUN}
    save_runs_ahead(folder.path, [RunAhead(str(first.path), 100.0)])
    with hold(first.path), hold(folder.path):
        page = open_page(PAGE, run=RUN)
    assert not page.exception
    assert "1 run ahead of it, starts in about 100 s" in texts(page)
    assert page.button(key="stop").label == "Cancel"
    assert not plots(page) and not page.dataframe and not page.metric


def test_a_finished_run_says_how_good_it_is_and_leads_on(workspace: Path, open_page: Open) -> None:
    write_log(make_folder(workspace, RUN))
    page = open_page(PAGE, run=RUN)
    assert not page.exception and not page.error
    assert "95 % interval" in (page.metric[0].delta or "")
    assert "Predicting `income`: :green[:material/star: excellent]" in texts(page)
    assert "of 100 cases" in texts(page)
    assert page.button(key="to_models").label == "View the models"
    assert "score_now" not in [button.key for button in page.button]
    assert "stop" not in [button.key for button in page.button]
    assert "The loss was not a number" in texts(page)  # what failed, and why
    models = page.dataframe[0].value["Model"].tolist()
    assert models[0] == "ensemble" and models[1].startswith("lightgbm")
    state = RunReader(RunFolder(workspace / "runs" / RUN)).refresh()
    count = sum(t.usable for t in state.trials.values()) - 1  # without the baseline
    assert f"Model: `ensemble` of 5 trials, from {count} models trained" in texts(page)
    assert [m.label for m in page.metric] == ["AUC on 9,769 test rows", "Against the baseline"]
    assert page.metric[1].value.endswith("% higher")
    assert page.dataframe[0].value["Status"].tolist()[0] == "Recommended"


def test_test_rows_without_a_score_can_be_scored_from_the_card(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    folder = make_folder(workspace, RUN)
    write_log(folder, until=20.0)
    writer = LogWriter(folder.log_path)
    end = e.RunFinished(RunStatus.FINISHED, "", e.ENSEMBLE, None, None, None)
    writer.append(end, 60.0)
    page = open_page(PAGE, run=RUN)
    assert "Not scored on test rows yet" in texts(page)
    assert page.metric[0].label == "AUC in validation"
    page = page.button(key="score_now").click().run()
    assert fake_manager.scored == [folder.path]
    assert "Not scored" not in texts(page)
    writer.append(e.ScoredLate(0.93, 0.92, 0.94, 0.5), 60.0)
    writer.close()
    fake_manager.test_score.set_result(HeldOutScore(0.93, 0.92, 0.94, 0.5))
    page.run()
    assert (page.metric[0].label, page.metric[0].value) == ("AUC on 9,769 test rows", "0.9300")
    assert not page.exception and not page.error


def test_a_finished_run_offers_the_network_and_the_smallest_model(
    workspace: Path, open_page: Open
) -> None:
    write_log(make_folder(workspace, RUN))
    page = open_page(PAGE, run=RUN)
    assert "Best single network" in texts(page) and "Smallest equivalent" in texts(page)
    page = page.button(key="live_offers_open_1").click().run()
    assert page.query_params["model"].startswith("resnet")


def test_the_ensemble_leads_live_and_says_what_it_costs(workspace: Path, open_page: Open) -> None:
    folder = make_folder(workspace, RUN)
    with hold(folder.path):
        write_log(folder, until=15.0)
        page = open_page(PAGE, run=RUN)
    assert not page.exception and not page.error
    assert page.dataframe[0].value["Model"].tolist()[0] == "ensemble"
    assert page.metric[1].value == "ensemble"
    assert "of at most 40 fitted models" in texts(page) and "ms a row" in texts(page)
    (plan,) = [c for c in page.caption if "29,305 rows are enough" in (c.help or "")]
    assert "Timed runs are not reproducible" in (plan.help or "")
    assert plan.value.startswith("Models are compared")
    assert "of the ensemble)" in texts(page)  # whose importance is shown


def test_new_run_leaves_this_one_alone(workspace: Path, open_page: Open) -> None:
    folder = make_folder(workspace, RUN)
    write_log(folder, until=5.0)
    with hold(folder.path):
        page = open_page(PAGE, run=RUN)
        page = page.button(key="new_run").click().run()
    assert not page.exception
    assert "run" not in page.query_params
    assert "stop" not in [button.key for button in page.button]
    assert take_commands(folder.path) == []


def test_an_interrupted_run_keeps_what_it_has(workspace: Path, open_page: Open) -> None:
    write_log(make_folder(workspace, RUN), until=20.0)
    page = open_page(PAGE, run=RUN)
    assert not page.exception
    assert "interrupted" in texts(page) and "can be used" in texts(page)
    assert page.code[0].value == RUN
    assert page.button(key="to_models")


def test_a_run_that_never_got_its_turn_is_interrupted(workspace: Path, open_page: Open) -> None:
    make_folder(workspace, RUN)
    page = open_page(PAGE, run=RUN)
    assert "interrupted" in texts(page) and "It left no model" in texts(page)


def test_a_failed_run_gives_one_sentence_and_its_id(workspace: Path, open_page: Open) -> None:
    folder = make_folder(workspace, RUN)
    writer = LogWriter(folder.log_path)
    writer.append(e.RunStarted(60.0, None, 1, 10, 0, 0, 0), 0.0)
    failed = e.RunFinished(
        RunStatus.FAILED, "No worker could be <b>started</b>.", None, None, None, None
    )
    writer.append(failed, 1.0)
    writer.close()
    page = open_page(PAGE, run=RUN)
    assert not page.exception
    assert "The run failed" in page.error[0].value and r"\<b\>" in page.error[0].value
    assert page.code[0].value == RUN


def test_a_stopped_run_without_a_model_says_what_to_do(workspace: Path, open_page: Open) -> None:
    folder = make_folder(workspace, RUN)
    writer = LogWriter(folder.log_path)
    writer.append(e.RunStarted(60.0, None, 1, 10, 0, 0, 0), 0.0)
    writer.append(e.RunFinished(RunStatus.STOPPED, "You stopped it.", None, None, None, None), 0.2)
    writer.close()
    page = open_page(PAGE, run=RUN)
    assert "before a model was trained" in texts(page)


@pytest.mark.parametrize("run", ["no-such-run", "../../etc"])
def test_an_unknown_run_is_said_and_a_new_one_offered(open_page: Open, run: str) -> None:
    page = open_page(PAGE, run=run)
    assert not page.exception
    assert "There is no run" in page.error[0].value.replace("\\", "")
    page = page.button(key="new_run").click().run()
    assert "run" not in page.query_params
    assert "There is no table yet" in texts(page)


def test_a_thousand_trials_are_drawn_with_bounded_data(workspace: Path, open_page: Open) -> None:
    write_log(make_folder(workspace, RUN), Shape(trials=1000, epochs=270, workers=16))
    page = open_page(PAGE, run=RUN)
    assert not page.exception and not page.error
    found = plots(page)
    assert len(json.dumps(found)) < 400_000
    assert len(page.dataframe[0].value) == 1_000
