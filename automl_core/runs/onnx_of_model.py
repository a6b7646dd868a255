"""A model as an ONNX file, proven on rows of its run, or on typical rows where none are at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from automl_core.export import (
    facts_from_plain,
    facts_of_model,
    load_predictor,
    used_columns,
    zip_files,
)
from automl_core.files import workspace_of
from automl_core.onnx_export import OnnxFile, UsualRows, build_onnx, typical_rows
from automl_core.runs.delivered import delivered_files
from automl_core.runs.onnx_download import compared_rows
from automl_core.runs.record import RunFolder
from automl_core.runs.reference import with_reference
from automl_core.scoring import read_reference
from automl_core.table import open_table, take_rows
from automl_core.types import Files


def onnx_of(folder: RunFolder, trial: int) -> OnnxFile:
    """The file of a model of a run, the ensemble too.

    Raises RunError where the run left no such model, ModelError where it has no form in ONNX or
    the file does not say what it says.
    """
    files, root = delivered_files(folder, trial), workspace_of(folder.path)
    found = compared_rows(folder, root)
    if not found.table:
        return onnx_of_bundle(files, {})
    files = with_reference(folder, trial, files)
    predictor = load_predictor(files)
    typed = predictor.typed(take_rows(open_table(found.table, root), found.rows))
    return build_onnx(predictor, UsualRows(typed, found.rows_of), read_reference(files))


def onnx_of_bundle(files: Files, info: dict[str, Any]) -> OnnxFile:
    """The file of a bundle's model; `info` is that of its manifest. Raises as `onnx_of`."""
    predictor = load_predictor(files)
    facts = facts_from_plain(used_columns(files), info.get("columns")) or facts_of_model(files)
    usual = UsualRows(typical_rows(predictor, facts), "typical rows")
    return build_onnx(predictor, usual, read_reference(files))


def onnx_bytes(written: OnnxFile, path: Path) -> bytes:
    """What is written to a path: the file alone, or where the name ends in .zip its package."""
    return zip_files(written.package) if path.suffix.lower() == ".zip" else written.data
