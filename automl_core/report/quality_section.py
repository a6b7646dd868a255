"""The section on how good the model is: the charts of its task, all metrics, and where it errs."""

from __future__ import annotations

import numpy as np

from automl_core.charts import (
    draw_actual_predicted,
    draw_confusion,
    draw_coverage,
    draw_errors,
    draw_gain,
    draw_precision_recall,
    draw_reliability,
    draw_residual_ranges,
    draw_roc,
    drawing_of,
    number,
)
from automl_core.evaluation import (
    SMALLEST_SLICE,
    class_table,
    cumulative_gain,
    diagnostics,
    error_measures,
    plain_number,
    precision_recall,
    prediction_intervals,
    rank_rows,
    reliability,
    residual_ranges,
    residual_sentence,
    worst_slices,
)
from automl_core.metrics import METRICS, metrics_for, score
from automl_core.report.content import Figure, Section, Table
from automl_core.report.subject import Subject
from automl_core.runs import cut_rows, searched_columns, unseen_rows
from automl_core.runs.record import ENSEMBLE, OutOfFold
from automl_core.words import count, percent, score_text

LOST = "The model's predictions for rows that it had not seen are lost: nothing can be drawn."
WEIGHTS_SEEN = (
    "The ensemble's weights were chosen on these rows: what is shown here can be a touch better "
    "than its score, for which they were chosen on other rows each time."
)


def quality_section(subject: Subject) -> Section:
    """The charts for the task and every metric."""
    found = subject.unseen
    if found is None:
        return Section("quality", "How good it is", (LOST,))
    words = [f"On {count(len(found.rows), 'row')} that the model had not seen in training."]
    if subject.row.trial == ENSEMBLE:
        words.append(WEIGHTS_SEEN)
    if subject.answer.threshold is not None:
        words.append(f"{subject.answer.threshold.words} This was chosen by a person.")
    figures = quality_figures(subject)
    if subject.spec.task == "binary":
        figures += _of_two_classes(subject, found)
    tables = [_metrics(subject, found)]
    if subject.spec.task == "multiclass":
        tables.append(_classes(subject, found))
    return Section("quality", "How good it is", tuple(words), tuple(figures), tuple(tables))


def quality_figures(subject: Subject, dark: bool = False) -> list[Figure]:
    """The first charts of the task; [] where its predictions for unseen rows are lost.

    `dark`: they are for a dark page.
    """
    found = subject.unseen
    if found is None:
        return []
    if subject.spec.task == "regression":
        return _of_values(subject, found)
    return _of_classes(subject, found, dark)


def _of_classes(subject: Subject, found: OutOfFold, dark: bool) -> list[Figure]:
    y, labels = found.y.astype("int64"), subject.labels
    matrix = diagnostics.confusion(y, subject.decided(found.prediction), labels)
    height = max(340, 22 * len(matrix.labels))
    drawing = drawing_of(
        draw_confusion(matrix, height, dark), f"Confusion matrix. {matrix.sentence}"
    )
    figures = [
        Figure(
            "Confusion matrix: rows, and their share of the actual class",
            drawing,
            matrix.sentence,
            subject.source,
        )
    ]
    curves = diagnostics.roc_curves(y, found.prediction, labels, found.weight)
    if curves:
        areas = ", ".join(f"{curve.label}: {score_text(curve.area)}" for curve in curves)
        words = f"Area under the curve, 0.5 at random and 1 at best: {areas}."
        figures.append(
            Figure("ROC curve", drawing_of(draw_roc(curves), words), words, subject.source)
        )
    return figures


def _of_two_classes(subject: Subject, found: OutOfFold) -> list[Figure]:
    ranking = rank_rows(
        found.y.astype("int64"), found.prediction[:, 1], found.weight, subject.labels
    )
    if isinstance(ranking, str):
        return []
    curve, gain, bins = precision_recall(ranking), cumulative_gain(ranking), reliability(ranking)
    drawn = [
        ("Precision and recall", draw_precision_recall(curve), curve.sentence),
        ("Cumulative gain", draw_gain(gain), gain.sentence),
    ]
    if bins is not None:
        drawn.append(("Calibration", draw_reliability(bins), bins.sentence))
    return [Figure(title, drawing, words, subject.source) for title, drawing, words in drawn]


def _of_values(subject: Subject, found: OutOfFold) -> list[Figure]:
    y, target = found.y.astype("float64"), subject.spec.target
    values = diagnostics.actual_predicted(y, found.prediction)
    exact = "On the dotted line the prediction is exact; each point is a row."
    drawn = [
        ("Predicted against actual", draw_actual_predicted(values, target), exact),
        ("Residuals", draw_errors(values), values.sentence),
    ]
    figures = [
        Figure(title, drawing_of(figure, words), words, subject.source)
        for title, figure, words in drawn
    ]
    ranges = residual_ranges(y, found.prediction)
    if len(ranges) > 1:
        words = residual_sentence(ranges)
        drawing = draw_residual_ranges(ranges, target)
        figures.append(Figure("Residuals by prediction", drawing, words, subject.source))
    intervals = prediction_intervals(y, found.prediction)
    if intervals is not None:
        words = (
            f"Intervals that should hold {100 * intervals.level:.0f} of 100 actual values held "
            f"{100 * intervals.covered:.1f} of 100 rows that had no part in their width; they are "
            f"{plain_number(intervals.width)} wide on average."
        )
        drawing = draw_coverage(intervals, target)
        figures.append(Figure("Prediction intervals", drawing, words, subject.source))
    return figures


def _metrics(subject: Subject, found: OutOfFold) -> Table:
    chosen = subject.spec.metric
    rows = []
    for name in metrics_for(subject.spec.task):
        metric, value = METRICS[name], score(name, found.y, found.prediction, found.weight)
        title = metric.title + (" (chosen)" if name == chosen else "")
        rows.append((title, score_text(value), "higher" if metric.higher_is_better else "lower"))
    return Table("All metrics", ("Metric", "Score", "Better"), tuple(rows), (1,), subject.source)


def _classes(subject: Subject, found: OutOfFold) -> Table:
    table = class_table(found.y.astype("int64"), found.prediction, subject.labels)
    rows = tuple(
        (c.label, _share(c.precision), _share(c.recall), f"{c.rows:,}", f"{c.predicted:,}")
        for c in table.classes
    )
    header = ("Class", "Precision", "Recall", "Rows", "Predicted")
    return Table("Class by class", header, rows, (1, 2, 3, 4), subject.source)


def _share(value: float | None) -> str:
    return "–" if value is None else percent(value)


def errs_section(subject: Subject) -> Section:
    """The slices of rows in which the model is worse than elsewhere by more than chance."""
    title = "Where it errs"
    if subject.unseen is None or not subject.has_table():
        return Section("errs", title, ("Its rows or its predictions are gone.",))
    measure = error_measures(subject.spec.metric, subject.spec.task)[0]
    seen = unseen_rows(subject.folder, subject.row.trial, measure)
    if len(seen.rows) < 2 * SMALLEST_SLICE:
        few = f"There are {count(len(seen.rows), 'unseen row')}: too few to compare parts of them."
        return Section("errs", title, (few,))
    columns = searched_columns(subject.folder)
    parts = cut_rows(subject.folder, subject.root, np.asarray(seen.rows), columns)
    worst = worst_slices(parts, seen.errors, measure.share, seen.weight)
    if not worst.found:
        none = f"None of {count(worst.tested, 'slice')} is worse than the other rows by more than "
        return Section("errs", title, (f"{none}chance.",))

    def said(value: float | None) -> str:
        if value is None:
            return "–"
        return _share(value) if measure.share else number(value)

    rows = tuple(
        (part.column, part.label, f"{part.rows:,}", said(part.mean), said(part.elsewhere))
        for part in worst.found
    )
    header = ("Column", "Values", "Rows", measure.title, "Other rows")
    words = (
        f"{count(worst.tested, 'slice')} of rows were compared: one value of a column, a range of "
        "it, or no value. These are worse than the other rows by more than chance."
    )
    table = Table("Worst slices", header, rows, (2, 3, 4), subject.source)
    return Section("errs", title, (words,), (), (table,))
