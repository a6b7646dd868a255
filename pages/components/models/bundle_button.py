"""The button that downloads a model: the bundle is built when it is pressed, not before.

Its self-test is predicted by the worker that pages wait for.
"""

from __future__ import annotations

import re
from functools import partial

import streamlit as st

from automl_core.runs import bundle_of, get_manager
from automl_core.runs.record import LeaderRow
from pages.components.shared import OpenRun


def draw_download(run: OpenRun, row: LeaderRow) -> None:
    """The page's primary action."""
    st.download_button(
        "Download model",
        data=partial(
            bundle_of, run.folder, run.state.models[row.trial], get_manager().jobs.predict_cells
        ),
        file_name=f"{re.sub(r'[^0-9A-Za-z_-]+', '-', row.name)}-{run.name}.zip",
        mime="application/zip",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
        key="models_download",
    )
