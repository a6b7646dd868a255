"""The model that a link names, and its slides; what the link does not name is not told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from automl_core.errors import AutoMLError, RunError
from automl_core.files import workspace_of
from automl_core.report import Slide, story, subject_of
from automl_core.runs.record import LeaderRow, RunFolder, load_threshold
from pages.components.shared import OpenRun, access, open_folder, open_run

NO_RUN = RunError(
    "This link names no run.",
    "Ask whoever sent it for the whole link: it ends in ?run=...&model=...",
)
GONE = RunError(
    "The run of this link is not here: it was deleted or moved, or the link is not complete.",
    "Ask whoever sent it for a new one.",
)
NO_MODEL = RunError(
    "The run of this link has no such model, or no model yet.",
    "Ask whoever sent it for a new link.",
)


@dataclass(frozen=True, eq=False)
class SharedModel:
    """A model of a run, and what is told of it."""

    run: OpenRun
    row: LeaderRow
    slides: tuple[Slide, ...]


def has_link() -> bool:
    """True where the address has a link that opens a run; AccessError for one that does not."""
    return access.shared_run() is not None


def asked_model() -> SharedModel:
    """The model that the address names, the run's own where it names the run alone.

    Raises RunError, which names no other run or model, where it is not there.
    """
    asked, model = st.query_params.get("run", ""), st.query_params.get("model", "")
    if not asked:
        raise NO_RUN
    shared = access.shared_run()
    try:
        run = open_run(asked) if shared is None else open_folder(shared.folder, shared.id)
    except AutoMLError:
        raise GONE from None
    row = next((row for row in run.models if row.name == (model or run.best)), None)
    if row is None:
        raise NO_MODEL
    threshold = load_threshold(run.folder, row.trial) if run.spec.task == "binary" else None
    explained = [file.stat().st_mtime_ns for file in run.folder.path.glob("explanations/*.json")]
    version = f"{run.version(row.trial)} {threshold} {run.state.events} {max(explained, default=0)}"
    dark = st.context.theme.type == "dark"
    slides = _slides(str(run.folder.path), row.name, version, dark)
    return SharedModel(run, row, slides)


@st.cache_resource(max_entries=32, show_spinner="Reading the model …")
def _slides(run: str, model: str, version: str, dark: bool) -> tuple[Slide, ...]:
    """The slides of a model, made once for all who look; nobody changes them."""
    del version  # only a key
    return story(subject_of(RunFolder(Path(run)), workspace_of(Path(run)), model), dark)
