"""The model that predicts: one of a finished run, or one that was downloaded earlier.

Knows what the model reads, not how it predicts: that happens in a worker.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.export import (
    MODEL_FILE,
    SCHEMA_FILE,
    ColumnFacts,
    ModelRecord,
    SchemaRecord,
    Threshold,
    facts_from_plain,
    open_bundle,
    read_answer,
    read_bundle,
    read_record,
    used_columns,
)
from automl_core.files import workspace_of
from automl_core.runs import delivered_files, important_columns, with_reference
from automl_core.runs.record import LeaderRow, RunFolder, load_threshold
from automl_core.table.reading import Upload, upload_path
from automl_core.types import Files
from pages.components.shared import (
    OpenRun,
    any_models,
    code,
    count,
    draw_file_field,
    escape_markdown,
    frame,
    pick_model,
    pick_run,
    session,
    workspace,
)

RUN, FILE = "A run of this workspace", "A downloaded model"


@dataclass(frozen=True, eq=False)
class ChosenModel:
    """A model that can score, by what it reads and what it answers."""

    id: str  # tells whether a result is of this model
    name: str
    schema: SchemaRecord
    files: Callable[[], Files]  # read when they are needed
    described: Callable[[], Files]  # the same with what its training rows were like
    importance: tuple[str, ...] = ()  # columns of its training table, most important first
    table: str = ""  # hash of that table; "": not known
    facts: tuple[ColumnFacts, ...] = ()  # of its columns, as its file has them
    threshold: Threshold | None = None  # that decides between two classes
    run: RunFolder | None = None  # that it is of

    @property
    def root(self) -> Path:
        """The workspace of the tables that it learned from."""
        return workspace() if self.run is None else workspace_of(self.run.path)


@st.cache_resource(max_entries=64, show_spinner=False)
def _records(run: str, trial: int, version: str) -> tuple[ModelRecord, SchemaRecord]:
    del version  # only a key: the ensemble changes while its run goes on
    return _read_records(RunFolder(Path(run)).model_files(trial))


def _read_records(files: Files) -> tuple[ModelRecord, SchemaRecord]:
    return (
        read_record(ModelRecord, files, MODEL_FILE),
        read_record(SchemaRecord, files, SCHEMA_FILE),
    )


@dataclass(frozen=True)
class _Opened:
    """An uploaded model that was found sound."""

    upload: Upload
    model: ModelRecord
    schema: SchemaRecord
    importance: tuple[str, ...]
    facts: tuple[ColumnFacts, ...]
    threshold: Threshold | None


def choose_model() -> ChosenModel | None:
    """The fields to choose a model; None until one is chosen."""
    source = st.segmented_control(
        "The model comes from",
        [RUN, FILE],
        default=RUN,
        required=True,
        key="predict_source",
    )
    chosen = _of_run() if source == RUN else _of_file()
    if chosen is not None:
        columns = count(len(chosen.schema.columns), "column")
        words = f"It predicts {code(chosen.schema.target_name)} from {columns}."
        if chosen.threshold is not None:
            words += f" {escape_markdown(chosen.threshold.words)} This was chosen on Models."
        st.caption(words)
    return chosen


def _of_run() -> ChosenModel | None:
    if not any_models():
        frame.nothing_here(
            "No run has left a model yet. Start one, or score with a model you downloaded.",
            ":material/online_prediction:",
            "Choose a table",
            "Home",
            "predict_empty",
        )
        return None
    left, right = st.columns(2)
    with left:
        run = pick_run("predict_run")
    if run is None:
        return None
    with right:
        row = pick_model(run, "predict_model")
    if row is None:
        st.info("This run has no model yet.", icon=":material/hourglass_empty:")
        return None
    return model_of(run, row)


def model_of(run: OpenRun, row: LeaderRow) -> ChosenModel:
    """A model of a run, as it predicts outside of the run."""
    version = run.version(row.trial)
    _, schema = _records(str(run.folder.path), row.trial, version)
    threshold = load_threshold(run.folder, row.trial) if run.spec.task == "binary" else None
    load = partial(delivered_files, run.folder, row.trial)
    model_id = f"{run.folder.path} {row.trial} {version} {threshold}"
    importance = tuple(important_columns(run.state))
    return ChosenModel(
        model_id, row.name, schema, load, partial(_described, run.folder, row.trial),
        importance, run.spec.table.hash, threshold=threshold, run=run.folder,
    )  # fmt: skip


def _described(run: RunFolder, trial: int) -> Files:
    return with_reference(run, trial, delivered_files(run, trial))


def _of_file() -> ChosenModel | None:
    draw_file_field(
        "predict_bundle",
        "Model",
        "The .zip that the Models page gives.",
        _take_bundle,
        types=["zip"],
    )
    if (error := session.remembered("predict_bundle_error", AutoMLError)) is not None:
        frame.show_error(error)
    opened = session.remembered("predict_bundle", _Opened)
    if opened is None:
        return None
    st.markdown(
        f":material/deployed_code: {code(opened.upload.name)}: model {code(opened.model.name)}"
    )
    load = partial(_bundle_files, opened.upload.id)
    return ChosenModel(
        opened.upload.id, opened.model.name, opened.schema, load, load,
        opened.importance, facts=opened.facts, threshold=opened.threshold,
    )  # fmt: skip


def _bundle_files(upload: str) -> Files:
    return read_bundle(upload_path(upload, workspace()))


def _take_bundle(upload: Upload) -> None:
    """Keep the uploaded model where it is sound, the reason where it is not."""
    session.remember("predict_bundle", None)  # never score with the one before by mistake
    try:
        files, manifest = open_bundle(upload_path(upload.id, workspace()))
        model, schema = _read_records(files)
        facts = facts_from_plain(used_columns(files), manifest.info.get("columns"))
        threshold = read_answer(files).threshold
    except AutoMLError as error:
        session.remember("predict_bundle_error", error)
        return
    session.remember("predict_bundle_error", None)
    names = manifest.info.get("importance")
    important = tuple(str(name) for name in names) if isinstance(names, list) else ()
    session.remember("predict_bundle", _Opened(upload, model, schema, important, facts, threshold))
