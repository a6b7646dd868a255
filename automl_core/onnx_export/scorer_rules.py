"""Facts of a model for the scorer: columns, how their cells are read, and its answer.

In an ONNX file it stands as JSON in the metadata, under SCHEMA.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from automl_core.export import CHANCE, PREDICTION, Predictor
from automl_core.table import Column
from automl_core.table.parsing import portable_rule, portable_tables

SCHEMA = "torchlight.schema"
FORMAT_VERSION = 1

_TYPES = {
    "number": ["number", "string", "null"],
    "boolean": ["boolean", "string", "number", "null"],
    "datetime": ["string", "number", "null"],
    "string": ["string", "number", "boolean", "null"],
    "text": ["string", "null"],
    "list": ["string", "null"],
}
_MEANINGS = {
    "number": "A number, as the training table writes it.",
    "boolean": "Yes or no.",
    "datetime": "A date or time; ISO 8601 is always understood.",
    "string": "A category.",
    "text": "A text.",
    "list": "Items with a separator between them.",
}


def scorer_schema(columns: Sequence[Column], predictor: Predictor) -> dict[str, Any]:
    """The facts as JSON data; `columns` are those that the graph has inputs for.

    Raises ModelError where a column is read by a rule that the scorer does not know.
    """
    described = [
        {
            "name": column.name,
            "kind": column.parse.kind,
            "rule": portable_rule(column.name, column.parse),
        }
        for column in columns
    ]
    return {
        "format_version": FORMAT_VERSION,
        "target": predictor.target_name,
        "task": predictor.task,
        "columns": described,
        "tables": portable_tables(column.parse.kind for column in columns),
        "outputs": [list(output) for output in _outputs(predictor)],
    }


def input_schema(columns: Sequence[Column]) -> dict[str, Any]:
    """A JSON Schema of the rows: a list of objects, one cell a column."""
    properties = {
        column.name: {
            "type": _TYPES[column.parse.kind],
            "description": _MEANINGS[column.parse.kind],
        }
        for column in columns
    }
    row = {"type": "object", "properties": properties, "required": list(properties)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "array",
        "items": row,
    }


def _outputs(predictor: Predictor) -> list[tuple[str, str, int | None]]:
    """Column of the predictions, output of the graph, and the place in it where it has several."""
    if predictor.task != "regression":
        labels = predictor.target.names
        chances = [(f"{CHANCE}{label}", "probabilities", i) for i, label in enumerate(labels)]
        return [(PREDICTION, "label", None), *chances]
    intervals = predictor.answer.intervals
    names = () if intervals is None else intervals.names
    ends = [(title, end, None) for title, end in zip(names, ("low", "high"), strict=False)]
    return [(PREDICTION, "value", None), *ends]
