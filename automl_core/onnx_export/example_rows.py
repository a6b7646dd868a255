"""Rows that a model could be given, made of what its encoders keep: none of the training table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from automl_core.export import Predictor
from automl_core.features import (
    CategoryCodeEncoder,
    DatetimeEncoder,
    Encoder,
    NumericEncoder,
    OneHotEncoder,
    RankEncoder,
    TargetMeanEncoder,
)
from automl_core.onnx_export.encoders import known_tokens
from automl_core.table import Column

STEPS = (0.0, 1.0, -1.0)
"""Of each row from the middle of a column's numbers, in scales; and its place among the words."""

TOKENS = 3  # of a text or a list


def example_rows(columns: Sequence[Column], predictor: Predictor) -> list[dict[str, str]]:
    """A few rows of these columns as a file would have them, and one without any value."""
    encoders = [member.encoder for member in predictor.members]
    tokens = known_tokens(encoders)
    rows = [
        {column.name: _cell(column, encoders, tokens.get(column.name, ()), i) for column in columns}
        for i in range(len(STEPS))
    ]
    return [*rows, dict.fromkeys(rows[0], "")]


def _cell(column: Column, encoders: Sequence[Encoder], tokens: Sequence[str], row: int) -> str:
    parts = [part for e in encoders for part in e.columns if part.name == column.name]
    if column.parse.kind == "boolean":
        return "true" if row % 2 else "false"
    if column.parse.kind == "number":
        scalings = [p.scaling for p in parts if isinstance(p, NumericEncoder) and p.scaling]
        number = scalings[0].centre + STEPS[row] * scalings[0].scale if scalings else 0.0
        return f"{number:.6g}".replace(".", column.parse.decimal)
    if column.parse.kind == "datetime":
        dates = [part.reference for part in parts if isinstance(part, DatetimeEncoder)]
        return _date(dates[0] + 86_400 * STEPS[row]) if dates else ""
    if column.parse.kind == "string":
        kinds = (CategoryCodeEncoder, OneHotEncoder, TargetMeanEncoder, RankEncoder)
        words = [word for part in parts if isinstance(part, kinds) for word in part.words]
        return words[row % len(words)] if words else ""
    between = " " if column.parse.kind == "text" else column.parse.separator or ","
    return between.join(tokens[row * TOKENS : (row + 1) * TOKENS])


def _date(seconds: float) -> str:
    moment = dt.datetime(1970, 1, 1) + dt.timedelta(seconds=round(seconds))
    return moment.strftime("%Y-%m-%d %H:%M:%S")
