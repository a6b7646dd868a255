"""The button that downloads a model: the bundle is built when it is pressed, not before."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from automl_core.export.bundle import write_bundle
from automl_core.runs.folder import RunFolder
from automl_core.runs.leaderboard import LeaderRow
from pages.components.run_picker import OpenRun


def draw_download(run: OpenRun, row: LeaderRow) -> None:
    """The page's primary action."""
    spec = run.spec
    info: dict[str, Any] = {
        "model": row.name,
        "family": row.title,
        "table": spec.table.name,
        "target": spec.target,
        "task": spec.task,
        "metric": row.metric,
        "score": row.score,
        "run": run.name,
    }
    st.download_button(
        "Download model",
        data=partial(bundle_of, run.folder.path, row.trial, info),
        file_name=f"{re.sub(r'[^0-9A-Za-z_-]+', '-', row.name)}-{run.name}.zip",
        mime="application/zip",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
        key="models_download",
    )


def bundle_of(path: Path, trial: int, info: dict[str, Any]) -> bytes:
    """The zip of a trial's model; RunError where it left none."""
    return write_bundle(RunFolder(path).model_files(trial), info)
