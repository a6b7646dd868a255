"""Colours keep their contrast on both themes, and labels from files stay text."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from automl_core.charts import theme
from automl_core.models.catalog import CATALOG

CONFIG = tomllib.loads(
    (Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml").read_text(encoding="utf-8")
)["theme"]


def luminance(colour: str) -> float:
    """Relative luminance of a hex colour (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_chart_colours_stand_out_on_both_backgrounds(mode: str) -> None:
    background = CONFIG[mode]["backgroundColor"]
    colours = {theme.TRAIN, theme.VALID, theme.BEST, theme.BASELINE, *theme.SERIES}
    colours |= {*theme.OTHER_COLOURS, *theme.FAMILY_COLOURS.values()}
    weak = {c: round(contrast(c, background), 2) for c in colours if contrast(c, background) < 3}
    assert not weak
    first = CONFIG[mode]["chartCategoricalColors"][:4]
    assert all(contrast(c, background) >= 3 for c in first)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_texts_and_buttons_can_be_read(mode: str) -> None:
    part = CONFIG[mode]
    assert contrast(part["textColor"], part["backgroundColor"]) > 7
    assert contrast(part["linkColor"], part["backgroundColor"]) > 4.5
    assert contrast("#FFFFFF", part["primaryColor"]) > 4.3
    assert len(part["chartSequentialColors"]) == len(part["chartDivergingColors"]) == 10


def test_every_family_has_a_colour_and_the_best_has_its_own() -> None:
    colours = [theme.family_colour(card.name) for card in CATALOG]
    assert len(set(colours)) == len(colours)
    assert theme.BEST not in colours
    assert theme.family_colour("unheard of") == theme.family_colour("unheard of")
    assert theme.family_colour("mlp") == theme.VALID


def test_layout_is_plain_data_without_a_background() -> None:
    layout = theme.layout("epoch", "loss")
    assert layout["paper_bgcolor"].endswith("0)")
    assert layout["xaxis"]["title"]["text"] == "epoch"
    assert theme.axis(log=True)["type"] == "log"
    assert theme.faded("#0072B2", 0.5) == "rgba(0, 114, 178, 0.5)"


def test_labels_lose_their_markup() -> None:
    assert theme.plain("<a href='x'>y</a>\nz") == "&lt;a href='x'&gt;y&lt;/a&gt; z"
    assert len(theme.plain("x" * 100, 10)) == 10


def test_a_long_axis_title_goes_on_on_the_next_line() -> None:
    title = "Increase in root mean squared error when shuffled"
    assert theme.axis(title)["title"]["text"].split("<br>") == [
        "Increase in root mean squared error when",
        "shuffled",
    ]
    assert theme.axis("Rows")["title"]["text"] == "Rows"
    assert theme.axis()["title"]["text"] == ""
