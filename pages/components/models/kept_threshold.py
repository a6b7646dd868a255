"""The threshold that is kept with a model: said, changed, or taken away."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from automl_core.export import Threshold
from automl_core.runs.record import RunFolder, load_threshold, save_threshold
from pages.components.shared import frame, text

GOES_ALONG = "It goes with predictions, downloads and the report of this model."


def draw_kept(run: str, trial: int) -> None:
    """The threshold that counts for a model of the run in this folder, and how to be rid of it.

    Nothing where none is kept.
    """
    folder = RunFolder(Path(run))
    kept = load_threshold(folder, trial)
    if kept is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="threshold_kept"):
        words = text.escape_markdown(kept.words)
        st.markdown(f":material/keep: **Kept:** {words} {GOES_ALONG}", width="content")
        st.button(
            "Take it away", key="threshold_forget", on_click=_save, args=(folder, trial, None)
        )


def draw_keep_button(
    run: str, trial: int, threshold: Threshold, key: str, why_not: str = ""
) -> None:
    """A button that keeps this threshold; off where it is the kept one, or `why_not` says why."""
    folder = RunFolder(Path(run))
    st.button(
        f"Keep {threshold.above:g} for predictions",
        icon=":material/keep:",
        key=key,
        disabled=bool(why_not) or load_threshold(folder, trial) == threshold,
        help=why_not or None,
        on_click=_save,
        args=(folder, trial, threshold),
    )


def _save(folder: RunFolder, trial: int, threshold: Threshold | None) -> None:
    with frame.errors_shown():
        save_threshold(folder, trial, threshold)
