"""A file beside the training rows: drift, and where answers are known the score."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from automl_core.evaluation import error_measures
from automl_core.export import in_model_names
from automl_core.scoring.scorer import Scorer
from automl_core.scoring.typed_check import FileCheck, KnownAnswers, check_typed


def check_file(scorer: Scorer, rows: pa.Table) -> FileCheck:
    """The check of a file's rows, or of a sample of them.

    Raises ModelError as `Predictor.typed`, and where what the model keeps is damaged.
    """
    predictor, reference = scorer.predictor, scorer.reference
    if reference is None:
        return FileCheck(None, None)
    typed = scorer.typed(rows)
    named = in_model_names(rows, predictor.columns, predictor.target_name)
    if named.column_names.count(predictor.target_name) != 1:
        return check_typed(typed, reference, None)
    y, known = predictor.target.encode(named.column(predictor.target_name))
    places = np.flatnonzero(known)
    masks = zip(scorer.used, scorer.unread(named, typed), strict=True)
    unread = {column.name: mask[places] for column, mask in masks}
    measure = error_measures(predictor.metric, predictor.task)[0]
    answers = KnownAnswers(places, y[places], unread, predictor.predict, measure)
    return check_typed(typed, reference, answers)
