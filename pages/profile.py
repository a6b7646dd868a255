"""Profile: what is odd in the table, then distributions, associations and missing cells."""

from __future__ import annotations

import streamlit as st

from automl_core.charts import draw_associations, draw_missing, draw_spread
from automl_core.table import Schema, TableInfo
from pages.components.profile import draw_odd, profile_facts
from pages.components.shared import (
    code,
    count,
    distinct_labels,
    draw_chart,
    frame,
    one_line,
    percent,
    session,
    table_facts,
)

STRONGEST = 8  # pairs that are listed
SILENT = ("id", "ignored")  # roles of columns that are not looked at first


def draw_target(info: TableInfo, schema: Schema) -> str | None:
    """The column to predict, the same as on the other pages."""
    names, target = list(schema.names), session.current_target()
    chosen = st.selectbox(
        "Column to predict",
        names,
        names.index(target) if target in names else None,
        format_func=distinct_labels(names).__getitem__,
        placeholder="choose it to see the others by it",
        key=f"profile_target_{info.hash[:8]}",
        width=360,
    )
    if chosen != target:
        session.set_target(chosen)
    return chosen


def draw_column(info: TableInfo, schema: Schema, target: str | None, sampled: bool) -> None:
    """One column, by the target."""
    names = [c.name for c in schema.columns if c.distinct]
    if not names:  # every column is empty
        return
    with st.container(border=True, key="profile_column"):
        left, right = st.columns([3, 2], vertical_alignment="bottom")
        left.header("Distribution", anchor=False)
        telling = (i for i, name in enumerate(names) if schema.column(name).role not in SILENT)
        name = right.selectbox(
            "Column to look at",
            names,
            next(telling, 0),  # keys differ in every row, and so say little
            format_func=distinct_labels(names).__getitem__,
            key=f"profile_{info.hash[:8]}",
        )
        classes = False
        if target is not None:
            task = table_facts.guessed_task(info.hash, schema, target).task
            classes = task != "regression"
        spread = profile_facts.spread_of(info.hash, schema, name, target, classes)
        column = schema.column(name)
        facts = [f"{column.role}: {column.reason}", count(column.distinct, "different value")]
        if spread.missing:
            facts.append(f"{percent(spread.missing / max(1, spread.rows))} missing")
        if sampled and spread.rows == info.rows:
            facts.append("counted in all rows")
        st.caption(one_line(" · ".join(facts)))
        if not spread.labels:
            st.caption("No row that was looked at has a value.")
            return
        drawing = draw_spread(spread, target)
        draw_chart(drawing.figure(), "profile_spread", drawing.alt, f"{info.name}-{name}")


def draw_together(info: TableInfo, schema: Schema, target: str | None) -> None:
    """Correlations and associations of all pairs."""
    found = profile_facts.associations_of(info.hash, schema, target)
    with st.container(border=True, key="profile_together"):
        st.header("Associations", anchor=False)
        if len(found.names) < 2:
            st.caption("There are no two columns to compare.")
            return
        st.caption(
            "From 0, nothing in common, to 1, one follows from the other: rank correlation of "
            "numbers, Cramér's V of categories, correlation ratio of one with the other. "
            f"Measured on {count(found.rows, 'row')}."
        )
        left, right = st.columns([3, 2])
        drawing = draw_associations(found)
        with left:
            draw_chart(drawing.figure(), "profile_pairs", drawing.alt, f"{info.name}-associations")
        with right:
            st.markdown("**Strongest pairs**")
            for pair in found.pairs[:STRONGEST]:
                sign = "−" if pair.sign < 0 else ""
                names = f"{code(pair.first, 28)} and {code(pair.second, 28)}"
                st.markdown(f"**{sign}{pair.strength:.2f}**  {names}")
            if found.left_out:
                shown, every = len(found.names), len(found.names) + found.left_out
                among = "all of them" if found.compared == every else f"the first {found.compared}"
                st.caption(
                    f"The map shows {shown} of {every} columns. "
                    f"The strongest pairs were looked for among {among}."
                )


def draw_gaps(info: TableInfo, schema: Schema) -> None:
    """Missing cells by column, and the columns where they are missing together."""
    found = profile_facts.missing_of(info.hash, schema)
    with st.container(border=True, key="profile_missing"):
        st.header("Missing cells", anchor=False)
        if not found.names:
            st.markdown(":green[:material/check_circle:] No cell is missing.")
            return
        left, right = st.columns([3, 2])
        drawing = draw_missing(found)
        with left:
            draw_chart(drawing.figure(), "profile_gaps", drawing.alt, f"{info.name}-missing")
        with right:
            st.markdown("**Missing together**")
            for pattern in found.patterns:
                listed = ", ".join(code(name, 24) for name in pattern.columns[:4])
                more = f" and {len(pattern.columns) - 4} more" if len(pattern.columns) > 4 else ""
                part = percent(pattern.rows / max(1, found.rows))
                st.markdown(f"**{part}** of the rows: {listed + more or 'nothing is missing'}")
            if found.left_out:
                st.caption(f"{count(found.left_out, 'more column')} with gaps not shown.")


with frame.open_page("Profile"):
    info, schema = session.current_table(), session.current_schema()
    if info is None or schema is None:
        frame.nothing_here(
            "**There is no table yet.** Upload one, or try a sample, on the Home page.",
            ":material/table_chart:",
            "Choose a table",
            "Home",
            key="profile_empty",
        )
    else:
        target = draw_target(info, schema)
        draw_odd(info, schema, target)
        sample = profile_facts.sample_of(info.hash, schema)
        if not sample.is_whole:
            looked = f"{count(sample.looked_at, 'row')} of {sample.rows:,}, evenly spread"
            st.caption(f":material/info: What does not say otherwise is of {looked}.")
        draw_column(info, schema, target, not sample.is_whole)
        draw_together(info, schema, target)
        draw_gaps(info, schema)
