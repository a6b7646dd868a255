"""training.json of the download: what the scorer says of rows beside the training rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from automl_core.export import Predictor, is_plain_number
from automl_core.records import to_plain
from automl_core.scoring import Scorer, input_schema
from automl_core.table.parsing import portable_rule, portable_tables


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
        "loss": None if reference is None else to_plain(reference.loss),
        "metric": predictor.metric,
        "target": _target(scorer.predictor),
    }


def _target(predictor: Predictor) -> dict[str, Any]:
    """How the target's cells are read, and the labels that they are, class 0 first."""
    coder = predictor.target
    kind = coder.rule.kind
    rule = portable_rule(predictor.target_name, coder.rule)
    column = {"name": predictor.target_name, "kind": kind, "rule": rule}
    return {"columns": [column], "tables": portable_tables([kind]), "labels": coder.labels}
