"""The first lines: one sentence on the model, and three numbers."""

from __future__ import annotations

import math

from automl_core.charts import metric_short
from automl_core.evaluation import diagnostics, plain_number
from automl_core.metrics import METRICS
from automl_core.report.content import Number
from automl_core.report.subject import Subject
from automl_core.runs import own_words
from automl_core.words import percent


def headline(subject: Subject) -> str:
    """What is predicted, how good the model is, and what that means in the table's own words."""
    spec, verdict = subject.spec, subject.result.verdict
    begin = f"Predicting “{spec.target}” from {spec.table.name}"
    if verdict is None:
        return f"{begin}: there is no score to judge the model by."
    own = own_words(subject.folder, spec, subject.state, subject.row.trial)
    return f"{begin}: {verdict.grade}. {own or verdict.meaning}"


def numbers(subject: Subject) -> tuple[Number, ...]:
    """The score, the gain over the baseline, and how often or how far it is off."""
    result, metric = subject.result, METRICS[subject.spec.metric]
    where = result.place + (f", 95 % interval {result.interval}" if result.interval else "")
    better = "higher" if metric.higher_is_better else "lower"
    score = Number(metric_short(metric.name), result.number, f"On {where}; {better} is better.")
    gain = "–" if result.verdict is None else result.verdict.gain
    baseline = f"The baseline, which gives every row the same answer: {_said(result.baseline)}."
    return (score, Number("Against the baseline", gain, baseline), _off(subject))


def _off(subject: Subject) -> Number:
    found = subject.unseen
    if found is None:
        return Number("Unseen rows", "–", "Its predictions for rows that it had not seen are lost.")
    rows = f"Of {len(found.rows):,} rows that the model had not seen in training."
    if subject.spec.task == "regression":
        values = diagnostics.actual_predicted(found.y.astype("float64"), found.prediction)
        return Number(
            "Half of the predictions are closer than", plain_number(values.median_error), rows
        )
    decided = subject.decided(found.prediction)
    table = diagnostics.confusion(found.y.astype("int64"), decided, subject.labels)
    return Number("Rows that get the right class", percent(table.accuracy), rows)


def _said(value: float) -> str:
    return "–" if math.isnan(value) else plain_number(value)
