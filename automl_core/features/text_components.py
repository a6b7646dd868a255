"""Many sparse columns as few: a stored matrix, from a truncated singular value decomposition.

Halko, Martinsson, Tropp 2011, "Finding structure with randomness", algorithms 4.4 and 5.1; for
texts known as latent semantic analysis (Deerwester et al. 1990). The matrix is kept in half
precision, as text.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from automl_core.features.scaling import require

Matrix64 = NDArray[np.float64]

SPARE, ROUNDS = 8, 2
DOCUMENTS_A_THEME = 10
SMALLEST = 1e-3
"""Themes with less of the first one's singular value are rounding, or copies."""


@dataclass(frozen=True)
class TextComponents:
    """x M - offset of rows x (n, d); M is (d, k)."""

    packed: str  # M in float16, row by row, as base64
    offset: tuple[float, ...]  # k
    rows: int  # d

    def __post_init__(self) -> None:
        require(len(self.offset) > 0, "a theme matrix has no columns")
        try:
            size = len(base64.b64decode(self.packed, validate=True))
        except (binascii.Error, ValueError):
            size = -1
        require(size == 2 * self.rows * len(self.offset), "a theme matrix has another size")
        finite = bool(np.isfinite(self.matrix).all() and np.isfinite(self.offset).all())
        require(finite, "a theme matrix is not finite")

    @cached_property
    def matrix(self) -> Matrix64:
        """M, (d, k)."""
        halves = np.frombuffer(base64.b64decode(self.packed), dtype="<f2")
        matrix: Matrix64 = halves.reshape(self.rows, len(self.offset)).astype(np.float64)
        return matrix

    def apply(self, rows: sparse.csr_array | Matrix64) -> Matrix64:
        """The themes (n, k) of rows (n, d)."""
        themes: Matrix64 = rows @ self.matrix - np.array(self.offset)
        return themes


def fit_themes(rows: sparse.csr_array, most: int) -> TextComponents | None:
    """The themes of rows (n, d), at most `most`; None where there are too few rows or columns.

    They have mean 0 and, over all of them, a unit deviation; the first ones have more of it.
    """
    most = min(most, rows.shape[1] // 2, rows.shape[0] // DOCUMENTS_A_THEME)
    if most < 1:
        return None
    size = min(most + SPARE, *rows.shape)
    basis = np.random.default_rng(0).normal(size=(rows.shape[1], size))
    turned = sparse.csr_array(rows.T)
    for _ in range(ROUNDS):
        basis, _ = np.linalg.qr(turned @ (rows @ basis))
    _, strength, right = np.linalg.svd(rows @ basis, full_matrices=False)
    most = min(most, int((strength > SMALLEST * strength[0]).sum()))
    if most < 1:
        return None
    matrix = basis @ right[:most].T
    matrix *= np.sign(matrix[np.abs(matrix).argmax(axis=0), np.arange(most)])
    values = rows @ matrix
    deviation = float(np.sqrt(values.var(axis=0).mean()))
    if deviation < SMALLEST:
        return None
    return pack_themes(matrix / deviation, np.asarray(rows.mean(axis=0)).ravel())


def pack_themes(matrix: Matrix64, mean: Matrix64) -> TextComponents:
    """Themes by this matrix (d, k), which are 0 for a row that is the mean (d,)."""
    halves = matrix.astype("<f2")
    offset = mean @ halves.astype(np.float64)
    packed = base64.b64encode(halves.tobytes()).decode("ascii")
    return TextComponents(packed, tuple(offset.tolist()), len(matrix))
