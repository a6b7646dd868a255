"""The card about a run's columns: how many are used, what left, why, and what it would bring."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def _card(lists: int, dropped: bool) -> None:
    from automl_core.runs.record.events import DroppedColumn, FeaturesSelected, TriedList
    from automl_core.runs.record.state import RunState
    from automl_core.types import DropReason
    from pages.components.shared.selected_columns import draw_features

    gone = (
        DroppedColumn("weak", DropReason.SPARE, "", 0.02),
        DroppedColumn("<b>rand</b>", DropReason.NOISE, "", -0.01),
        DroppedColumn("twin", DropReason.COPY, "age", 0.0),
        DroppedColumn("far", DropReason.WEAK, "", 0.0),
    )
    tried = (
        TriedList(4, 0.79, -0.02, 0.01), TriedList(3, 0.80, -0.01, 0.004),
        TriedList(2, 0.81, 0.0, 0.0),
    )  # fmt: skip
    event = FeaturesSelected(lists, ("age", "size"), gone if dropped else (), 0.01, tried, 1.5)
    state = RunState()
    draw_features(state, "roc_auc")  # nothing is known yet: nothing is drawn
    state.apply(event, 1.0, 1.0)
    draw_features(state, "roc_auc")


def test_what_left_is_told_with_its_reason_and_what_it_would_bring_back() -> None:
    app = AppTest.from_function(_card, args=(1, True)).run()
    assert not app.exception
    assert app.markdown[0].value == "**Features: 2 of 6 used**"
    table = app.dataframe[0].value
    assert list(table["Column"]) == ["weak", "<b>rand</b>", "twin", "far"]
    reasons = list(table["Why it left"])
    assert reasons[1:3] == ["no better than chance", "says the same as age"]
    assert reasons[3].startswith("telling less, each alone")
    assert table["With all down to it back"][0].endswith("3 columns")
    assert table["With all down to it back"][1].endswith("4 columns")
    assert table["With all down to it back"][2] == "nothing: its cells tell nothing new"
    assert table["With all down to it back"][3] == "not measured"


def test_lists_of_folds_are_explained() -> None:
    app = AppTest.from_function(_card, args=(3, True)).run()
    assert any("each of 3 folds" in c.value for c in app.caption)


def _with_pairs() -> None:
    from automl_core.runs.record.events import FeaturesSelected, PairSearch
    from automl_core.runs.record.state import RunState
    from pages.components.shared.selected_columns import draw_features

    pairs = PairSearch(("length ÷ width",), 30, 0.01, 0.002, False)
    event = FeaturesSelected(1, ("length", "width"), (), 0.0, (), 1.0, pairs)
    state = RunState()
    state.apply(event, 1.0, 1.0)
    draw_features(state, "roc_auc")


def test_pairs_that_pay_are_named_with_what_they_bring() -> None:
    app = AppTest.from_function(_with_pairs).run()
    assert not app.exception
    assert "length ÷ width" in app.caption[0].value
    assert "0.00608 to 0.0139" in app.caption[0].value.replace("\\", "")


def test_where_all_stay_that_is_said() -> None:
    app = AppTest.from_function(_card, args=(1, False)).run()
    assert not app.exception
    assert "all stay" in app.caption[0].value
