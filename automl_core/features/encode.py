"""Typed columns to one float32 matrix: which encoder each column gets, and all of them as one.

Knows nothing of models but the Encoding they ask for, and nothing of raw cells. Everything
an encoder does is a stored table or plain arithmetic, so that it can be written in ONNX.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.features.category_code import CategoryCodeEncoder, fit_category_code
from automl_core.features.columns import Matrix, word_codes
from automl_core.features.dates import DatetimeEncoder, fit_datetime
from automl_core.features.geography import GeographyEncoder, fit_geography
from automl_core.features.layout import Encoding, Feature
from automl_core.features.numeric import NumericEncoder, fit_numeric
from automl_core.features.onehot import OneHotEncoder, fit_onehot
from automl_core.features.rank import RankEncoder, fit_rank
from automl_core.features.scaling import require
from automl_core.features.target_mean import (
    Outcome,
    TargetMeanEncoder,
    fit_target_mean,
    standardised_outcome,
)
from automl_core.features.text import TextEncoder, count_terms, fit_text
from automl_core.files import dump_json
from automl_core.records import RecordError, from_plain, to_plain
from automl_core.table.schema import Column
from automl_core.table.typed import TypedColumn, TypedTable

FORMAT_VERSION = 1
FEW_VALUES = 10
"""Up to so many values trees get one-hot columns, above that target means."""

MANY_CLASSES = 8
"""Above so many classes a target mean a class would be too many columns."""

TEXT_BYTES = CATEGORY_BYTES = 400_000_000
"""What the text columns, and the one-hot columns, of the training matrix may take."""

MAX_ONEHOT = 128
"""Columns that one category may become."""

CONSTANT = Feature("constant", "", "number")
"""The one feature, always 0, of a table whose columns have nothing to tell."""

AnyEncoder = (
    NumericEncoder
    | CategoryCodeEncoder
    | OneHotEncoder
    | TargetMeanEncoder
    | RankEncoder
    | DatetimeEncoder
    | TextEncoder
)


@dataclass(frozen=True)
class Encoder:
    """The fitted encoders of a table's columns, in the matrix's order."""

    columns: tuple[AnyEncoder, ...]
    places: tuple[GeographyEncoder, ...] = ()
    format_version: int = FORMAT_VERSION

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """The d >= 1 columns of the matrix."""
        own = (f for part in (*self.columns, *self.places) for f in part.features)
        return tuple(own) or (CONSTANT,)

    def encode(self, typed: TypedTable) -> Matrix:
        """The matrix (n, d), C-contiguous; each row depends on its own cells only.

        Raises ModelError where the table lacks a column, or has it as another kind: parsing
        by the model's own rules never does that.
        """
        out = np.empty((typed.rows, len(self.features)), dtype=np.float32)
        at = 0
        for encoder in self.columns:
            column = typed.columns.get(encoder.name)
            if column is None:
                raise ModelError(f"The table has no column {encoder.name!r}.")
            width = len(encoder.features)
            encoder.write(column, out[:, at : at + width])
            at += width
        for place in self.places:  # whose columns have been looked up above
            width = len(place.features)
            place.write(typed, out[:, at : at + width])
            at += width
        if at == 0:
            out[...] = 0
        return out


def encoder_to_json(encoder: Encoder) -> bytes:
    """The encoder as JSON; `encoder_from_json` gives exactly the same back."""
    return dump_json(to_plain(encoder))


def encoder_from_json(data: bytes) -> Encoder:
    """The encoder that `encoder_to_json` wrote; raises ModelError for anything else."""
    try:
        plain: Any = json.loads(data)
        version = plain.get("format_version") if isinstance(plain, dict) else None
        if isinstance(version, int) and version > FORMAT_VERSION:
            raise ModelError(
                "The model's encoder was written by a newer version of Torchlight.",
                "Update Torchlight, or export the model again with this version.",
            )
        require(version == FORMAT_VERSION, "it states no known format version")
        return from_plain(Encoder, plain)
    except RecordError as error:
        raise ModelError(f"The model's encoder is damaged: {error.message}", error.hint) from error
    except (ValueError, RecursionError) as error:
        raise ModelError("The model's encoder is damaged: it is not JSON.") from error


def fit_encoder(
    typed: TypedTable,
    columns: Sequence[Column],
    y: NDArray[np.float64] | NDArray[np.int64],
    task: str,
    classes: int,
    encoding: Encoding,
    seed: int,
) -> tuple[Encoder, Matrix]:
    """Encoders of the training rows, and the matrix (n, d) of these rows.

    `typed` holds the training rows only; `columns` are the features among its columns; `y`
    (n,) are class numbers 0..classes-1 or values. The matrix is `encoder.encode(typed)` but
    for target means, which are out of fold. `task` is binary, multiclass or regression.
    """
    outcome = None
    if encoding.category == "target" and (task != "multiclass" or classes <= MANY_CLASSES):
        outcome = standardised_outcome(y, task, classes, seed)
    columns = columns if encoding.columns else ()
    shares = _text_shares(typed, columns, encoding)
    categories = sum(c.parse.kind == "string" for c in columns)
    most = CATEGORY_BYTES // (4 * max(typed.rows * categories, 1))
    most = min(max(most, FEW_VALUES), MAX_ONEHOT)
    fitted: list[AnyEncoder] = []
    out_of_fold: dict[str, Matrix] = {}
    for column in columns:
        cells = typed.columns[column.name]
        if column.parse.kind == "text":
            encoder: AnyEncoder | None = shares.get(column.name)
        elif column.parse.kind == "datetime":
            encoder = fit_datetime(cells, encoding)
        elif column.parse.kind == "string":
            encoder, matrix = _fit_category(cells, encoding, outcome, most)
            if matrix is not None:
                out_of_fold[column.name] = matrix
        else:
            encoder = fit_numeric(cells, encoding)
        if encoder is not None:
            fitted.append(encoder)
    whole = Encoder(tuple(fitted), fit_geography(typed, columns, encoding))
    return whole, _with_out_of_fold(whole, whole.encode(typed), out_of_fold)


def _with_out_of_fold(encoder: Encoder, matrix: Matrix, parts: dict[str, Matrix]) -> Matrix:
    """The matrix with the columns of these encoders replaced."""
    at = 0
    for column in encoder.columns:
        width = len(column.features)
        if column.name in parts:
            matrix[:, at : at + width] = parts[column.name]
        at += width
    return matrix


def _fit_category(
    cells: TypedColumn, encoding: Encoding, outcome: Outcome | None, most: int
) -> tuple[AnyEncoder | None, Matrix | None]:
    """The encoder that the family asks for; with it its training rows, if out of fold."""
    if encoding.category == "code":
        return fit_category_code(cells), None
    if encoding.category == "onehot":
        return fit_onehot(cells, most), None
    codes = word_codes(cells)
    if len(np.unique(codes[codes >= 0])) <= FEW_VALUES:
        return fit_onehot(cells, most), None
    fill = encoding.missing == "fill"
    if outcome is None:
        return fit_rank(cells, fill), None
    fitted = fit_target_mean(cells, outcome, fill)
    # Where no word occurs twice, whether there is one may still tell.
    return fitted if fitted is not None else (fit_onehot(cells, most), None)


def _text_shares(
    typed: TypedTable, columns: Sequence[Column], encoding: Encoding
) -> dict[str, TextEncoder | None]:
    """The encoders of the text columns, which share the words that the family affords.

    Columns with few candidates leave what they do not need to the others.
    """
    names = [c.name for c in columns if c.parse.kind == "text"]
    left = min(encoding.text_words, TEXT_BYTES // (4 * max(typed.rows, 1)))
    counted = {name: count_terms(typed.columns[name], left) for name in names}
    encoders = {}
    for i, name in enumerate(sorted(names, key=lambda n: len(counted[n].terms))):
        share = left // (len(names) - i)
        encoders[name] = fit_text(typed.columns[name], counted[name], share)
        left -= min(share, len(counted[name].terms))
    return encoders
