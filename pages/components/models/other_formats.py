"""Downloads for other programs: networks for PyTorch, and the trials of the run."""

from __future__ import annotations

import re
from concurrent.futures import Future
from functools import partial

import streamlit as st

from automl_core.export import zip_files
from automl_core.runs import delivered_files, get_manager, is_of_networks
from automl_core.runs.exchange import TRIAL_FORMATS, trial_file
from automl_core.runs.executor import TorchWritten
from automl_core.runs.record import LeaderRow
from pages.components.models.prepared_file import draw_prepared
from pages.components.shared import OpenRun, frame

TORCH = (
    "Modules with their source and weights, and a program of torch.export: they run without "
    "Torchlight, on encoded rows."
)
TRIALS = "Settings, scores and learning curves of all trials of this run."


def draw_other_formats(run: OpenRun, row: LeaderRow) -> None:
    """What is there for the model and for its run; each is written when it is asked for."""
    with frame.errors_shown():
        st.markdown("**PyTorch**")
        _draw_torch(run, row)
        st.markdown("**Trials of the run**")
        st.caption(TRIALS)
        for entry in TRIAL_FORMATS:
            if entry.is_here:
                st.download_button(
                    entry.title,
                    data=partial(trial_file, run.folder, entry.name),
                    file_name=f"{run.name}-{entry.file}",
                    help=f"Opens with {entry.opened_with}",
                    on_click="ignore",
                    key=f"models_trials_{entry.name}",
                    width="stretch",
                )


def _draw_torch(run: OpenRun, row: LeaderRow) -> None:
    if not is_of_networks(run.state, row.trial):
        st.caption("Only for models that are made of networks alone.")
        return
    st.caption(TORCH)
    draw_prepared(
        "torch",
        f"torch_{run.name}_{row.name}_{run.version(row.trial)}",
        "Prepare the files for PyTorch",
        partial(_ask, run, row),
        partial(_draw_download, run, row),
    )


def _ask(run: OpenRun, row: LeaderRow) -> Future[TorchWritten]:
    return get_manager().write_torch(row.name, delivered_files(run.folder, row.trial))


def _draw_download(run: OpenRun, row: LeaderRow, written: TorchWritten) -> None:
    st.download_button(
        "Download for PyTorch",
        data=partial(zip_files, written.files),
        file_name=f"{re.sub(r'[^0-9A-Za-z_-]+', '-', row.name)}-{run.name}-pytorch.zip",
        mime="application/zip",
        icon=":material/download:",
        on_click="ignore",
        key="models_torch_download",
        width="stretch",
    )
