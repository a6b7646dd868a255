"""The target's distribution: numbers first, then what is drawn of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automl_core.charts import theme
from automl_core.charts.columns import MAX_CLASSES, class_bars, target_figure
from automl_core.table.inference.target import TargetSummary


@pytest.fixture
def classes() -> TargetSummary:
    return TargetSummary(
        target="left",
        task="binary",
        rows=100,
        missing=0,
        labels=("no", "<b>yes</b>"),
        counts=(75, 25),
        histogram_edges=(),
        histogram=(),
        positive="<b>yes</b>",
        positive_reason="the rarer class",
        problems=(),
    )


@pytest.fixture
def many(classes: TargetSummary) -> TargetSummary:
    labels = tuple(f"class {i}" for i in range(30))
    return replace(classes, labels=labels, counts=tuple(range(60, 30, -1)), task="multiclass")


def test_bars_have_counts_shares_and_the_positive_class(classes: TargetSummary) -> None:
    bars = class_bars(classes, "<b>yes</b>")
    assert bars.counts == (75, 25)
    assert bars.shares == (0.75, 0.25)
    assert bars.highlight == 1
    assert bars.others == 0


def test_many_classes_are_put_together_without_losing_a_row(many: TargetSummary) -> None:
    bars = class_bars(many)
    assert len(bars.labels) == MAX_CLASSES
    assert bars.labels[-1] == "19 others"
    assert sum(bars.counts) == sum(many.counts)
    assert sum(bars.shares) == pytest.approx(1)
    assert bars.highlight is None


def test_labels_from_a_file_are_text_in_the_figure(classes: TargetSummary) -> None:
    figure = target_figure(classes, "<b>yes</b>")
    assert "<b>yes" not in str(figure.to_plotly_json())
    assert list(figure.layout.yaxis.ticktext)[1] == "&lt;b&gt;yes&lt;/b&gt;"
    assert figure.data[0].marker.color[1] == theme.BLUE
    assert figure.data[0].marker.color[0] != theme.BLUE


def test_numbers_get_a_histogram_between_the_edges(classes: TargetSummary) -> None:
    numbers = replace(
        classes,
        task="regression",
        labels=(),
        counts=(),
        histogram_edges=(0.0, 1.0, 3.0),
        histogram=(4, 6),
        positive=None,
    )
    bars = target_figure(numbers).data[0]
    assert list(bars.x) == [0.5, 2.0]
    assert list(bars.width) == [1.0, 2.0]
    assert list(bars.y) == [4, 6]
