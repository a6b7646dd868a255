"""Text: TF-IDF as computed by hand, pairs of neighbours, empty and unknown texts."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from msgspec.structs import replace

from automl_core.errors import ModelError
from automl_core.features.text import CHUNK, TextEncoder, fit_text
from automl_core.features.tokens import count_terms
from automl_core.table.parsing.parse import parse_column
from automl_core.table.schema import ParseRule
from automl_core.table.typed_table import TypedColumn


def _column(texts: list[str | None]) -> TypedColumn:
    words = list(dict.fromkeys(t for t in texts if t is not None))
    codes = [-1 if t is None else words.index(t) for t in texts]
    return TypedColumn("note", codes=np.array(codes, dtype=np.int32), words=tuple(words))


def _fit(texts: list[str | None], most: int = 100) -> TextEncoder:
    column = _column(texts)
    encoder = fit_text(column, count_terms(column, most), most)
    assert encoder is not None
    return encoder


def _encoded(encoder: TextEncoder, texts: list[str | None]) -> np.ndarray:
    out = np.full((len(texts), len(encoder.features)), 7, dtype=np.float32)
    encoder.write(_column(texts), out)
    return out


def test_weights_equal_those_computed_by_hand() -> None:
    texts = ["red car", "red red bike", "car red", "bike"]
    encoder = _fit(texts)
    assert encoder.terms == ("red", "bike", "car")  # "red car" is in one text only
    idf = {"red": math.log(5 / 4) + 1, "bike": math.log(5 / 3) + 1, "car": math.log(5 / 3) + 1}
    assert encoder.idf == pytest.approx(tuple(idf.values()))
    norm = math.hypot(2 * idf["red"], idf["bike"])
    row = _encoded(encoder, texts)[1]
    assert row[:3] == pytest.approx([2 * idf["red"] / norm, idf["bike"] / norm, 0.0])
    assert _encoded(encoder, texts)[3, :3] == pytest.approx([0, 1, 0])


def test_agrees_with_scikit_learn_on_single_words_and_pairs() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    r = np.random.default_rng(0)
    texts = [" ".join(f"w{i}" for i in r.integers(0, 30, r.integers(1, 20))) for _ in range(200)]
    reference = TfidfVectorizer(ngram_range=(1, 2), min_df=2, token_pattern=r"\S+").fit(texts)
    encoder = _fit(list(texts), 10_000)
    assert set(encoder.terms) == set(reference.get_feature_names_out())
    order = [reference.vocabulary_[term] for term in encoder.terms]
    expected = reference.transform(texts).toarray()[:, order]
    assert _encoded(encoder, list(texts))[:, : len(order)] == pytest.approx(expected, abs=1e-6)


def test_pairs_are_neighbours_within_one_text() -> None:
    encoder = _fit(["not good", "not good", "good not", "not x good"])
    assert encoder.terms == ("good", "not", "not good")
    at = encoder.terms.index("not good")
    assert (_encoded(encoder, ["not good", "good not", "not", "good"])[:, at] > 0).tolist() == [
        True, False, False, False,
    ]  # fmt: skip
    # A word that stands alone in one text and begins the next makes no pair.
    assert _encoded(encoder, ["x not", "good x"])[:, at].tolist() == [0, 0]


def test_missing_empty_and_unknown_texts_are_zero() -> None:
    texts = ["red car", "red bike", None, "", "car"]
    encoder = _fit(texts)
    names = [f.name for f in encoder.features]
    assert names == ["note: car", "note: red", "note: number of words", "note is missing"]
    rows = _encoded(encoder, [None, "", "unknown words"])
    assert (rows[:, :2] == 0).all()
    assert rows[:, -1].tolist() == [1, 0, 0]
    assert rows[0, 2] == 0 and np.isfinite(rows).all()


def test_commonest_terms_are_kept_and_order_of_rows_does_not_matter() -> None:
    r = np.random.default_rng(1)
    texts = [" ".join(f"w{i}" for i in r.geometric(0.1, 12)) for _ in range(300)]
    assert _fit(list(texts), 20) == _fit(texts[::-1], 20)
    assert _fit(list(texts), 20).terms == _fit(list(texts), 500).terms[:20]


def test_repeated_texts_count_by_rows() -> None:
    assert _fit(["a b"] * 3 + ["c"]).terms == ("a", "b", "a b")


def test_more_rows_than_a_chunk_give_the_same_rows() -> None:
    texts = ["red car", "red bike", "car", "bike bike red"]
    encoder = _fit(list(texts))
    many = texts * (CHUNK // 2)
    assert (_encoded(encoder, many) == np.tile(_encoded(encoder, texts), (CHUNK // 2, 1))).all()


def test_long_texts_are_counted_on_fewer_rows_and_encoded_in_smaller_chunks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = ["red car", "red bike", "car", "bike bike red"] * 50
    column, encoder = _column(list(texts)), _fit(list(texts))
    expected = _encoded(encoder, list(texts))
    monkeypatch.setattr("automl_core.features.tokens.CHARACTERS", 100)
    assert count_terms(column, 9).documents == 100 // 7  # seven characters a text
    assert (_encoded(encoder, list(texts)) == expected).all()


def test_nothing_to_tell() -> None:
    for texts in ([None, None], ["", ""], ["a", "b"]):
        column = _column(texts)
        assert fit_text(column, count_terms(column, 10), 10) is None


def _parsed(texts: list[str | None]) -> TypedColumn:
    return parse_column(pa.array(texts, pa.string()), "note", ParseRule("text"))


def _themed(texts: list[str | None], shown: int = 5, themes: int = 4) -> TextEncoder:
    column = _parsed(texts)
    encoder = fit_text(column, count_terms(column, 100), shown, themes)
    assert encoder is not None
    return encoder


def _two_topics(n: int = 200) -> tuple[list[str | None], np.ndarray]:
    r = np.random.default_rng(0)
    topics = [["cat", "dog", "horse", "feeding"], ["bond", "share", "stock", "trading"]]
    topic = r.integers(0, 2, n)
    return [" ".join(r.choice(topics[t], 3)) for t in topic], topic


def test_themes_tell_topics_apart_also_by_words_that_were_never_seen() -> None:
    texts, topic = _two_topics()
    encoder = _themed(texts, shown=0)
    names = [f.name for f in encoder.features]
    assert names[0].startswith("note: theme 1 (") and encoder.shown == 0
    themes = sum("theme" in name for name in names)
    out = np.empty((len(texts), len(names)), dtype=np.float32)
    encoder.write(_parsed(texts), out)
    apart = [abs(np.corrcoef(out[:, i], topic)[0, 1]) for i in range(themes)]
    best = int(np.argmax(apart))
    assert apart[best] > 0.9
    unseen = np.empty((2, len(names)), dtype=np.float32)
    encoder.write(_parsed(["horses dogs", "stocks shares"]), unseen)  # only as runs of letters
    sides = out[topic == 0, best].mean(), out[topic == 1, best].mean()
    assert abs(unseen[0, best] - sides[0]) < abs(unseen[0, best] - sides[1])
    assert abs(unseen[1, best] - sides[1]) < abs(unseen[1, best] - sides[0])


def test_themes_are_learned_from_so_many_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"word{i} and word{i + 1}" for i in range(400)]
    monkeypatch.setattr("automl_core.features.text.THEME_TEXTS", 20)
    encoder = _themed([*texts])
    assert encoder.themes is not None and len(encoder.themes.offset) <= 2


def test_missing_texts_are_zero_with_themes_and_signals() -> None:
    texts, _ = _two_topics()
    texts = [*texts, None, "CALL NOW!!!"]
    encoder = _themed(texts)
    out = np.full((len(texts), len(encoder.features)), 7, dtype=np.float32)
    encoder.write(_parsed(texts), out)
    names = [f.name for f in encoder.features]
    assert (out[-2, :-1] == 0).all() and out[:, -1].sum() == 1
    capitals = names.index("note: share of capitals")
    assert out[:, capitals].argmax() == len(texts) - 1
    assert [f.kind for f in encoder.features[:5]] == ["term"] * 5
    assert encoder.features[5].kind == "number"


def test_letters_of_scripts_without_spaces_are_terms() -> None:
    texts = [f"{place} {i}" for i in range(20) for place in ("東京タワー", "京都駅")]
    encoder = _themed([*texts], shown=50, themes=2)
    assert {"東", "京", "駅", "東 京"} <= set(encoder.terms)
    assert {"東京", "タワー"} <= set(encoder.runs) and "タワ" not in encoder.terms


def test_themes_of_too_few_texts_leave_the_terms() -> None:
    encoder = _themed(["red car", "red bike", "car"], shown=2)
    assert (encoder.themes, encoder.runs, len(encoder.terms)) == (None, (), 2)


def test_a_damaged_encoder_is_refused() -> None:
    encoder = _themed(_two_topics()[0])
    for change in (
        {"runs": encoder.runs[1:]}, {"shown": 999}, {"signals": (None,)},
        {"terms": encoder.terms[1:], "idf": encoder.idf[1:]},
    ):  # fmt: skip
        with pytest.raises(ModelError):
            replace(encoder, **change)
    with pytest.raises(ModelError, match="no text"):
        column = _column(["red car"])
        encoder.write(column, np.empty((1, len(encoder.features)), dtype=np.float32))
