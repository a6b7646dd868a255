"""One chart of a page, filling its column: to look at, and to take away as numbers or a picture.

The picture is made by the browser, the numbers when somebody asks for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import PurePath
from typing import Any, Literal

import streamlit as st

from automl_core.charts import chart_table, drawing_of
from automl_core.export import csv_bytes

LESS = ["zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "autoScale2d", "resetScale2d"]
LONGEST = 120  # letters of a file's name
PICTURE = "The camera above the chart saves it as a picture."


def draw_chart(
    figure: Any,
    key: str,
    alt: str,
    file: str = "",
    on_select: Callable[[], None] | Literal["ignore"] = "ignore",
) -> None:
    """A Plotly figure; `alt` says what it shows to those who cannot see it.

    `file` is the name of its files, without their ending: else model and run of the address, and
    the key. `on_select` is called when a point is clicked.
    """
    name = _plain(file or f"{_subject()}-{key}")
    background = st.get_option(f"theme.{st.context.theme.type or 'light'}.backgroundColor")
    if figure.layout.paper_bgcolor != background:  # a picture of it has a background, too
        figure.update_layout(paper_bgcolor=background)
    with st.container(key=f"chart_{key}", gap=None):
        st.plotly_chart(
            figure,
            key=key,
            alt=alt,
            on_select=on_select,
            selection_mode="points",
            config={
                "modeBarButtonsToRemove": LESS,
                "toImageButtonOptions": {"filename": name, "scale": 2},
            },
        )
        st.download_button(
            "Data",
            data=partial(_numbers, figure),
            file_name=f"{name}.csv",
            mime="text/csv",
            type="tertiary",
            icon=":material/table_rows:",
            on_click="ignore",
            key=f"{key}_data",
            help=f"The numbers of this chart as a CSV file. {PICTURE}",
        )


def _numbers(figure: Any) -> bytes:
    return csv_bytes(chart_table(drawing_of(figure, "")), guard_formulas=True)


def _subject() -> str:
    """The model and the run that the address names: a page of a model has both in it."""
    run = PurePath(st.query_params.get("run", "")).name
    return "-".join(filter(None, (st.query_params.get("model", ""), run)))


def _plain(text: str) -> str:
    """Text from anywhere as a name of a file."""
    return re.sub(r"[^\w-]+", "-", text).strip("-")[:LONGEST]
