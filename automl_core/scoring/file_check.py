"""A file beside the training rows: drift, and where answers are known the score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from automl_core.errors import ModelError
from automl_core.evaluation import error_measures
from automl_core.export import in_model_names
from automl_core.scoring.data_faults import find_faults
from automl_core.scoring.drift import Drift, drift
from automl_core.scoring.score_fall import Answered, ScoreFall, score_fall
from automl_core.scoring.scorer import Scorer
from automl_core.scoring.unlike_rows import unlike_rows


@dataclass(frozen=True)
class FileCheck:
    """A file beside the training rows."""

    drift: Drift | None  # None: the model knows nothing of its training rows
    fall: ScoreFall | None  # None: too few rows have a known answer, or the model knows no errors


def check_file(scorer: Scorer, rows: pa.Table) -> FileCheck:
    """The check of a file's rows, or of a sample of them.

    Raises ModelError as `Predictor.typed`, and where what the model keeps is damaged.
    """
    predictor, reference = scorer.predictor, scorer.reference
    if reference is None:
        return FileCheck(None, None)
    typed = predictor.typed(rows)
    moved = drift(typed, reference)
    named = in_model_names(rows, predictor.columns, predictor.target_name)
    if named.column_names.count(predictor.target_name) != 1:
        return FileCheck(moved, None)
    y, known = predictor.target.encode(named.column(predictor.target_name))
    places = np.flatnonzero(known)
    part = typed.take(places)
    unread = {c.name: scorer.unread(c, named, typed)[places] for c in scorer.used}
    faults = find_faults(part, reference, unread)
    measure = error_measures(predictor.metric, predictor.task)[0]
    if reference.loss is not None and reference.loss.measure != measure.name:
        raise ModelError("The model's files contradict each other: its errors are of another kind.")
    names = tuple(dict.fromkeys(column.column for column in moved.moved))
    unlike = None
    if reference.unlike is not None:
        rule, known_rows = reference.unlike, reference.rows
        unlike = unlike_rows(part, reference.columns, rule, known_rows).unlike
    answered = Answered(part, y[places], predictor.predict, measure, faults, names, unlike)
    return FileCheck(moved, score_fall(answered, reference))
