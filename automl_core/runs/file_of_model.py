"""A model as a file for other programs, proven on rows of its run, or on typical rows where none
are at hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from automl_core.export import (
    Predictor,
    facts_from_plain,
    facts_of_model,
    load_predictor,
    used_columns,
    zip_files,
)
from automl_core.files import workspace_of
from automl_core.keras_export import keras_package
from automl_core.onnx_export import CertifiedFile, UsualRows, build_onnx, typical_rows
from automl_core.runs.certified_download import compared_rows
from automl_core.runs.delivered import delivered_files
from automl_core.runs.executor import CertifiedForm
from automl_core.runs.record import RunFolder
from automl_core.runs.reference import with_reference
from automl_core.scoring import Reference, read_reference
from automl_core.table import open_table, take_rows
from automl_core.types import Files

Write = Callable[[Predictor, UsualRows, Reference | None], CertifiedFile]
WRITERS: dict[CertifiedForm, Write] = {"onnx": build_onnx, "keras": keras_package}


def file_of(form: CertifiedForm, folder: RunFolder, trial: int) -> CertifiedFile:
    """The file of a model of a run, the ensemble too.

    Raises RunError where the run left no such model, ModelError where it has no such form or
    the file does not say what it says, LibraryError where Keras is asked for and not installed.
    """
    files, root = delivered_files(folder, trial), workspace_of(folder.path)
    found = compared_rows(form, folder)
    if not found.table:
        return file_of_bundle(form, files, {})
    files = with_reference(folder, trial, files)
    predictor = load_predictor(files)
    typed = predictor.typed(take_rows(open_table(found.table, root), found.rows))
    return WRITERS[form](predictor, UsualRows(typed, found.rows_of), read_reference(files))


def file_of_bundle(form: CertifiedForm, files: Files, info: dict[str, Any]) -> CertifiedFile:
    """The file of a bundle's model; `info` is that of its manifest. Raises as `file_of`."""
    predictor = load_predictor(files)
    facts = facts_from_plain(used_columns(files), info.get("columns")) or facts_of_model(files)
    usual = UsualRows(typical_rows(predictor, facts), "typical rows")
    return WRITERS[form](predictor, usual, read_reference(files))


def written_bytes(form: CertifiedForm, written: CertifiedFile, path: Path) -> bytes:
    """The bytes for a path: the zipped package; of ONNX the file alone, unless the path ends in
    .zip."""
    if form == "onnx" and path.suffix.lower() != ".zip":
        return written.data
    return zip_files(written.package)
