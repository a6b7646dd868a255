"""Every option has a field, or is a stated exception, and "Run again" asks for the same again."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from automl_core.runs.record import Budget, RunOptions, TrainRequest
from automl_core.runs.record.option_schema import options_of
from pages.components.shared import where
from pages.components.train.form_request import OPTIONS, PRESETS, TARGET_OPTIONS
from tests.options import OTHER
from tests.options import changed as with_options
from tests.pages.conftest import Open
from tests.pages.test_train_form import PAGE, pick, store

OTHER_KEYS = {"budget": "train_budget", "test_fraction": "train_test"}
WITHOUT_FIELD = {"device"}  # has one only where an earlier run asked for a device


def again(options: object, table: str) -> None:
    """Draws nothing: fills the form from a spec, and keeps the request that the form makes."""
    import streamlit as st

    from automl_core.files import workspace
    from automl_core.table import open_table
    from automl_core.table.inference import describe_target, infer_schema
    from pages.components.train import form_request
    from tests.fake_run import spec
    from tests.options import changed

    stored = open_table(table, workspace())
    summary = describe_target(stored, infer_schema(stored), "left", "binary")
    earlier = changed(spec(target="left"), options=options, metric="f1", positive="no")
    form_request.prefill(earlier)
    st.session_state["request"] = form_request.request_of(summary)


def _again(options: RunOptions, table: str) -> TrainRequest:
    page = AppTest.from_function(again, args=(options, table)).run(timeout=30)
    assert not page.exception
    request = page.session_state["request"]
    assert isinstance(request, TrainRequest)
    return request


def test_run_again_asks_for_every_option_again(workspace: Path) -> None:
    every = {option.name: OTHER[option.name] for option in options_of(RunOptions)}
    default = RunOptions()
    assert all(value != getattr(default, name) for name, value in every.items())
    asked = with_options(TrainRequest("left"), **OTHER)
    assert _again(RunOptions(**every), store(workspace)) == asked


@pytest.mark.parametrize("seconds", [1.0, 20.0, 60.0, 100.5, 3600.0, 86_400.0])
def test_run_again_asks_for_the_same_budget(workspace: Path, seconds: float) -> None:
    options = RunOptions(Budget(seconds=seconds))
    assert _again(options, store(workspace)).options == options


def test_run_again_asks_for_the_defaults_again(workspace: Path) -> None:
    assert _again(RunOptions(), store(workspace)).options == RunOptions()


def test_every_option_is_on_the_form(
    workspace: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCHLIGHT_WEBHOOK_HOSTS", "hooks.example.com")
    monkeypatch.setattr(where, "has_ray", lambda: True)
    page = pick(open_page(PAGE, table=store(workspace)), "left")
    fields = [*page.selectbox, *page.multiselect, *page.number_input, *page.button_group]
    fields += page.text_input
    labels = {field.key: field.label.strip("*") for field in fields}
    helps = {field.key: field.help for field in fields}
    for option in (*TARGET_OPTIONS.values(), *OPTIONS.values()):
        key = OTHER_KEYS.get(option.name, f"train_{option.name}")
        assert (key not in labels) == (option.name in WITHOUT_FIELD)
        if key in labels:
            assert labels[key] == option.label
        if helps.get(key):
            assert helps[key] in (option.help, option.explained(by_label=True))


def test_the_default_budget_is_a_preset() -> None:
    assert RunOptions().budget.seconds in PRESETS.values()
