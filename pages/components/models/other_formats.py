"""Downloads for other programs: the model for PyTorch and Keras, and the trials of the run."""

from __future__ import annotations

import importlib.util
import re
from concurrent.futures import Future
from functools import partial

import streamlit as st

from automl_core.export import zip_files
from automl_core.runs import delivered_files, get_manager, is_of_networks
from automl_core.runs.exchange import TRIAL_FORMATS, trial_file
from automl_core.runs.executor import PackageWritten
from automl_core.runs.record import LeaderRow
from pages.components.models.certified_download import KERAS, ONNX, draw_certified_download
from pages.components.models.prepared_file import draw_prepared
from pages.components.shared import OpenRun, frame

LIBRARY = "keras"
TRIALS = "Settings, scores and learning curves of all trials of this run."


PYTORCH = (
    "Modules with their source and weights, and a program of torch.export: they run without "
    "Torchlight, on encoded rows."
)


def draw_other_formats(run: OpenRun, row: LeaderRow) -> None:
    """What is there for the model and for its run; each is written when it is asked for."""
    with frame.errors_shown():
        st.markdown("**ONNX**")
        draw_certified_download(run, row, ONNX)
        st.markdown("**PyTorch**")
        if is_of_networks(run.state, row.trial):
            _draw_for_pytorch(run, row)
        else:
            st.caption("Only for models that are made of networks alone.")
        st.markdown("**Keras**")
        if importlib.util.find_spec(LIBRARY) is not None:
            draw_certified_download(run, row, KERAS)
        else:
            st.caption("Only where Keras is installed beside Torchlight: `pip install keras`.")
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


def _draw_for_pytorch(run: OpenRun, row: LeaderRow) -> None:
    st.caption(PYTORCH)
    draw_prepared(
        "pytorch",
        f"pytorch_{run.name}_{row.name}_{run.version(row.trial)}",
        "Prepare the files for PyTorch",
        partial(_ask, run, row),
        partial(_draw_download, run, row),
    )


def _ask(run: OpenRun, row: LeaderRow, cluster: str | None) -> Future[PackageWritten]:
    files = delivered_files(run.folder, row.trial)
    return get_manager().jobs.write_package(files, cluster)


def _draw_download(run: OpenRun, row: LeaderRow, done: PackageWritten) -> None:
    st.download_button(
        "Download for PyTorch",
        data=partial(zip_files, done.files),
        file_name=f"{re.sub(r'[^0-9A-Za-z_-]+', '-', row.name)}-{run.name}-pytorch.zip",
        mime="application/zip",
        icon=":material/download:",
        on_click="ignore",
        key="models_pytorch_download",
        width="stretch",
    )
