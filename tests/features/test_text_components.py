"""The stored matrix keeps what a full decomposition would, and refuses to be damaged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from automl_core.errors import ModelError
from automl_core.features.text_components import TextComponents, fit_themes
from automl_core.records import from_plain, to_plain


def _rows(n: int = 300, seed: int = 0) -> sparse.csr_array:
    r = np.random.default_rng(seed)
    low = r.normal(size=(n, 4)) @ r.normal(size=(4, 40))
    return sparse.csr_array(low + 0.01 * r.normal(size=(n, 40)))


def test_themes_span_what_the_first_singular_vectors_span() -> None:
    rows = _rows()
    themes = fit_themes(rows, 4)
    assert themes is not None
    exact = np.linalg.svd(rows.toarray(), full_matrices=False)[2][:4]
    ours = np.linalg.qr(themes.matrix)[0]
    assert np.linalg.svd(exact @ ours)[1] == pytest.approx(np.ones(4), abs=1e-3)


def test_themes_are_centred_of_unit_deviation_and_in_order() -> None:
    themes = fit_themes(_rows(), 10)
    assert themes is not None
    values = themes.apply(_rows())
    assert values.mean(axis=0) == pytest.approx(0, abs=1e-6)
    assert np.sqrt(values.var(axis=0).mean()) == pytest.approx(1, abs=1e-2)
    assert (np.diff(values.std(axis=0)) < 0.2).all()


def test_too_few_rows_or_columns_have_no_themes() -> None:
    assert fit_themes(_rows(9), 4) is None
    assert fit_themes(sparse.csr_array((100, 5)), 4) is None
    assert fit_themes(sparse.csr_array(np.ones((100, 1))), 4) is None


def test_round_trip_and_damage() -> None:
    themes = fit_themes(_rows(), 4)
    assert themes is not None
    assert from_plain(TextComponents, to_plain(themes)) == themes
    nothing = "AH4=" * (len(themes.packed) // 4)  # not a number, in float16
    for packed in (themes.packed[4:], themes.packed[:-4] + "????", "", nothing):
        with pytest.raises(ModelError):
            replace(themes, packed=packed)
    with pytest.raises(ModelError):
        replace(themes, offset=())
