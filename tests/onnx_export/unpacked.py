"""A model with a reference as it leaves a run, its bundle, and its unpacked ONNX download."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from automl_core.export import load_predictor, used_columns, write_bundle
from automl_core.export.predictor import predictor_files
from automl_core.onnx_export import UsualRows, build_onnx
from automl_core.scoring import (
    Scorer,
    UnseenPredictions,
    learn_reference,
    make_scorer,
    reference_files,
)
from automl_core.table.parsing import parse_table
from automl_core.types import Files, Task
from tests import small


@dataclass(frozen=True, eq=False)
class Unpacked:
    """The download and what it was made of."""

    folder: Path
    bundle: Path
    scorer: Scorer
    files: Files


_KEPT: list[TemporaryDirectory[str]] = []  # removed when the tests end


@cache
def unpacked(task: Task) -> Unpacked:
    """Of a small LightGBM model; nothing may be changed in its folder."""
    _KEPT.append(TemporaryDirectory(prefix="torchlight-onnx-", ignore_cleanup_errors=True))
    root = Path(_KEPT[-1].name)
    scorer = make_scorer(_files(task))
    rows = scorer.predictor.typed(small.table(rows=60))
    files = build_onnx(scorer.predictor, UsualRows(rows, "rows"), scorer.reference).package
    write_files(files, root / "model")
    (root / "model.zip").write_bytes(write_bundle(_files(task), {"model": scorer.predictor.name}))
    return Unpacked(root / "model", root / "model.zip", scorer, files)


def write_files(files: Files, folder: Path) -> None:
    """As unzipping them does."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


@cache
def _files(task: Task) -> Files:
    files = predictor_files(small.predictor(task, "lightgbm"))
    predictor, columns, rows = load_predictor(files), used_columns(files), small.table(400, seed=3)
    y, _ = predictor.target.encode(rows.column(small.TARGETS[task]))
    unseen = UnseenPredictions(y, predictor.predict_table(rows), task, predictor.metric)
    reference = learn_reference(parse_table(rows, columns), columns, unseen)
    return files | reference_files(reference)
