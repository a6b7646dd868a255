"""Lists of several folds as one event, and the event in words."""

from __future__ import annotations

from dataclasses import replace

from automl_core.feature_selection.outcome import Chosen, Combined, Dropped, Step
from automl_core.features.feature_layout import Pair
from automl_core.runs.record.selection_summary import (
    features_words,
    pairs_words,
    shortest_lists_with,
    summarize_selection,
)
from automl_core.types import DropReason

NOISE, SPARE = Dropped("n", DropReason.NOISE, "", -0.01), Dropped("s", DropReason.SPARE, "", 0.04)
COPY = Dropped("c", DropReason.COPY, "a", 0.0)
STEPS = (Step(4, 0.80, -0.02, 0.01), Step(3, 0.81, -0.01, 0.01), Step(2, 0.82, 0.0, 0.0))
COLUMNS = ("a", "b", "c", "n", "s")


def test_one_list_is_told_as_it_is() -> None:
    event = summarize_selection(
        [Chosen(("b", "a"), (SPARE, NOISE, COPY), 0.01, STEPS)], COLUMNS, "r2", 2.0
    )
    assert event.kept == ("b", "a")
    assert [(d.name, d.copy_of) for d in event.dropped] == [("s", ""), ("n", ""), ("c", "a")]
    assert {n: t.columns for n, t in shortest_lists_with(event).items()} == {"s": 3, "n": 4}
    words = features_words(event, "r2")
    assert words.startswith("Features: 2 of 5 used; left out: 1 no better than chance")
    assert "by -0.02 (95 % interval -0.0396 to -0.0004)" in words


def test_a_column_that_one_fold_keeps_stays() -> None:
    lists = [
        Chosen(("a", "b"), (SPARE, NOISE, COPY), 0.01, STEPS),
        Chosen(("a", "s"), (Dropped("b", DropReason.SPARE, "", 0.1), NOISE, COPY), 0.03, STEPS),
    ]
    event = summarize_selection(lists, COLUMNS, "r2", 2.0)
    assert event.lists == 2
    assert event.kept[0] == "a"
    assert set(event.kept) == {"a", "b", "s"}
    assert [d.name for d in event.dropped] == ["n", "c"]
    assert [t.columns for t in event.tried] == [4, 2]
    assert event.tried[0].better < 0 == event.tried[1].better
    assert "3 of 5 used by every other model" in features_words(event, "r2")


def test_nothing_left_out_is_said() -> None:
    event = summarize_selection([Chosen(COLUMNS, (), 0.0, ())], COLUMNS, "r2", 2.0)
    assert features_words(event, "r2") == "Features: 5 of 5 used, none is clearly useless."
    assert features_words(None, "r2") == ""


def test_pairs_of_all_folds_are_told_with_what_they_brought() -> None:
    found = [
        Combined((Pair("a", "b", "over"), Pair("a", "b", "times")), 40, 0.02, 0.004),
        Combined((Pair("a", "b", "over"),), 38, 0.04, 0.006),
    ]
    lists = [Chosen(COLUMNS, (), 0.0, (), one) for one in found]
    event = summarize_selection(lists, COLUMNS, "r2", 2.0)
    assert event.pairs is not None and event.pairs.names == ("a ÷ b", "a × b")
    words = pairs_words(event, "r2")
    assert "of 40: 'a ÷ b', 'a × b' are features of some folds" in words
    assert "by 0.03 (95 % interval 0.0202 to 0.0398)" in words


def test_that_no_pair_pays_is_said_and_nothing_where_none_was_looked_for() -> None:
    none = Chosen(COLUMNS, (), 0.0, (), Combined((), 12, 0.0, 0.0))
    said = pairs_words(summarize_selection([none], COLUMNS, "r2", 1.0), "r2")
    assert said == "No interaction feature helped (12 pairs of columns tried)."
    late = replace(none, combined=Combined((), 0, 0.0, 0.0, unfinished=True))
    assert "not enough time" in pairs_words(summarize_selection([late], COLUMNS, "r2", 1.0), "r2")
    nothing = replace(none, combined=Combined((), 0, 0.0, 0.0))
    assert pairs_words(summarize_selection([nothing], COLUMNS, "r2", 1.0), "r2") == ""
    assert (
        pairs_words(summarize_selection([Chosen(COLUMNS, (), 0.0, ())], COLUMNS, "r2", 1.0), "r2")
        == ""
    )
