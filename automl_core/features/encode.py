"""Typed columns to one float32 matrix: which encoder each column gets, and all of them as one.

Knows nothing of models but the Encoding they ask for, and nothing of raw cells. Everything
an encoder does is a stored table or plain arithmetic, so that it can be written in ONNX; but
for sentences.py, which needs a model that is no part of the encoder.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.features.category import FEW_VALUES, fit_category, fit_repeated_text
from automl_core.features.category_code import CategoryCodeEncoder
from automl_core.features.date_differences import DateGapEncoder, fit_date_gaps
from automl_core.features.dates import DatetimeEncoder, fit_datetime
from automl_core.features.encoded_columns import Matrix
from automl_core.features.feature_layout import Encoding, Feature
from automl_core.features.geography import GeographyEncoder, fit_geography
from automl_core.features.list_items import ListEncoder, fit_list
from automl_core.features.numeric import (
    NumericColumns,
    NumericEncoder,
    fit_numeric,
    numeric_columns,
)
from automl_core.features.onehot import OneHotEncoder
from automl_core.features.pairs import (
    JoinedEncoder,
    NumberPairEncoder,
    PairEncoder,
    WithinEncoder,
    fit_pairs,
)
from automl_core.features.rank import RankEncoder
from automl_core.features.scaling import require
from automl_core.features.sentences import SentenceEncoder, fit_sentences
from automl_core.features.target_mean import (
    MOST_TITLES,
    Outcome,
    TargetMeanEncoder,
    standardised_outcome,
)
from automl_core.features.text import MOST_TERMS, TextEncoder, fit_text
from automl_core.features.tokens import count_terms
from automl_core.files import dump_json
from automl_core.records import RecordError, from_plain, parse_json, to_plain
from automl_core.table import Column, TypedColumn, TypedTable

FORMAT_VERSION = 1
OUTCOME_CELLS = 20_000_000
"""Rows times classes, above which many classes get no target means."""

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
    | ListEncoder
    | SentenceEncoder
)
TwoColumns = GeographyEncoder | DateGapEncoder | PairEncoder
AnyPart = AnyEncoder | TwoColumns


@dataclass(frozen=True)
class Encoder:
    """The fitted encoders of a table's columns, in the matrix's order."""

    columns: tuple[AnyEncoder, ...]
    places: tuple[GeographyEncoder, ...] = ()
    gaps: tuple[DateGapEncoder, ...] = ()
    pairs: tuple[PairEncoder, ...] = ()
    format_version: int = FORMAT_VERSION

    @cached_property
    def parts(self) -> tuple[AnyPart, ...]:
        """All encoders in the matrix's order: of one column each, then of two."""
        return (*self.columns, *self._of_two)

    @cached_property
    def _of_two(self) -> tuple[TwoColumns, ...]:
        return (*self.places, *self.gaps, *self.pairs)

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """The d >= 1 columns of the matrix."""
        own = (f for part in self.parts for f in part.features)
        return tuple(own) or (CONSTANT,)

    def encode(self, typed: TypedTable) -> Matrix:
        """The matrix (n, d), C-contiguous; each row depends on its own cells only.

        Raises ModelError where the table lacks a column, or has it as another kind: parsing
        by the model's own rules never does that.
        """
        out = np.empty((typed.rows, len(self.features)), dtype=np.float32)
        if not self.parts:
            out[...] = 0
        if self._scaled:
            columns = [_column(typed, self.columns[number].name) for number in self._scaled]
            self._numeric_columns.write(columns, out)
        self.write(typed, self._others, out)
        return out

    @cached_property
    def _scaled(self) -> list[int]:
        """Numbers of the parts that scale a number."""
        return [
            number
            for number, part in enumerate(self.columns)
            if isinstance(part, NumericEncoder) and part.scaling is not None
        ]

    @cached_property
    def _others(self) -> list[int]:
        """Numbers of all other parts."""
        scaled = set(self._scaled)
        return [number for number in range(len(self.parts)) if number not in scaled]

    @cached_property
    def _numeric_columns(self) -> NumericColumns:
        """The parts of `_scaled` as one."""
        parts = [self.columns[number] for number in self._scaled]
        encoders = [part for part in parts if isinstance(part, NumericEncoder)]
        return numeric_columns(encoders, [self._places[number].start for number in self._scaled])

    def of_column(self, name: str) -> tuple[AnyEncoder, ...]:
        """The encoders of this column alone, in the matrix's order."""
        return self._own.get(name, ())

    @cached_property
    def _own(self) -> dict[str, tuple[AnyEncoder, ...]]:
        found: dict[str, tuple[AnyEncoder, ...]] = {}
        for part in self.columns:
            found[part.name] = (*found.get(part.name, ()), part)
        return found

    def write(self, typed: TypedTable, parts: Iterable[int], out: Matrix) -> None:
        """Fill those columns of the matrix `out` (n, d) that these parts make, as `encode` does.

        Only the columns that they read are looked at.
        """
        for number in parts:
            part, place = self.parts[number], self._places[number]
            for name in _read_by(part):
                _column(typed, name)
            if number < len(self.columns):
                encoder = self.columns[number]
                encoder.write(typed.columns[encoder.name], out[:, place])
            else:
                self._of_two[number - len(self.columns)].write(typed, out[:, place])

    def parts_of(self, columns: Collection[str]) -> tuple[list[int], frozenset[str]]:
        """Numbers of the parts that read any of these columns, and all columns that they read."""
        numbers = sorted({i for name in columns for i in self._readers.get(name, ())})
        return numbers, frozenset(name for i in numbers for name in _read_by(self.parts[i]))

    @cached_property
    def reads(self) -> frozenset[str]:
        """The table's columns that any part reads; `encode` looks at no other one."""
        return frozenset(self._readers)

    @cached_property
    def _readers(self) -> dict[str, list[int]]:
        """Numbers of the parts that read each column."""
        found: dict[str, list[int]] = {}
        for number, part in enumerate(self.parts):
            for name in _read_by(part):
                found.setdefault(name, []).append(number)
        return found

    @cached_property
    def part_numbers(self) -> NDArray[np.int64]:
        """(d,) the part that makes each column of the matrix; 0 where there is none."""
        widths = [len(part.features) for part in self.parts] or [1]
        return np.repeat(np.arange(len(widths)), widths)

    @cached_property
    def _places(self) -> list[slice]:
        """The columns of the matrix that each part makes."""
        ends = np.cumsum([0, *(len(part.features) for part in self.parts)]).tolist()
        return [slice(a, b) for a, b in pairwise(ends)]


def _column(typed: TypedTable, name: str) -> TypedColumn:
    """The table's column; ModelError where it has none of this name."""
    if name not in typed.columns:
        raise ModelError(f"The table has no column {name!r}.")
    return typed.columns[name]


def _read_by(part: AnyPart) -> tuple[str, ...]:
    """The table's columns that an encoder reads."""
    match part:
        case GeographyEncoder() | DateGapEncoder():
            return part.columns
        case NumberPairEncoder() | WithinEncoder() | JoinedEncoder():
            return part.pair.columns
        case _:
            return (part.name,)


def encoder_to_json(encoder: Encoder) -> bytes:
    """The encoder as JSON; `encoder_from_json` gives exactly the same back."""
    return dump_json(to_plain(encoder))


def encoder_from_json(data: bytes) -> Encoder:
    """The encoder that `encoder_to_json` wrote; raises ModelError for anything else."""
    try:
        plain = parse_json(data)
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
    columns = columns if encoding.columns else ()
    outcome = _outcome(y, task, classes, encoding, seed)
    shares = _text_shares(typed, columns, encoding) if encoding.rich else {}
    most = _most_onehot(typed, columns)
    fitted: list[tuple[AnyEncoder, Matrix | None]] = []
    for column in columns:
        cells, kind = typed.columns[column.name], column.parse.kind
        if kind == "string":
            fitted += fit_category(cells, encoding, outcome, most)
        elif kind in ("text", "list"):
            fitted += _fit_words(cells, kind, encoding, shares, outcome)
        else:
            fit = fit_datetime if kind == "datetime" else fit_numeric
            encoder = fit(cells, encoding)
            fitted += [] if encoder is None else [(encoder, None)]
    places = fit_geography(typed, columns, encoding)
    gaps = fit_date_gaps(typed, columns, encoding)
    pairs = fit_pairs(typed, columns, encoding, outcome)
    whole = Encoder(
        tuple(encoder for encoder, _ in fitted), places, gaps, tuple(pair for pair, _ in pairs)
    )
    parts = [*(m for _, m in fitted), *(None for _ in (*places, *gaps)), *(m for _, m in pairs)]
    return whole, _with_out_of_fold(whole, whole.encode(typed), parts)


def _outcome(
    y: NDArray[np.float64] | NDArray[np.int64],
    task: str,
    classes: int,
    encoding: Encoding,
    seed: int,
) -> Outcome | None:
    """The target values of which means are taken; None where there are none."""
    if not (encoding.rich and encoding.columns):
        return None
    if task == "multiclass" and classes > MOST_TITLES and classes * len(y) > OUTCOME_CELLS:
        return None
    return standardised_outcome(y, task, classes, seed)


def _most_onehot(typed: TypedTable, columns: Sequence[Column]) -> int:
    """Columns that one category may become: fewer where many rows would need much memory."""
    categories = sum(c.parse.kind == "string" for c in columns)
    most = CATEGORY_BYTES // (4 * max(typed.rows * categories, 1))
    return min(max(most, FEW_VALUES), MAX_ONEHOT)


def _fit_words(
    cells: TypedColumn,
    kind: str,
    encoding: Encoding,
    shares: dict[str, TextEncoder | None],
    outcome: Outcome | None,
) -> list[tuple[AnyEncoder, Matrix | None]]:
    """The encoders of a column of texts, or of lists."""
    if not encoding.rich:
        return []
    encoder = shares.get(cells.name) if kind == "text" else fit_list(cells, MAX_ONEHOT)
    found: list[tuple[AnyEncoder, Matrix | None]] = []
    found += [] if encoder is None else [(encoder, None)]
    if kind == "text" and encoding.sentences:
        meaning = fit_sentences(cells)
        found += [] if meaning is None else [(meaning, None)]
    return found + list(fit_repeated_text(cells, encoding, outcome) if kind == "text" else [])


def _with_out_of_fold(encoder: Encoder, matrix: Matrix, parts: Sequence[Matrix | None]) -> Matrix:
    """The matrix with the columns of these encoders replaced."""
    at = 0
    for own, part in zip(encoder.parts, parts, strict=True):
        width = len(own.features)
        if part is not None:
            matrix[:, at : at + width] = part
        at += width
    return matrix


def _text_shares(
    typed: TypedTable, columns: Sequence[Column], encoding: Encoding
) -> dict[str, TextEncoder | None]:
    """The encoders of the text columns, which share the words that the family affords.

    Columns with few candidates leave what they do not need to the others.
    """
    names = [c.name for c in columns if c.parse.kind == "text"]
    left = min(encoding.text_words, typed.rows // encoding.rows_a_term)
    left = min(left, TEXT_BYTES // (4 * max(typed.rows, 1)))
    stored = max(left, MOST_TERMS) if encoding.text_themes else left
    counted = {name: count_terms(typed.columns[name], stored) for name in names}
    encoders = {}
    for i, name in enumerate(sorted(names, key=lambda n: len(counted[n].terms))):
        share = left // (len(names) - i)
        encoders[name] = fit_text(
            typed.columns[name], counted[name], share, encoding.text_themes, 1 / len(names)
        )
        left -= min(share, len(counted[name].terms))
    return encoders
