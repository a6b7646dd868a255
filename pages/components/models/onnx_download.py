"""A model as an ONNX file: a worker writes and proves it, then it can be downloaded."""

from __future__ import annotations

import re
from concurrent.futures import Future
from functools import partial

import streamlit as st

from automl_core.export import zip_files
from automl_core.runs import get_manager
from automl_core.runs.executor import OnnxWritten
from automl_core.runs.record import LeaderRow, load_threshold
from pages.components.models.prepared_file import draw_prepared
from pages.components.shared import OpenRun, text

HOW = (
    "The whole model as one file for ONNX Runtime, without Torchlight and PyTorch, with a program "
    "that scores a CSV file and a service that answers over HTTP. It is compared with the model "
    "before it is offered."
)


def draw_onnx_download(run: OpenRun, row: LeaderRow) -> None:
    """A button that has the file written; then its certificate, and the download."""
    st.markdown("**ONNX**")
    st.caption(HOW)
    kept = load_threshold(run.folder, row.trial) if run.spec.task == "binary" else None
    draw_prepared(
        "onnx",
        f"onnx_{run.name}_{row.name}_{run.version(row.trial)}_{kept}",
        "Prepare the ONNX file",
        partial(_ask, run, row),
        partial(_draw_download, run, row),
    )


def _ask(run: OpenRun, row: LeaderRow, cluster: str | None) -> Future[OnnxWritten]:
    return get_manager().jobs.write_onnx(run.folder, row.trial, cluster)


def _draw_download(run: OpenRun, row: LeaderRow, written: OnnxWritten) -> None:
    st.success(text.escape_markdown(written.certificate.words), icon=":material/verified:")
    st.download_button(
        "Download the ONNX file",
        data=zip_files(written.files),
        file_name=f"{re.sub(r'[^0-9A-Za-z_-]+', '-', row.name)}-{run.name}-onnx.zip",
        mime="application/zip",
        icon=":material/download:",
        on_click="ignore",
        key="models_onnx_download",
        width="stretch",
    )
