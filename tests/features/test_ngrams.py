"""Runs of characters: of 3 to 5 within words, of 1 to 3 in scripts without spaces."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.features.ngrams import MOST_CHARACTERS, Ngrams, fit_grams
from automl_core.features.tokens import letters_apart, split_words


def _fit(texts: list[str], most: int = 1000) -> tuple[str, ...]:
    return fit_grams(split_words(texts), np.ones(len(texts), dtype=np.int64), most)


def test_runs_of_words_end_at_spaces() -> None:
    runs = _fit(["cats", "cats", "dog"])
    assert set(runs) == {
        " ca", "cat", "ats", "ts ", " cat", "cats", "ats ", " cats", "cats ",
    }  # fmt: skip


def test_agrees_with_scikit_learn() -> None:
    from sklearn.feature_extraction.text import CountVectorizer

    r = np.random.default_rng(0)
    words = ["".join(r.choice(list("abcde"), r.integers(3, 9))) for _ in range(40)]
    texts = [" ".join(r.choice(words, r.integers(1, 12))) for _ in range(60)]
    runs = _fit(texts, 100_000)
    reference = CountVectorizer(analyzer="char_wb", ngram_range=(3, 5), vocabulary=list(runs))
    expected = reference.transform(texts).toarray()
    assert (Ngrams(runs).count(split_words(texts)).toarray() == expected).all()


def test_scripts_without_spaces_have_shorter_runs() -> None:
    assert set(_fit(["東京都", "東京都"])) == {"東", "京", "都", "東京", "京都", "東京都"}
    assert set(_fit(["ไทย x", "ไทย y"])) == {"ไ", "ท", "ย", "ไท", "ทย", "ไทย", " x ", " y "} - {
        " x ", " y ",
    }  # fmt: skip


def test_letters_of_such_scripts_are_words() -> None:
    assert [t.split() for t in letters_apart(["東京 tower", "plain"])] == [
        ["東", "京", "tower"], ["plain"],
    ]  # fmt: skip


def test_unknown_characters_and_empty_texts_count_for_nothing() -> None:
    grams = Ngrams(_fit(["cats", "cats"]))
    counts = grams.count(split_words(["", "ж", "cat"])).toarray()
    assert counts.sum(axis=1).tolist() == [0, 0, 3]  # " ca", "cat", " cat"
    assert Ngrams(("abc",)).count(split_words([])).shape == (0, 1)
    assert _fit([]) == _fit([""]) == ()


def test_very_many_characters_keep_their_keys_apart() -> None:
    letters = [chr(0x4E00 + i) for i in range(MOST_CHARACTERS + 500)]
    texts = [*letters, *letters[:300]]
    runs = _fit(texts)
    assert set(runs) == set(letters[:300])
    assert Ngrams(runs).count(split_words(letters[:300])).sum() == pytest.approx(300)
