"""The gain from corrected labels: a run of the corrected table against one of the table before.

Both are scored on the rows whose label nobody touched, as both predicted them unseen: with the
corrected labels in it, a score would be better for having been judged by a model.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from automl_core.errors import AutoMLError
from automl_core.evaluation import PairedComparison, compare_paired
from automl_core.runs.library import list_runs
from automl_core.runs.record import RunFolder, RunSpec, load_outcome
from automl_core.table import Correction, load_info


@dataclass(frozen=True)
class CorrectionGain:
    """The two runs on the same untouched rows; the earlier one is the reference, first."""

    words: str  # what was changed since the upload
    before: str  # title of the earlier run; "": there is none that can be compared
    compared: PairedComparison | None


def correction_gain(folder: RunFolder, trial: int, root: Path) -> CorrectionGain | None:
    """The gain of a model over the final model of the newest run of the table before.

    None where the run's table is not a corrected one. Raises RunError where the model's
    predictions are gone.
    """
    spec = folder.spec()
    try:
        correction = load_info(spec.table.hash, root).corrected
    except AutoMLError:  # a run from a terminal: its table was stored without a description
        return None
    if correction is None:
        return None
    for summary in list_runs(root):
        earlier = RunFolder(Path(summary.path))
        try:
            if not _alike(earlier.spec(), spec, correction):
                continue
            outcome = load_outcome(earlier)
            if outcome is None:
                continue
            compared = _compare(earlier, outcome.trial, folder, trial, correction)
        except AutoMLError:  # damaged: another one may do
            continue
        if compared is not None:
            return CorrectionGain(correction.words, summary.title, compared)
    return CorrectionGain(correction.words, "", None)


def _alike(earlier: RunSpec, spec: RunSpec, correction: Correction) -> bool:
    """True where a run was of the table before, with the same question."""
    same = (earlier.target, earlier.task, earlier.metric) == (spec.target, spec.task, spec.metric)
    return same and earlier.table.hash == correction.table and spec.target == correction.target


def _compare(
    earlier: RunFolder, first: int, later: RunFolder, second: int, correction: Correction
) -> PairedComparison | None:
    """None where no untouched row was predicted by both, or their classes differ."""
    old, new = earlier.out_of_fold(first), later.out_of_fold(second)
    aside = np.array(correction.aside, np.int64)
    touched = np.union1d(aside, np.array(correction.changed, np.int64))
    untouched = np.flatnonzero(~np.isin(old.rows, touched))
    moved = old.rows[untouched] - np.searchsorted(aside, old.rows[untouched])
    _, of_old, of_new = np.intersect1d(moved, new.rows, return_indices=True)
    of_old = untouched[of_old]
    predictions = [old.prediction[of_old], new.prediction[of_new]]
    finite = all(np.isfinite(p).all() for p in predictions)
    same = predictions[0].shape == predictions[1].shape
    if not len(of_old) or not finite or not same or (old.y[of_old] != new.y[of_new]).any():
        return None
    weight = None if new.weight is None else new.weight[of_new]
    metric = later.spec().metric
    return compare_paired(metric, new.y[of_new], predictions, weight, reference=0)
