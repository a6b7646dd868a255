"""Rows as a model usually gets them, where none are at hand: by what is known of its columns."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from automl_core.export import ColumnFacts, Predictor
from automl_core.onnx_export.encoders import known_tokens
from automl_core.table import Column, TypedColumn, TypedTable
from automl_core.table.parsing import BETWEEN, parse_column

ROWS = 1_000
MISSING = 0.1  # share of cells without a value
MOST_TOKENS = 12  # of a text or a list


def typical_rows(predictor: Predictor, facts: tuple[ColumnFacts, ...]) -> TypedTable:
    """ROWS rows; columns differ as the facts say, and do not depend on each other."""
    rng = np.random.default_rng(0)
    known = {fact.name: fact for fact in facts}
    tokens = known_tokens([encoder for encoder, _ in predictor.groups])
    columns = {
        column.name: _cells(column, known.get(column.name), tokens.get(column.name, ()), rng)
        for column in predictor.columns
    }
    return TypedTable(columns, ROWS)


def _cells(
    column: Column, fact: ColumnFacts | None, tokens: tuple[str, ...], rng: np.random.Generator
) -> TypedColumn:
    fact = fact or ColumnFacts(column)
    missing = rng.random(ROWS) < MISSING
    match column.parse.kind:
        case "boolean":
            numbers = rng.integers(0, 2, ROWS).astype(np.float64)
            return TypedColumn(column.name, numbers=np.where(missing, np.nan, numbers))
        case "number" | "datetime":
            numbers = _numbers(fact, rng)
            return TypedColumn(column.name, numbers=np.where(missing, np.nan, numbers))
        case "text" | "list" if tokens:
            between = " " if column.parse.kind == "text" else column.parse.separator or BETWEEN
            words = [
                between.join(rng.choice(tokens, rng.integers(1, MOST_TOKENS)).tolist())
                for _ in range(ROWS)
            ]
        case _:
            words = rng.choice(fact.words or ("",), ROWS).tolist()
    texts = [None if gap else word for gap, word in zip(missing, words, strict=True)]
    return parse_column(pa.array(texts, pa.string()), column.name, column.parse)


def _numbers(fact: ColumnFacts, rng: np.random.Generator) -> np.ndarray:
    middle = fact.number if fact.number is not None else 0.0
    reach = max(abs(middle), 1.0)
    low = fact.low if fact.low is not None else middle - reach
    high = fact.high if fact.high is not None else middle + reach
    numbers = low + (high - low) * rng.random(ROWS)
    return np.round(numbers) if fact.whole else numbers
