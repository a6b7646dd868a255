"""The button that downloads the report: it is written when it is pressed, not before."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import streamlit as st

from automl_core.files import workspace_of
from automl_core.report import build_report, report_page
from automl_core.runs.record import LeaderRow, RunFolder
from pages.components.shared import OpenRun, access


def draw_report_button(run: OpenRun, row: LeaderRow, key: str) -> None:
    """One HTML file on this model."""
    st.download_button(
        "Download report",
        data=partial(_page, access.check_later(run.folder), run.folder, row.name),
        file_name=f"{re.sub(r'[^0-9A-Za-z_-]+', '-', row.name)}-{run.name}.html",
        mime="text/html",
        icon=":material/description:",
        on_click="ignore",
        key=key,
    )


def _page(check: Callable[[], None], folder: RunFolder, model: str) -> bytes:
    check()
    return report_page(build_report(folder, workspace_of(folder.path), model)).encode()
