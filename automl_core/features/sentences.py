"""Texts as what a pretrained sentence model makes of them, reduced by a stored matrix.

Principal components of the training rows' vectors. The model itself is no part of the encoder: it
has to be installed where the encoder is used, and cannot be written in ONNX.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automl_core.features.encoded_columns import Matrix, number, word_codes
from automl_core.features.encoder_record import EncoderRecord
from automl_core.features.feature_layout import Feature
from automl_core.features.sentence_model import SentenceModel, embed, find_model, require_model
from automl_core.features.text_components import DOCUMENTS_A_THEME, TextComponents, pack_themes
from automl_core.table import TypedColumn

MOST_AXES = 32


class SentenceEncoder(EncoderRecord, frozen=True, tag="sentences"):
    """A column each of the axes along which texts differ most; 0 where there is no text."""

    name: str
    model: SentenceModel
    axes: TextComponents  # of the model's vectors

    @property
    def features(self) -> tuple[Feature, ...]:
        axes = range(1, len(self.axes.offset) + 1)
        return tuple(number(f"{self.name}: meaning {axis}", self.name) for axis in axes)

    def write(self, column: TypedColumn, out: Matrix) -> None:
        """Fill `out` (n, k). Raises ModelError where the sentence model is not installed."""
        require_model(self.model)
        codes = word_codes(column)
        out[...] = 0.0
        used, place = np.unique(codes[codes >= 0], return_inverse=True)
        if len(used):
            vectors = _vectors(column, used)
            out[codes >= 0] = self.axes.apply(vectors.astype(np.float64))[place]


def fit_sentences(column: TypedColumn) -> SentenceEncoder | None:
    """The encoder; None where texts are too few, all alike, or have no vectors."""
    model, codes = find_model(), word_codes(column)
    used, weight = np.unique(codes[codes >= 0], return_counts=True)
    if model is None or column.vectors is None:
        return None
    most = min(MOST_AXES, len(used) // DOCUMENTS_A_THEME, column.vectors.shape[1])
    if most < 1:
        return None
    vectors = _vectors(column, used).astype(np.float64)
    mean = np.average(vectors, axis=0, weights=weight)
    apart = vectors - mean
    spread, axes = np.linalg.eigh((apart * (weight / weight.sum())[:, None]).T @ apart)
    axes = axes[:, ::-1][:, :most]
    deviation = float(np.sqrt(max(spread[::-1][:most].mean(), 0.0)))
    if deviation < 1e-6:
        return None
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(most)])
    return SentenceEncoder(column.name, model, pack_themes(axes / deviation, mean))


def _vectors(column: TypedColumn, used: NDArray[np.int32]) -> NDArray[np.float32]:
    if column.vectors is not None:
        return np.asarray(column.vectors[used])
    return embed([column.words[code] for code in used.tolist()])
