"""A model as a file for other programs: a worker writes and proves it, then it is offered."""

from __future__ import annotations

import re
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

import streamlit as st

from automl_core.export import zip_files
from automl_core.runs import get_manager
from automl_core.runs.executor import CERTIFIED_FORMS, CertifiedForm, CertifiedWritten
from automl_core.runs.record import LeaderRow, load_threshold
from pages.components.models.prepared_file import draw_prepared
from pages.components.shared import OpenRun, text


@dataclass(frozen=True)
class Certified:
    """A form of a model that is compared with it before it is offered."""

    form: CertifiedForm
    words: str

    @property
    def title(self) -> str:
        """The name of the form."""
        return CERTIFIED_FORMS[self.form]


ONNX = Certified(
    "onnx",
    "The whole model as one file for ONNX Runtime, without Torchlight and PyTorch, with a program "
    "that scores a CSV file and a service that answers over HTTP. It is compared with the model "
    "before it is offered.",
)
KERAS = Certified(
    "keras",
    "A .keras file that runs without Torchlight, from typed columns to the answer, on PyTorch and "
    "TensorFlow, with a program that scores a CSV file. It is compared with the model before it is "
    "offered.",
)


def draw_certified_download(run: OpenRun, row: LeaderRow, form: Certified) -> None:
    """A button that has the file written; then its certificate, and the download."""
    st.caption(form.words)
    kept = load_threshold(run.folder, row.trial) if run.spec.task == "binary" else None
    draw_prepared(
        form.form,
        f"{form.form}_{run.name}_{row.name}_{run.version(row.trial)}_{kept}",
        f"Prepare the {form.title} file",
        partial(_ask, run, row, form),
        partial(_draw_download, run, row, form),
    )


def _ask(
    run: OpenRun, row: LeaderRow, form: Certified, cluster: str | None
) -> Future[CertifiedWritten]:
    return get_manager().jobs.write_certified(form.form, run.folder, row.trial, cluster)


def _draw_download(run: OpenRun, row: LeaderRow, form: Certified, done: CertifiedWritten) -> None:
    st.success(text.escape_markdown(done.certificate.words), icon=":material/verified:")
    st.download_button(
        f"Download the {form.title} file",
        data=partial(zip_files, done.files),
        file_name=f"{re.sub(r'[^0-9A-Za-z_-]+', '-', row.name)}-{run.name}-{form.form}.zip",
        mime="application/zip",
        icon=":material/download:",
        on_click="ignore",
        key=f"models_{form.form}_download",
        width="stretch",
    )
