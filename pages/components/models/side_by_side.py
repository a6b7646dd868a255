"""Two to four models of a run side by side, on the rows that all of them have predicted.

Scores with the intervals of their differences, curves, agreement, and the rows that they differ on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import streamlit as st

from automl_core.charts import (
    Drawing,
    draw_error_curves,
    draw_error_pairs,
    draw_model_rocs,
    error_curve,
    error_pairs,
    error_sentence,
    metric_short,
    number,
    roc_sentence,
)
from automl_core.errors import AutoMLError
from automl_core.evaluation import (
    Agreement,
    PairedComparison,
    agreement,
    agreement_sentence,
    compare_paired,
    diagnostics,
    error_measures,
    most_different,
    row_errors,
)
from automl_core.export import SCHEMA_FILE, SchemaRecord, read_record
from automl_core.metrics import METRICS, metrics_for
from automl_core.runs import SharedRows, shared_rows
from automl_core.runs.record import OUTSIDE_FAMILY, LeaderRow
from automl_core.runs.setup import NEED_CLASSES
from pages.components.models.board_job import Models, models_of
from pages.components.models.board_table import signed_interval, with_interval
from pages.components.models.table_rows import table_rows
from pages.components.shared import OpenRun, draw_chart, frame, text

MOST = 4
LEAST_SHARED = 2  # rows


@dataclass(frozen=True, eq=False)
class SideBySide:
    """What was computed of two to four models, in the order of their names."""

    names: tuple[str, ...]
    rows: int
    by_metric: tuple[PairedComparison, ...]  # the run's metric first
    curves: Drawing | None  # None: there are no two classes
    curves_sentence: str
    errors: Drawing  # of the first two
    errors_sentence: str
    pairs: tuple[tuple[int, int, Agreement], ...]
    different: tuple[int, ...]  # rows of the stored table, the furthest apart first
    said: tuple[tuple[str, ...], ...]  # by model: its prediction for each of them


def draw_side_by_side(run: OpenRun, rows: Sequence[LeaderRow]) -> None:
    """A choice of models below the board, and what sets them apart."""
    able = [
        row
        for row in rows
        if row.family == OUTSIDE_FAMILY or (row.score is not None and row.family != "constant")
    ]
    if len(able) < 2:
        return
    st.subheader("Compare models", anchor=False)
    rows_of = {row.trial: row for row in able}
    titles = text.distinct_labels(
        rows_of, lambda n: f"{rows_of[n].name} · {text.one_line(rows_of[n].title, 40)}"
    )
    chosen = st.multiselect(
        "Compare models",
        list(titles),
        format_func=titles.__getitem__,
        max_selections=MOST,
        placeholder=f"Choose two to {MOST} models",
        key=f"compare_{run.name}",
        label_visibility="collapsed",
    )
    if len(chosen) < 2:
        st.caption("The first one is what the others are compared with.")
        return
    with frame.errors_shown():
        models = models_of(run, tuple(chosen))
        names = tuple(rows_of[number].name for number in chosen)
        found = side_by_side(models, names, run.spec.metric)
        _draw_found(run, found, "compare")


def draw_pair(run: OpenRun, first: tuple[int, str], second: tuple[int, str], key: str) -> None:
    """Two models, by number and name, side by side, without a choice."""
    with frame.errors_shown():
        models = models_of(run, (first[0], second[0]))
        found = side_by_side(models, (first[1], second[1]), run.spec.metric)
        _draw_found(run, found, key)


def _draw_found(run: OpenRun, found: SideBySide | str, key: str) -> None:
    if isinstance(found, str):
        st.info(text.escape_markdown(found), icon=":material/info:")
    else:
        _draw(run, found, key)


@st.cache_resource(max_entries=32, show_spinner="Comparing the models …")
def side_by_side(models: Models, names: tuple[str, ...], metric: str) -> SideBySide | str:
    """Compare these models, the first one being the reference; or why they cannot be.

    Raises RunError where a model's predictions are gone or damaged.
    """
    shared = shared_rows(models.folder, models.numbers)
    if shared is None or shared.missing:
        reason = "they have predicted no rows in common"
        if shared is not None:
            reason = next(iter(shared.missing.values())).rstrip(".")
        return f"These models cannot be compared: {reason}. Choose other ones."
    if len(shared.rows) < LEAST_SHARED:
        return "These models have predicted only one row in common. Choose other ones."
    task = models.folder.spec().task
    predictions = [shared.predictions[number] for number in models.numbers]
    metrics = [metric, *(name for name in metrics_for(task) if name != metric)]
    if task != "regression" and len(set(shared.y.tolist())) < 2:
        metrics = [name for name in metrics if name not in NEED_CLASSES]
    by_metric = tuple(
        compare_paired(name, shared.y, predictions, shared.weight, (), 0) for name in metrics
    )
    labels = () if task == "regression" else _labels(models, predictions[0].shape[1])
    curves, sentence = _curves(shared, models, names, labels, metric)
    places = most_different(predictions)
    errors = error_pairs((names[0], names[1]), shared.y, predictions[0], predictions[1])
    return SideBySide(
        names,
        len(shared.rows),
        by_metric,
        curves,
        sentence,
        draw_error_pairs(errors),
        errors.sentence,
        tuple(
            (i, j, agreement(shared.y, predictions[i], predictions[j]))
            for i, j in combinations(range(len(names)), 2)
        ),
        tuple(int(shared.rows[place]) for place in places),
        tuple(
            tuple(_said(prediction[place], labels) for place in places)
            for prediction in predictions
        ),
    )


def _labels(models: Models, classes: int) -> tuple[str, ...]:
    """The classes in their order, as the first model that has files knows them."""
    for trial in models.numbers:
        try:
            files = models.folder.model_files(trial)
        except AutoMLError:
            continue
        names = tuple(read_record(SchemaRecord, files, SCHEMA_FILE).target.names)
        if len(names) == classes:
            return names
    return tuple(f"class {place}" for place in range(classes))


def _curves(
    shared: SharedRows, models: Models, names: tuple[str, ...], labels: tuple[str, ...], metric: str
) -> tuple[Drawing | None, str]:
    task = models.folder.spec().task
    predictions = [shared.predictions[number] for number in models.numbers]
    if task == "binary":
        rocs = []
        for name, prediction in zip(names, predictions, strict=True):
            found = diagnostics.roc_curves(
                shared.y.astype("int64"), prediction, labels, shared.weight
            )
            rocs += [replace(curve, label=name) for curve in found]
        if not rocs:
            return None, "There are no curves, because the rows are all of one class."
        return draw_model_rocs(rocs), roc_sentence(rocs)
    measure = next(m for m in error_measures(metric, task) if not m.share)
    curves = [
        error_curve(name, row_errors(measure, shared.y, prediction))
        for name, prediction in zip(names, predictions, strict=True)
    ]
    title = "Absolute error, in units of the target" if measure.in_target_units else "Log loss"
    return draw_error_curves(curves, title), error_sentence(curves)


def _said(prediction: Any, labels: tuple[str, ...]) -> str:
    """One prediction, a number or (classes,), in the data's own words."""
    if not labels:
        return number(float(prediction))
    place = int(prediction.argmax())
    return f"{text.one_line(labels[place], 40)} ({text.percent(float(prediction[place]))})"


def _draw(run: OpenRun, found: SideBySide, key: str) -> None:
    st.caption(
        f"On {text.count(found.rows, 'row')} that all of them have predicted without having seen "
        f"them in training. Differences are to {text.code(found.names[0])}, with 95 % intervals."
    )
    with st.container(border=True, key=f"{key}_scores"):
        st.markdown(f"**Scores**: {text.escape_markdown(_score_sentence(found))}")
        _draw_scores(found, key)
    file = f"{'-'.join(found.names)}-{run.name}"
    left, right = st.columns(2)
    with left.container(border=True, height="stretch", key=f"{key}_curves"):
        st.markdown(f"**Curves**: {text.escape_markdown(found.curves_sentence)}")
        if found.curves is not None:
            draw_chart(found.curves.figure(), f"{key}_chart", found.curves.alt, f"{file}-curves")
    with right.container(border=True, height="stretch", key=f"{key}_errors"):
        st.markdown(f"**Errors on the same rows**: {text.escape_markdown(found.errors_sentence)}")
        draw_chart(found.errors.figure(), f"{key}_pairs", found.errors.alt, f"{file}-errors")
    with st.container(border=True, key=f"{key}_rows"):
        st.markdown("**Where they differ**")
        for first, second, pair in found.pairs:
            words = agreement_sentence(found.names[first], found.names[second], pair, found.rows)
            st.markdown(text.escape_markdown(words))
        _draw_rows(run, found, key)


def _score_sentence(found: SideBySide) -> str:
    """How many of the others differ from the first by more than chance, by the run's metric."""
    own = found.by_metric[0]
    title = metric_short(own.metric)
    words = []
    for name, model in zip(found.names[1:], own.models[1:], strict=True):
        if model.behind_low is None or model.behind_high is None:
            return f"there are too few rows to say whether a difference of {title} is chance."
        if model.behind_low > 0:
            words.append(f"{name} is worse")
        elif model.behind_high < 0:
            words.append(f"{name} is better")
    if not words:
        return f"no difference of {title} to {found.names[0]} is more than chance may be."
    return f"by {title}, {', '.join(words)} than {found.names[0]} by more than chance may be."


def _draw_scores(found: SideBySide, key: str) -> None:
    columns: dict[str, list[str]] = {"Metric": [], "Model": [], "Score": [], "Behind": []}
    for one in found.by_metric:
        for place, (name, model) in enumerate(zip(found.names, one.models, strict=True)):
            columns["Metric"].append(METRICS[one.metric].title if place == 0 else "")
            columns["Model"].append(text.one_line(name))
            columns["Score"].append(with_interval(model.score, model.low, model.high))
            behind = signed_interval(model.behind, model.behind_low, model.behind_high)
            columns["Behind"].append("–" if place == 0 else behind)
    st.dataframe(
        columns,
        hide_index=True,
        height="content",
        column_config={
            "Behind": st.column_config.TextColumn(
                help="By how much it is worse than the first model; below 0: better"
            )
        },
        key=f"{key}_scores_table",
        alt="Scores of the compared models by every metric, and their differences",
    )


def _draw_rows(run: OpenRun, found: SideBySide, key: str) -> None:
    if not found.different:
        st.caption("They say the same of every row.")
        return
    said = dict(zip(found.names, found.said, strict=True))
    st.caption(
        f"The {text.count(len(found.different), 'row')} on which they differ most, the furthest "
        "apart first; behind the target what each model says."
    )
    st.dataframe(
        table_rows(run, found.different, said),
        hide_index=True,
        placeholder="–",
        key=f"{key}_rows_table",
        alt="Rows on which the compared models differ most",
    )
