"""The board: all models of a run by a metric of choice, as a table to choose from and as a chart.

Draws what board_job.py computes; the list stands without it until it is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from automl_core.charts import Cost, TradeOff, draw_trade_off, metric_short, trade_off
from automl_core.metrics import METRICS, metrics_for
from automl_core.runs import BoardComparison, BoardRow, board_rows
from automl_core.runs.record import LeaderRow, ranking_words
from pages.components.models.board_job import comparison_job, result_soon, wait_here
from pages.components.models.board_table import ALWAYS, AT_FIRST, COLUMNS, board_table
from pages.components.models.outside_models import draw_outside, outside_rows
from pages.components.models.side_by_side import draw_side_by_side
from pages.components.shared import (
    DEVICE,
    OpenRun,
    choose_row,
    draw_chart,
    leaderboard_alt,
    pick_row,
    tells_devices,
    text,
    turn_words,
)

COSTS: dict[str, Cost] = {"Prediction time": "time", "Size": "size"}
CHART = "models_tradeoff"


def pick_from_board(run: OpenRun, key: str) -> LeaderRow | None:
    """The board; the row that is chosen in it, None where there is none."""
    if not run.rows:
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        metric = _choose_metric(run)
        shown = _choose_columns(run)
    rows = (*run.rows, *outside_rows(run))
    job = comparison_job(run, rows, metric)
    found = result_soon(job)
    if found is None and metric != run.spec.metric:
        if job.done():
            st.info(
                f"The models of this run have no {METRICS[metric].title}: what they predicted for "
                "the rows that they had not seen is gone, or they share no rows.",
                icon=":material/info:",
            )
        metric = run.spec.metric
    lines = board_rows(rows, run.state, metric, found)
    draw = partial(_draw_table, lines, metric, shown, not run.state.status.active)
    row = pick_row(run, [line.row for line in lines], key, lambda k, at: draw((k, at)))
    wait_here(job)
    words = [ranking_words(run.spec, run.state, run.rows)] if metric == run.spec.metric else []
    words += [_rows_words(found)] if job.done() else []
    st.caption(text.escape_markdown(" ".join(words)))
    _draw_costs(run, lines, metric, row)
    draw_side_by_side(run, rows)
    draw_outside(run)
    return row


def _choose_metric(run: OpenRun) -> str:
    names = metrics_for(run.spec.task)
    own = run.spec.metric
    names = (own, *(name for name in names if name != own))
    return st.selectbox(
        "Compare by",
        names,
        format_func=lambda name: METRICS[name].title + (" (of the run)" if name == own else ""),
        key=f"board_metric_{run.name}",
        width=300,
    )


def _choose_columns(run: OpenRun) -> tuple[str, ...]:
    """The columns to show, in the order of the board."""
    with st.popover("Columns", icon=":material/view_column:"):
        chosen = st.pills(
            "Columns of the board",
            [name for name in COLUMNS if name not in ALWAYS],
            selection_mode="multi",
            default=[*AT_FIRST, *([DEVICE] if tells_devices(run.rows) else [])],
            format_func=COLUMNS.__getitem__,
            key=f"board_columns_{run.name}",
            persist_state="session",
        )
    return tuple(name for name in COLUMNS if name in ALWAYS or name in chosen)


def _draw_table(
    lines: Sequence[BoardRow],
    metric: str,
    shown: tuple[str, ...],
    is_over: bool,
    place: tuple[str, int],
) -> LeaderRow | None:
    """The table with exactly one row chosen: the one at the place until another is."""
    key, start = place
    table = board_table(lines, metric, is_over)
    last = len(table.values["Model"]) - 1
    event: Any = st.dataframe(
        table.values,
        key=key,
        hide_index=True,
        placeholder="–",
        column_order=shown,
        column_config=table.config,
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [min(start, last)]}},
        alt=f"{leaderboard_alt([line.row for line in lines])}; choose one",
    )
    if last < len(lines) - 1:
        st.caption(f"The first {last + 1:,} of {len(lines):,} rows.")
    chosen = event.selection.rows
    return lines[chosen[0] if chosen and chosen[0] < len(lines) else 0].row


def _rows_words(found: BoardComparison | None) -> str:
    if found is None:
        return "Intervals and ties are not known: the models share no predictions to compare."
    rows = text.count(found.rows, "row")
    if found.rows < found.every:
        rows = f"{found.rows:,} of {found.every:,} rows, evenly spaced,"
    words = f"{text.count(len(found.models), 'model')} compared on the same {rows} out of training."
    if found.missing:
        reason = next(iter(found.missing.values())).rstrip(".")
        words += f" {text.count(len(found.missing), 'model')} not compared: {reason}."
    return words


def _draw_costs(
    run: OpenRun, lines: Sequence[BoardRow], metric: str, row: LeaderRow | None
) -> None:
    """Score against what a model costs; a click on a point chooses the model."""
    with st.container(border=True, key="board_costs"):
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            st.markdown(f"**{metric_short(metric)} against what a model costs**")
            title = st.segmented_control(
                "Cost",
                list(COSTS),
                default="Prediction time",
                required=True,
                key=f"board_cost_{run.name}",
                label_visibility="collapsed",
            )
        cost = COSTS[title or "Prediction time"]
        found = trade_off(lines, metric, cost, None if row is None else row.trial)
        st.markdown(text.escape_markdown(found.sentence))
        if len(found.points) > 1:
            file = f"{run.name}-score-against-{cost}"
            _draw_chart(found, f"{CHART}_{run.name}_{cost}{turn_words()}", file)
            st.caption(
                "Filled points are tied with the reference; lines are 95 % intervals. Click a "
                "point to see that model above; double-click the chart to see all of it."
            )


def _draw_chart(found: TradeOff, key: str, file: str) -> None:
    drawing = draw_trade_off(found)
    names = {point.trial: point.name for point in found.points}
    draw_chart(drawing.figure(), key, drawing.alt, file, partial(_choose_point, key, names))


def _choose_point(key: str, names: Mapping[int, str]) -> None:
    model = clicked(st.session_state[key].selection.points, names)
    if model is not None:
        choose_row(model)


def clicked(points: Sequence[Mapping[str, Any]], names: Mapping[int, str]) -> str | None:
    """The model whose point was clicked, by the number that the point carries."""
    carried = points[0].get("customdata") if points else None
    return names.get(carried[0]) if isinstance(carried, list) and carried else None
