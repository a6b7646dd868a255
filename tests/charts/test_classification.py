"""Confusion matrix and ROC figures show the numbers they were given, and nobody's markup."""

from __future__ import annotations

from automl_core.charts.classification import MAX_COUNTS, MAX_FIGURES, draw_confusion, draw_roc
from automl_core.evaluation.diagnostics import Confusion, RocCurve


def matrix(*labels: str) -> Confusion:
    size = len(labels)
    counts = tuple(tuple(10 * i + j for j in range(size)) for i in range(size))
    return Confusion(labels, counts, 0.5, "")


def texts_of(confusion: Confusion) -> dict[tuple[str, str], str]:
    """By predicted and actual class."""
    return {
        (x, y): text
        for trace in draw_confusion(confusion).data[1:]
        for x, y, text in zip(trace.x, trace.y, trace.text, strict=True)
    }


def test_a_cell_has_its_count_and_its_share_of_the_actual_class() -> None:
    assert texts_of(matrix("no", "yes")) == {
        ("no", "no"): "0<br>0 %", ("yes", "no"): "1<br>100 %",
        ("no", "yes"): "10<br>48 %", ("yes", "yes"): "11<br>52 %",
    }  # fmt: skip


def test_with_more_classes_a_cell_has_its_share_alone() -> None:
    size = MAX_COUNTS + 1
    counts = tuple(tuple(999 if i == j else int(j == 0) for j in range(size)) for i in range(size))
    texts = texts_of(Confusion(tuple(f"c{i}" for i in range(size)), counts, 0.9, ""))
    assert len(texts) == size * size
    assert (texts["c1", "c1"], texts["c0", "c1"], texts["c2", "c1"]) == ("99.9 %", "0.1 %", "")


def test_rows_of_the_matrix_are_shares_of_the_actual_class() -> None:
    figure = draw_confusion(Confusion(("a", "b"), ((3, 1), (0, 0)), 0.75, ""))
    assert [list(row) for row in figure.data[0].z] == [[75, 25], [0, 0]]


def test_many_classes_get_colours_only() -> None:
    labels = [f"c{i}" for i in range(MAX_FIGURES + 1)]
    assert len(draw_confusion(matrix(*labels)).data) == 1


def test_labels_are_no_markup_and_stay_apart() -> None:
    long = "x" * 60
    figure = draw_confusion(matrix("<b>1</b>", long + "a", long + "b"))
    names = list(figure.data[0].x)
    assert names[0] == "&lt;b&gt;1&lt;/b&gt;"
    assert len(set(names)) == 3
    assert figure.layout.xaxis.type == "category"  # "1" and "2" are names, not numbers


def test_roc_has_a_line_a_class_and_guessing() -> None:
    curves = [RocCurve(f"<i>{i}", (0.0, 0.2, 1.0), (0.0, 0.9, 1.0), 0.85) for i in range(2)]
    figure = draw_roc(curves)
    assert [trace.name for trace in figure.data] == [
        "&lt;i&gt;0, AUC 0.8500", "&lt;i&gt;1, AUC 0.8500", "random"
    ]  # fmt: skip
    assert list(figure.data[0].y) == [0, 90, 100]
