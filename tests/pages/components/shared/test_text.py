"""Texts from files reach the page as they are, and do nothing there."""

from __future__ import annotations

import time

import pytest

from automl_core.errors import TableError
from pages.components.shared import text


@pytest.mark.parametrize(
    "hostile",
    [
        "<b>x</b>",
        "**bold** _it_ `code`",
        "[link](http://example.org)",
        "![image](http://example.org/x.png)",
        "# title",
        "$x^2$",
        ":red[x] :material/home: :smile:",
        "a | b\n---|---",
        "1. one",
        "~~gone~~",
        "&lt;",
    ],
)
def test_special_characters_are_all_escaped(hostile: str) -> None:
    escaped = text.escape_markdown(hostile)
    bare = escaped.replace("\\\\", "")
    for place, character in enumerate(bare):
        if character in "*_`[]<>$|~#":
            assert bare[place - 1] == "\\", escaped
    shown = escaped.replace("\\", "").replace("\u2060", "")
    assert shown == " ".join(hostile.split())


def test_directives_icons_and_links_are_parted() -> None:
    for found_after_parsing in (":smile:", ":material/home:", "http://x.org", "www.x.org"):
        shown = text.escape_markdown(found_after_parsing).replace("\\", "")
        assert found_after_parsing not in shown


def test_labels_that_come_again_are_numbered() -> None:
    names = {"a": "x", "b": "x", "c": "x (2)", "d": "y"}
    labels = text.distinct_labels(names, names.__getitem__)
    assert labels == {"a": "x", "b": "x (2)", "c": "x (2) (2)", "d": "y"}


def test_columns_that_differ_only_where_a_label_is_cut_can_both_be_chosen() -> None:
    names = ["n" * 300 + "1", "n" * 300 + "2", "tab\there", "tab here"]
    labels = text.distinct_labels(names)
    assert list(labels) == names
    assert len(set(labels.values())) == 4


@pytest.mark.parametrize("name", ["plain", "a`b", "``", "`x", "line\nbreak", ""])
def test_code_spans_are_closed_by_a_longer_fence(name: str) -> None:
    span = text.code(name)
    fence = span[: len(span) - len(span.lstrip("`"))]
    inside = span[len(fence) : -len(fence)]
    assert span.endswith(fence)
    assert fence not in inside.replace(fence + "`", "")
    assert "\n" not in span


def test_an_error_shows_message_and_hint() -> None:
    shown = text.error_text(TableError("No column <x>.", "Look again."))
    assert "\\<x\\>" in shown
    assert "Look again\\." in shown


def test_control_characters_and_length_are_cut() -> None:
    assert text.one_line("a\x00b\tc\u202ed") == "a b c d"
    assert len(text.one_line("x" * 500, 20)) == 20


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.84, "0.8 s"), (30, "30 s"), (59.7, "1 min"), (200, "3 min 20 s"), (3900, "1 h 5 min")],
)
def test_durations(seconds: float, shown: str) -> None:
    assert text.seconds(seconds) == shown


def test_numbers_with_units() -> None:
    assert text.count(1, "row") == "1 row"
    assert text.count(12345, "row") == "12,345 rows"
    assert text.ago(time.time() - 130) == "2 min ago"
