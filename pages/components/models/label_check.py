"""Labels to check: the rows that a model doubts, judged one by one, and the table that follows.

Judgements are kept beside the table at once; what is shown here is read from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import streamlit as st

from automl_core.charts import doubt_sentence, gain_sentence
from automl_core.errors import AutoMLError
from automl_core.export import damage_as_model_error
from automl_core.runs import (
    ConflictingRows,
    CorrectionGain,
    DoubtedLabels,
    conflicting_labels,
    correction_gain,
    doubted_labels,
    reads_as_label,
    store_corrected,
)
from automl_core.runs.record import LeaderRow, RunFolder
from automl_core.table import (
    Judgement,
    Judgements,
    TableInfo,
    Verdict,
    judge,
    load_info,
    load_judgements,
    open_table,
    shown,
    take_back,
)
from pages.components.models.column_costs import draw_column_cost
from pages.components.models.more_rows import draw_more_rows
from pages.components.shared import OpenRun, frame, session, text, workspace

MOST_SHOWN = 100  # rows that are shown at once
MOST_COLUMNS = 12  # of the table beside them
AS_SUGGESTED = "what the model says"
VERDICT_WORDS = {"keep": "kept", "aside": "set aside"}
HOW = (
    "Only rows that the model did not see in training are looked at (confident learning, Northcutt "
    "and others 2021). A doubted label is not yet a wrong one: rows that are hard to tell are "
    "doubted, too. Judge by what you know of a row, not by what the model says: a model that is "
    "scored on labels of its own choice looks better than it is."
)


@dataclass(frozen=True)
class _Listed:
    """The rows that are listed: their numbers, and what they could be corrected to."""

    rows: tuple[int, ...]
    suggested: tuple[str, ...]


@st.cache_resource(max_entries=32, show_spinner="Comparing labels with predictions …")
def _doubted(run: str, trial: int, version: str) -> DoubtedLabels:
    del version  # only a key
    with damage_as_model_error("its predictions for unseen rows"):
        return doubted_labels(RunFolder(Path(run)), trial)


@st.cache_resource(max_entries=8, show_spinner="Looking for equal rows …")
def _conflicts(run: str, root: str) -> ConflictingRows:
    return conflicting_labels(RunFolder(Path(run)), Path(root))


@st.cache_data(max_entries=32, ttl=60, show_spinner=False)  # another run may end meanwhile
def _gain(run: str, trial: int, version: str, root: str) -> CorrectionGain | None:
    del version  # only a key
    with damage_as_model_error("its predictions for unseen rows"):
        return correction_gain(RunFolder(Path(run)), trial, Path(root))


def draw_label_check(run: OpenRun, row: LeaderRow) -> None:
    """What is doubted, the rows to judge, the corrected table; equal rows of unequal labels."""
    table, target = run.spec.table.hash, run.spec.target
    found = _doubted(str(run.folder.path), row.trial, run.version(row.trial))
    judged = load_judgements(table, target, workspace())
    gained = _gain(str(run.folder.path), row.trial, run.version(row.trial), str(workspace()))
    if gained is not None:
        with st.container(border=True, key="labels_gained"):
            st.markdown("**What the corrected labels gained**")
            st.markdown(text.escape_markdown(gain_sentence(gained)))
    with st.container(border=True, key="labels_doubted"):
        st.markdown("**Labels that the model doubts**")
        st.markdown(text.escape_markdown(doubt_sentence(found, target)))
        if len(found.rows):
            st.caption(HOW)
            _draw_rows(run, found, judged)
    _draw_corrected(run, judged)
    draw_more_rows(run)
    draw_column_cost(run)
    with st.container(border=True, key="labels_conflicts"):
        st.markdown("**Equal rows with different labels**")
        _draw_conflicts(run)


def _draw_rows(run: OpenRun, found: DoubtedLabels, judged: Judgements) -> None:
    by_row = {j.row: j for j in judged.found}
    open_only = st.toggle("Hide the rows that are judged", key=f"labels_open_{run.name}")
    places = [i for i, row in enumerate(found.rows.tolist()) if not (open_only and row in by_row)][
        :MOST_SHOWN
    ]
    if not places:
        st.info("All doubted rows are judged.", icon=":material/check:")
        return
    listed = _Listed(
        tuple(int(found.rows[i]) for i in places), tuple(found.suggested[i] for i in places)
    )
    told = {
        "model says": pa.array(listed.suggested),
        "judged": pa.array([_words(by_row.get(row)) for row in listed.rows]),
    }
    if found.sure is not None and found.given is not None:
        told["its probability"] = pa.array([100 * float(found.sure[i]) for i in places])
        told["the label's"] = pa.array([100 * float(found.given[i]) for i in places])
    else:
        told["times the usual error"] = pa.array([float(found.doubts.doubt[i]) for i in places])
    if len(found.rows) > len(places):
        st.caption(f"{len(places)} of {text.count(len(found.rows), 'doubted row')}.")
    picked = _choose(run, _cells(run, listed.rows, told))
    _draw_verdicts(run, found, listed, picked)


def _words(judgement: Judgement | None) -> str:
    if judgement is None:
        return ""
    return VERDICT_WORDS.get(judgement.verdict, f"→ {text.one_line(judgement.label, 40)}")


def _cells(run: OpenRun, rows: tuple[int, ...], told: dict[str, pa.Array]) -> pa.Table:
    """The rows as the stored table has them, the target first, beside what is told of them."""
    table = open_table(run.spec.table.hash, workspace())
    names = list(dict.fromkeys((run.spec.target, *table.column_names)))[:MOST_COLUMNS]
    wanted = table.select(names)  # slices: taking rows would go through all of a long table
    cells = pa.concat_tables([wanted.slice(row, 1) for row in rows])
    columns = {"row of the table": pa.array([row + 1 for row in rows]), "label": cells.column(0)}
    columns |= told
    taken = set(columns)
    for name in names[1:]:
        columns[name if name not in taken else f"{name} (column)"] = cells.column(name)
    return pa.table(columns)


def _choose(run: OpenRun, cells: pa.Table) -> list[int]:
    """The places of the rows that are selected."""
    turn = session.remembered("labels_turn", int) or 0
    percent = st.column_config.NumberColumn(format="%.1f %%")
    event: Any = st.dataframe(
        cells,
        hide_index=True,
        placeholder="–",
        on_select="rerun",
        selection_mode="multi-row",
        column_config={
            "its probability": percent,
            "the label's": percent,
            "times the usual error": st.column_config.NumberColumn(format="%.1f"),
        },
        key=f"labels_rows_{run.name}_{turn}",
        alt="Rows whose label is doubted, most doubtful first",
    )
    return [i for i in event["selection"]["rows"] if i < cells.num_rows]


def _draw_verdicts(run: OpenRun, found: DoubtedLabels, listed: _Listed, picked: list[int]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = _ask_label(run, found)
        off = not picked
        keep = st.button("Keep", icon=":material/check:", disabled=off, key="labels_keep")
        correct = st.button(
            "Correct", icon=":material/edit:", disabled=off or label is None, key="labels_correct"
        )
        aside = st.button("Set aside", icon=":material/block:", disabled=off, key="labels_aside")
        back = st.button("Take back", icon=":material/undo:", disabled=off, key="labels_back")
    if off:
        st.caption("Select rows by the boxes at their left, then judge them.")
        return
    table, target = run.spec.table.hash, run.spec.target
    rows = [listed.rows[i] for i in picked]
    if back:
        take_back(table, target, rows, workspace())
    elif correct and label is not None:
        given = [label or listed.suggested[i] for i in picked]
        new = [Judgement(r, "correct", word) for r, word in zip(rows, given, strict=True)]
        judge(table, target, new, workspace())
    elif keep or aside:
        verdict: Verdict = "keep" if keep else "aside"
        judge(table, target, [Judgement(r, verdict) for r in rows], workspace())
    else:
        return
    # A table keeps its selection as long as it keeps its key.
    session.remember("labels_turn", (session.remembered("labels_turn", int) or 0) + 1)
    st.rerun()


def _ask_label(run: OpenRun, found: DoubtedLabels) -> str | None:
    """The label to correct to, "" for what the model says; None where what was typed is none."""
    if found.labels:
        words = {"": AS_SUGGESTED} | dict(zip(found.labels, found.labels, strict=True))
        labels = text.distinct_labels(words, words.__getitem__)
        picked: str = st.selectbox(
            "Correct to",
            list(labels),
            format_func=labels.__getitem__,
            key=f"labels_to_{run.name}",
            width=260,
        )
        return picked
    typed = st.text_input(
        "Correct to", placeholder="the right value", key=f"labels_value_{run.name}", width=260
    ).strip()
    if not typed:
        return None
    if not reads_as_label(run.folder, typed):
        st.caption(f"{text.code(typed)} is no number as the column has them.")
        return None
    return typed


def _draw_corrected(run: OpenRun, judged: Judgements) -> None:
    labels, rows = judged.of("correct"), judged.of("aside")
    if not judged.found:
        return
    with st.container(border=True, key="labels_corrected"):
        st.markdown("**The corrected table**")
        st.markdown(
            f"{text.count(len(labels), 'label')} to correct, {text.count(len(rows), 'row')} to "
            f"set aside, {len(judged.of('keep')):,} kept. The table itself stays as it is; the "
            "corrected one is another table."
        )
        if st.button(
            "Make the corrected table",
            icon=":material/table_edit:",
            disabled=not labels and not rows,
            key="labels_make",
        ):
            info = _info(run)
            made = store_corrected(info, run.folder.schema(), judged, workspace())
            session.set_run(None)
            session.set_table(made)
            session.set_target(run.spec.target)
            frame.go_to("Data")


def _info(run: OpenRun) -> TableInfo:
    link = run.spec.table
    try:
        return load_info(link.hash, workspace())
    except AutoMLError:  # a run from a terminal: its table was stored without a description
        columns = len(run.folder.schema().columns)
        return TableInfo(link.hash, link.name, link.rows, columns, link.settings)


def _draw_conflicts(run: OpenRun) -> None:
    found = _conflicts(str(run.folder.path), str(workspace()))
    if not len(found.rows):
        st.caption("No two rows that are the same in every column for models differ in the target.")
        return
    groups = int(found.groups[-1]) + 1
    best = ""
    if found.best is not None:
        best = f" No model of these columns can get more than {text.percent(found.best)} right."
    st.markdown(
        text.escape_markdown(
            f"{text.count(len(found.rows), 'row')} in {text.count(groups, 'group')} are the same "
            f"in every column that models may see, and differ in {shown(run.spec.target)}."
            f"{best}"
        )
    )
    rows = tuple(int(r) for r in found.rows[:MOST_SHOWN])
    told = {"group": pa.array([int(g) + 1 for g in found.groups[:MOST_SHOWN]])}
    st.dataframe(
        _cells(run, rows, told),
        hide_index=True,
        placeholder="–",
        key="labels_conflict_rows",
        alt="Equal rows with different labels, by group",
    )
