"""A finished run of a corrected table, after a run of the table as it was uploaded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from automl_core.files import dump_json
from automl_core.runs.doubted_labels import store_corrected
from automl_core.runs.record.folder import OutOfFold, RunFolder
from automl_core.runs.record.spec import spec_to_plain
from automl_core.table.label_judgements import Judgement, judge
from automl_core.table.store import load_info
from tests.finished_run import ROWS, make_run

FLIPPED, ASIDE = (0, 9), (3, 200)


def make_corrected_run(root: Path, earlier: RunFolder, run_id: str) -> RunFolder:
    """Of two classes; its first trial is a little surer of what is right."""
    info = load_info(earlier.spec().table.hash, root)
    given = [Judgement(row, "correct", "yes") for row in FLIPPED]
    given += [Judgement(row, "aside") for row in ASIDE]
    judged = judge(info.hash, "churned", given, root)
    folder = make_run(root, run_id)
    made = store_corrected(info, earlier.schema(), judged, root)
    spec = folder.spec()
    table = replace(spec.table, hash=made.hash, name=made.name, rows=made.rows)
    folder.write({"spec.json": dump_json(spec_to_plain(replace(spec, table=table)))})
    old, rows = earlier.out_of_fold(1), np.delete(np.arange(ROWS), ASIDE)
    right = np.stack([1 - old.y[rows], old.y[rows]], axis=1)
    prediction = 0.9 * old.prediction[rows] + 0.1 * right
    y = np.where(np.isin(rows, FLIPPED), 1, old.y[rows])
    folder.save_trial(1, folder.model_files(1), OutOfFold(np.arange(len(rows)), y, prediction))
    return folder
