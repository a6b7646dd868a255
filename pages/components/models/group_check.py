"""Fairness: what a model does to groups of one column. Stability: how firm the models' order is.

Draws what evaluation/group_fairness.py, evaluation/group_calibration.py, evaluation/first_place.py
and evaluation/rank_stability.py compute.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from automl_core.charts import (
    GAP_HEADER,
    draw_first_place,
    draw_fold_ranks,
    draw_group_calibration,
    draw_group_errors,
    draw_slices,
    fairness_sentence,
    gap_rows,
)
from automl_core.evaluation import (
    CLAIMED_BY_CHANCE,
    FEWEST_ROWS,
    SMALLEST_SLICE,
    FirstPlace,
    GroupCalibration,
    MeasuredGroups,
)
from automl_core.export import (
    SCHEMA_FILE,
    SchemaRecord,
    Threshold,
    damage_as_model_error,
    read_record,
)
from automl_core.files import workspace_of
from automl_core.runs import (
    AskedGroups,
    FairGroups,
    fair_groups,
    first_of_run,
    keep_asked,
    ranks_by_fold,
    ranks_by_seed,
)
from automl_core.runs.record import LeaderRow, RunFolder, load_threshold
from automl_core.table import shown
from pages.components.shared import OpenRun, draw_chart, frame, text

DIFFERS = "differs from the other rows by more than chance"
HOW = (
    "Each group is compared with the rows outside it; of the groups named, "
    f"{100 * CLAIMED_BY_CHANCE:.0f} of 100 may be named by chance, after correcting for how many "
    "comparisons were made (Benjamini and Hochberg). The interval of a gap allows for its being "
    "the widest. A gap says that, not why; and no model can close all of them at once where the "
    "groups' true rates differ."
)

HOW_CALIBRATED = (
    "Expected calibration error: how far what is predicted is from what comes, on average over "
    "bins of as many rows each, less what chance adds. In the colour of note are groups that are "
    "off by more than chance, after correcting for how many there are; the interval of the gap "
    "allows for its being the widest."
)


@st.cache_data(max_entries=64, show_spinner="Comparing the groups …")
def _groups(
    model: tuple[str, int, str], column: str, outcome: str | None, threshold: Threshold | None
) -> FairGroups:
    run, trial, _version = model
    with damage_as_model_error("its predictions for unseen rows"):
        folder = RunFolder(Path(run))
        return fair_groups(folder, trial, workspace_of(folder.path), column, outcome, threshold)


@st.cache_data(max_entries=64, show_spinner=False)
def _labels(run: str, trial: int, version: str) -> tuple[str, ...]:
    del version  # only a key
    with damage_as_model_error("its files"):
        files = RunFolder(Path(run)).model_files(trial)
        return read_record(SchemaRecord, files, SCHEMA_FILE).target.names


def draw_group_check(run: OpenRun, row: LeaderRow) -> None:
    """Groups of a column that the user names; below them the ranks over folds."""
    with st.container(border=True, key="fairness"), frame.errors_shown():
        st.markdown("**Fairness by group**")
        _draw_fairness(run, row)
    with st.container(border=True, key="stability"), frame.errors_shown():
        st.markdown("**Is the order of the models firm?**")
        _draw_stability(run)


def _draw_fairness(run: OpenRun, row: LeaderRow) -> None:
    model = (str(run.folder.path), row.trial, run.version(row.trial))
    names = [c.name for c in run.folder.schema().columns if c.name != run.spec.target]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        column = st.selectbox(
            "Groups by",
            names,
            None,
            format_func=text.distinct_labels(names).__getitem__,
            placeholder="choose a column, such as sex or age",
            key=f"fair_column_{run.name}",
            width=320,
        )
        outcome = None
        if run.spec.task != "regression":
            labels = _labels(*model)
            outcome = st.selectbox(
                "Outcome that matters",
                labels,
                len(labels) - 1,
                format_func=text.distinct_labels(labels).__getitem__,
                key=f"fair_outcome_{run.name}",
                width=260,
            )
    if column is None:
        st.caption(
            "Also a column that the models do not see can be chosen. Numbers are cut into ranges."
        )
        return
    threshold = load_threshold(run.folder, row.trial) if run.spec.task == "binary" else None
    found = _groups(model, column, outcome, threshold)
    _draw_rows_words(run, found, outcome, threshold)
    st.markdown(text.escape_markdown(fairness_sentence(found.found)))
    _draw_table(run, found)
    _draw_measure(run, found)
    st.caption(HOW)
    _draw_calibration(run, found.calibration, outcome)
    if not run.state.status.active:
        keep_asked(run.folder, AskedGroups(column, outcome))


def _draw_rows_words(
    run: OpenRun, found: FairGroups, outcome: str | None, threshold: Threshold | None
) -> None:
    rows = f"On {text.count(found.rows, 'row')} that the model had not seen in training"
    if found.rows < found.every:
        rows = f"On {found.rows:,} of {text.count(found.every, 'unseen row')}, evenly spread"
    words = f"{rows}."
    if outcome is not None:
        words += f" A row is selected where it is called {shown(outcome)}"
        if run.spec.task == "binary" and threshold is not None:
            words += f", by the threshold that is kept. {threshold.words}"
        else:
            words += ", the most probable class."
    few = found.found.too_few
    if few:
        verb = "has" if len(few) == 1 else "have"
        named = ", ".join(text.one_line(label, 40) for label in few[:5])
        more = f" and {len(few) - 5} more" if len(few) > 5 else ""
        words += f" {named}{more} {verb} fewer than {SMALLEST_SLICE} rows: too few to say."
    st.caption(text.escape_markdown(words))


def _unit(run: OpenRun, one: MeasuredGroups) -> str:
    if one.measure.share:
        return ""
    return f" ({text.one_line(run.spec.target, 30)})" if one.measure.unit == "target" else ""


def _draw_table(run: OpenRun, found: FairGroups) -> None:
    rows = gap_rows(found.found, text.one_line(run.spec.target, 30))
    if not rows:
        return
    cells = [[text.one_line(cell, 80) for cell in row] for row in rows]
    st.dataframe(
        dict(zip(GAP_HEADER, (list(column) for column in zip(*cells, strict=True)), strict=True)),
        hide_index=True,
        height="content",
        column_config={
            "Ratio": st.column_config.TextColumn(
                help="The lowest by the highest group, with its 95 % interval; of shares only. "
                "Below 0.8 is often taken for a sign of adverse impact."
            )
        },
        key="fair_gaps",
        alt="The widest gap between groups by each measure",
    )
    known = [
        f"{one.measure.gap} ({one.measure.title})"
        for one in found.found.measured
        if one.gap is not None and one.measure.gap
    ]
    if known:
        st.caption(f"Names of these gaps in the literature: {', '.join(known)}.")


def _draw_measure(run: OpenRun, found: FairGroups) -> None:
    by_title = {one.measure.title: one for one in found.found.measured}
    titles = list(by_title)
    default = found.found.measured[1].measure.title  # the first is the run's metric
    title = st.segmented_control(
        "By group", titles, default=default, required=True, key=f"fair_measure_{run.name}"
    )
    one = by_title.get(title or titles[0], found.found.measured[0])
    if not any(group.mean is not None for group in one.groups):
        st.caption(f"No group has {SMALLEST_SLICE} rows that count for it.")
        return
    axis = f"{one.measure.title}, 0 to 1" if one.measure.share else one.measure.title
    named = [group for group in one.groups if group.label in one.differ]
    axis += _unit(run, one)
    drawing = draw_slices(one.groups, one.overall, axis, named, DIFFERS, "a group")
    draw_chart(drawing.figure(), "fair_groups", drawing.alt)


def _draw_calibration(run: OpenRun, found: GroupCalibration, outcome: str | None) -> None:
    """The sentence, then curves of a few groups beside the error of all."""
    st.markdown("**Calibration by group**")
    st.markdown(text.escape_markdown(found.sentence))
    if found.too_few:
        named = ", ".join(text.one_line(label, 40) for label in found.too_few[:5])
        more = f" and {len(found.too_few) - 5} more" if len(found.too_few) > 5 else ""
        st.caption(
            text.escape_markdown(
                f"Fewer than {FEWEST_ROWS} rows, too few for a curve: {named}{more}."
            )
        )
    if not found.groups:
        return
    what = run.spec.target if outcome is None else outcome
    labels = [group.label for group in found.groups]
    wanted = st.multiselect(
        "Groups in the chart",
        labels,
        format_func=text.distinct_labels(labels, lambda n: text.one_line(n, 40)).__getitem__,
        placeholder="those that are off most and least",
        max_selections=4,
        key=f"fair_curves_{run.name}_{found.column}",
    )
    curves, errors = st.columns([1, 1])
    with curves:
        drawing = draw_group_calibration(found, what, wanted)
        draw_chart(drawing.figure(), "fair_calibration", drawing.alt)
    with errors:
        drawing = draw_group_errors(found, text.one_line(run.spec.target, 30))
        draw_chart(drawing.figure(), "fair_errors", drawing.alt)
    st.caption(HOW_CALIBRATED)


@st.cache_data(max_entries=32, show_spinner="Drawing rows anew …")
def _first(run: str, models: str, _run: OpenRun) -> FirstPlace | None:
    del run, models  # only keys
    return first_of_run(_run.folder, _run.rows, _run.spec.metric)


def _draw_stability(run: OpenRun) -> None:
    """How sure the first place is, and the ranks over folds and over trainings with other seeds."""
    ranked = [(row.trial, row.score, run.version(row.trial)) for row in run.models]
    first = _first(str(run.folder.path), repr(ranked), run)
    if first is None:
        st.caption("No two models have predicted enough of the same rows to say who is first.")
    else:
        st.markdown(text.escape_markdown(first.sentence))
        drawing = draw_first_place(first)
        draw_chart(drawing.figure(), "first_place", drawing.alt)
        st.caption(
            f"A bootstrap of {text.count(first.rows, 'row')} that no model had seen in training, "
            "all models on the same draws. It says what other rows of the same kind would change, "
            "not what another training would."
        )
    seeds = ranks_by_seed(run.state, run.spec.metric)
    if seeds is not None:
        st.markdown(text.escape_markdown(seeds.sentence))
        drawing = draw_fold_ranks(seeds)
        draw_chart(drawing.figure(), "seed_ranks", drawing.alt)
        st.caption(
            "Configurations that the run trained again, each time with another seed or on other "
            "folds."
        )
    found = ranks_by_fold(run.state, run.models, run.spec.metric)
    if found is None:
        st.caption(
            "No two models have scores in the same two folds: nothing can be said of their order."
        )
        return
    st.markdown(text.escape_markdown(found.sentence))
    drawing = draw_fold_ranks(found)
    draw_chart(drawing.figure(), "fold_ranks", drawing.alt)
    st.caption(
        f"The {text.count(len(found.models), 'model')} best on average that have a score in each "
        "of these folds; the ensemble has none by fold."
    )
