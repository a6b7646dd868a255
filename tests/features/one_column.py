"""Tables of one column "x", fitted and encoded, for tests of single encoders."""

from __future__ import annotations

from itertools import product

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.features.encode import Encoder, fit_encoder
from automl_core.features.feature_layout import Encoding
from automl_core.table.parsing.parse import parse_table
from automl_core.table.schema import Column, ParseRule, Role

ENCODINGS = [
    Encoding(category, missing, numeric, text_words=50, text_themes=themes)  # type: ignore[arg-type]
    for category, (missing, numeric, themes) in product(
        ("code", "onehot", "target"),
        (("nan", "robust", 0), ("fill", "robust", 8), ("nan", "plain", 8), ("fill", "plain", 0)),
    )
]


def column_of(name: str, kind: str) -> Column:
    roles: dict[str, Role] = {
        "number": "numeric", "string": "category", "text": "text", "datetime": "datetime",
        "boolean": "boolean", "list": "list",
    }  # fmt: skip
    rule = ParseRule(kind, separator=";" if kind == "list" else "")  # type: ignore[arg-type]
    return Column(name, roles[kind], "", rule, 0, 0)


def fit_one(
    cells: pa.Array, kind: str, encoding: Encoding, y: NDArray | None = None
) -> tuple[Encoder, NDArray]:
    """The encoder of a table of one column, "x"."""
    column = column_of("x", kind)
    y = np.arange(len(cells)) % 2 if y is None else y
    typed = parse_table(pa.table({"x": cells}), [column])
    return fit_encoder(typed, [column], y, "binary", 2, encoding, 0)


def encode_one(encoder: Encoder, cells: pa.Array, kind: str) -> NDArray:
    return encoder.encode(parse_table(pa.table({"x": cells}), [column_of("x", kind)]))
