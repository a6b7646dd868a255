"""Fairness: what a model does to groups of one column. Stability: the models' ranks over folds.

Draws what evaluation/group_fairness.py and evaluation/rank_stability.py compute.
"""

from __future__ import annotations

import math
from pathlib import Path

import streamlit as st

from automl_core.charts import draw_fold_ranks, draw_slices, number
from automl_core.evaluation import (
    CLAIMED_BY_CHANCE,
    SMALLEST_SLICE,
    Gap,
    MeasuredGroups,
    rank_stability,
)
from automl_core.export import (
    SCHEMA_FILE,
    SchemaRecord,
    Threshold,
    damage_as_model_error,
    read_record,
)
from automl_core.files import workspace
from automl_core.runs import FairGroups, fair_groups
from automl_core.runs.record import ENSEMBLE, LeaderRow, RunFolder, load_threshold
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


@st.cache_data(max_entries=64, show_spinner="Comparing the groups …")
def _groups(
    model: tuple[str, int, str], column: str, outcome: str | None, threshold: Threshold | None
) -> FairGroups:
    run, trial, _version = model
    with damage_as_model_error("its predictions for unseen rows"):
        folder = RunFolder(Path(run))
        return fair_groups(folder, trial, workspace(), column, outcome, threshold)


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
            format_func=text.one_line,
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
                format_func=text.one_line,
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
    st.markdown(text.escape_markdown(fairness_sentence(found)))
    _draw_table(run, found)
    _draw_measure(run, found)
    st.caption(HOW)


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


def fairness_sentence(found: FairGroups) -> str:
    """What differs by more than chance, the widest gap first."""
    measured = found.found.measured
    if not found.found.compared:
        return f"No two groups have {SMALLEST_SLICE} rows: they cannot be compared."
    differing = [one for one in measured if one.differ]
    if not differing:
        return (
            f"By none of {text.count(len(measured), 'measure')} does a group differ from the "
            "other rows by more than chance. Small groups can hide a difference: see the intervals."
        )
    titles = ", ".join(one.measure.title for one in differing)
    sentence = f"Groups differ by more than chance in: {titles}."
    widest = next((one for one in differing if one.gap is not None and one.measure.share), None)
    if widest is not None and widest.gap is not None:
        gap = widest.gap
        ends = " to ".join(_apart(widest, end) for end in gap.difference_ends)
        sentence += (
            f" {widest.measure.title} is {_apart(widest, gap.difference)} higher for {gap.high} "
            f"than for {gap.low} ({ends})."
        )
    return sentence


def _said(one: MeasuredGroups, value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return "–"
    return text.percent(value) if one.measure.share else number(value)


def _apart(one: MeasuredGroups, value: float) -> str:
    """A difference: of shares in percentage points, which are no percent of either."""
    return f"{100 * value:.1f} points" if one.measure.share else number(value)


def _unit(run: OpenRun, one: MeasuredGroups) -> str:
    if one.measure.share:
        return ""
    return f" ({text.one_line(run.spec.target, 30)})" if one.measure.unit == "target" else ""


def _draw_table(run: OpenRun, found: FairGroups) -> None:
    measured = [one for one in found.found.measured if one.gap is not None]
    if not measured:
        return
    gaps = [one.gap for one in measured if one.gap is not None]
    st.dataframe(
        {
            "Measure": [f"{one.measure.title}{_unit(run, one)}" for one in measured],
            "All rows": [_said(one, one.overall) for one in measured],
            "Highest group": [text.one_line(gap.high, 40) for gap in gaps],
            "Lowest group": [text.one_line(gap.low, 40) for gap in gaps],
            "Difference": [
                _apart(one, gap.difference) for one, gap in zip(measured, gaps, strict=True)
            ],
            "95 % interval": [
                f"{_apart(one, gap.difference_ends[0])} to {_apart(one, gap.difference_ends[1])}"
                for one, gap in zip(measured, gaps, strict=True)
            ],
            "Ratio": [_ratio(gap) for gap in gaps],
            "Beyond chance": [
                text.one_line(", ".join(one.differ), 80) or "none" for one in measured
            ],
        },
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
    known = [f"{one.measure.gap} ({one.measure.title})" for one in measured if one.measure.gap]
    if known:
        st.caption(f"Names of these gaps in the literature: {', '.join(known)}.")


def _ratio(gap: Gap) -> str:
    if gap.ratio is None or gap.ratio_ends is None:
        return "–"
    return f"{gap.ratio:.2f} ({gap.ratio_ends[0]:.2f} to {gap.ratio_ends[1]:.2f})"


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


def _draw_stability(run: OpenRun) -> None:
    trials = [trial for trial in run.state.trials.values() if trial.usable]
    best = {row.trial for row in run.models if row.trial != ENSEMBLE and row.rank is not None}
    scores = {t.name: t.fold_scores for t in trials if t.number in best and t.repeat == 0}
    found = rank_stability(run.spec.metric, scores)
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
