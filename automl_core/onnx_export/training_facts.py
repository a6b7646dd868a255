"""training.json of the download: what the scorer says of rows beside the training rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from automl_core.export import is_plain_number
from automl_core.records import to_plain
from automl_core.scoring import Scorer, input_schema


def training_facts(scorer: Scorer) -> dict[str, Any]:
    """The file as JSON data; scorer/training.py reads it."""
    predictor, reference, used = scorer.predictor, scorer.reference, scorer.used
    sets = None if reference is None else reference.sets
    described = () if reference is None else reference.columns
    known = {column.name: sorted(scorer.known_values(column)) for column in used}
    return {
        "schema": input_schema(scorer).plain(),
        "labels": predictor.target.decode(np.arange(predictor.target.classes)).to_pylist(),
        "known": {name: words for name, words in known.items() if words},
        "plain_numbers": [column.name for column in used if is_plain_number(column.parse)],
        "rows": 0 if reference is None else reference.rows,
        "columns": [to_plain(c) for c in described if c.name in scorer.names],
        "unlike": None if reference is None else to_plain(reference.unlike),
        "least": None if sets is None else sets.least,
    }
